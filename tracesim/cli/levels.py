"""Levels of variation: the configurations of the group `variation`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from tracesim.cli.groups import descriptions, read_group_file
from tracesim.configuration import Variation
from tracesim.errors import Fault


def levels() -> dict[str, str]:
    """Return what varies at each level, by its name, from the comment at the beginning of its file."""
    return descriptions("variation")


def level(name: str) -> Variation:
    """Return the variation of a level.

    Raises:
        UnknownNameError: There is no such level.
    """
    return validate(_values(name))


def validate(variation: Variation | Mapping[str, Any]) -> Variation:
    """Return a variation whose values have the types and ranges that a command line takes.

    Raises:
        ConfigurationError: A value is invalid.
    """
    from pydantic import TypeAdapter, ValidationError

    values = dataclasses.asdict(variation) if isinstance(variation, Variation) else dict(variation)
    try:
        return TypeAdapter(Variation).validate_json(json.dumps(values))
    except ValidationError as error:
        raise Fault.first(error).as_option("variation") from None


def _values(name: str) -> dict[str, Any]:
    """Return the values in the file of a level, laid over those of the files that its `defaults` list."""
    own = dict(read_group_file("variation", name))
    parts = [own if one == "_self_" else _values(one) for one in own.pop("defaults", ["_self_"])]
    return {key: value for part in parts for key, value in part.items()}
