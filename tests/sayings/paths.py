"""Checks of phrases about the path, such as heights, order and speed, against the constraints."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.left_behind import LeftBehind
from tests.sayings.naming import named, named_after, subject
from tests.sayings.places import SETTLED_M


def in_band(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    low_m, high_m = float(match[1]) / 100, float(match[2]) / 100
    return any(np.allclose((one["low_m"], one["high_m"]), (low_m, high_m)) for one in left.asked("Band"))


def at_height(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    bands, regions = left.asked("Band"), [one["region"] for one in left.asked("Dwell")]
    middles = [(one["low_m"] + one["high_m"]) / 2 for one in (*bands, *regions)]
    anchors = [one["stops"]["targets"][0]["body"] for one in bands] + [one["at"]["body"] for one in regions]
    anchor = named_after(left, turn, match)
    return len(bands) == len(regions) == 1 and np.allclose(middles, float(match[1]) / 100) and {*anchors} == {anchor}


def above_the_table(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    regions = [one["region"] for one in left.asked("Dwell") if one["region"]["at"]["body"] == "table"]
    middles_m = [(one["low_m"] + one["high_m"]) / 2 for one in regions]
    return middles_m == pytest.approx([float(match[1]) / 100] * len(named(left, turn)))


def above_the_middle(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether what has to stay above the table stays at that height, there or first there."""
    regions = [one["region"] for one in left.asked("Dwell") if one["region"]["at"]["body"] == "table"]
    middles_m = [(one["low_m"] + one["high_m"]) / 2 for one in regions]
    at_the_middle = bool(regions) and regions[0]["at"]["position"] == [0, 0, 0]
    return at_the_middle and bool(np.allclose(middles_m, float(match[1]) / 100))


