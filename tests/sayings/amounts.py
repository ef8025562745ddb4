"""Checks of phrases about joints, beads and stains against the constraints."""

from __future__ import annotations

import re
from typing import Any, cast

import numpy as np
import pytest

from tests.judge import Judge
from tests.left_behind import LeftBehind
from tests.sayings.naming import named
from tests.sayings.paths import around
from tracesim.judge.joint import joint_positions


def led_to(left: LeftBehind, kind: str) -> tuple[float, float]:
    """Return the range in which a joint has to end, from where it is at first, metres or radians."""
    asked = left.only(kind)
    begun = float(joint_positions(Judge(cast(Any, left.curve), cast(Any, left.layout)), asked)[0])
    return asked["low"] - begun, asked["high"] - begun


def opened(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    scale = {"cm": 100.0, "mm": 1000.0}[match[3]]
    low, high = led_to(left, "OpenedTo")
    return bool(np.allclose((scale * low, scale * high), (int(match[1]), int(match[2])), atol=0.2))


def turned(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    ends = sorted(np.abs(np.degrees(led_to(left, "TurnedTo"))))
    return bool(np.allclose(ends, (int(match[1]), int(match[2])), atol=0.2))


def clockwise(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether what has to be turned, or to go once around another thing, has to go that way, seen from above."""
    if left.asked("Circles"):
        return around(left, turn, match)
    low, high = led_to(left, "TurnedTo")
    return high < 0.0 if match[1] == "clockwise" else low > 0.0


def never_further(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether a joint may at no time pass the end of its range that is further from where it is at first."""
    kind = "Opened" if left.asked("OpenedTo") else "Turned"
    ends, limits = led_to(left, f"{kind}To"), led_to(left, f"{kind}Within")
    return max(ends, key=abs) in limits


def watered(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether something has to fall into each thing that has to be visited."""
    pots = sorted(region["at"]["body"] for region in left.only("Showered")["regions"])
    return pots == sorted(target["body"] for target in left.only("Order")["stops"]["targets"])


def beads(left: LeftBehind, group: str) -> int:
    return sum(name.startswith(f"{group}/") for name in left.arrays["names"].tolist())


def poured(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    filled, spilled = left.only("Filled"), left.only("Spilled")
    counts = (filled["least"], beads(left, filled["beads"]), spilled["most"])
    return counts == (int(match[1]), int(match[2]), 0) and filled["region"]["at"]["body"] in named(left, turn)


def delivered(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    spilled = left.only("Spilled")
    return (beads(left, spilled["beads"]), spilled["most"]) == (int(match[1]), 0)


def emptied(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    filled = left.only("Filled")
    all_of_them = beads(left, filled["beads"]) == filled["least"] == int(match[1])
    return all_of_them and filled["region"]["at"]["body"] in named(left, turn) and delivered(left, turn, match)


def wiped(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    wipes = left.only("Wipes")
    things = {one["body"] for one in (*wipes["face"], *wipes["line"])}
    return wipes["least_percent"] == int(match[1]) and things == set(named(left, turn))


def nothing_else(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether what wipes the stain, and nothing else, is kept within that distance of the same stain."""
    wipes, only = left.only("Wipes"), left.only("WipesOnly")
    same = all(wipes[key] == only[key] for key in ("face", "line", "half_width_m", "surface"))
    return same and only["most_m"] == pytest.approx(int(match[1]) / 1000)


def swept(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    filled, spilled = left.only("Filled"), left.only("Spilled")
    [place] = spilled["regions"]
    things = {filled["region"]["at"]["body"], place["at"]["body"]}
    counts = (filled["least"], beads(left, filled["beads"]), spilled["most"])
    return counts == (int(match[1]), int(match[2]), 0) and len(things) == 1 and things < set(named(left, turn))
