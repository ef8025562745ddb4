"""Base class of tasks in which a tower is built by successive instructions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar, Self

import numpy as np

from tracesim.constraints import AtRest, Clearance, Constraint, RestsOn, Undisturbed, Upright
from tracesim.errors import PlacementError
from tracesim.families.placing import Placing
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.language.capability import Capability
from tracesim.language.phrasing import Phrasing
from tracesim.layout.layout import WORKSPACE, Layout
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw
from tracesim.motion.subtask import Subtask
from tracesim.negative_control import NegativeControl

APART_M = 0.12
"""Least distance between the middles of bodies that are to be stacked."""


class Stacking(Placing):
    """A task of bodies that are stacked one after the other, each onto the one before.

    Subclasses make the bodies, in their order from the lowest to the uppermost.
    """

    instruction: ClassVar[str] = "Stack the {second_block} on the {first_block}."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Put the {second_block} on top of the {first_block}.",
        "Lift the {second_block} and lay it on the {first_block}.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "The tower grows: the {second_block} comes above, the {first_block} stays below.",
        "Make the {second_block} rest upon the {first_block}.",
    )
    vague: ClassVar[str] = "The {second_block} goes on top of the {first_block}."
    capabilities: ClassVar[tuple[Capability, ...]] = ("refer", "long")
    object_name: ClassVar[str] = "the {second_block}"
    destination: ClassVar[str] = "the {first_block}"
    names: ClassVar[tuple[str, ...]] = ("first_block", "second_block", "third_block")
    """Names of the bodies, from the lowest to the uppermost."""
    radius_m: ClassVar[float] = 0.02
    """Greatest distance of a body from the middle of the one below."""
    turn: ClassVar[tuple[float, float]] = (-np.pi, np.pi)
    """Least and greatest heading of a body, radians."""

    @classmethod
    def bodies(cls, draw: Draw) -> Sequence[Prop]:
        """Make the bodies, from the lowest to the uppermost."""
        raise NotImplementedError

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        """Scatter the bodies."""
        for name, prop in zip(cls.names, cls.bodies(draw), strict=True):
            body = layout.scatter(name, prop, draw.places, WORKSPACE, turn=cls.turn, gap_m=0.05)
            if not layout.without(name).fits(prop, body.body_in_world, APART_M / 2):
                raise PlacementError("The bodies are too close to each other.")
        return cls(camera, layout)

    def tower(self) -> list[tuple[str, str]]:
        """Return the names of each body and of the one that is stacked on it."""
        return list(pairwise(map(self.role, self.names)))

    def subtasks(self) -> Sequence[Subtask]:
        """Return the subtasks: each body is stacked on the one before."""
        return [Subtask(upper, target=lower) for lower, upper in self.tower()]

    @classmethod
    def phrasings(cls) -> Sequence[Phrasing]:
        """Return the templates of each subtask."""
        (phrasing,) = super().phrasings()
        first, second, *_ = cls.names
        return [phrasing.asking({first: lower, second: upper}) for lower, upper in pairwise(cls.names)]

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return the twin in which the two last bodies change places."""
        *_, one, other = self.names
        return {"order": replace(self, roles={one: other, other: one})}

    def stacked(self, lower: str, upper: str, radius_m: float, height_tolerance_m: float) -> Constraint:
        """Return that a body ends on another one."""
        below = self.layout[lower].point(self.onto)
        return RestsOn(self.layout[upper].point("base"), below, radius_m, height_tolerance_m, f"{upper}_rests")

    def goal(self) -> Constraint:
        """Return that the current subtask's body ends on the one below."""
        return self.stacked(self.subtask.target, self.subtask.carried, self.radius_m, 0.005)

    def put_down(self) -> FloatArray:
        """Return the point of the body below on which the current subtask's body has to stand."""
        return self.layout[self.subtask.target].position(self.onto)

    def constraints(self) -> Sequence[Constraint]:
        """Return that each body ends on the one below, and the usual constraints of placed bodies."""
        first, *others = (upper for _, upper in self.tower())
        return [
            *(self.stacked(lower, upper, self.radius_m, 0.005) for lower, upper in self.tower()),
            Clearance(),
            Undisturbed.of(body for body in self.layout if body.name not in (first, *others)),
            Upright(first, others=tuple(others)),
            AtRest(first, others=tuple(others)),
        ]

    def wrong_order(self) -> NegativeControl:
        """Return the control that stacks the lower body on the upper one."""
        return self.stacked_wrongly()

    def within(self, curve: Curve, radius_m: float, height_tolerance_m: float) -> bool:
        """Return whether every body ends on the one below, within some tolerances."""
        return self.holds(curve, *(self.stacked(*pair, radius_m, height_tolerance_m) for pair in self.tower()))
