"""Solids: bodies as constraints know them that are about all of a body, and not about one of its points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, Self

from tracesim.constraints.base import SHAPE
from tracesim.geometry.hulls import HullShape
from tracesim.layout.prop import Prop


class Standing(Protocol):
    """A body with a name and a prop, such as a layout's."""

    @property
    def name(self) -> str:
        """The name on the curve."""

    @property
    def prop(self) -> Prop:
        """What it is."""


@dataclass(frozen=True)
class Solid:
    """All of a body: its name on the curve, and its hulls."""

    body: str
    shape: HullShape = field(compare=False, repr=False, metadata=SHAPE)

    @classmethod
    def of(cls, body: Standing) -> Self:
        """Return all of a body."""
        return cls(body.name, HullShape.of(body.prop))
