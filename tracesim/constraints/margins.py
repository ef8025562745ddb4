"""Margins of several constraints on one curve, at its end and on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tracesim.constraints.base import Constraint
from tracesim.geometry.curve import Curve


def margins(constraints: Iterable[Constraint], curve: Curve) -> dict[str, float | None]:
    """Return the margin of every constraint on a curve, by name; None where it does not apply."""
    return {constraint.name: constraint.margin(curve) for constraint in constraints}


def margins_so_far(
    constraints: Iterable[Constraint], curve: Curve, samples: Sequence[int]
) -> dict[str, list[float | None]]:
    """Return the margins that an episode would have if it ended at each of some samples of its curve.

    Args:
        constraints: What is asked.
        curve: The curve of the whole episode.
        samples: Indices of samples.

    Returns:
        By constraint, a margin for each of the samples.
    """
    return {constraint.name: constraint.margins_so_far(curve, samples) for constraint in constraints}
