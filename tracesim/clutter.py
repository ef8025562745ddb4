"""Clutter: distractors around a task that leave it solvable and visible, some of them in the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from tracesim.assets.props import DISTRACTORS, PROPS
from tracesim.clearance import ClearanceProbe
from tracesim.configuration import Variation
from tracesim.draw import Draw
from tracesim.errors import PlacementError, unknown_name
from tracesim.layout import SURROUNDINGS, Body, Layout, standing
from tracesim.task import Task

BLOCKING_SHARE: Final = 0.25
"""Share of the distractors that are put where the straight line passes, at least one."""

BLOCKING_SPREAD_M: Final = 0.02
BLOCKING_DEPTH_M: Final = 0.005
PROPS_TRIED: Final = 16
PLACES_TRIED: Final = 20


def add_clutter(
    task: Task, variation: Variation, solvable: Callable[[Task, Layout], bool], rng: np.random.Generator
) -> None:
    """Place the distractors that the variation asks for on the task's layout.

    solvable: tells whether the task can still be seen and done on a layout. Raises `PlacementError` when they do
    not fit.
    """
    kinds = _kinds(task, variation)
    blocking = int(np.ceil(variation.clutter * BLOCKING_SHARE))
    for index in range(variation.clutter):
        name = f"distractor_{index}"
        layout = None
        if index < blocking:
            layout = _with_distractor(task, name, kinds, variation.clutter_gap_m, solvable, rng, in_the_way=True)
        layout = layout or _with_distractor(task, name, kinds, variation.clutter_gap_m, solvable, rng, in_the_way=False)
        if layout is None:
            raise PlacementError(
                f"Distractor {index + 1} of {variation.clutter} found no place that leaves the task solvable: fewer "
                "(variation.clutter) or a smaller variation.clutter_gap_m would help."
            )
        task.layout = layout


def _kinds(task: Task, variation: Variation) -> list[str]:
    for kind in variation.clutter_kinds:
        if kind not in PROPS:
            raise unknown_name("kind of distractor", kind, PROPS)
    # A second cup would make "the cup" ambiguous, and a watering can "the can": kinds that are named like those that
    # the instruction refers to, by their last word, are never distractors.
    referred = {task.layout[name].prop.kind for name in task.referents}
    named = {_last_word(kind) for kind in referred}
    kinds = [kind for kind in variation.clutter_kinds or DISTRACTORS if _last_word(kind) not in named]
    if variation.clutter and not kinds:
        raise PlacementError(
            f"Every kind of distractor asked for is referred to by the task: {', '.join(sorted(referred))}."
        )
    return kinds


def _last_word(kind: str) -> str:
    return kind.rpartition("_")[2]


def _with_distractor(
    task: Task,
    name: str,
    kinds: list[str],
    gap_m: float,
    solvable: Callable[[Task, Layout], bool],
    rng: np.random.Generator,
    in_the_way: bool,
) -> Layout | None:
    """Return the task's layout with one more distractor, or None when none of the draws fits."""
    line = task.straight_line().resampled()
    for _ in range(PROPS_TRIED):
        prop = PROPS[kinds[int(rng.integers(len(kinds)))]](Draw.of(rng))
        for _ in range(PLACES_TRIED):
            if in_the_way:
                x, y = line[int(rng.integers(len(line)))][:2] + rng.normal(0.0, BLOCKING_SPREAD_M, 2)
            else:
                x, y = SURROUNDINGS.draw(rng)
            body = Body(name, prop, standing(float(x), float(y), float(rng.uniform(-np.pi, np.pi))))
            if not task.layout.fits(prop, body.body_in_world, gap_m) or (in_the_way and not _blocks(task, body)):
                continue
            layout = task.layout.with_body(body)
            if solvable(task, layout):
                return layout
    return None


def _blocks(task: Task, obstacle: Body) -> bool:
    """Tell whether the straight line would lead the carried body through an obstacle."""
    line = task.straight_line()
    carried = task.body(line.keypoints[0])
    points = line.resampled(0.01)
    poses = np.repeat(carried.body_in_world[None], len(points), axis=0)
    poses[:, :3, 3] += points - points[0]
    probe = ClearanceProbe({carried.name: carried.shape}, {obstacle.name: obstacle.shape})
    return not probe.keeps(-BLOCKING_DEPTH_M, {carried.name: poses, obstacle.name: obstacle.body_in_world})
