"""Task: move an object beside another one, around a dish in between and not over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from tracesim.constraints import Constraint, Cylinder, KeepOut
from tracesim.envs.place_relative import PlaceRelative
from tracesim.families.bypass import around, stand_between
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray
from tracesim.language.referents import draw_props
from tracesim.layout.layout import Layout
from tracesim.layout.randomness import Draw
from tracesim.negative_control import NegativeControl


class CarryAround(PlaceRelative):
    """As in place_relative, but with a dish in between, over which nothing may be carried.

    Randomised: kinds, colours, places and headings, distance (whole centimetres), direction, the dish, clutter.
    Success: the object stands at the distance asked from the other one, within 2 cm along the direction and across it;
    no part of it ever passes over the dish; nothing else is touched.
    """

    instruction: ClassVar[str] = (
        "Move the {object} {distance} cm {relation} the {anchor} without passing over the {dish}."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Go around the {dish}, not over it, and put the {object} {distance} cm {relation} the {anchor}.",
        "Put the {object} {distance} cm {relation} the {anchor}, and keep it from passing above the {dish}.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Nothing may come over the {dish} while the {object} is taken to {distance} cm {relation} the {anchor}.",
        "The {object} is wanted {distance} cm {relation} the {anchor}; bring it there past the side of the {dish}.",
    )
    vague: ClassVar[str] = "Get the {object} {distance} cm {relation} the {anchor}."
    specific: ClassVar[str] = (
        "Pick up the {object}, carry it around the {dish} so that no part of the load ever passes above that, and "
        "put it down upright on the table {distance} cm {relation} the {anchor}, from middle to middle, touching "
        "nothing else."
    )
    capabilities = ("measure", "avoid")

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        task = super().sample(camera, layout, draw).undone(0.32)
        (dish,) = draw_props(draw, ("plate", "bowl"), besides=layout)
        start, goal = layout[cls.carried].position("base"), task.put_down()
        stand_between(layout, "dish", dish, start, goal, draw.places)
        return task

    def constraints(self) -> Sequence[Constraint]:
        dish, (where, *others) = self.layout["dish"], super().constraints()
        above = Cylinder(dish.point("base"), 0.0, 1.0, dish.prop.footprint_radius_m)
        return [where, KeepOut.of(self.layout[self.carried], above), *others]

    def placing(self, base_in_world: FloatArray, carried: str | None = None) -> FloatArray:
        first, last = super().placing(base_in_world, carried)
        thing, dish = self.layout[self.carried], self.layout["dish"]
        radius_m = thing.prop.footprint_radius_m + dish.prop.footprint_radius_m + 0.03
        turns = around(thing.position("base"), base_in_world, dish.position("base"), radius_m)
        return np.array([first, *(last + turns - base_in_world + [0.0, 0.0, 0.05]), last])

    def straight_line_control(self) -> NegativeControl:
        return self.violating("keep_out", super().placing(self.put_down()))
