"""Events: none in the expert's episodes, and each at its time in curves in which it was made to happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tests.episodes import Episodes
from tracesim.anatomy import Curves, Event, events
from tracesim.anatomy.events import bystanders
from tracesim.failure import Failure
from tracesim.results import Record
from tracesim.results.stored_curves import StoredCurves

TASK = "bypass_stack"


@dataclass(frozen=True)
class Made(Curves):
    """Curves with the arrays that they were made of."""

    arrays: Mapping[str, Any]


def made(arrays: Mapping[str, Any]) -> Made:
    return Made(StoredCurves.of(arrays), arrays)


@pytest.fixture
def played(episodes: Episodes) -> tuple[Record, Made]:
    return of(episodes, TASK, "expert")


def of(episodes: Episodes, task: str, policy: str) -> tuple[Record, Made]:
    file = episodes.record(task, 0, policy)
    with np.load(file.with_suffix(".npz")) as arrays:
        return episodes.played(task, 0, policy), made(dict(arrays))


def changed(curves: Made, **arrays: Any) -> Made:
    return made({**curves.arrays, **arrays})


def failed(record: Record, stage: str, reason: str) -> Record:
    return record.model_copy(update={"success": False, "failure": Failure(stage, reason, "in words")})


def only(found: list[Event]) -> Event:
    (event,) = found
    return event


def shifted(curves: Made, name: str, since: int, by: list[float]) -> Made:
    positions = curves.arrays["positions"].copy()
    positions[since:, [str(one) for one in curves.arrays["names"]].index(name)] += by
    return changed(curves, positions=positions)


@pytest.mark.parametrize("task", [TASK, "blocks_ranking_rgb", "push_object", "click_bell"])
def test_nothing_happens_to_the_expert(task: str, episodes: Episodes) -> None:
    assert events(*of(episodes, task, "expert")) == []


def test_every_subtask_has_its_body(episodes: Episodes) -> None:
    record, curves = of(episodes, "blocks_ranking_rgb", "expert")
    carried = [part.carried for part in curves.followed]
    assert len(carried) == len(set(carried)) == len(record.turns)
    assert not {*carried} & bystanders(record)


def test_the_functional_point_ends_where_the_task_wants_it(played: tuple[Record, Made]) -> None:
    record, curves = played
    (part,) = curves.followed
    upper = curves.functional_point(part, record)
    assert len(upper) == part.samples.stop - part.samples.start
    assert np.linalg.norm(np.diff(upper, axis=0), axis=1).max() < 0.02


def test_contacts_that_are_not_allowed_are_named(played: tuple[Record, Made]) -> None:
    record, curves = played
    touched = changed(
        curves,
        contact_times_s=np.array([1.5, 2.5]),
        contact_pairs=np.array([("panda_hand", "lower"), ("upper", "table")]),
        contact_positions=np.zeros((2, 3)),
    )
    bumped, hit = events(failed(record, "collision", "upper-table"), touched)
    assert (bumped.kind, bumped.time_s, bumped.body) == ("bumped", 1.5, "lower")
    assert bumped.detail.endswith(curves.spoken("lower"))
    assert (hit.kind, hit.time_s, hit.detail) == ("table_hit", 2.5, "in words")


def test_a_displaced_bystander_is_named_with_its_time(played: tuple[Record, Made]) -> None:
    record, curves = played
    name = min(bystanders(record))
    event = only(events(record, shifted(curves, name, 300, [0.0, 0.02, 0.0])))
    assert (event.kind, event.body, event.time_s) == ("displaced", name, curves.motion.times_s[300])
    assert event.detail == f"the {curves.spoken(name)}, by up to 2.0 cm"
    assert events(record, shifted(curves, name, 300, [0.0, 0.009, 0.0])) == []


def test_an_object_that_falls_from_the_hand_is_dropped(played: tuple[Record, Made]) -> None:
    record, curves = played
    (part,) = curves.followed
    middle = (part.samples.start + part.samples.stop) // 2
    event = only(events(record, shifted(curves, part.carried, middle, [0.0, 0.0, -0.2])))
    assert (event.kind, event.body, event.time_s) == ("dropped", part.carried, curves.motion.times_s[middle])


def test_what_was_not_to_be_moved_is_the_wrong_object(played: tuple[Record, Made]) -> None:
    record, curves = played
    (part,) = curves.followed
    other = next(name for name in curves.things if name in bystanders(record))
    index = list(curves.arrays["moving_names"]).index(part.carried)
    names = curves.arrays["moving_names"].astype("<U20")
    names[index] = other
    grasped = events(failed(record, "goal", "rests_on"), changed(curves, moving_names=names))
    assert ("wrong_object_grasped", other) in [(one.kind, one.body) for one in grasped]


@pytest.mark.parametrize("wrong", [True, False])
def test_the_object_nearest_to_the_first_keypoint_is_named(wrong: bool, played: tuple[Record, Made]) -> None:
    record, curves = played
    right = curves.followed[0].carried
    name = next(one for one in curves.things if one.startswith("distractor")) if wrong else right
    index = curves.things.index(name)
    own = curves.arrays["hull_points"][curves.arrays["hull_things"] == index]
    pose = curves.motion.poses(name)[-1]
    placed = own @ pose[:3, :3].T + pose[:3, 3]
    point = (placed[placed[:, 2].argmax()] + [0.0, 0.0, 0.03]).tolist()
    turn = record.turns[0].model_copy(update={"trace": [point, point]})
    missed = failed(record, "grasp", "no_object").model_copy(update={"turns": [turn]})
    event = only([one for one in events(missed, curves) if one.time_s is None])
    assert (event.kind, event.body) == ("wrong_object_approached" if wrong else "nothing_there", name)
    assert event.detail == f"nearest is the {curves.spoken(name)}, at 3.0 cm"


@pytest.mark.parametrize(
    ("stage", "reason", "kind"),
    [
        ("grasp", "missed", "empty_grasp"),
        ("grasp", "gave_way", "gave_way"),
        ("slip", "slipped", "slipped"),
        ("track", "deviation", "left_path"),
    ],
)
def test_failures_in_the_hand_are_events(stage: str, reason: str, kind: str, played: tuple[Record, Made]) -> None:
    record, curves = played
    event = only(events(failed(record, stage, reason), curves))
    assert (event.kind, event.detail) == (kind, "in words")
    assert event.time_s is not None
    assert curves.motion.times_s[0] < event.time_s <= curves.motion.times_s[-1]
