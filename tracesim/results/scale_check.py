"""Detection of answers that are probably read on the wrong scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tracesim.answers.reading import read
from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.policies import POLICIES, policy_class
from tracesim.policy import Policy
from tracesim.results.record import Record

FEWEST: Final = 3
"""Smallest number of answers from which a scale can be inferred."""

SUSPECT_SHARE: Final = 0.5
"""Share of answers with a failure in `NOWHERE` from which the scale is suspected to be wrong."""

SMALL: Final = IMAGE_SCALE / 10.0
"""Largest coordinate of all answers below which the scale is suspected to be wrong: a tenth of the image."""

NOWHERE: Final = frozenset(
    (("answer", "out_of_image"), ("lift", "out_of_workspace"), ("lift", "no_depth"), ("grasp", "no_object"))
)
"""Failures that a wrong scale leads to, as stage and reason."""


def scale_warning(records: Sequence[Record]) -> str | None:
    """Return a message that says which scales the answers fit, or None if their scale seems right.

    Records of the expert and the negative controls are ignored: they answer in a fixed form.

    Args:
        records: Records of one configuration.
    """
    judged = [record for record in records if record.is_judged and record.turns and _under_test(record)]
    largest = [max(found) for record in judged if (found := _coordinates(record))]
    if len(largest) < FEWEST:
        return None
    nowhere = sum((record.failure.stage, record.failure.reason) in NOWHERE for record in judged if record.failure)
    read_as = _scale(judged[0])
    small = max(_extent(record) for record in judged)
    if 0.0 < small < SMALL:
        seen = f"No coordinate of the {len(largest)} answers exceeds a tenth of the image"
    elif nowhere >= SUSPECT_SHARE * len(judged):
        seen = f"{nowhere} of {len(judged)} answers lie outside the image or begin at no object"
    else:
        return None
    fitting = [f"policy.scale={name}" for name in _fitting(max(largest)) if name != read_as]
    fitting.append("policy.order=yx" if judged[0].policy_options.get("order", "xy") == "xy" else "policy.order=xy")
    if read_as == "pixels":
        fitting.append("policy.picture=WxH (the size of the image that the model saw)")
    return (
        f"{seen}: they may be on another scale than policy.scale={read_as}. Their largest coordinate is "
        f"{max(largest):g}. Consider {', '.join(fitting)}."
    )


def _under_test(record: Record) -> bool:
    return record.policy_kind in POLICIES and issubclass(policy_class(record.policy_kind), Policy)


def _scale(record: Record) -> str:
    return str(record.policy_options.get("scale", getattr(policy_class(record.policy_kind), "scale", "thousandths")))


def _coordinates(record: Record) -> list[float]:
    """Return the absolute values of all u and v as answered."""
    points = [found for turn in record.turns if (found := read(turn.answer).points) is not None]
    return [float(one) for found in points for one in np.abs(found[:, :2]).ravel() if np.isfinite(one)]


def _extent(record: Record) -> float:
    """Return the largest coordinate in thousandths of the image as it was read, 0 if there is none."""
    return max((max(point[:2]) for turn in record.turns for point in turn.image_trace or ()), default=0.0)


def _fitting(largest: float) -> tuple[str, ...]:
    """Return the scales that include a coordinate."""
    if largest <= 1.0:
        return ("fractions",)
    if largest <= 100.0:
        return ("percent", "thousandths", "pixels")
    return ("thousandths", "pixels") if largest <= IMAGE_SCALE else ("pixels",)
