"""Task: carry a cup of beads to a coaster without spilling any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from tracesim.assets.props.coaster import coaster
from tracesim.assets.props.cup import cup
from tracesim.constraints import Constraint, Speed, Spilled
from tracesim.families.beads import BEADS, around, filled
from tracesim.families.placing import Placing
from tracesim.geometry.camera import Camera
from tracesim.layout.beads import Beads
from tracesim.layout.layout import WORKSPACE, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.carry import Carry
from tracesim.motion.motion import Motion
from tracesim.negative_control import DoesNotApply, NegativeControl


class DeliverWithoutSpilling(Placing):
    """A cup of beads and a coaster; the cup goes onto the coaster, slowly, and all beads stay in it.

    Randomised: places, sizes, colours of both, number of beads, clutter.
    Success: at the end all beads are in the cup; it never moves faster than 15 cm/s, and ends upright, at rest, within
    3.5 cm of the coaster's centre; nothing else is touched.
    """

    instruction: ClassVar[str] = (
        "Carry the {cup} with its {count} beads to the {coaster}; spill none, below {speed} cm/s."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Put the {cup} on the {coaster} at no more than {speed} cm per second; all {count} beads have to stay in it.",
        "Take the {cup} of {count} beads over to the {coaster}: {speed} cm a second at most, and none may fall out.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Deliver the {cup} to the {coaster} at {speed} cm/s or less, without losing one of its {count} beads.",
        "With all {count} beads still inside, the {cup} goes onto the {coaster}, never faster than {speed} cm/s.",
    )
    vague: ClassVar[str] = "Bring the {cup} with its {count} beads to the {coaster}."
    capabilities = ("measure", "tilt")
    carried: ClassVar[str] = "cup"
    target: ClassVar[str] = "coaster"
    radius_m: ClassVar[float] = 0.035
    touched: ClassVar[str] = "rim"
    motion: ClassVar[Motion] = Carry(speed_m_s=0.1)
    speed_cm_s = 15

    count: int
    """Number of beads in the cup."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        count = int(draw.places.integers(20, 37))
        layout.scatter("coaster", coaster(draw), draw.places, WORKSPACE)
        layout.scatter("cup", cup(draw), draw.places, WORKSPACE, turn=(-0.3, 0.3), gap_m=0.05)
        return cls(camera, layout, count).undone(0.15)

    def beads(self) -> Sequence[Beads]:
        return (filled(self.layout["cup"], self.count),)

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "count": str(self.count), "speed": str(self.speed_cm_s)}

    def constraints(self) -> Sequence[Constraint]:
        cup, (goal, *others) = self.layout["cup"], super().constraints()
        speed = Speed(cup.point("top"), self.speed_cm_s / 100)
        return [goal, Spilled(BEADS, (around(cup),)), speed, *others]

    def out_of_band(self) -> NegativeControl:
        """Return that the measure of the instruction, the speed, is not in a trace of points."""
        return DoesNotApply("a trace of points says nothing about speed, and the task keeps to the limit")
