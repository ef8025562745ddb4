"""Constraints in words: their kinds, and the numbers that they require."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tracesim.constraints import Constraint
from tracesim.constraints.units import quantity
from tracesim.geometry.curve import PointOn
from tracesim.language.direction import DIRECTIONS, MOTIONS
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import TABLE

if TYPE_CHECKING:
    from tracesim.task import Task

UNITS: Final = {"_m_s": "m/s", "_m": "m", "_rad": "rad", "_s": "s"}
"""How names of fields end to their unit."""

_LEFT_OUT: Final = ("name",)
_ALIGNED: Final = 0.999
"""Cosine above which a direction counts as one of those used in instructions."""


def parts(constraint: Constraint, task: Task) -> str:
    """Return the fields of a task's constraint in words."""
    return "; ".join(_phrases(constraint, task))


def numbers(constraint: Constraint, task: Task) -> str:
    """Return the numbers that a task's constraint requires: lengths in cm or mm, angles in degrees."""
    return ", ".join(text for text in _phrases(constraint, task) if ": " not in text)


def _phrases(value: Any, task: Task) -> Iterator[str]:
    """Yield the fields of a frozen value in words, including those of nested values: "name: value" or "name 3 cm"."""
    for one in fields(value):
        inner = getattr(value, one.name)
        if one.name in _LEFT_OUT or inner is None or inner in ((), ""):
            continue
        if is_dataclass(inner) and not isinstance(inner, PointOn):
            yield from _phrases(inner, task)
        elif (text := _text(one.name, inner, task)) is not None:
            yield text


def _label(field: str) -> str:
    """Return a field's name as people write it, without its unit."""
    for suffix in UNITS:
        field = field.removesuffix(suffix)
    return field.replace("_", " ")


def _text(name: str, value: Any, task: Task) -> str | None:
    """Return a field in words; None if it means nothing to people."""
    called = _label(name)
    if isinstance(value, PointOn):
        return f"{called}: {_point(value, task)}"
    if isinstance(value, tuple):
        said = _several(value, task)
        return None if said is None else f"{called}: {said}"
    if isinstance(value, str):
        return f"{called}: {_body(value)}"
    if isinstance(value, bool):
        return called if value else None
    if not isinstance(value, int | float) or not isfinite(value):
        return None
    return f"{called} {_measure(name, float(value))}"


def _several(values: tuple[Any, ...], task: Task) -> str | None:
    """Return a tuple in words; None if it means nothing to people."""
    if all(isinstance(one, PointOn) for one in values):
        return ", ".join(_point(one, task) for one in values)
    if all(isinstance(one, str) for one in values):
        return ", ".join(map(_body, values))
    if len(values) == 3 and all(isinstance(one, int | float) for one in values):
        return _direction(np.array(values, float), task)
    # pairs of a body and something about it
    names = [
        str(one[0]) if isinstance(one, tuple) else getattr(one, "body", getattr(one, "name", "")) for one in values
    ]
    return ", ".join(map(_body, names)) if all(names) else None


def _direction(vector: np.ndarray[Any, np.dtype[np.float64]], task: Task) -> str:
    """Return a direction in words, or as a vector if it is none of those used in instructions."""
    for word in DIRECTIONS:
        if task.toward(word) @ vector > _ALIGNED * np.linalg.norm(vector) > 0.0:
            return MOTIONS[word]
    return "(" + ", ".join(f"{value:.2g}" for value in vector) + ")"


def _point(point: PointOn, task: Task) -> str:
    """Return a point in words, by its name if the prop has one there."""
    if point.body == GRIPPER:
        return "the gripper's tip"
    if point.body == TABLE:
        return "the table" + ("" if not any(point.position) else f" at {_place(point)}")
    prop = task.layout[point.body].prop
    for name, position in prop.points.items():
        if np.allclose(position, point.position, atol=1e-9):
            return f"{name} of {_body(point.body)}"
    return f"{_body(point.body)} at {_place(point)}"


def _place(point: PointOn) -> str:
    """Return the coordinates of a point, cm."""
    return "(" + ", ".join(f"{100.0 * value:.3g}" for value in point.position) + ") cm"


def _body(name: str) -> str:
    """Return the name of a body in plain words."""
    return name.replace("_", " ")


def _measure(name: str, value: float) -> str:
    unit = "rad" if name == "heading" else next((unit for end, unit in UNITS.items() if name.endswith(end)), "")
    return quantity(value, unit)
