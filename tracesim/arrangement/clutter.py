"""Clutter: distractors around a task that leave it solvable and visible, some of them in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tracesim.arrangement.references import NearMiss, near_misses
from tracesim.assets.props import DISTRACTORS, PROPS
from tracesim.configuration import Variation
from tracesim.errors import PlacementError
from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.trace import Trace
from tracesim.language.referring import AKIN, Way
from tracesim.layout.layout import SURROUNDINGS, Body, Region, standing
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw
from tracesim.task import Task

BLOCKING_SHARE: Final = 0.25
"""Share of the distractors that are put where the straight line passes, at least one."""

BLOCKING_SPREAD_M: Final = 0.02
BLOCKING_DEPTH_M: Final = 0.005
PROPS_TRIED: Final = 16
PLACES_TRIED: Final = 20


def with_near_misses(
    task: Task, variation: Variation, way: Way, solvable: Callable[[Task], bool], rng: np.random.Generator
) -> Task:
    """Return a task with the near misses that the variation asks for, and what it takes to refer to something in a way.

    Args:
        task: A task on its own.
        variation: How many near misses there are, and how far apart things stand.
        way: How things are referred to.
        solvable: Tells whether a task can be seen and done.
        rng: Decides what stands where.

    Raises:
        PlacementError: they do not fit.
    """
    if way == "attribute" and not variation.near_misses:
        return task
    draw = Draw.of(rng, variation.shape_split)

    def with_one(task: Task, miss: NearMiss, name: str) -> Task | None:
        def allowed(task: Task) -> bool:
            return miss.leaves_plain(task) and solvable(task)

        try:
            return Places(task, variation.clutter_gap_m, allowed, rng).anywhere(name, lambda: miss.prop(task, draw))
        except PlacementError:
            return None

    misses = near_misses(task, way, rng)
    placed = 0
    for miss in misses:
        if placed >= variation.near_misses and not miss.needed:
            return task
        more = with_one(task, miss, f"near_miss_{placed}")
        if more is not None:
            task = more
            placed += 1
        elif miss.needed:
            raise PlacementError(f"{task.layout[miss.of].name} cannot be told apart by {way} here.")
    if misses and placed < variation.near_misses:
        raise PlacementError(
            f"Near miss {placed + 1} of {variation.near_misses} found no place: fewer (variation.near_misses) or a "
            "smaller variation.clutter_gap_m would help."
        )
    return task


def with_clutter(task: Task, variation: Variation, solvable: Callable[[Task], bool], rng: np.random.Generator) -> Task:
    """Return a task with the distractors that the variation asks for.

    Args:
        task: A task without them.
        variation: How many there are, of which kinds, and how far apart things stand.
        solvable: Tells whether a task can be seen and done.
        rng: Decides what stands where.

    Raises:
        PlacementError: they do not fit.
    """
    kinds = _kinds(task, variation)
    draw = Draw.of(rng, variation.shape_split)
    blocking = 0 if task.straight else int(np.ceil(variation.clutter * BLOCKING_SHARE))

    def prop() -> Prop:
        return PROPS[kinds[int(rng.integers(len(kinds)))]](draw)

    for index in range(variation.clutter):
        name = f"distractor_{index}"
        places = Places(task, variation.clutter_gap_m, solvable, rng)
        more = places.in_the_way(name, prop) if index < blocking else None
        more = more or places.anywhere(name, prop)
        if more is None:
            raise PlacementError(
                f"Distractor {index + 1} of {variation.clutter} found no place that leaves the task solvable: fewer "
                "(variation.clutter) or a smaller variation.clutter_gap_m would help."
            )
        task = more
    return task


@dataclass(frozen=True)
class Places:
    """Places for one more thing around a task.

    Both methods return the task with one more body, or `None` when none of the draws fits; `prop` makes one thing after
    the other to try.
    """

    task: Task

    gap_m: float
    """The least distance from everything on the table, metres."""

    solvable: Callable[[Task], bool]
    """Tells whether a task can be seen and done."""

    rng: np.random.Generator

    def anywhere(self, name: str, prop: Callable[[], Prop], region: Region = SURROUNDINGS) -> Task | None:
        """Put something anywhere in a region."""
        return self._put(name, prop, lambda: region.draw(self.rng), lambda body: True)

    def in_the_way(self, name: str, prop: Callable[[], Prop]) -> Task | None:
        """Put something where the straight line would lead through it."""
        straight = self.task.straight_line()
        line = straight.resampled()

        def near() -> tuple[float, float]:
            x, y = line[int(self.rng.integers(len(line)))][:2] + self.rng.normal(0.0, BLOCKING_SPREAD_M, 2)
            return float(x), float(y)

        return self._put(name, prop, near, lambda body: _blocks(self.task, straight, body))

    def _put(
        self,
        name: str,
        prop: Callable[[], Prop],
        place: Callable[[], tuple[float, float]],
        wanted: Callable[[Body], bool],
    ) -> Task | None:
        for _ in range(PROPS_TRIED):
            made = prop()
            for _ in range(PLACES_TRIED):
                x, y = place()
                body = Body(name, made, standing(x, y, float(self.rng.uniform(-np.pi, np.pi))))
                if not self.task.layout.fits(made, body.body_in_world, self.gap_m) or not wanted(body):
                    continue
                more = replace(self.task, layout=self.task.layout.with_body(body))
                if self.solvable(more):
                    return more
        return None


def _kinds(task: Task, variation: Variation) -> list[str]:
    # A second cup would make "the cup" ambiguous, a mug as well, and a watering can "the can": kinds that are named
    # like those that the instruction refers to, by their last word or as others call them, are never distractors.
    referred = {task.layout[name].prop.kind for name in task.referents}
    named = {_last_word(kind) for kind in (*referred, *(AKIN[kind] for kind in referred if kind in AKIN))}
    kinds = [kind for kind in variation.clutter_kinds or DISTRACTORS if _last_word(kind) not in named]
    if variation.clutter and not kinds:
        raise PlacementError(
            f"Every kind of distractor asked for is referred to by the task: {', '.join(sorted(referred))}."
        )
    return kinds


def _last_word(kind: str) -> str:
    return kind.rpartition("_")[2]


def _blocks(task: Task, line: Trace, obstacle: Body) -> bool:
    """Tell whether a line would lead the carried body through an obstacle."""
    carried = task.body(line.keypoints[0])
    points = line.resampled(0.01)
    poses = np.repeat(carried.body_in_world[None], len(points), axis=0)
    poses[:, :3, 3] += points - points[0]
    probe = ClearanceProbe({carried.name: carried.shape}, {obstacle.name: obstacle.shape})
    return not probe.keeps(-BLOCKING_DEPTH_M, {carried.name: poses, obstacle.name: obstacle.body_in_world})
