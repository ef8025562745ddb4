"""Constraints from the plain data that records hold of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from tracesim.constraints.base import NOT_DATA, Constraint
from tracesim.constraints.table import kinds
from tracesim.errors import ConfigurationError, unknown_name
from tracesim.geometry.hulls import HullShape


def from_data(kind: str, name: str, data: Mapping[str, Any], shapes: Mapping[str, HullShape]) -> Constraint:
    """Return the constraint of which `Constraint.as_data` returned some data; the inverse of it.

    Args:
        kind: Name of its class in `tracesim.constraints`.
        name: Its own name.
        data: Its fields.
        shapes: Hulls by body, which data leaves out.

    Raises:
        UnknownNameError: There is no class of this name.
        ConfigurationError: The data are not those of this class, or a body has no hulls.
    """
    classes = {one.__name__: one for one in kinds()}
    if kind not in classes:
        raise unknown_name("constraint", kind, classes)
    try:
        return _value(classes[kind], {**data, "name": name}, shapes)  # type: ignore[no-any-return]
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{name}: not the data of a {kind} ({error}).") from None


def _value(kind: Any, data: Any, shapes: Mapping[str, HullShape]) -> Any:
    """Return a value of a type from plain data."""
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        kinds_of_items = [inner[0]] * len(data) if inner[-1] is Ellipsis else inner
        return tuple(_value(one, item, shapes) for one, item in zip(kinds_of_items, data, strict=True))
    if not isinstance(data, Mapping):
        return data
    chosen = next((one for one in _candidates(kind) if _data_fields(one) == set(data)), None)
    if chosen is None:
        raise ValueError(f"its fields are {', '.join(data)}")
    hints = get_type_hints(chosen)
    values = {key: _value(hints[key], value, shapes) for key, value in data.items()}
    hulls = {one.name: shapes[data["body"]] for one in fields(chosen) if one.metadata.get(NOT_DATA)}
    return chosen(**values, **hulls)


def _candidates(kind: Any) -> list[type]:
    """Return the classes of which a value of a type may be: the members of a union, and all subclasses."""
    members = get_args(kind) if isinstance(kind, UnionType) else [kind]
    return [one for member in members for one in (member, *_candidates_below(member))]


def _candidates_below(kind: type) -> list[type]:
    children: list[type] = kind.__subclasses__()
    return [one for child in children for one in (child, *_candidates_below(child))]


@cache
def _data_fields(kind: Any) -> set[str]:
    return {one.name for one in fields(kind) if not one.metadata.get(NOT_DATA)}
