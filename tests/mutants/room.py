"""Rooms whose code is mutated."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

ROOMS: Final = Path(__file__).with_name("rooms.toml")


@dataclass(frozen=True)
class Room:
    """Code that is mutated, and the tests that judge its mutants.

    Attributes:
        name: as in `rooms.toml`.
        files: patterns of the files that are mutated, relative to the repository.
        tests: files and folders of tests, relative to the repository; none that measures time.
        least: the share of mutants that must be killed.
    """

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    least: float

    @classmethod
    def all(cls) -> dict[str, Self]:
        """Return the rooms of `rooms.toml` by name."""
        rooms = tomllib.loads(ROOMS.read_text())
        return {
            name: cls(name, tuple(room["files"]), tuple(room["tests"]), room["least"]) for name, room in rooms.items()
        }
