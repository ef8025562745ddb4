"""Task: push an object along the table with the closed gripper."""

from __future__ import annotations

from typing import ClassVar

from tracesim.families.dragging import NO_DIRECTION, Dragging
from tracesim.motion.motion import Motion
from tracesim.motion.push import Push
from tracesim.negative_control import Stop


class PushObject(Dragging):
    """A block, a toy car or a box of cards; it is pushed by a distance in a direction, without being grasped.

    Randomised: kind, size, colour and place of the object, direction and distance, clutter.
    Success: the object is moved by the distance asked, within 2 cm along the direction and across it, stays on the
    table all the way, and ends upright and at rest; nothing else is touched.
    """

    instruction: ClassVar[str] = "Push the {object} {distance} cm {motion}."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Slide the {object} {distance} cm {motion} by pushing it.",
        "With closed fingers, push the {object} {motion} by {distance} cm.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Shove the {object} {distance} cm {motion} along the table.",
        "Nudge the {object} over the table until it is {distance} cm further {motion}.",
    )
    vague: ClassVar[str] = "Get the {object} {distance} cm {motion}."
    destination: ClassVar[str] = "{distance} cm {motion}"
    motion: ClassVar[Motion] = Push(speed_m_s=0.1)
    stops_when_still: ClassVar[tuple[Stop, ...]] = (NO_DIRECTION,)
