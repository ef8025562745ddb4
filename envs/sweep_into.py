"""Task: sweep beads into a marked area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.assets.props.marked_board import MARK_AT_M, MARK_M, marked_board
from tracesim.assets.props.scraper import scraper
from tracesim.constraints import Box, Constraint, Filled, Grounded, Spilled
from tracesim.families.beads import BEADS, RADIUS_M
from tracesim.families.guided import Guided
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray, apply, azimuths
from tracesim.geometry.trace import Trace
from tracesim.layout.beads import Beads, spread
from tracesim.layout.layout import Area, Layout, standing
from tracesim.layout.randomness import Draw
from tracesim.motion.motion import Motion
from tracesim.motion.pull import Pull
from tracesim.negative_control import NegativeControl

STEP_M: Final = 0.012
"""Distance between neighbouring beads at first."""

BEHIND_M: Final = -0.12
"""Where the scraper stands at first along the way to the marked area, in the frame of the board."""


class SweepInto(Guided):
    """A board with beads on it, a marked area and a scraper; the scraper goes behind the beads and sweeps them along.

    Randomised: place and heading of the board, its colour, place and number of the beads, place, size and colour of the
    scraper, clutter.
    Success: at the end at least all beads but two are in the marked area, and none has left the board; the scraper is
    never lifted by more than 5 mm, and ends upright and at rest; nothing else is touched.
    """

    instruction: ClassVar[str] = (
        "With the {scraper}, and without lifting it, sweep at least {least} of the {count} beads into the marked area "
        "of the {board}; lose none."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Push {least} or more of the {count} beads into the marked area of the {board}, and none over its edge, with "
        "the {scraper}, which has to stay down.",
        "Use the {scraper} to gather {least} of the {count} beads or more in the marked area of the {board}; do not "
        "lift it, and lose no bead.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "The marked area of the {board} should get {least} or more of its {count} beads: sweep them there with the "
        "{scraper}, which is always to stay down, and let none fall off.",
        "Slide the {scraper} around the {count} beads and move {least} of them or more into the marked area of the "
        "{board} without losing any.",
    )
    vague: ClassVar[str] = "Get the beads into the marked area of the {board} with the {scraper}."
    capabilities = ("measure", "contact")
    destination: ClassVar[str] = "the marked area of the {board}"
    carried: ClassVar[str] = "scraper"
    support: ClassVar[str] = "board"
    target: ClassVar[str] = "board"
    motion: ClassVar[Motion] = Pull(speed_m_s=0.12)

    count: int

    beads_m: tuple[float, float]
    """Where the middle of the beads is at first, in the frame of the board, metres."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        flip = np.pi * int(draw.places.integers(2))
        area = Area((-0.10, -0.02), (-0.06, 0.06))
        board = layout.scatter("board", marked_board(draw), draw.places, area, turn=(flip - 0.15, flip + 0.15))
        aside, beside, along = draw.places.uniform((-0.06, 0.055, -0.02), (-0.045, 0.07, 0.005)).tolist()
        x, y, z = apply(board.body_in_world, np.array([aside, BEHIND_M, board.prop.height_m])).tolist()
        heading = float(azimuths(board.body_in_world[None, :2, 1])[0]) + float(draw.places.uniform(-0.05, 0.05))
        layout.add("scraper", scraper(draw), standing(x, y, heading, z))
        return cls(camera, layout, int(draw.places.integers(12, 20)), (beside, along))

    def beads(self) -> Sequence[Beads]:
        return (Beads(BEADS, RADIUS_M, spread(self.on_board(*self.beads_m), self.count, RADIUS_M, STEP_M)),)

    def on_board(self, x_m: float, y_m: float) -> FloatArray:
        """Return a place on the board, (3,), metres, world, that is given in the frame of the board."""
        board = self.layout["board"]
        return apply(board.body_in_world, np.array([x_m, y_m, board.prop.height_m]))

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "count": str(self.count), "least": str(self.count - 2)}

    def goal(self) -> Constraint:
        mark = Box(self.layout["board"].point("mark"), 0.0, 0.05, MARK_M[0] / 2.0, MARK_M[1] / 2.0)
        return Filled(BEADS, mark, self.count - 2)

    def rules(self) -> Sequence[Constraint]:
        board = self.layout["board"]
        half_x, half_y, _ = (np.ptp(np.concatenate(board.prop.hulls), axis=0) / 2.0).tolist()
        region = Box(board.point("top"), 0.0, 0.1, half_x, half_y)
        return [Grounded(self.layout["scraper"].point("base"), board.point("top"), 0.005), Spilled(BEADS, (region,))]

    def way(self) -> FloatArray:
        beside, along = self.beads_m
        return np.array([self.on_board(beside, BEHIND_M), self.on_board(beside, along)])

    def put_down(self) -> FloatArray:
        return self.on_board(MARK_AT_M[0], MARK_AT_M[1] - MARK_M[1] / 2.0 + 0.03)

    def routed(self, keypoints: FloatArray, carried: str | None = None) -> Trace:
        trace = Trace(keypoints)
        self.check_free(trace, self.support)
        return trace

    def straight_line_control(self) -> NegativeControl:
        return self.violating("filled", self.led(np.zeros((0, 3)), self.put_down()))

    def out_of_band(self) -> NegativeControl:
        short = self.on_board(MARK_AT_M[0], MARK_AT_M[1] - MARK_M[1] / 2.0 - 0.05)
        return self.violating("filled", self.led(self.way(), short))
