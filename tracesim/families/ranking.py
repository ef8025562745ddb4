"""Base class of tasks in which three blocks are put into a row by successive instructions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import ClassVar, Self

import numpy as np

from tracesim.constraints import AtRest, Beside, Clearance, Constraint, RestsOn, Undisturbed, Upright
from tracesim.errors import PlacementError
from tracesim.families.placing import Placing
from tracesim.families.relative import ON_TABLE
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.language.capability import Capability
from tracesim.language.direction import MOTIONS, OPPOSITE, RELATIONS
from tracesim.language.phrasing import Phrasing
from tracesim.layout.layout import TABLE, WORKSPACE, Layout
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw
from tracesim.motion.subtask import Subtask
from tracesim.negative_control import NegativeControl, Violates


class Ranking(Placing):
    """A task of three blocks: the middle one is moved to make room, then one goes to its left and one to its right.

    Subclasses make the blocks, in the order in which they have to stand from left to right; in a counterfactual it is
    from right to left.
    """

    instruction: ClassVar[str] = "Move the {middle_block} {distance} cm {motion}."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Shift the {middle_block} {distance} cm {motion}.",
        "Pick up the {middle_block} and put it down {distance} cm {motion}.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Take the {middle_block} {distance} cm {motion} and set it down.",
        "Displace the {middle_block} {motion} by {distance} cm.",
    )
    vague: ClassVar[str] = "Get the {middle_block} {distance} cm {motion}."
    details: ClassVar[str] = (
        "Directions are as you see them, and distances from middle to middle. Put it down upright, touch nothing else "
        "on the way, and leave everything else where it is."
    )
    capabilities: ClassVar[tuple[Capability, ...]] = ("refer", "measure", "order", "long")
    object_name: ClassVar[str] = "the {middle_block}"
    destination: ClassVar[str] = "{distance} cm {motion}"
    beside: ClassVar[Phrasing] = Phrasing(
        "Place the {first_block} {distance} cm {relation} the {middle_block}.",
        "the {first_block}",
        "{distance} cm {relation} the {middle_block}",
        (
            "Put the {first_block} down {distance} cm {relation} the {middle_block}.",
            "Move the {first_block} to a spot {distance} cm {relation} the {middle_block}.",
        ),
        (
            "Find the {middle_block}, and leave the {first_block} {distance} cm {relation} it.",
            "The {first_block} should stand {distance} cm {relation} the {middle_block}.",
        ),
        "The {first_block} goes {distance} cm {relation} the {middle_block}.",
    )
    names: ClassVar[tuple[str, str, str]] = ("first_block", "middle_block", "last_block")
    spacing_cm: ClassVar[int] = 10
    tolerance_m: ClassVar[float] = 0.03

    word: str
    """The direction in which the middle block is moved, one of `tracesim.language.direction.DIRECTIONS`."""

    distance_cm: int
    """The distance by which the middle block is moved."""

    middle_from: PointOn
    """Where the middle block stood at first."""

    mirrored: bool = field(default=False, kw_only=True)
    """Whether the order of the row is reversed."""

    @classmethod
    @abstractmethod
    def blocks(cls, draw: Draw) -> Sequence[Prop]:
        """Make the three blocks, from left to right."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        """Scatter the blocks, and draw where the middle one has to go."""
        for name, prop in zip(cls.names, cls.blocks(draw), strict=True):
            layout.scatter(name, prop, draw.places, WORKSPACE, gap_m=0.06)
        word = ("away", "towards")[int(draw.places.integers(2))]
        distance_cm = int(draw.places.integers(6, 11))
        x, y, z = (float(value) for value in layout["middle_block"].position("base"))
        task = cls(camera, layout, word, distance_cm, PointOn(TABLE, (x, y, z)))
        if not all(map(WORKSPACE.contains, task.spots())):
            raise PlacementError("The row would be out of reach.")
        return task

    def spots(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return where the bases of the row end, from left to right, (3,) each, metres, world."""
        middle = np.array(self.middle_from.position) + self.distance_cm / 100 * self.toward(self.word)
        aside = self.spacing_cm / 100 * self.toward("right")
        return middle - aside, middle, middle + aside

    def subtasks(self) -> Sequence[Subtask]:
        """Return the subtasks: the middle block is moved first, then the first one, then the last one."""
        first, middle, last = self.names
        return Subtask(middle), Subtask(first), Subtask(last)

    @classmethod
    def phrasings(cls) -> Sequence[Phrasing]:
        """Return the templates for moving the middle block, and for putting each of the others beside it."""
        beside = cls.beside.detailed(cls.details)
        return (*super().phrasings(), beside, beside.asking({"first_block": "last_block"}))

    def words(self) -> Mapping[str, str]:
        """Return the values of the template's fields for the current subtask."""
        if self.done == 0:
            return {**super().words(), "distance": str(self.distance_cm), "motion": MOTIONS[self.word]}
        return {**super().words(), "distance": str(self.spacing_cm), "relation": RELATIONS[self.side]}

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return the twins with the row reversed, and with the middle block moved the other way if that is in reach."""
        order, direction = replace(self, mirrored=not self.mirrored), replace(self, word=OPPOSITE[self.word])
        in_reach = all(map(WORKSPACE.contains, direction.spots()))
        return {"order": order, **({"direction": direction} if in_reach else {})}

    @property
    def side(self) -> str:
        """The side of the middle block to which the current subtask's block goes."""
        return "left" if (self.done == 1) != self.mirrored else "right"

    def row(self) -> tuple[str, str, str]:
        """Return the names of the blocks from left to right, as they have to stand at the end."""
        first, middle, last = self.names
        return (last, middle, first) if self.mirrored else (first, middle, last)

    def put_down(self) -> FloatArray:
        """Return where the current subtask's block ends; the later ones go beside the middle block as it stands now."""
        if self.done == 0:
            return self.spots()[1]
        return self.beside_middle(self.side)

    def beside_middle(self, word: str) -> FloatArray:
        """Return the point (3,) on the table beside the middle block, in a direction such as "left"."""
        at = self.layout["middle_block"].position("base") + self.spacing_cm / 100 * self.toward(word)
        return np.array([at[0], at[1], 0.0])

    def goal(self) -> Constraint:
        """Return that the middle block ends where it has to be moved."""
        return self._beside("middle_block", self.middle_from, self.word, self.distance_cm, "moved")

    def _beside(self, name: str, anchor: PointOn, word: str, distance_cm: int, called: str) -> Constraint:
        x, y, z = (float(value) for value in self.toward(word))
        low_m, high_m = (distance_cm / 100 + sign * self.tolerance_m for sign in (-1, 1))
        point = self.layout[name].point("base")
        return Beside(point, anchor, (x, y, z), low_m, high_m, self.tolerance_m, called)

    def constraints(self) -> Sequence[Constraint]:
        """Return that each block ends in its place, and the usual constraints of placed bodies."""
        left, _, right = self.row()
        first, *others = self.names
        middle = self.layout["middle_block"].point("base")
        return [
            self.goal(),
            self._beside(left, middle, "left", self.spacing_cm, "left_of"),
            self._beside(right, middle, "right", self.spacing_cm, "right_of"),
            *(
                RestsOn(self.layout[name].point("base"), ON_TABLE, 0.6, 0.005, f"{name.removesuffix('_block')}_rests")
                for name in self.names
            ),
            Clearance(),
            Undisturbed.of(body for body in self.layout if body.name not in self.names),
            Upright(first, others=tuple(others)),
            AtRest(first, others=tuple(others)),
        ]

    def wrong_order(self) -> NegativeControl:
        """Return the control that puts a block on the wrong side of the middle block.

        In the first subtask it is the expert's trace; `left_of` is violated by the blocks that are put down later.
        """
        if self.done == 0:
            return Violates("left_of", self.expert())
        return self.misplaced([self.beside_middle(OPPOSITE[self.side])])

    def out_of_band(self) -> NegativeControl:
        """Return the control that puts the block down too far away, or else too near."""
        ahead = self.put_down() - self.layout["middle_block"].position("base") * (1.0, 1.0, 0.0)
        length_m = max(float(np.linalg.norm(ahead)), 1e-9)
        beyond = [self.tolerance_m + 0.03, self.tolerance_m + 0.05, -self.tolerance_m - 0.02]
        return self.misplaced(self.put_down() + more_m * ahead / length_m for more_m in beyond)

    def robotwin_success(self, curve: Curve) -> bool:
        """Return RoboTwin's verdict: whether neighbours in the row are within 13 cm across and 3 cm in depth."""
        right = self.toward("right")
        ends = [curve[-1:].position(self.layout[name].point("base"))[0] for name in self.row()]
        steps = np.diff(ends, axis=0)
        across, along = steps @ right, steps @ self.toward("away")
        return bool((across > 0.0).all() and (across < 0.13).all() and (np.abs(along) < 0.03).all())
