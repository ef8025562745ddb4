"""Mutants, and the list of those that cannot be killed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

EQUIVALENT: Final = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True, order=True)
class Change:
    """What a mutant changes, by content, so that edits elsewhere in the file do not matter.

    Attributes:
        file: relative to the repository.
        function: qualified by its class.
        original: the lines that are changed, without indentation.
        mutated: what they become.
    """

    file: str
    function: str
    original: str
    mutated: str

    @classmethod
    def of(cls, file: str, function: str, diff: str) -> Self:
        """Return the change that a unified diff of one function shows."""
        lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
        original, mutated = ("\n".join(line[1:].strip() for line in lines if line[:1] == sign) for sign in "-+")
        return cls(file, function, original, mutated)

    def __str__(self) -> str:
        """Return the change as a reader sees it."""
        original, mutated = (text.replace("\n", "\n      ") for text in (self.original, self.mutated))
        return f"{self.file}: {self.function}\n    - {original}\n    + {mutated}"


@dataclass(frozen=True)
class Mutant:
    """A mutant and what the tests made of it; `outcome` is mutmut's word for it."""

    name: str
    change: Change
    outcome: str

    @property
    def survived(self) -> bool:
        """Whether no test noticed: all passed, or none reaches it."""
        return self.outcome in ("survived", "no tests")


def equivalent() -> dict[Change, str]:
    """Return the changes that alter nothing a caller can observe, and why."""
    entries = tomllib.loads(EQUIVALENT.read_text())["mutant"]
    return {Change(**{key: entry[key] for key in entry if key != "why"}): entry["why"] for entry in entries}
