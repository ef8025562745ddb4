"""Finds the objects that an instruction names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.left_behind import LeftBehind


def named(left: LeftBehind, turn: dict[str, Any]) -> dict[str, str]:
    """Return what an instruction calls the things that it names, in its order; a turn has words for all of a task's."""
    said = str(turn["instruction"])
    found = [(said.find(f"the {words}"), name, words) for name, words in turn["words"].items() if name in left.poses]
    return {name: words for at, name, words in sorted(found) if at >= 0}


def subject(left: LeftBehind, turn: dict[str, Any]) -> str:
    """Return the thing that an instruction names first."""
    return next(iter(named(left, turn)))


def beside(left: LeftBehind, turn: dict[str, Any], word: str) -> Iterator[dict[str, Any]]:
    """Yield where the thing that an instruction names first is to be beside something, in the direction of a word."""
    for one in left.asked("Beside"):
        along = float(np.array(one["direction"][:2]) @ left.meant(word))
        if one["point"]["body"] == subject(left, turn) and along > 1.0 - 1e-9:
            yield one


def named_after(left: LeftBehind, turn: dict[str, Any], match: re.Match[str]) -> str | None:
    """Return the thing whose words follow a match; None where they are no thing's."""
    rest = match.string[match.end() :]
    found = [name for name, words in turn["words"].items() if name in left.poses and rest.startswith(f" the {words}")]
    return found[0] if found else None
