"""The base class of constraints, and the bodies they refer to."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, Protocol, Self

from tracesim.constraints.patch import Patch
from tracesim.constraints.region import Volume
from tracesim.constraints.units import quantity
from tracesim.geometry.clearance import bodies_distance
from tracesim.geometry.curve import Curve
from tracesim.geometry.hulls import HullShape
from tracesim.layout.prop import Prop

SAME_TIME_S: Final = 1e-9
"""Times that differ by less are equal, so that a window may end on the last sample in spite of rounding."""

FAR_M: Final = 10.0
"""The largest distance between bodies that is measured."""

DIGITS: Final = "digits"
NOT_DATA: Final = "not data"

SHAPE: Final[Mapping[str, Any]] = MappingProxyType({NOT_DATA: True})
"""Metadata of a field that holds hulls, which data leaves out: the layout has them by the body's name."""

IN_TENTHS_OF_MM: Final[Mapping[str, Any]] = MappingProxyType({DIGITS: 4})
"""Metadata of a field of many lengths, which data rounds to tenths of a millimetre."""


class Constraint(ABC):
    """Something that an instruction asks for; subclasses are frozen dataclasses.

    The first sentence of a subclass's docstring says when the constraint holds: tables and help print it.

    Attributes:
        name: Unique within a task.
        unit: Unit of the margin.
        final: Whether only the end of the curve is judged.
        full_scale: Margin at which the bar of a film's panel is full, in `unit`.
        room: What to call a margin of 0 or more, with {} for the quantity.
        violation: What to call a negative margin, with {} for the quantity.
    """

    name: str
    unit: ClassVar[str] = "m"
    final: ClassVar[bool] = False
    full_scale: ClassVar[float] = 0.05
    room: ClassVar[str] = "{} to spare"
    violation: ClassVar[str] = "{} too little"

    @abstractmethod
    def margin(self, curve: Curve) -> float | None:
        """Return the signed margin on a curve, in `unit`: the constraint holds from 0 up, and is violated below.

        None where the curve lacks what it needs: not applicable, neither held nor violated.
        """

    def margins_so_far(self, curve: Curve, samples: Sequence[int]) -> list[float | None]:
        """Return the margins that an episode would have if it ended at each of some samples of its curve."""
        return [self.margin(curve[: sample + 1]) for sample in samples]

    @property
    @abstractmethod
    def ideal(self) -> float | None:
        """The margin of a perfect motion, which is the tolerance, in `unit`.

        None where no motion is perfect, because more is always as good: a clearance, a speed limit.
        """

    def describe(self, margin: float) -> str:
        """Return a margin in words: how much room is left, or by how much the constraint is violated.

        Lengths are in centimetres or millimetres, angles in degrees, speeds in centimetres per second.
        """
        return (self.room if margin >= 0.0 else self.violation).format(quantity(abs(margin), self.unit))

    def volumes(self) -> tuple[Volume, ...]:
        """Return the volumes that a film draws to show what is asked."""
        return ()

    def patches(self, curve: Curve) -> tuple[Patch, ...]:
        """Return the areas on surfaces that a film marks as they are completed along a curve."""
        return ()

    def as_data(self) -> dict[str, Any]:
        """Return the fields as plain values (dicts, lists, texts, numbers), without the name and without hulls."""
        values: dict[str, Any] = plain_data(self)
        del values["name"]
        return values

    @classmethod
    def summary(cls) -> str:
        """Return when a constraint of this class holds: the first sentence of the docstring, on one line."""
        first = inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0]
        return " ".join(first.split()).replace("`", "")


class Standing(Protocol):
    """A body with a name and a prop, such as a layout's."""

    @property
    def name(self) -> str:
        """The body's name on curves."""

    @property
    def prop(self) -> Prop:
        """The prop, which has the hulls."""


@dataclass(frozen=True)
class Solid:
    """A whole body: its name on curves and its hulls.

    Attributes:
        body: Name of the body.
        shape: Its hulls.
    """

    body: str
    shape: HullShape = field(compare=False, repr=False, metadata=SHAPE)

    @classmethod
    def of(cls, body: Standing) -> Self:
        """Return the solid of a body."""
        return cls(body.name, HullShape.of(body.prop))

    def distance_m(self, other: Solid, curve: Curve, lowered_m: float = 0.0) -> float | None:
        """Return the signed distance from another solid at the end of a curve, metres; None where one is missing.

        Negative by the depth of an overlap. lowered_m: how far down this solid is moved before it is measured.
        """
        if self.body not in curve.bodies or other.body not in curve.bodies:
            return None
        pose = curve.bodies[self.body][-1].copy()
        pose[2, 3] -= lowered_m
        return bodies_distance(self.shape, pose, other.shape, curve.bodies[other.body][-1], beyond_m=FAR_M)


def plain_data(value: Any, digits: int | None = None) -> Any:
    """Return a frozen value as dicts, lists, texts and numbers.

    Args:
        value: A dataclass, or a list or tuple of them, or plain data.
        digits: Number of decimals to which floats are rounded; None leaves them as they are.
    """
    if is_dataclass(value):
        return {
            one.name: plain_data(getattr(value, one.name), one.metadata.get(DIGITS))
            for one in fields(value)
            if not one.metadata.get(NOT_DATA)
        }
    if isinstance(value, list | tuple):
        return [plain_data(one, digits) for one in value]
    return round(value, digits) if digits is not None and isinstance(value, float) else value
