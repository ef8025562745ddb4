"""Paths in the words of a command line, and the hashes of the files that they name."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tracesim.errors import ConfigurationError

_READ_WHOLE_BYTES: Final = 64 * 2**20
_SAMPLES: Final = 16
_SAMPLE_BYTES: Final = 2**20
"""Of a larger file in a folder, such as the weights of a checkpoint, only samples are hashed."""

_CHOICES: Final = re.compile(r"(?:choice|range|interval|glob|sort|shuffle)\(.*\)", re.DOTALL)
_QUOTED: Final = re.compile(r"""(?P<quote>['"])(?P<text>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)""", re.DOTALL)


def literal(word: str) -> str:
    """Return the path in `KEY=PATH` as typed, but with `~` expanded and without enclosing quotes.

    Raises:
        ConfigurationError: The path is empty, or cannot be encoded in UTF-8.
    """
    key, _, value = word.partition("=")
    found = _QUOTED.fullmatch(value)
    if found:
        quote = found["quote"]
        value = re.sub(rf"(\\+)({quote}|$)", lambda one: "\\" * (len(one[1]) // 2) + one[2], found["text"])
    if not value:
        raise ConfigurationError(f"{key}=: no such file or folder, the path is empty.")
    try:
        value.encode()
    except UnicodeEncodeError:
        shown = word.encode(errors="backslashreplace").decode()
        raise ConfigurationError(f"{shown}: a name must be text in UTF-8.") from None
    return os.path.expanduser(value)


def as_override(word: str, several: bool = False) -> str:
    """Return the override in Hydra's grammar for `KEY=PATH`, whatever characters the path contains.

    Args:
        word: `KEY=PATH`.
        several: Whether commas separate several paths; Hydra's functions, such as `glob(*)`, are then kept.
    """
    key, _, value = word.partition("=")
    if several and _CHOICES.fullmatch(value):
        return word
    parts = list(_paths(value)) if several else [value]
    return f"{key}={','.join(quote(literal(f'{key}={part}')) for part in parts)}"


def quote(value: object) -> str:
    """Return a value in quotes, as in Hydra's grammar."""
    text = re.sub(r"(\\*)('|$)", lambda one: 2 * one[1] + ("\\'" if one[2] else ""), str(value))
    return f"'{text}'"


def digest(path: Path) -> str:
    """Return the SHA-256, in hexadecimal, of the content of a file or folder.

    The digest of a folder covers the names and contents of its files; a file above 64 MiB is represented by its size
    and 16 samples.

    Raises:
        ConfigurationError: The file or folder cannot be read.
    """
    try:
        if path.is_dir():
            total = hashlib.sha256()
            for file in sorted(one for one in path.rglob("*") if one.is_file()):
                total.update(os.fsencode(file.relative_to(path)) + b"\n")
                total.update(_digest_of(file, sampled=True).encode() + b"\n")
            return total.hexdigest()
        if not path.is_file():
            raise ConfigurationError(f"{path}: no such file or folder.")
        return _digest_of(path, sampled=False)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}).") from None


def _digest_of(file: Path, sampled: bool) -> str:
    size = file.stat().st_size
    with file.open("rb") as content:
        if not sampled or size <= _READ_WHOLE_BYTES:
            return hashlib.file_digest(content, "sha256").hexdigest()
        found = hashlib.sha256(str(size).encode())
        for number in range(_SAMPLES):
            content.seek((size - _SAMPLE_BYTES) * number // (_SAMPLES - 1))
            found.update(content.read(_SAMPLE_BYTES))
        return found.hexdigest()


def _paths(value: str) -> Iterator[str]:
    """Yield the paths that commas separate; commas within quotes or brackets belong to a path."""
    depth, quote, start = 0, "", 0
    for place, character in enumerate(value):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"" and place == start:
            quote = character
        elif character in "[({":
            depth += 1
        elif character in "])}":
            depth = max(0, depth - 1)
        elif character == "," and not depth:
            yield value[start:place]
            start = place + 1
    yield value[start:]
