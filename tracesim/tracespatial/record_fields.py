"""Fields of the published records, checked as they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray


@dataclass(frozen=True)
class RecordFields:
    """Fields of a record, which are checked when they are read.

    Its methods raise `ConfigurationError` if a field is missing or is not what they return.
    """

    record: Mapping[str, Any]
    """The record."""

    where: str
    """Where it stands, for messages."""

    def __post_init__(self) -> None:
        """Check that it is a record at all; raises `ConfigurationError`."""
        if not isinstance(self.record, Mapping):
            raise ConfigurationError(f"{self.where}: must be an object, is {type(self.record).__name__}.")

    def fault(self, key: str, what: str) -> ConfigurationError:
        """Return the error that says what is wrong with a field."""
        return ConfigurationError(f"{self.where}: {key!r} {what}.")

    def _value(self, key: str) -> Any:
        if key not in self.record:
            raise self.fault(key, "is missing")
        return self.record[key]

    def identifier(self, key: str) -> int | str:
        """Return a number or a text."""
        value = self._value(key)
        if isinstance(value, int | str) and not isinstance(value, bool):
            return value
        raise self.fault(key, "must be a number or a string")

    def text(self, key: str) -> str:
        """Return a text."""
        value = self._value(key)
        if not isinstance(value, str):
            raise self.fault(key, f"must be a string, is {type(value).__name__}")
        return value

    def text_or_none(self, key: str) -> str | None:
        """Return a text, or None if the field is missing or null."""
        return None if self.record.get(key) is None else self.text(key)

    def array(self, key: str, *shapes: Sequence[int | None]) -> FloatArray:
        """Return finite numbers in one of `shapes`; None stands for any length above 0."""
        try:
            value = np.array(self._value(key), dtype=float)
        except (TypeError, ValueError):
            raise self.fault(key, "must hold numbers, rows of equal length") from None
        if not any(_fits(value.shape, shape) for shape in shapes):
            valid = " or ".join("x".join("N" if one is None else str(one) for one in shape) for shape in shapes)
            raise self.fault(key, f"must be {valid}, is {'x'.join(map(str, value.shape)) or 'a single value'}")
        if not np.isfinite(value).all():
            raise self.fault(key, "holds a number that is not finite")
        return value


def _fits(shape: Sequence[int], wanted: Sequence[int | None]) -> bool:
    return len(shape) == len(wanted) and all(
        length > 0 if length_wanted is None else length == length_wanted
        for length, length_wanted in zip(shape, wanted, strict=True)
    )
