"""Task: wipe off a stain with a sponge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.assets.props.sponge import FACE, sponge
from tracesim.assets.props.stain import EXTENT_M, HALF_WIDTH_M, stain
from tracesim.assets.sheets import line_names
from tracesim.constraints import Box, Constraint, Wipes, WipesOnly
from tracesim.families.guided import Guided
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import WORKSPACE, Area, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.insert import Insert
from tracesim.motion.motion import Motion
from tracesim.negative_control import NegativeControl

TOUCHES_M: Final = 0.003
"""Height up to which the sponge touches the board."""

TOO_FAR_M: Final = 0.012
"""By how much a control wipes too far from the stain."""


class WipeArea(Guided):
    """A board with a stain and a sponge; the sponge is put onto the stain and led along it.

    Randomised: shape, colour and place of the stain, size, colour, place and heading of the sponge, the distance
    allowed, clutter.
    Success: the underside of the sponge passes over at least 90 % of the stain's area while it is within 3 mm of the
    board, and never touches the board farther from the stain than allowed; the sponge ends upright and at rest;
    nothing else is touched.
    """

    instruction: ClassVar[str] = (
        "Wipe off at least {share} % of the {stain} with the {sponge}, and nothing more than {distance} mm beside it."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "With the {sponge}, wipe {share} % of the {stain} or more, but touch nothing farther than {distance} mm from "
        "it.",
        "Rub the {sponge} over the {stain} until {share} % of it or more is gone; stay within {distance} mm of it.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Clean {share} % of the {stain}, or all of it, using the {sponge}, and keep within {distance} mm of the stain.",
        "The {sponge} is to remove the {stain}: {share} % at the least, going no farther than {distance} mm from it.",
    )
    vague: ClassVar[str] = "Wipe off the {stain} with the {sponge}."
    capabilities = ("measure", "contact")
    destination: ClassVar[str] = "the {stain}"
    carried: ClassVar[str] = "sponge"
    target: ClassVar[str] = "stain"
    motion: ClassVar[Motion] = Insert(speed_m_s=0.15)
    least_percent = 90

    distance_mm: int

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        layout.scatter("stain", stain(draw), draw.places, Area((-0.12, 0.0), (-0.14, 0.14)), turn=(-0.4, 0.4))
        layout.scatter("sponge", sponge(draw), draw.places, WORKSPACE, gap_m=0.04)
        return cls(camera, layout, int(draw.places.choice((40, 45, 50))))

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "share": str(self.least_percent), "distance": str(self.distance_mm)}

    def goal(self) -> Constraint:
        return Wipes(*self.wiping(), self.least_percent)

    def rules(self) -> Sequence[Constraint]:
        return [WipesOnly(*self.wiping(), self.distance_mm / 1000)]

    def wiping(self) -> tuple[tuple[PointOn, ...], tuple[PointOn, ...], float, Box]:
        """Return the corners of the face that wipes, the stain, and the layer in which the face touches the board."""
        board, sponge = self.layout["stain"], self.layout["sponge"]
        surface = Box(board.point("top"), -TOUCHES_M, TOUCHES_M, EXTENT_M[0] / 2.0, EXTENT_M[1] / 2.0)
        line = tuple(board.point(name) for name in line_names(board.prop))
        return tuple(sponge.point(name) for name in FACE), line, HALF_WIDTH_M, surface

    def line(self) -> FloatArray:
        """Return the points (K, 3) of the middle of the stain, metres, world."""
        return np.array([self.layout["stain"].position(name) for name in line_names(self.layout["stain"].prop)])

    def way(self) -> FloatArray:
        return self.line()[:-1]

    def put_down(self) -> FloatArray:
        return np.asarray(self.line()[-1])

    def routed(self, keypoints: FloatArray, carried: str | None = None) -> Trace:
        trace = Trace(np.concatenate([super().routed(keypoints[:2], carried).keypoints, keypoints[2:]]))
        self.check_free(trace, "stain")
        return trace

    def straight_line_control(self) -> NegativeControl:
        return self.violating("wipes", self.led(np.zeros((0, 3)), self.put_down()))

    def out_of_band(self) -> NegativeControl:
        line = self.line()
        aside = np.cross((0.0, 0.0, 1.0), line[-1] - line[0])
        away_m = self.distance_mm / 1000 + HALF_WIDTH_M + TOO_FAR_M - self.layout["sponge"].prop.points[FACE[0]][1]
        wrong = line + away_m * aside / np.linalg.norm(aside)
        return self.violating("wipes_only", self.led(wrong[:-1], wrong[-1]))
