"""The command line of a tool that takes files: words `key=value`, split at the first `=`, read as a dataclass."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from tracesim.errors import ConfigurationError, InfrastructureError, RequestRefusedError, TraceSimError, unknown_name

COMPLETED: Final = 0
WRONG: Final = 2
INFRASTRUCTURE_REMAINS: Final = 3
INTERRUPTED: Final = 130

Shape = TypeVar("Shape")


def arguments(words: Sequence[str], shape: type[Shape]) -> Shape:
    """Return the dataclass `shape` filled from words `key=value`; values are read as its fields' types say.

    A value may hold anything, further `=` among it. Raises `ConfigurationError` for a word without `=`, a key that is
    unknown, given twice or missing, and a value of another type.
    """
    from pydantic import TypeAdapter, ValidationError

    fields = {one.name: one for one in dataclasses.fields(shape)}  # type: ignore[arg-type]
    given: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise ConfigurationError(f"{word!r} is not key=value. Valid keys: {', '.join(fields)}.")
        if key not in fields:
            raise unknown_name("option", key, fields)
        if key in given:
            raise ConfigurationError(f"{key} is given twice.")
        given[key] = None if value == "null" else value
    try:
        return TypeAdapter(shape).validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] in ("missing", "missing_argument"):
            raise ConfigurationError(f"{key} is missing: give {key}=... .") from None
        if first["type"] == "literal_error":
            raise ConfigurationError(f"{key}={first['input']}. Valid: {first['ctx']['expected']}.") from None
        fault = first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(f"{key}={given.get(key)}: {fault[:1].lower()}{fault[1:]}.") from None


def status(work: Callable[[], int | None]) -> int:
    """Do a command's work and return its exit status; what is wrong is said in one line, without a traceback."""
    try:
        return work() or COMPLETED
    except TraceSimError as error:
        return refused(error)
    except KeyboardInterrupt:
        return INTERRUPTED


def refused(error: TraceSimError) -> int:
    """Say what is wrong, in one line, and return the exit status."""
    print("error:", " ".join(str(error).split()), file=sys.stderr)
    may_pass = isinstance(error, InfrastructureError) and not isinstance(error, RequestRefusedError)
    return INFRASTRUCTURE_REMAINS if may_pass else WRONG
