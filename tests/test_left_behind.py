"""What an instruction says, and how well it was done, is found again in what an episode leaves behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, cast

import numpy as np
import pytest

from tests.derived_clearance import DIRECTIONS, gaps_m
from tests.episodes import Episodes, first_seed
from tests.judge import Judge
from tests.left_behind import LeftBehind
from tests.sayings import check_sayings
from tests.sayings.naming import named
from tests.test_clearance import minkowski_distance
from tracesim.envs import TASKS
from tracesim.geometry.rigid import FloatArray
from tracesim.judge.joint import joint_positions

AGREES: Final = {"m": 0.001, "rad": 0.001, "s": 0.003, "m/s": 0.001, "beads": 0.0, "%": 0.2}
"""By unit, how far a margin may be from the record's: corners are rounded, and time is looked at in steps of 0.5 ms."""

TOUCHING_M: Final = 0.001
"""How far from each of two bodies a contact between them lies, at most."""

MEASURED_M: Final = 5e-5
"""How far a distance is from the one that is derived from a curves file, whose poses and hulls are rounded."""

STEPS: Final = 5
"""Time steps between two samples."""


@pytest.fixture(params=TASKS)
def left(request: pytest.FixtureRequest, episodes: Episodes) -> LeftBehind:
    return LeftBehind.by(episodes.record(request.param, 0, "expert"))


def test_margins_are_computed_again_from_record_and_curves(left: LeftBehind) -> None:
    judge = Judge(cast(Any, left.curve), cast(Any, left.layout))
    margins, applied = left.record["margins"], 0
    for one in left.record["constraints"]:
        if margins[one["name"]] is not None:
            applied += 1
            again = judge.margin(one["kind"], one["fields"])
            assert again == pytest.approx(margins[one["name"]], abs=AGREES[one["unit"]]), one["name"]
    assert applied > 1


@pytest.mark.parametrize("task", ["water_flowers", "place_bread_basket", "carry_level", "bypass_stack"])
def test_a_collision_is_found_again_where_the_curves_file_says(task: str, episodes: Episodes) -> None:
    left = LeftBehind.by(episodes.record(task, first_seed(task, "straight_line"), "straight_line"))
    (moving, other), (at,) = left.arrays["contact_pairs"][0].tolist(), left.arrays["contact_positions"]
    failure = left.record["failure"]
    assert (failure["stage"], failure["reason"]) == ("collision", f"{moving}-{other}")
    assert re.fullmatch(r"(the|a) [a-z ]+ touched the [a-z ]+", failure["detail"])
    assert left.arrays["contact_times_s"] == [left.arrays["times_s"][-1]]
    speck = at + 1e-4 * np.vstack([np.zeros(3), np.eye(3)])
    # It may have been in any of the time steps since the sample before.
    shares = np.linspace(0.0, 1.0, STEPS + 1)
    apart_m = [max(distance_m(left, body, speck, share) for body in (moving, other)) for share in shares]
    assert min(apart_m) < TOUCHING_M
    measured = left.arrays["clearance_m"][-1]
    assert measured == pytest.approx(left.clearance.at(-1).distance_m, abs=MEASURED_M), "what is measured stays"
    asked = left.only("Clearance")
    margin = Judge(cast(Any, left.curve), cast(Any, left.layout)).margin("Clearance", asked)
    assert margin == pytest.approx(left.record["margins"]["clearance"], abs=AGREES["m"])
    assert margin < 0.0


def distance_m(left: LeftBehind, body: str, speck: FloatArray, share: float) -> float:
    """Return how far a speck (K, 3) is from a body that has gone a share of its way to the last sample."""
    before, last = left.clearance.poses[body][-2:]
    pose = (1.0 - share) * before + share * last
    hulls = [hull @ pose[:3, :3].T + pose[:3, 3] for hull in left.clearance.hulls[body]]
    return min(minkowski_distance(speck, hull) for hull in hulls)


