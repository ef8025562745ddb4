"""Bodies of HTTP responses: one JSON value, or a stream of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

END_OF_STREAM: Final = re.compile(rb"[\r\n]data: ?\[DONE\]")
"""Last event of a stream, on a line of its own."""

_BEGINS: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:data|event|id|retry)?:")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_DONE: Final = "[DONE]"
_NOT_JSON: Final = object()


@dataclass(frozen=True)
class EventStream:
    """JSON values sent one after another, as server-sent events or as JSON Lines."""

    events: tuple[Any, ...]
    """The values."""

    done: bool = False
    """Whether the server marked the end of the stream."""


def decode_body(body: bytes) -> Any:
    """Return the JSON value in a body, or an `EventStream`; takes time linear in its length.

    An incomplete event at the end of a stream is left out.

    Raises:
        ValueError: The body is neither.
    """
    if _BEGINS.match(body):
        return _server_sent(body)
    value = _json(body)
    if value is _NOT_JSON:
        return _json_lines(body)
    return value


def _server_sent(body: bytes) -> EventStream:
    """Return the events of a body in the format `text/event-stream`.

    Source: WHATWG HTML, 9.2.6. Blank lines between events may be missing, since some servers omit them.
    """
    events: list[Any] = []
    for data, complete in _data(body):
        done = _DONE in data
        if done:
            data = data[: data.index(_DONE)]
        values = [_json(line) for line in data]
        if _NOT_JSON in values and len(data) > 1 and (whole := _json("\n".join(data))) is not _NOT_JSON:
            values = [whole]
        if not complete and values and values[-1] is _NOT_JSON:
            values.pop()  # cut off
        if _NOT_JSON in values:
            raise ValueError("an event that is not JSON")
        events += values
        if done:
            return EventStream(tuple(events), done=True)
    return EventStream(tuple(events))


def _data(body: bytes) -> Iterator[tuple[list[str], bool]]:
    """Yield the data lines of each event, and whether a blank line followed them."""
    data: list[str] = []
    for line in _LINE_END.split(body.decode("utf-8-sig", errors="replace")):
        if line:
            name, _, value = line.partition(":")
            if name.strip() == "data" and value.strip():
                data.append(value.strip())
        elif data:
            yield data, True
            data = []
    if data:
        yield data, False


def _json_lines(body: bytes) -> EventStream:
    """Return the values of a body with one value per line; the first one has to be complete."""
    lines = [line for line in body.splitlines() if line.strip()]
    events: list[Any] = []
    for number, line in enumerate(lines, start=1):
        value = _json(line)
        if isinstance(value, dict):
            events.append(value)
        elif number < len(lines) or not events:
            raise ValueError("not JSON")
    return EventStream(tuple(events))


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NOT_JSON
