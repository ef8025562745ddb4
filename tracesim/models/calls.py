"""Calls of models as they were sent and as they were answered, for whoever wants to record them.

A sink that `recorded` sets is given every attempt to ask a model, from the thread that makes it. Pictures are replaced
by their names, which are made of their content; keys are masked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, FiniteFloat, JsonValue

CALL_SCHEMA: Final = 1

PICTURES: Final = "pictures"
"""Folder of the pictures that were sent, in the folder of a run."""

_SIGNATURES: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
"""First bytes of pictures, and the suffixes of their files."""

_SHORTEST_PICTURE: Final = 64
"""Shorter texts are not tried as pictures in base64, characters."""


class Call(BaseModel):
    """An attempt to ask a model: a line of `calls.jsonl`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = CALL_SCHEMA
    """Version of this schema."""

    seed: int | None
    """Seed of the episode; null outside of episodes."""

    turn: int | None
    """Index of the instruction within the episode, from 0."""

    attempt: int
    """Number of the attempt to ask this question, from 1; further ones follow failures that may be temporary."""

    started: str
    """Time in UTC, ISO 8601."""

    seconds: FiniteFloat
    """Time until the answer was complete or the attempt had failed."""

    address: str
    """Address that was asked, without user, password and query string; the checkpoint for a model in this process."""

    sent: JsonValue
    """Content of the request. In place of a picture stands its path in the run's folder."""

    status: int | None = None
    """HTTP status of the answer; null if there was none."""

    answered: str | None = None
    """Content of the answer; null if there was none."""

    error: str | None = None
    """Why the attempt failed; null if it did not."""


@dataclass(frozen=True)
class RecordedCall:
    """A call, with the pictures that were sent."""

    call: Call
    """The call."""

    pictures: Mapping[str, bytes]
    """Content of each picture by its path in the run's folder."""


@dataclass
class Attempt:
    """An attempt to ask that is under way."""

    status: int | None = None
    """HTTP status of the answer."""

    answered: str | None = None
    """Content of the answer."""


Sink = Callable[[RecordedCall], None]


@dataclass(frozen=True)
class _Context:
    sink: Sink | None = None
    seed: int | None = None
    turn: int | None = None


_NOBODY: Final = _Context()
_context: ContextVar[_Context] = ContextVar("calls")


@contextmanager
def recorded(sink: Sink) -> Iterator[None]:
    """Give every call that is made in the context to a sink."""
    token = _context.set(_Context(sink))
    try:
        yield
    finally:
        _context.reset(token)


@contextmanager
def about(seed: int, turn: int) -> Iterator[None]:
    """Say which instruction of which episode the calls in the context are about."""
    token = _context.set(_Context(_context.get(_NOBODY).sink, seed, turn))
    try:
        yield
    finally:
        _context.reset(token)


@contextmanager
def attempt_to_ask(
    address: str,
    body: Callable[[], Any],
    number: int = 1,
    without_secrets: Callable[[str], str] = str,
) -> Iterator[Attempt]:
    """Record the attempt to ask that is made in the context, if somebody wants it.

    Args:
        address: What is asked, without secrets.
        body: Returns the content of the request, a JSON value.
        number: Number of the attempt, from 1.
        without_secrets: Masks secrets in a text.
    """
    attempt, context = Attempt(), _context.get(_NOBODY)
    if context.sink is None:
        yield attempt
        return
    pictures = _Pictures(without_secrets)
    sent = pictures.taken_out(body())
    started, begun = datetime.now(UTC).isoformat(timespec="milliseconds"), time.perf_counter()
    failed: BaseException | None = None
    try:
        yield attempt
    except BaseException as error:
        failed = error
        raise
    finally:
        call = Call(
            seed=context.seed,
            turn=context.turn,
            attempt=number,
            started=started,
            seconds=time.perf_counter() - begun,
            address=address,
            sent=sent,
            status=attempt.status,
            answered=None if attempt.answered is None else without_secrets(attempt.answered),
            error=None if failed is None else without_secrets(f"{type(failed).__name__.strip('_')}: {failed}"),
        )
        context.sink(RecordedCall(call, pictures.found))


@dataclass
class _Pictures:
    without_secrets: Callable[[str], str]
    found: dict[str, bytes] = field(default_factory=dict)

    def taken_out(self, value: Any) -> JsonValue:
        """Return a JSON value with the path of each picture in its place, and without secrets."""
        if isinstance(value, Mapping):
            return {self.without_secrets(str(key)): self.taken_out(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.taken_out(one) for one in value]
        if not isinstance(value, str):
            plain: JsonValue = value
            return plain
        picture = _picture(value)
        if picture is None:
            encodable = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            return self.without_secrets(encodable)
        content, suffix = picture
        path = f"{PICTURES}/{hashlib.sha256(content).hexdigest()}.{suffix}"
        self.found[path] = content
        return path


def _picture(text: str) -> tuple[bytes, str] | None:
    """Return the content and suffix of the picture that a text is, in base64 or as the path of its file."""
    content = b""
    if text.startswith("/") and Path(text).suffix in (".png", ".jpg"):
        try:
            content = Path(text).read_bytes()
        except OSError:
            return None
    elif len(text) >= _SHORTEST_PICTURE:
        encoded = text.partition(";base64,")[2] if text.startswith("data:image/") else text
        try:
            content = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return None
    return next(((content, suffix) for head, suffix in _SIGNATURES.items() if content.startswith(head)), None)


def json_body(content: bytes | None) -> JsonValue:
    """Return the JSON value that a request sends; null if it sends nothing."""
    return None if content is None else json.loads(content)
