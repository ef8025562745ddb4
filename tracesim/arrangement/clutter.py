"""Clutter: distractors and near misses around a task, some of them in the way, that leave it visible and solvable."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tracesim.arrangement.references import NearMiss, near_misses
from tracesim.arrangement.solution import Solution
from tracesim.assets.props import DISTRACTORS, factory
from tracesim.configuration import Variation
from tracesim.errors import PlacementError
from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.trace import Trace
from tracesim.language.nouns import AKIN
from tracesim.language.referring import Strategy
from tracesim.layout.imported import ImportedProps
from tracesim.layout.layout import SURROUNDINGS, Area, Body, standing
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw
from tracesim.motion.route import EXPERT_CLEARANCE_M
from tracesim.task import Task

BLOCKING_SHARE: Final = 0.25
"""Share of the distractors that are placed in the way of the straight line, rounded up."""

BLOCKING_SPREAD_M: Final = 0.02
"""Standard deviation of their positions from the line, along each axis."""

BLOCKING_DEPTH_M: Final = 0.005
"""Least depth by which the carried body would overlap them."""

PROPS_TRIED: Final = 16
"""Number of props that are tried before a distractor fails to find a place."""

PLACES_TRIED: Final = 20
"""Number of positions that are drawn for each of these props."""

ASTRAY_M: Final = 0.003
"""How far from where the expert's trace leads a body may end: a distractor that leaves the trace free by less might not
leave that of the next subtask free."""

HALF_WIDTH_M: Final = 0.02
"""Half the width of the narrowest prop: no prop is made for a position with less room than this and the gap."""


def with_near_misses(
    solution: Solution,
    variation: Variation,
    strategy: Strategy,
    rng: np.random.Generator,
    imported: ImportedProps | None = None,
) -> Solution:
    """Return the solution of a task with near misses: bodies that differ from those of the instruction in one word.

    Added are as many as the variation asks for, and those without which `strategy` could not be used.

    Args:
        solution: The solution of a task without clutter.
        variation: Number of near misses, and least distance between bodies.
        strategy: How instructions refer to bodies.
        rng: Draws the near misses and their positions.
        imported: Props from a user's folder, of which the bodies may be; None for none.

    Raises:
        PlacementError: no place was found for one of them.
    """
    if strategy == "attribute" and not variation.near_misses:
        return solution
    draw = replace(Draw.of(rng, variation.shape_split), imported=imported)

    def with_one(solution: Solution, miss: NearMiss, name: str) -> Solution | None:
        places = Places(solution, variation.clutter_gap_m, rng, miss.leaves_plain)
        try:
            return places.anywhere(name, lambda: miss.prop(solution.task, draw))
        except PlacementError:
            return None

    misses = near_misses(solution.task, strategy, rng)
    placed = 0
    for miss in misses:
        if placed >= variation.near_misses and not miss.needed:
            return solution
        more = with_one(solution, miss, f"near_miss_{placed}")
        if more is not None:
            solution = more
            placed += 1
        elif miss.needed:
            named = solution.task.layout[miss.of].name
            raise PlacementError(f"{named} cannot be told apart by {strategy} here.")
    if misses and placed < variation.near_misses:
        raise PlacementError(
            f"Near miss {placed + 1} of {variation.near_misses} found no place: fewer (variation.near_misses) or a "
            "smaller variation.clutter_gap_m would help."
        )
    return solution


def with_clutter(
    solution: Solution, variation: Variation, rng: np.random.Generator, imported: ImportedProps | None = None
) -> Solution:
    """Return the solution of a task with the distractors that the variation asks for.

    Args:
        solution: The solution of a task without distractors.
        variation: Number and kinds of the distractors, and least distance between bodies.
        rng: Draws the distractors and their positions.
        imported: Props from a user's folder, which are distractors as well; None for none.

    Raises:
        PlacementError: no place was found for one of them.
    """
    kinds = _kinds(solution.task, variation, imported)
    draw = replace(Draw.of(rng, variation.shape_split), imported=imported)
    blocking = 0 if solution.task.straight else int(np.ceil(variation.clutter * BLOCKING_SHARE))

    def prop() -> Prop:
        return factory(kinds[int(rng.integers(len(kinds)))], draw)(draw)

    for index in range(variation.clutter):
        name = f"distractor_{index}"
        places = Places(solution, variation.clutter_gap_m, rng)
        more = places.in_the_way(name, prop) if index < blocking else None
        more = more or places.anywhere(name, prop)
        if more is None:
            raise PlacementError(
                f"Distractor {index + 1} of {variation.clutter} found no place that leaves the task solvable: fewer "
                "(variation.clutter) or a smaller variation.clutter_gap_m would help."
            )
        solution = more
    return solution


@dataclass(frozen=True)
class Places:
    """A search for places where one more body leaves a task solvable.

    Positions are drawn first, and a prop is made only if one of them leaves room for the narrowest one, `gap_m` from
    all bodies, where they stand and where the expert brings them. Both methods call `prop` for every prop to try. They
    return the solution with the new body, or None if nothing fits.
    """

    solution: Solution
    """The solution of the task without the new body."""

    gap_m: float
    """Least distance from every other body, metres."""

    rng: np.random.Generator
    """Draws positions and headings."""

    allowed: Callable[[Task], bool] = lambda task: True
    """Tells whether a task may have the new body."""

    def anywhere(self, name: str, prop: Callable[[], Prop], area: Area = SURROUNDINGS) -> Solution | None:
        """Place a new body anywhere in an area."""
        return self._put(name, prop, lambda: area.draw(self.rng), lambda body: True)

    def in_the_way(self, name: str, prop: Callable[[], Prop]) -> Solution | None:
        """Place a new body where the carried body would overlap it on the straight line."""
        task = self.solution.task
        straight = task.straight_line()
        line = straight.resampled()

        def near() -> tuple[float, float]:
            x, y = line[int(self.rng.integers(len(line)))][:2] + self.rng.normal(0.0, BLOCKING_SPREAD_M, 2)
            return float(x), float(y)

        return self._put(name, prop, near, lambda body: _blocks(task, straight, body))

    def _put(
        self,
        name: str,
        prop: Callable[[], Prop],
        place: Callable[[], tuple[float, float]],
        wanted: Callable[[Body], bool],
    ) -> Solution | None:
        layouts = self.solution.task.layout, self.solution.ended
        for _ in range(PROPS_TRIED):
            spots = np.array([place() for _ in range(PLACES_TRIED)])
            room_m = np.min([layout.room_m(spots) for layout in layouts], axis=0)
            spots = spots[room_m >= self.gap_m + HALF_WIDTH_M]
            if not len(spots):
                continue
            made = prop()
            for x, y in spots.tolist():
                body = Body(name, made, standing(x, y, float(self.rng.uniform(-np.pi, np.pi))))
                if wanted(body) and (more := self._with(body)):
                    return more
        return None

    def _with(self, body: Body) -> Solution | None:
        """Return the solution with a new body, or None if it is too near to another or leaves the task unsolvable."""
        task = self.solution.task
        if not task.layout.fits(body.prop, body.body_in_world, self.gap_m):
            return None
        if not self.solution.ended.fits(body.prop, body.body_in_world, EXPERT_CLEARANCE_M + ASTRAY_M):
            return None
        if not self.allowed(replace(task, layout=task.layout.with_body(body))):
            return None
        try:
            return self.solution.with_body(body)
        except PlacementError:
            return None


def _kinds(task: Task, variation: Variation, imported: ImportedProps | None) -> list[str]:
    # A second cup, or a mug, would make "the cup" ambiguous, and a watering can "the can": a kind is no distractor if
    # its last word is that of a kind which the instruction refers to, or of a synonym.
    referred = {task.layout[name].prop.kind for name in task.referents}
    named = {_last_word(kind) for kind in (*referred, *(AKIN[kind] for kind in referred if kind in AKIN))}
    heads = {_last_word(task.layout[name].prop.noun) for name in task.referents}
    kinds = [
        kind
        for kind in variation.clutter_kinds or (*DISTRACTORS, *(imported or ()))
        if _last_word(kind) not in named and not _is_called(kind, heads, imported)
    ]
    if variation.clutter and not kinds:
        raise PlacementError(
            f"Every kind of distractor asked for is referred to by the task: {', '.join(sorted(referred))}."
        )
    return kinds


def _last_word(kind: str) -> str:
    return kind.replace(" ", "_").rpartition("_")[2]


def _is_called(kind: str, heads: Collection[str], imported: ImportedProps | None) -> bool:
    """Return whether one of the nouns of an imported kind, whose name may be anything, ends with one of some words."""
    return imported is not None and kind in imported and any(_last_word(noun) in heads for noun in imported[kind].nouns)


def _blocks(task: Task, line: Trace, obstacle: Body) -> bool:
    """Return whether the carried body would overlap an obstacle on a line."""
    carried = task.body(line.keypoints[0])
    points = line.resampled(0.01)
    poses = np.repeat(carried.body_in_world[None], len(points), axis=0)
    poses[:, :3, 3] += points - points[0]
    probe = ClearanceProbe({carried.name: carried.shape}, {obstacle.name: obstacle.shape})
    return not probe.keeps(-BLOCKING_DEPTH_M, {carried.name: poses, obstacle.name: obstacle.body_in_world})
