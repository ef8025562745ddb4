"""Checks of phrases about where objects must end up against the constraints."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pytest

from tests.left_behind import LeftBehind
from tests.sayings.naming import beside, named, named_after, subject

RELATIONS: Final = "to the left of|to the right of|behind|in front of"
MOTIONS: Final = "to the left|to the right|away from you|towards you"

SETTLED_M: Final = 0.005
"""How far something is from where it was placed, at most, once it has settled."""


def so_far_beside(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    anchor, distance_m = named_after(left, turn, match), float(match[2]) / 100
    for one in beside(left, turn, match[3]):
        middle_m = one["low_m"] if match[1] else (one["low_m"] + one["high_m"]) / 2
        place = one["anchor"]["body"] == (anchor or "table") and (anchor or one["anchor"]["position"] == [0, 0, 0])
        if place and abs(middle_m - distance_m) < 1e-9:
            return True
    return False


def so_far(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    for one in beside(left, turn, match[2]):
        middle_m, stood = (one["low_m"] + one["high_m"]) / 2, left.at_first(subject(left, turn))
        from_m = np.linalg.norm(stood - one["anchor"]["position"])
        if one["anchor"]["body"] == "table" and from_m < SETTLED_M and abs(middle_m - float(match[1]) / 100) < 1e-9:
            return True
    return False


def just_beside(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    anchor = named_after(left, turn, match)
    return any(one["anchor"]["body"] == anchor and one["low_m"] > 0.0 for one in beside(left, turn, match[1]))


def on_its_side(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    return any(one["anchor"]["body"] in turn["words"] and one["low_m"] > 0.0 for one in beside(left, turn, match[1]))


def on_half(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the thing is to lie on a point of the other that is on that side of its middle."""
    whole, found = named_after(left, turn, match), []
    for one in left.asked("RestsOn"):
        if whole and one["bottom"]["body"] == subject(left, turn) and one["support"]["body"] == whole:
            off = left.poses[whole][0, :3, :3] @ (one["support"]["position"] * np.array([1.0, 1.0, 0.0]))
            found.append(float(off[:2] @ left.meant(match[1])) / float(np.linalg.norm(off[:2])))
    return len(found) == 1 and found[0] > 0.9


def with_gap(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    limits_m = float(match[1]) / 100, float(match[2]) / 100
    return any(np.allclose((one["low_m"], one["high_m"]), limits_m) for one in left.asked("Gap"))


def untouched(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    undisturbed = left.only("Undisturbed")
    stays = [name for name, _ in undisturbed["corners"]]
    return named_after(left, turn, match) in stays and bool(left.asked("Clearance"))


def aligned(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    return [one["with_body"] in turn["words"] for one in left.asked("Aligned")] == [True]


def facing(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the front has to point along the world's -x axis, where the robot stands."""
    return [(one["with_body"], one["heading"]) for one in left.asked("Aligned")] == [("table", pytest.approx(np.pi))]


def brought_down(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the two things that are named have to touch at the end."""
    touching = [{one["one"]["body"], one["other"]["body"]} for one in left.asked("Contact")]
    return touching == [set(named(left, turn))]


def toes(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    aligned = left.asked("Aligned")
    headings = [np.array([np.cos(one["heading"]), np.sin(one["heading"])]) for one in aligned]
    turned = all(float(heading @ left.meant(match[1])) > 0.999 for heading in headings)
    put_down = sorted(one["bottom"]["body"] for one in left.asked("RestsOn"))
    return turned and [(one["body"], one["with_body"]) for one in aligned] == [(name, "table") for name in put_down]


def of_the_left_hand(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the thing at which the left hand's trace begins is to stand there, seen from the other one."""
    places = {one["bottom"]["body"]: np.array(one["support"]["position"][:2]) for one in left.asked("RestsOn")}
    stands = left.poses["mat"][0, :2, :2] @ (places["left"] - places["right"])
    begins = np.array(turn["traces"]["left"][0])[:2] - left.at_first("left")[:2]
    ahead = left.meant("left" if match[1] == "on the left" else "away")
    return bool(stands @ ahead > 0.99 * np.linalg.norm(stands)) and bool(np.linalg.norm(begins) < 0.1)


def that_drawer(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    asked = left.only("OpenedTo")
    drawers = [name for name in left.record["referents"] if name != asked["parent"]]
    ahead = np.append(left.meant(match[1]), 0.0) if match[1] in ("left", "right") else np.array((0.0, 0.0, 1.0))
    sign = -1.0 if match[1] == "bottom" else 1.0
    return bool(asked["body"] == max(drawers, key=lambda name: sign * float(left.at_first(name) @ ahead)))


def rising(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the row rises that way where the thing stands in its place, and would not if it stood elsewhere.

    The place is in the middle between two of the row.
    """
    own = subject(left, turn)
    goal = left.only("RestsOn")
    nouns = dict(zip(left.arrays["things"].tolist(), left.arrays["kinds"].tolist(), strict=True))
    places = {name: left.at_first(name) for name, kind in nouns.items() if kind == "dowel"}
    places[own] = np.array(goal["support"]["position"])
    order = sorted(places, key=lambda name: float(places[name][:2] @ left.meant(match[1])))
    heights = [max(hull[:, 2].max() for hull in left.clearance.hulls[name]) for name in order]
    at = order.index(own)
    middle = (places[order[at - 1]] + places[order[at + 1]]) / 2
    return bool((np.diff(heights) > 0.01).all()) and bool(np.linalg.norm(middle - places[own]) < SETTLED_M)
