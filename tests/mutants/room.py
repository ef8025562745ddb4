"""Rooms whose code is mutated."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

ROOMS: Final = Path(__file__).with_name("rooms.toml")


@dataclass(frozen=True)
class Part:
    """Files whose code is mutated, and the tests that judge their mutants.

    Attributes:
        files: patterns, relative to the repository.
        tests: files, folders or node ids, relative to the repository. Tests marked `slow` or `timed` do not run.
    """

    files: tuple[str, ...]
    tests: tuple[str, ...]

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return a part as TOML has it."""
        return cls(tuple(values["files"]), tuple(values["tests"]))


@dataclass(frozen=True)
class Room:
    """A room of the package.

    Attributes:
        name: as in `rooms.toml`.
        least: the share of mutants that must be killed.
        parts: all of the room. Tests of one part do not judge mutants of another, which keeps the runs short.
        sample: some of its files, with tests that are cheap and kill all of their mutants that can be killed.
    """

    name: str
    least: float
    parts: tuple[Part, ...]
    sample: Part

    @classmethod
    def all(cls) -> dict[str, Self]:
        """Return the rooms of `rooms.toml` by name."""
        rooms = tomllib.loads(ROOMS.read_text())
        return {name: cls.of(name, one) for name, one in rooms.items()}

    @classmethod
    def of(cls, name: str, values: dict[str, Any]) -> Self:
        """Return a room as TOML has it: with files and tests, or with parts that have them."""
        parts = tuple(Part.of(one) for one in values.get("parts", [values]))
        return cls(name, values["least"], parts, Part.of(values["sample"]))