def above_the_top(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the thing that is named first has to stay above the top of the one named after the words."""
    [stay], below = left.asked("Dwell"), named_after(left, turn, match)
    region, at = stay["region"], stay["region"]["at"]
    top_m = np.concatenate(left.clearance.hulls[below or ""])[:, 2].max()
    middle_m = at["position"][2] - top_m + (region["low_m"] + region["high_m"]) / 2
    ends = (stay["point"]["body"], at["body"]) == (subject(left, turn), below)
    return ends and middle_m == pytest.approx(float(match[1]) / 100, abs=1e-3)


def for_a_second(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    return [one["least_s"] for one in left.asked("Dwell")] == [1.0]


def lasting(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    return [one["least_s"] for one in left.asked("Dwell")] == [float(match[1])]


def in_order(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether all flowers there are have to be visited, in the order in which they stand in that direction."""
    nouns = dict(zip(left.arrays["things"].tolist(), left.arrays["kinds"].tolist(), strict=True))
    flowers = [name for name, kind in nouns.items() if kind == "flower_pot"]
    ordered = sorted(flowers, key=lambda name: float(left.at_first(name)[:2] @ left.meant(match[1])))
    asked = [[target["body"] for target in one["stops"]["targets"]] for one in left.asked("Order")]
    return asked == [ordered]


def tilted(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    limits = [one["most_rad"] for one in left.asked("Tilt") if one["body"] == subject(left, turn)]
    return limits == pytest.approx([np.radians(float(match[1]))])


def slowly(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    limits = [one["most_m_s"] for one in left.asked("Speed") if one["point"]["body"] == subject(left, turn)]
    return limits == pytest.approx([float(match[1]) / 100])


def kept_out(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    return [one["region"]["at"]["body"] for one in left.asked("KeepOut")] == [named_after(left, turn, match)]


def kept_off(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether two columns, each as much wider than the pole in it, are kept out of."""
    passes, columns = left.only("Passes"), {one["region"]["at"]["body"]: one for one in left.asked("KeepOut")}
    [gate] = passes["gates"]
    gaps_m = []
    for name, one in columns.items():
        shaft = max(left.clearance.hulls[name], key=lambda hull: hull[:, 2].max())
        gaps_m.append(one["region"]["radius_m"] - np.linalg.norm(shaft[:, :2], axis=1).max())
    ends = {gate["one"]["body"], gate["other"]["body"]}
    return ends == set(columns) and gaps_m == pytest.approx([float(match[1]) / 1000] * 2, abs=2e-4)


def kept_apart(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    apart, limits_m = left.only("Apart"), [float(match[1]) / 100, float(match[2]) / 100]
    ends = apart["point"]["body"] == subject(left, turn) and apart["other"]["body"] in named(left, turn)
    return ends and [apart["low_m"], apart["high_m"]] == pytest.approx(limits_m)


def on_side_of(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the gate beside the thing is on that side of it, as the camera sees it."""
    passes = left.only("Passes")
    pole = named_after(left, turn, match)
    assert pole is not None
    [gate] = [one for one in passes["gates"] if one["one"]["body"] == pole]
    assert gate["other"]["body"] == pole
    offset = left.poses[pole][0, :3, :3] @ (np.array(gate["other"]["position"]) - gate["one"]["position"])
    ahead = float(offset[:2] @ left.meant("away")) / float(np.linalg.norm(offset[:2]))
    return ahead > 0.99 if match[1] == "far" else ahead < -0.99


def around(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the thing has to go once around the other one that way, seen from above."""
    circles = left.only("Circles")
    turns = circles["angle_rad"] / (2.0 * np.pi)
    ends = circles["point"]["body"] == subject(left, turn) and circles["centre"]["body"] in named(left, turn)
    return ends and turns == pytest.approx(-1.0 if match[1] == "clockwise" else 1.0)


def near_the_line(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the thing stands at one end of a line on what is named after it, and has to get to the other."""
    follows, goal = left.only("Follows"), left.only("RestsOn")
    first, last = follows["line"][0], follows["line"][-1]
    on_it = {one["body"] for one in follows["line"]} == set(named(left, turn)) - {subject(left, turn)}
    sheet = left.poses[first["body"]][0]
    away = left.at_first(subject(left, turn)) - (sheet @ [*first["position"], 1.0])[:3]
    stands = float(np.linalg.norm(away)) < SETTLED_M
    return on_it and stands and goal["support"] == last and follows["most_m"] == pytest.approx(float(match[1]) / 1000)


def drawn_above(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    draws = left.only("Draws")
    limits_m = [float(match[1]) / 100, float(match[2]) / 100]
    on_it = {one["body"] for one in draws["corners"]} | {draws["point"]["body"]} == set(named(left, turn))
    return on_it and [draws["above_m"], draws["most_m"]] == pytest.approx(limits_m)


def shaken(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    shakes = left.only("Shakes")
    along = np.array(shakes["along"])
    way = [0.0, 0.0, 1.0] if match[1] == "up and down" else [*left.meant("right"), 0.0]
    asked = (shakes["times"], shakes["least_m"]) == (int(match[2]), pytest.approx(float(match[3]) / 100))
    return asked and abs(float(along @ way)) > 0.999


def under(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the gate is the opening of what is named after it, below the lowest thing above its middle."""
    passes, bar = left.only("Passes"), named_after(left, turn, match)
    [gate] = passes["gates"]
    above = [hull[:, 2].min() for hull in left.clearance.hulls[bar or ""] if hull[:, 1].min() < 0.0 < hull[:, 1].max()]
    ends = ({gate["one"]["body"], gate["other"]["body"]}, passes["point"]["body"]) == ({bar}, subject(left, turn))
    return ends and min(above) == pytest.approx(gate["high_m"], abs=1e-3)


def slid(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    return bool(left.only("Grounded")["bottom"]["body"] == subject(left, turn))


def by_hand(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the trace of that arm begins at the thing that is named before it."""
    before = turn["instruction"][: match.start()].rstrip()
    (name,) = [name for name, words in named(left, turn).items() if before.endswith(words)]
    away = left.at_first(name)[:2] - np.array(turn["traces"][match[1]][0])[:2]
    return float(np.linalg.norm(away)) < 0.05


def handed_over(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the first arm's trace begins at the thing, and the other's where the first one's ends."""
    giving, taking = (np.array(turn["traces"][arm]) for arm in match.groups())
    stood = left.at_first(subject(left, turn))
    held_m, passed_m = np.linalg.norm(giving[0] - stood), abs(taking[0][2] - giving[-1][2])
    return match[1] != match[2] and bool(held_m < 0.15) and bool(passed_m < 0.015)


def scanned(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> bool:
    """Return whether the front of the one thing has to stay so far ahead of that of the other, facing it."""
    low_m, high_m = float(match[1]) / 100, float(match[2]) / 100
    gaps, aligned = left.asked("Gap"), left.asked("Aligned")
    if not gaps or not aligned:
        return False
    [gap], [facing] = gaps, aligned
    [stay] = [one for one in left.asked("Dwell") if one["region"]["at"]["body"] == subject(left, turn)]
    other, region = stay["point"]["body"], stay["region"]
    fronts_m = {name: np.concatenate(left.clearance.hulls[name])[:, 0].max() for name in (subject(left, turn), other)}
    ahead_m = region["at"]["position"][0] - fronts_m[subject(left, turn)]
    across = [ahead_m - region["half_x_m"], ahead_m + region["half_x_m"], stay["point"]["position"][0]]
    ends = {gap["one"]["body"], gap["other"]["body"]} == {facing["body"], facing["with_body"]} == set(fronts_m)
    measured = [gap["low_m"], gap["high_m"]] == pytest.approx([low_m, high_m])
    opposite = facing["heading"] == pytest.approx(np.pi)
    return ends and measured and opposite and across == pytest.approx([low_m, high_m, fronts_m[other]], abs=1e-3)
