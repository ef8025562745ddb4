"""Motions whose margins are known on paper: a can over flowers in a row, cubes that stand or are moved."""

from __future__ import annotations

import numpy as np

from tracesim.constraints import Stops
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import FloatArray, transform, yaw
from tracesim.layout.prop import Prop

TOOL = PointOn("can", (0.1, 0.0, 0.05))
TARGETS = tuple(PointOn(f"flower_{index}", (0.0, 0.0, 0.12)) for index in range(4))
PLACES = np.array([[0.0, 0.2 * index, 0.0] for index in range(4)])


def still(place: FloatArray, count: int) -> FloatArray:
    return np.repeat(transform(None, place)[None], count, axis=0)


def watering(times_s: FloatArray, spout: FloatArray) -> Curve:
    """Return the curve of a can, turned about z, whose spout takes the path (T, 3) among four flowers that stand."""
    poses = np.array([transform(yaw(0.3), at - yaw(0.3) @ np.array(TOOL.position)) for at in spout])
    flowers = {target.body: still(place, len(times_s)) for target, place in zip(TARGETS, PLACES, strict=True)}
    return Curve(times_s, {"can": poses, **flowers})


def hovering(stays: list[tuple[int, float, float, float]], step_s: float = 0.02) -> Curve:
    """Return a curve of stays (flower, metres beside it, metres above its top, seconds), a second apart."""
    times, path, now = [0.0], [np.array([-0.3, 0.0, 0.5])], 0.0
    for flower, beside, above, seconds in stays:
        at = PLACES[flower] + (beside, 0.0, 0.12 + above)
        for begin, end, duration in ((path[-1], at, 1.0), (at, at, seconds)):
            count = max(1, round(duration / step_s))
            for fraction in np.arange(1, count + 1) / count:
                times.append(now + fraction * duration)
                path.append(begin + fraction * (end - begin))
            now += duration
    return watering(np.array(times), np.array(path))


def stops(count: int) -> Stops:
    return Stops(TOOL, TARGETS[:count])


def cube(half: float = 0.02) -> Prop:
    """Return a cube that stands on its underside's centre."""
    hull = np.array([[x, y, z] for x in (-half, half) for y in (-half, half) for z in (0.0, 2 * half)])
    return Prop("block", "block", "red", (), (hull,), {})


class Standing:
    """A body as a layout has it."""

    def __init__(self, name: str, prop: Prop) -> None:
        self.name = name
        self.prop = prop
