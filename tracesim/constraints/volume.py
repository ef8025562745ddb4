"""A volume in which a constraint holds: what a film draws to show what is asked."""

from __future__ import annotations

from dataclasses import dataclass

from tracesim.geometry.curve import PointOn


@dataclass(frozen=True)
class Volume:
    """An upright cylinder about a point: radius, and heights of its ends above the point, metres.

    kind: the shape's name; a film that does not know it draws nothing. offset_m: how far from the point it stands,
    world. forbidden: what is asked is to stay out of it.
    """

    at: PointOn
    radius_m: float
    low_m: float
    high_m: float
    kind: str = "cylinder"
    offset_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    forbidden: bool = False
