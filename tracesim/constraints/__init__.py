"""Constraints: what an instruction asks for, as signed margins on a curve."""

from tracesim.constraints.base import Constraint
from tracesim.constraints.bystanders import Undisturbed
from tracesim.constraints.goals import Beside, Contact, Gap, RestsOn, Touches
from tracesim.constraints.path import Clearance, Grounded, KeepOut, Speed
from tracesim.constraints.posture import Aligned, AtRest, Tilt, Upright
from tracesim.constraints.region import Box, Cylinder, Region
from tracesim.constraints.solid import Solid
from tracesim.constraints.stops import Stops
from tracesim.constraints.visiting import Visiting
from tracesim.constraints.visits import Band, Dwell, Order, Visits

__all__ = [
    "Aligned",
    "AtRest",
    "Band",
    "Beside",
    "Box",
    "Clearance",
    "Constraint",
    "Contact",
    "Cylinder",
    "Dwell",
    "Gap",
    "Grounded",
    "KeepOut",
    "Order",
    "Region",
    "RestsOn",
    "Solid",
    "Speed",
    "Stops",
    "Tilt",
    "Touches",
    "Undisturbed",
    "Upright",
    "Visiting",
    "Visits",
]
