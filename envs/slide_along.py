"""Task: slide a block along a printed line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.assets.sheets import line_names
from tracesim.constraints import Constraint, Follows, Grounded, RestsOn
from tracesim.families.guided import Guided
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.language.referents import draw_props
from tracesim.layout.layout import Area, Layout, standing
from tracesim.layout.randomness import Draw
from tracesim.motion.motion import Motion
from tracesim.motion.pull import Pull
from tracesim.negative_control import NegativeControl

TOO_FAR_M: Final = 0.012
"""By how much a control leaves the line too far."""


class SlideAlong(Guided):
    """A block at one end of a winding line on a sheet; it is slid along the line to its other end.

    Randomised: shape, colour and place of the line, at which end the block stands, its size, heading and colour, the
    distance allowed, clutter.
    Success: the middle of the block's underside never is farther from the line than allowed, seen from above, and never
    lifted; it ends within 1.5 cm of the other end of the line, upright and at rest; nothing else is touched.
    """

    instruction: ClassVar[str] = (
        "Slide the {block} along the line on the {track} to its other end, within {distance} mm of the line."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Without lifting it, move the {block} along the line of the {track} from one end to the other; stray by "
        "{distance} mm at most.",
        "Follow the line on the {track} with the {block}, sliding it to the far end and never more than {distance} mm "
        "off.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "The {block} has to trace the line of the {track} on the sheet to the end opposite, {distance} mm off at most.",
        "Drag the {block} the whole length of the line on the {track}: no more than {distance} mm beside it.",
    )
    vague: ClassVar[str] = "Get the {block} along the line on the {track} to its other end."
    capabilities = ("measure", "contact")
    destination: ClassVar[str] = "the other end of the line on the {track}"
    carried: ClassVar[str] = "block"
    support: ClassVar[str] = "track"
    target: ClassVar[str] = "track"
    motion: ClassVar[Motion] = Pull(speed_m_s=0.15)

    distance_mm: int

    line: tuple[str, ...]
    """Names of the points of the line, from the end at which the block stands at first."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        sheet, thing = draw_props(draw, ("track",), ("block",))
        area, flip = Area((-0.13, -0.02), (-0.08, 0.08)), np.pi * int(draw.places.integers(2))
        track = layout.scatter("track", sheet, draw.places, area, turn=(flip - 0.25, flip + 0.25))
        line = tuple(line_names(sheet)[:: 1 if draw.places.random() < 0.5 else -1])
        x, y, z = track.position(line[0]).tolist()
        layout.add("block", thing, standing(x, y, float(draw.places.uniform(-np.pi, np.pi)), z))
        return cls(camera, layout, int(draw.places.choice((8, 10, 12))), line)

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "distance": str(self.distance_mm)}

    def rules(self) -> Sequence[Constraint]:
        base, track = self.layout["block"].point("base"), self.layout["track"]
        line = tuple(track.point(name) for name in self.line)
        return [Follows(base, line, self.distance_mm / 1000), Grounded(base, track.point("top"), 0.005)]

    def way(self) -> FloatArray:
        return np.array([self.layout["track"].position(name) for name in self.line[1:-1]])

    def goal(self) -> Constraint:
        end = self.layout["track"].point(self.line[-1])
        return RestsOn(self.layout["block"].point("base"), end, 0.015, 0.005)

    def put_down(self) -> FloatArray:
        return self.layout["track"].position(self.line[-1])

    def routed(self, keypoints: FloatArray, carried: str | None = None) -> Trace:
        trace = Trace(keypoints)
        self.check_free(trace, self.support)
        return trace

    def out_of_band(self) -> NegativeControl:
        line = np.array([self.layout["track"].position(name) for name in self.line])
        ahead = (line[2:] - line[:-2]) / np.linalg.norm(line[2:] - line[:-2], axis=1, keepdims=True)
        aside = np.column_stack([-ahead[:, 1], ahead[:, 0], np.zeros(len(ahead))])
        aside *= np.sign(((line[len(line) // 2] - line[0]) * aside[len(aside) // 2]).sum())
        return self.against_the_rules(line[1:-1] - (self.distance_mm / 1000 + TOO_FAR_M) * aside)
