"""Constraints: what an instruction asks for, as signed margins on a curve."""

from tracesim.constraints.base import Constraint
from tracesim.constraints.bystanders import Undisturbed
from tracesim.constraints.goals import Beside, RestsOn, Touches
from tracesim.constraints.path import Clearance, Grounded
from tracesim.constraints.posture import Aligned, AtRest, Upright
from tracesim.constraints.stops import Stops
from tracesim.constraints.visits import Band, Order, Visits

__all__ = [
    "Aligned",
    "AtRest",
    "Band",
    "Beside",
    "Clearance",
    "Constraint",
    "Grounded",
    "Order",
    "RestsOn",
    "Stops",
    "Touches",
    "Undisturbed",
    "Upright",
    "Visits",
]
