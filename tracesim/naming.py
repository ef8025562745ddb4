"""Chooses what an instruction calls the bodies that it refers to, and makes things that it nearly fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from tracesim.assets.colors import COLORS
from tracesim.assets.props import DISTRACTORS, PROPS
from tracesim.draw import Draw
from tracesim.errors import PlacementError
from tracesim.layout import Layout
from tracesim.prop import Prop
from tracesim.referents import GRASPABLE
from tracesim.referring import Expression, Way, expressions
from tracesim.task import Task
from tracesim.visibility import View, seen

COLORS_TRIED: Final = 12
"""How many props are made until one has another colour; some kinds have only one."""


def refer(task: Task, layout: Layout, ways: Sequence[Way], rng: np.random.Generator) -> dict[str, str]:
    """Return what a task's instructions call each body that they name, on a layout that is complete.

    Each is referred to in the first of the `ways`, in a drawn order, in which it can be by an expression that is plain
    and speaks of nothing that is hidden; else by colour and noun. One at least is referred to in one of the ways,
    where the task does not say itself how all are. Raises `PlacementError` when there is no such expression.
    """
    free, sight = changeable(task), _Sight(task, layout)
    phrases, met = {}, not free
    for name in task.named():
        chosen = [ways[int(index)] for index in rng.permutation(len(ways))] if name in free else []
        allowed: list[Way] = [*chosen, "attribute"] if name in free else [task.refers.get(name, "attribute")]
        found = sight.expression(name, allowed)
        if found is None:
            raise PlacementError(f"No words fit {name} alone.")
        met = met or (name in free and found.way in ways)
        phrases[name] = found.text
    if not met:
        raise PlacementError(f"Nothing can be referred to by {', '.join(ways)}.")
    return phrases


def changeable(task: Task) -> tuple[str, ...]:
    """Return the named bodies whose way of being referred to a variation may choose.

    None of a task that says it itself, and none where something is moved between two instructions: what was the
    leftmost block may not be any more.
    """
    if len(task.stages()) > 1:
        return ()
    return tuple(name for name in task.named() if name not in task.refers)


@dataclass(frozen=True)
class NearMiss:
    """A thing that what an instruction calls a body would fit but for one word, or that asks for more words.

    of: the body. way: in which the instruction refers to it. kind, color: of the thing; any other colour than the
    body's where none is given. needed: whether the body cannot be referred to in that way without the thing.
    """

    of: str
    way: Way
    kind: str
    color: str | None
    needed: bool = False

    def prop(self, task: Task, draw: Draw) -> Prop:
        """Return a new one; raises `PlacementError` for a kind that comes in one colour alone."""
        if self.color is not None:
            return PROPS[self.kind](draw, color=self.color)
        for _ in range(COLORS_TRIED):
            made = PROPS[self.kind](draw)
            if made.color != task.layout[self.of].prop.color:
                return made
        raise PlacementError(f"Every {self.kind} has the colour of {self.of}.")

    def leaves_plain(self, task: Task, layout: Layout) -> bool:
        """Tell whether on `layout`, where the thing stands, all that is named can still be referred to.

        Whether what has to be seen is seen is asked by `refer` alone: it takes longer.
        """
        for name in task.named():
            free = name in changeable(task)
            ways: list[Way] = [self.way, "attribute"] if free else [task.refers.get(name, "attribute")]
            if not expressions(layout, name, task.camera, ways[:1] if name == self.of else ways):
                return False
        return True


def near_misses(task: Task, way: Way, rng: np.random.Generator) -> list[NearMiss]:
    """Return what to put beside a task's own bodies so that every word counts, the needed ones first.

    By attribute: things of a body's noun in other colours, and other things of its colour. Else twins, of the same kind
    and colour, of a body drawn among those that may be referred to so; and a landmark where there is nothing else that
    a relation could speak of. Empty for a task that says itself how everything is referred to.
    """
    free = changeable(task)
    if not free:
        return []
    others = _other_kinds(task)
    if way == "attribute":
        misses = []
        for name in free:
            prop = task.layout[name].prop
            misses += [NearMiss(name, way, prop.kind, None)] * len(others)
            misses += [NearMiss(name, way, kind, prop.color) for kind in others]
        return [misses[int(index)] for index in rng.permutation(len(misses))]
    of = free[int(rng.integers(len(free)))]
    prop = task.layout[of].prop
    twins = [NearMiss(of, way, prop.kind, prop.color, needed) for needed in (True, False, False)]
    alone = len(task.layout) == 1
    if way == "ordinal" or (way == "proximity" and not alone) or expressions(task.layout, of, task.camera, (way,)):
        return twins
    kind, color = others[int(rng.integers(len(others)))], list(COLORS)[int(rng.integers(len(COLORS)))]
    # A landmark alone makes a relation, but nothing is nearest to it before there are two.
    return [NearMiss(of, "relation" if way == "relation" else "attribute", kind, color, needed=True), *twins]


def _other_kinds(task: Task) -> list[str]:
    """Return kinds of small things that are not those of the task's own bodies."""
    own = {task.layout[name].prop.kind for name in task.referents}
    return [kind for kind in dict.fromkeys((*DISTRACTORS, *GRASPABLE)) if kind not in own]


@dataclass(frozen=True)
class _Sight:
    """A layout as the policy's camera sees it."""

    task: Task
    layout: Layout

    def expression(self, name: str, ways: Sequence[Way]) -> Expression | None:
        """Return the first expression for a body, in the order of the ways, that speaks of nothing hidden."""
        camera = self.task.camera
        for one in expressions(self.layout, name, camera, ways):
            if all(other == name or self.views[other].clear for other in one.mentions(self.layout, camera)):
                return one
        return None

    @cached_property
    def views(self) -> Mapping[str, View]:
        """How much of each body is seen."""
        bodies = {body.name: (body.prop.surfaces, body.body_in_world) for body in self.layout}
        return seen(self.task.camera, bodies, list(bodies))
