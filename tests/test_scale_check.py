"""Detection of answers that are read on the wrong scale."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tracesim.answers.reading import Convention, Scale, read
from tracesim.configuration import EpisodeConfiguration, PolicyChoice
from tracesim.failure import Failure
from tracesim.results.record import Record, Turn
from tracesim.results.scale_check import scale_warning

NO_OBJECT = Failure("grasp", "no_object")
COLLISION = Failure("collision", "can-pot")
POINTS = [(0.31, 0.62, 0.9), (0.33, 0.5, 0.85), (0.7, 0.55, 0.9)]
"""As fractions of the image."""

FULL: dict[Scale, tuple[float, float]] = {
    "fractions": (1, 1),
    "percent": (100, 100),
    "thousandths": (1000, 1000),
    "pixels": (640, 480),
}


def records(written: Scale, read_as: Scale, failures: Sequence[Failure | None], kind: str = "replay") -> list[Record]:
    """Return the records of answers that are written on one scale and read on another."""
    across, down = FULL[written]
    text = str([(u * across, v * down, d) for u, v, d in POINTS])
    answer = read(text, Convention(read_as), size=(640, 480))
    turn = Turn(answer=text, image_trace=None if answer.trace is None else answer.trace.keypoints.tolist())
    options = {"scale": read_as} if kind == "replay" else {}
    configuration = EpisodeConfiguration("water_flowers", PolicyChoice(kind, options=options))
    return [
        Record.of(configuration, seed, success=failure is None, failure=answer.failure or failure, turns=[turn])
        if answer.failure is None or failure is not None
        else Record.of(configuration, seed, success=False, failure=answer.failure, turns=[turn])
        for seed, failure in enumerate(failures)
    ]


@pytest.mark.parametrize("read_as", FULL)
@pytest.mark.parametrize("written", FULL)
def test_wrong_scale_is_detected_and_the_right_one_suggested(written: Scale, read_as: Scale) -> None:
    warning = scale_warning(records(written, read_as, [None if written == read_as else NO_OBJECT] * 4))
    if written == read_as:
        assert warning is None
    else:
        assert warning is not None
        assert f"policy.scale={written}" in warning.partition("Consider")[2]
        assert f"policy.scale={read_as}" not in warning.partition("Consider")[2]


@pytest.mark.parametrize(
    "failures",
    [[COLLISION] * 10, [NO_OBJECT] * 4 + [COLLISION] * 6, [NO_OBJECT] * 2, [None] * 3 + [NO_OBJECT] * 2],
    ids=["other reasons", "fewer than half", "too few", "most succeed"],
)
def test_bad_answers_on_the_right_scale_are_not_reported(failures: list[Failure | None]) -> None:
    assert scale_warning(records("thousandths", "thousandths", failures)) is None


def test_resized_image_is_suggested_for_pixels_that_point_nowhere() -> None:
    warning = scale_warning(records("pixels", "pixels", [NO_OBJECT] * 5))
    assert warning is not None
    assert "policy.picture=WxH" in warning


def test_expert_is_not_checked() -> None:
    assert scale_warning(records("thousandths", "thousandths", [NO_OBJECT] * 5, kind="noisy_expert")) is None
