"""Detection of answers that are read on the wrong scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tracesim.answers.reading import Convention, Scale, read
from tracesim.configuration import EpisodeConfiguration, PolicyChoice
from tracesim.failure import Failure
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.policies import POLICIES
from tracesim.policy import Policy, Reply
from tracesim.results.record import Record
from tracesim.results.scale_check import scale_warning
from tracesim.results.turn import Turn

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


@pytest.mark.parametrize(("solved", "reported"), [(5, True), (6, False)])
def test_half_of_the_answers_pointing_nowhere_are_enough(solved: int, reported: bool) -> None:
    warning = scale_warning(records("thousandths", "thousandths", [None] * solved + [NO_OBJECT] * 5))
    assert (warning is not None) == reported
    assert str(warning or "5 of 10").startswith("5 of 10")


def answered(answer: str, options: dict[str, Any], failure: Failure | None, kind: str = "replay") -> list[Record]:
    """Return the records of three episodes in which a model gave one answer."""
    trace = read(answer, Convention(options.get("scale", "thousandths")), size=(640, 480)).trace
    turn = Turn(answer=answer, image_trace=None if trace is None else trace.keypoints.tolist())
    configuration = EpisodeConfiguration("water_flowers", PolicyChoice(kind, options=options))
    return [Record.of(configuration, seed, success=not failure, failure=failure, turns=[turn]) for seed in range(3)]


PICTURE = "policy.picture=WxH (the size of the image that the model saw)"


@pytest.mark.parametrize(
    ("largest", "options", "fitting"),
    [
        (1.0, {}, "policy.scale=fractions, policy.order=yx"),
        (1.5, {"order": "xy"}, "policy.scale=percent, policy.scale=pixels, policy.order=yx"),
        (100.0, {"order": "yx"}, "policy.scale=percent, policy.scale=pixels, policy.order=xy"),
        (100.5, {}, "policy.scale=pixels, policy.order=yx"),
        (1000.0, {}, "policy.scale=pixels, policy.order=yx"),
        (1001.0, {}, "policy.scale=pixels, policy.order=yx"),
        (1000.0, {"scale": "pixels"}, f"policy.scale=thousandths, policy.order=yx, {PICTURE}"),
        (1001.0, {"scale": "pixels"}, f"policy.order=yx, {PICTURE}"),
    ],
)
def test_the_largest_coordinate_says_which_scales_fit(largest: float, options: dict[str, str], fitting: str) -> None:
    """A depth is none, however large it is, as in millimetres."""
    warning = scale_warning(answered(f"[(0.5, {largest}, 1800), (0.2, 0.3, 1900)]", options, NO_OBJECT))
    assert warning is not None
    assert warning.partition(": ")[2] == (
        f"they may be on another scale than policy.scale={options.get('scale', 'thousandths')}. Their largest "
        f"coordinate is {largest:g}. Consider {fitting}."
    )


class Mine(Policy):
    """A policy whose answers are on the scale of all answers, without an option to change it."""

    def answer(self, observation: Observation, question: Question) -> Reply:
        return Reply("[]")


@pytest.mark.parametrize(
    ("kind", "scale"), [("vlm", "thousandths"), ("roborefer", "fractions"), ("mine", "thousandths")]
)
def test_without_an_option_the_scale_is_that_of_the_policy(
    kind: str, scale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(POLICIES.table, "mine", "tests.test_scale_check:Mine")
    warning = scale_warning(answered("[(500, 600, 0.9), (200, 300, 0.9)]", {}, NO_OBJECT, kind))
    assert warning is not None
    assert warning.startswith(
        "3 of 3 answers lie outside the image or begin at no object: they may be on another scale than "
        f"policy.scale={scale}. "
    )


@pytest.mark.parametrize(
    ("answer", "largest"),
    [
        ("[(0.5, 0.62, 900), (0.2, 0.3, 850)]", "0.62"),
        ("[(50, 62, 0.9), (99.5, 3, 0.85)]", "99.5"),
        ("[(50, 62, 0.9), (100, 3, 0.85)]", None),
        ("[(0, 0, 0.9), (0, 0, 0.85)]", None),
    ],
    ids=["fractions", "percent", "a tenth", "the corner"],
)
def test_answers_in_a_tenth_of_the_image_are_reported_even_if_they_succeed(answer: str, largest: str | None) -> None:
    warning = scale_warning(answered(answer, {}, None))
    if largest is None:
        assert warning is None
    else:
        assert warning is not None
        assert warning.startswith(
            "No coordinate of the 3 answers exceeds a tenth of the image: they may be on another scale than "
            f"policy.scale=thousandths. Their largest coordinate is {largest}. Consider "
        )


def test_answers_of_which_nothing_was_understood_are_not_called_small() -> None:
    turn = Turn(answer="[(0.5, 0.4, 1.0), (0.2, 0.3, 1.0)]")
    configuration = EpisodeConfiguration("water_flowers", PolicyChoice("replay"))
    assert scale_warning([Record.of(configuration, seed, success=True, turns=[turn]) for seed in range(3)]) is None
