"""Events of an episode, each with a kind and a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tracesim.anatomy.curves import Curves, Followed
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import TABLE
from tracesim.results.record import Record
from tracesim.simulation.recorder import Phase

Kind = Literal[
    "wrong_object_approached",
    "wrong_object_grasped",
    "nothing_there",
    "empty_grasp",
    "gave_way",
    "slipped",
    "dropped",
    "left_path",
    "bumped",
    "table_hit",
    "displaced",
]

MEANINGS: Final[dict[Kind, str]] = {
    "wrong_object_approached": "the first keypoint is nearest to an object that was not to be moved",
    "wrong_object_grasped": "an object was carried that was not to be moved",
    "nothing_there": "no object is within reach of the first keypoint",
    "empty_grasp": "the fingers closed beside the object",
    "gave_way": "the object moved away while the fingers closed",
    "slipped": "the object moved in the hand",
    "dropped": "the object left the hand on its way",
    "left_path": "the functional point left its path",
    "bumped": "a contact that is not allowed",
    "table_hit": "a contact with the table that is not allowed",
    "displaced": "an object that was not to be moved was moved",
}
"""Meaning of each kind of event."""

DROPPED_M: Final = 0.05
"""Distance in the hand from which an object counts as dropped."""

DISPLACED_M: Final = 0.01
"""Distance by which a bystander may move."""

_BY_FAILURE: Final[dict[tuple[str, str], Kind]] = {
    ("grasp", "missed"): "empty_grasp",
    ("grasp", "gave_way"): "gave_way",
    ("slip", "slipped"): "slipped",
    ("track", "deviation"): "left_path",
}


@dataclass(frozen=True)
class Event:
    """Something that happened in an episode."""

    kind: Kind
    """Kind of the event."""

    time_s: float | None
    """When, on the clock of the curves and the film; None if nothing was executed."""

    body: str
    """Name in the scene of the body that it happened to; empty if there is none."""

    detail: str
    """Description for people."""


def events(record: Record, curves: Curves) -> list[Event]:
    """Return the events of an episode in the order of their times, those without a time first."""
    found = [
        *_approach(record, curves),
        *_contacts(record, curves),
        *_handling(record, curves),
        *_displaced(record, curves),
    ]
    return sorted(found, key=lambda one: -1.0 if one.time_s is None else one.time_s)


def bystanders(record: Record) -> set[str]:
    """Return the names of the bodies that were not to be moved, as the constraint on them lists them."""
    listed = (one.fields.get("corners") for one in record.constraints if one.kind == "Undisturbed")
    names = {
        str(entry[0]) for corners in listed if isinstance(corners, list) for entry in corners if isinstance(entry, list)
    }
    return names


def _approach(record: Record, curves: Curves) -> Iterator[Event]:
    """Yield whether the first keypoint and the grasp were at the right object."""
    failure = record.failure
    last = next((turn.trace for turn in reversed(record.turns) if turn.trace), None)
    if failure is not None and failure.reason == "no_object" and last is not None:
        name, distance_m = curves.nearest(np.array(last[0]))
        kind: Kind = "wrong_object_approached" if name in bystanders(record) else "nothing_there"
        yield Event(kind, None, name, f"nearest is the {curves.spoken(name)}, at {100 * distance_m:.1f} cm")
    for part in curves.followed:
        if part.carried in bystanders(record):
            time_s = float(curves.motion.times_s[part.samples.start])
            yield Event("wrong_object_grasped", time_s, part.carried, f"the {curves.spoken(part.carried)}")


def _contacts(record: Record, curves: Curves) -> Iterator[Event]:
    executed = curves.stored.executed
    for contact in () if executed is None else executed.contacts:
        moving, other = contact.moving, contact.other
        kind: Kind = "table_hit" if other == TABLE else "bumped"
        words = f"the {curves.spoken(moving)} touched the {curves.spoken(other)}"
        if record.failure is not None and record.failure.reason == f"{moving}-{other}":
            words = record.failure.detail  # which has names for the links of the robot
        yield Event(kind, contact.time_s, other, words)


def _handling(record: Record, curves: Curves) -> Iterator[Event]:
    """Yield the events that concern objects in the hand."""
    failure = record.failure
    kind = None if failure is None else _BY_FAILURE.get((failure.stage, failure.reason))
    if kind is not None and failure is not None:
        phase = Phase.CLOSE if failure.stage == "grasp" else Phase.FOLLOW
        body = curves.followed[-1].carried if curves.followed else ""
        yield Event(kind, _end(curves, phase), "" if body == GRIPPER else body, failure.detail)
    for part in curves.followed:
        hand = curves.hand(part.carried)
        if hand is not None and (time_s := _dropped(curves, part, hand)) is not None:
            yield Event("dropped", time_s, part.carried, f"the {curves.spoken(part.carried)}")


def _dropped(curves: Curves, part: Followed, hand: str) -> float | None:
    """Return when the object in the hand fell from it before the fingers opened; None if it did not.

    Something that is pushed or pulled is not in the hand: no closing of the fingers precedes.
    """
    before = curves.motion.phases[part.samples.start - 1] if part.samples.start else ""
    if part.carried == GRIPPER or before != Phase.CLOSE:
        return None
    hand_poses, body = curves.motion.poses(hand)[part.samples], curves.motion.poses(part.carried)[part.samples]
    in_hand = np.einsum("tji,tj->ti", hand_poses[:, :3, :3], body[:, :3, 3] - hand_poses[:, :3, 3])
    away = np.linalg.norm(in_hand - in_hand[0], axis=1) > DROPPED_M
    fell = body[:, 2, 3] < np.maximum.accumulate(body[:, 2, 3]) - DROPPED_M
    when = np.flatnonzero(away & fell)
    return float(curves.motion.times_s[part.samples][when[0]]) if len(when) else None


def _displaced(record: Record, curves: Curves) -> Iterator[Event]:
    carried = {part.carried for part in curves.followed}
    for name in curves.things:
        if name in bystanders(record) and name not in carried:
            poses = curves.motion.poses(name)
            moved = np.linalg.norm(poses[:, :3, 3] - poses[0, :3, 3], axis=1)
            if (late := moved > DISPLACED_M).any():
                words = f"the {curves.spoken(name)}, by up to {100 * moved.max():.1f} cm"
                yield Event("displaced", float(curves.motion.times_s[np.argmax(late)]), name, words)


def _end(curves: Curves, phase: Phase) -> float | None:
    samples = np.flatnonzero(curves.motion.during(phase))
    return float(curves.motion.times_s[samples[-1]]) if len(samples) else None