@pytest.mark.parametrize("task", ["move_direction", "place_bread_basket", "hover_above_bowl"])
@pytest.mark.parametrize("policy", ["expert", "straight_line"])
def test_a_body_that_is_shifted_by_5_mm_in_the_file_is_noticed(task: str, policy: str, episodes: Episodes) -> None:
    seed = 0 if policy == "expert" else first_seed(task, policy)
    left = LeftBehind.by(episodes.record(task, seed, policy))
    sample = int(left.arrays["clearance_m"].argmin())
    pair = left.clearance.at(sample).pair
    assert pair is not None
    one, other = (np.concatenate(left.clearance.placed(name, sample)) for name in pair)
    across = DIRECTIONS[gaps_m(one, other).argmax()]
    positions = left.arrays["positions"].copy()
    positions[:, left.arrays["names"].tolist().index(pair[1])] += 0.005 * across
    forged = replace(left, arrays={**left.arrays, "positions": positions})
    asked = left.only("Clearance")
    with pytest.raises(AssertionError, match="clearance at"):
        Judge(cast(Any, forged.curve), cast(Any, forged.layout)).margin("Clearance", asked)


def test_a_clearance_that_is_edited_in_the_file_is_noticed(episodes: Episodes) -> None:
    left = LeftBehind.by(episodes.record("place_bread_basket", 0, "expert"))
    edited = left.arrays["clearance_m"].copy()
    edited[edited < 0.02] = 0.02
    forged = replace(left, arrays={**left.arrays, "clearance_m": edited})
    asked = left.only("Clearance")
    with pytest.raises(AssertionError, match="clearance at"):
        Judge(cast(Any, forged.curve), cast(Any, forged.layout)).margin("Clearance", asked)


def test_positions_of_joints_are_written_as_the_judge_finds_them(episodes: Episodes) -> None:
    left = LeftBehind.by(episodes.record("turn_knob", 0, "expert"))
    asked = left.only("TurnedTo")
    assert left.arrays["joined"].tolist() == [[asked["body"], asked["parent"]]]
    judged = joint_positions(Judge(cast(Any, left.curve), cast(Any, left.layout)), asked)
    np.testing.assert_allclose(left.arrays["joint_positions"][:, 0], judged, atol=5e-5)


def test_numbers_orders_and_directions_are_those_of_the_constraints(left: LeftBehind) -> None:
    check_sayings(left)


OTHERWISE: Final[dict[str, Callable[[re.Match[str]], str]]] = {
    r"\d+": lambda match: str(int(match[0]) + 1),
    r"\b(?:left|right)\b(?!most)(?! to)": lambda match: {"left": "right", "right": "left"}[match[0]],
    r"\b(?:counter)?clockwise": lambda match: {"clockwise": "counterclockwise"}.get(match[0], "clockwise"),
    r"\b(?:near|far)\b": lambda match: {"near": "far", "far": "near"}[match[0]],
    r"away from|towards": lambda match: {"away from": "towards", "towards": "away from"}[match[0]],
    r"behind|in front of": lambda match: {"behind": "in front of", "in front of": "behind"}[match[0]],
}
"""What instructions say, and what they might as well say and do not."""


def test_another_number_or_direction_would_be_noticed(left: LeftBehind) -> None:
    for number, turn in enumerate(left.record["turns"]):
        for saying, otherwise in OTHERWISE.items():
            for match in re.finditer(saying, turn["instruction"]):
                said = turn["instruction"][: match.start()] + otherwise(match) + turn["instruction"][match.end() :]
                turns = [*left.record["turns"]]
                turns[number] = {**turn, "instruction": said}
                with pytest.raises(AssertionError):
                    check_sayings(replace(left, record={**left.record, "turns": turns}))


def test_what_is_named_is_one_thing_and_what_the_constraints_are_about(left: LeftBehind) -> None:
    assert sorted(left.record["referents"]) == sorted(set(left.record["referents"]))
    judged = set(about(left.record["constraints"]))
    for turn in left.record["turns"]:
        rest = turn["instruction"]
        assert named(left, turn), rest
        for name, words in named(left, turn).items():
            assert name in left.record["referents"]
            assert left.fitting(words) == [name], words
            assert name in judged, name
            rest = rest.replace(f"the {words}", "")
        others = set(left.arrays["nouns"].tolist()) - {"flower", *PARTS}
        assert not [noun for noun in others if re.search(rf"\b{noun}\b", rest)], rest


PARTS: Final = ("drawer", "lid", "knob", "button", "door", "rocker")
"""Nouns of parts, which instructions name by what they are parts of."""


def about(value: Any) -> Iterator[str]:
    """Yield the names of all bodies in some constraints' fields."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from about(inner)
