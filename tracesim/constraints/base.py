"""What every constraint is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final

from tracesim.constraints.volume import Volume
from tracesim.geometry.curve import Curve

SAME_TIME_S: Final = 1e-9
"""Times that differ by less are the same: a window may end on the last sample in spite of rounding."""

DISC_M: Final = 0.001
"""How thick a flat mark is drawn."""

DIGITS: Final = "digits"
NOT_DATA: Final = "not data"

SHAPE: Final[Mapping[str, Any]] = MappingProxyType({NOT_DATA: True})
"""Metadata of a field that holds hulls: they are the layout's to tell, by the body's name."""

IN_TENTHS_OF_MM: Final[Mapping[str, Any]] = MappingProxyType({DIGITS: 4})
"""Metadata of a field of many lengths, which data rounds."""


class Constraint(ABC):
    """Something asked for. Subclasses are frozen dataclasses.

    name: unique within a task. unit: of the margin. final: whether only the end of the curve is judged.
    """

    name: str
    unit: ClassVar[str] = "m"
    final: ClassVar[bool] = False

    @abstractmethod
    def margin(self, curve: Curve) -> float | None:
        """Return by how much the constraint holds: 0 or more holds, less is violated by so much.

        None where the curve lacks what it needs: not applicable, neither held nor failed.
        """

    @property
    @abstractmethod
    def best(self) -> float | None:
        """The margin of a perfect motion, which is the tolerance asked for, in the margin's unit.

        None where no motion is perfect: what is demanded at least or at most, such as a clearance.
        """

    def volumes(self) -> tuple[Volume, ...]:
        """Return what a film draws to show what is asked."""
        return ()

    def as_data(self) -> dict[str, Any]:
        """Return what is asked as plain values, by field: dicts, lists, texts, numbers. Hulls are left out."""
        values: dict[str, Any] = plain(self)
        del values["name"]
        return values


def plain(value: Any, digits: int | None = None) -> Any:
    """Return a frozen value as dicts, lists, texts and numbers; these rounded where `digits` says so."""
    if is_dataclass(value):
        return {
            one.name: plain(getattr(value, one.name), one.metadata.get(DIGITS))
            for one in fields(value)
            if not one.metadata.get(NOT_DATA)
        }
    if isinstance(value, list | tuple):
        return [plain(one, digits) for one in value]
    return round(value, digits) if digits is not None and isinstance(value, float) else value
