"""Base class of tasks in which one body goes onto the left half of a target and then another onto its right half."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Self

from tracesim.families.loading import Loading
from tracesim.language.direction import OPPOSITE
from tracesim.negative_control import NegativeControl


class Halves(Loading):
    """A task of two bodies and a target with the points "left" and "right", the middles of its halves.

    The target lies across the robot's front, so that its left half is also the left one in the image.
    """

    first_side: str = field(default="left", kw_only=True)
    """The half onto which the first body goes, "left" or "right"."""

    def place_of(self, name: str) -> str:
        """Return the half onto which a body goes."""
        return self.first_side if name == self.names[0] else OPPOSITE[self.first_side]

    def words(self) -> Mapping[str, str]:
        """Return the values of the template's fields, with the half of the current subtask."""
        return {**super().words(), "side": self.place_of(self.subtask.carried)}

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return the twin in which the bodies change places."""
        return {"side": replace(self, first_side=OPPOSITE[self.first_side])}

    def wrong_order(self) -> NegativeControl:
        """Return the control that puts the body onto the other half."""
        return self.misplaced([self.layout[self.target].position(OPPOSITE[self.place_of(self.subtask.carried)])])
