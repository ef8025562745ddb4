"""Task: place an object to the right of another one."""

from __future__ import annotations

from typing import ClassVar

from tracesim.envs.place_a2b_left import PlaceA2BLeft


class PlaceA2BRight(PlaceA2BLeft):
    """Two small objects; one goes to the right of the other, close beside it.

    Randomised: kinds, colours, places and headings of both, clutter.
    Success: it stands 8 to 20 cm to the right of the other, at most 5 cm nearer or farther; nothing else is touched.
    """

    side: ClassVar[str] = "right"
