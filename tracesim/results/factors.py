"""Factors: what was drawn for an episode, as plain values that are the columns of a table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tracesim.geometry.rigid import FloatArray, from_quaternion

if TYPE_CHECKING:
    from tracesim.configuration.variation.setting import Setting
    from tracesim.results.start import Placed, Start
    from tracesim.task import Task

Factor = str | int | float

DIGITS: Final = 6
"""Decimals of the numbers."""

NEAR_MISS: Final = "near_miss_"
"""Beginning of the names of near misses among the bodies of a scene."""


def factors(task: Task, start: Start, setting: Setting) -> dict[str, Factor]:
    """Return what was drawn for an episode, whether it varies between seeds or not.

    The bodies of the task are listed one by one, distractors and near misses are counted.

    Args:
        task: The task, as it was arranged.
        start: The start state of the episode.
        setting: The surroundings.
    """
    found = dict(_drawn(task, start, setting))
    return {name: round(value, DIGITS) + 0.0 if isinstance(value, float) else value for name, value in found.items()}


def _drawn(task: Task, start: Start, setting: Setting) -> Iterator[tuple[str, Any]]:
    for placeholder, word in start.words.items():
        yield f"words.{placeholder}", int(word) if word.isdecimal() else word
    finishes = {body.name: body.prop.finish for body in task.layout}
    nouns = {body.name: body.prop.noun for body in task.layout}
    own = [body for body in start.bodies if body.name in task.referents]
    for body in own:
        yield f"{body.name}.noun", nouns[body.name]
        yield f"{body.name}.finish", finishes[body.name]
        yield from _of_body(body)
    yield from _counts(start, {body.name for body in own})
    yield from _of_setting(start, setting)


def _of_body(body: Placed) -> Iterator[tuple[str, Any]]:
    pose = from_quaternion(body.pose.position, body.pose.orientation)
    yield f"{body.name}.kind", body.kind
    yield f"{body.name}.color", body.color
    for axis, size in zip(("length", "width", "height"), body.extent_m, strict=True):
        yield f"{body.name}.{axis}_m", float(size)
    yield f"{body.name}.x_m", float(pose[0, 3])
    yield f"{body.name}.y_m", float(pose[1, 3])
    yield f"{body.name}.heading_rad", float(np.arctan2(pose[1, 0], pose[0, 0]))


def _counts(start: Start, own: Collection[str]) -> Iterator[tuple[str, int]]:
    others = [body.name for body in start.bodies if body.name not in own]
    near = sum(name.startswith(NEAR_MISS) for name in others)
    yield "objects", len(own)
    yield "distractors", len(others) - near
    yield "near_misses", near


def _of_setting(start: Start, setting: Setting) -> Iterator[tuple[str, Any]]:
    axes: Mapping[str, FloatArray] = {"camera": setting.camera.camera_in_world[:3, 3], "camera.target": setting.target}
    for name, point in axes.items():
        for axis, value in zip("xyz", point, strict=True):
            yield f"{name}.{axis}_m", float(value)
    yield "camera.fovy_rad", float(setting.fovy_rad)
    yield "table.raised_m", float(setting.raised_m)
    yield "table.top", setting.top
    yield "light.daylight", float(setting.light.daylight)
    for name, value in zip(("red", "green", "blue"), setting.light.key, strict=True):
        yield f"light.{name}", float(value)
    yield "light.azimuth_rad", float(setting.light.azimuth_rad)
    yield "light.elevation_rad", float(setting.light.elevation_rad)
