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
    assert warning.endswith(", policy.picture=WxH (the size of the image that the model saw).")


def test_expert_is_not_checked() -> None:
    assert scale_warning(records("thousandths", "thousandths", [NO_OBJECT] * 5, kind="noisy_expert")) is None


@pytest.mark.parametrize(
    ("largest", "order", "fitting"),
    [
        (1.0, "xy", "policy.scale=fractions, policy.order=yx"),
        (1.5, "xy", "policy.scale=percent, policy.scale=pixels, policy.order=yx"),
        (100.0, "yx", "policy.scale=percent, policy.scale=pixels, policy.order=xy"),
        (100.5, "xy", "policy.scale=pixels, policy.order=yx"),
        (1000.0, "xy", "policy.scale=pixels, policy.order=yx"),
        (1001.0, "xy", "policy.scale=pixels, policy.order=yx"),
    ],
)
def test_the_largest_coordinate_says_which_scales_fit(largest: float, order: str, fitting: str) -> None:
    configurations = [
        EpisodeConfiguration("water_flowers", PolicyChoice("replay", options={"order": order} if seed == 0 else {}))
        for seed in range(3)
    ]
    turn = Turn(answer=f"[(0.5, {largest}, 1.0), (0.2, 0.3, 1.0)]", image_trace=[[500.0, 600.0, 1.0]] * 2)
    warning = scale_warning(
        [
            Record.of(one, seed, success=False, failure=NO_OBJECT, turns=[turn])
            for seed, one in enumerate(configurations)
        ]
    )
    assert warning == (
        "3 of 3 answers lie outside the image or begin at no object: they may be on another scale than "
        f"policy.scale=thousandths. Their largest coordinate is {largest:g}. Consider {fitting}."
    )


def test_answers_of_which_nothing_was_understood_are_not_called_small() -> None:
    turn = Turn(answer="[(0.5, 0.4, 1.0), (0.2, 0.3, 1.0)]")
    configuration = EpisodeConfiguration("water_flowers", PolicyChoice("replay"))
    assert scale_warning([Record.of(configuration, seed, success=True, turns=[turn]) for seed in range(3)]) is None
