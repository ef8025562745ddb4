"""Chooses what an instruction calls the bodies that it refers to, and makes things that it nearly fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from tracesim.assets.props import DISTRACTORS, PROPS
from tracesim.errors import PlacementError
from tracesim.language.referents import GRASPABLE
from tracesim.language.referring import Expression, Way, expressions
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw
from tracesim.layout.visibility import View, seen
from tracesim.task import Task

COLORS_TRIED: Final = 12
"""How many props are made until one has another colour; some kinds have only one."""


def refer(task: Task, ways: Sequence[Way], rng: np.random.Generator) -> dict[str, str]:
    """Return what a task's instructions call each body that they name, once its layout is complete.

    Those are referred to in one of the ways, tried in a drawn order, of which colour and noun are not plain; if there
    is none, one that is drawn; all others by colour and noun, or as the task itself says. Every expression is plain,
    speaks of nothing that is hidden, and of nothing else that the instruction names where it can. Raises
    `PlacementError` when there is no such expression, or when none of the bodies whose way is free can be referred to
    in one of the ways.
    """
    free, sight = changeable(task), _Sight(task)
    order = [ways[int(index)] for index in rng.permutation(len(ways))]
    chosen = [free[int(index)] for index in rng.permutation(len(free))]
    unclear = [name for name in chosen if sight.expression(name, ("attribute",)) is None]
    subject = next((name for name in unclear or chosen if sight.expression(name, order)), None)
    if free and subject is None:
        raise PlacementError(f"Nothing can be referred to by {', '.join(ways)}.")
    phrases = {}
    for name in task.named():
        allowed: list[Way] = [task.refers.get(name, "attribute"), *(order if name in free else ())]
        found = sight.expression(name, order if name == subject else allowed)
        if found is None:
            raise PlacementError(f"No words fit {name} alone.")
        phrases[name] = found.text
    return phrases


def changeable(task: Task) -> tuple[str, ...]:
    """Return the named bodies whose way of being referred to a variation may choose.

    None of a task that says it itself, and none where something is moved between two instructions: what was the
    leftmost block may not be any more.
    """
    if len(task.subtasks()) > 1:
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

    def leaves_plain(self, task: Task) -> bool:
        """Tell whether all that a task names, in which the thing stands, can still be referred to.

        Whether what has to be seen is seen is asked by `refer` alone: it takes longer.
        """
        for name in task.named():
            own = (self.way,) if name == self.of else (task.refers.get(name, "attribute"),)
            if not any(_speaks_of_others(task, one) for one in expressions(task.layout, name, task.camera, own)):
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
    if way == "ordinal" or (way == "proximity" and len(task.layout) > len(task.named())):
        return twins
    if any(_speaks_of_others(task, one) for one in expressions(task.layout, of, task.camera, (way,))):
        return twins
    kind = others[int(rng.integers(len(others)))]
    # A landmark alone makes a relation, but nothing is nearest to it before there are two.
    return [NearMiss(of, "relation" if way == "relation" else "attribute", kind, None, needed=True), *twins]


def _speaks_of_others(task: Task, one: Expression) -> bool:
    """Tell whether an expression has no landmark that the instruction names, too."""
    return not set(one.landmarks(task.layout, task.camera)) & set(task.named())


def _other_kinds(task: Task) -> list[str]:
    """Return kinds of small things that are not those of the task's own bodies."""
    own = {task.layout[name].prop.kind for name in task.referents}
    return [kind for kind in dict.fromkeys((*DISTRACTORS, *GRASPABLE)) if kind not in own]


@dataclass(frozen=True)
class _Sight:
    """A task's layout as the policy's camera sees it."""

    task: Task

    def expression(self, name: str, ways: Sequence[Way]) -> Expression | None:
        """Return the first expression for a body, in the order of the ways, that speaks of nothing hidden.

        Those come last that speak of something else that the instruction names.
        """
        layout, camera = self.task.layout, self.task.camera
        found = expressions(layout, name, camera, ways)
        for one in sorted(found, key=lambda one: not _speaks_of_others(self.task, one)):
            if all(other == name or self.views[other].clear for other in one.mentions(layout, camera)):
                return one
        return None

    @cached_property
    def views(self) -> Mapping[str, View]:
        """How much of each body is seen."""
        bodies = {body.name: (body.prop.surfaces, body.body_in_world) for body in self.task.layout}
        return seen(self.task.camera, bodies, list(bodies))
