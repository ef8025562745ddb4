"""Paths as a command line gives them, and what identifies the files that they name."""

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
"""Of a file in a folder that is larger than the first, such as a checkpoint's weights, only samples are read."""

_CHOICES: Final = re.compile(r"(?:choice|range|interval|glob|sort|shuffle)\(.*\)", re.DOTALL)
_QUOTED: Final = re.compile(r"""(?P<quote>['"])(?P<text>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)""", re.DOTALL)


def literal(word: str) -> str:
    """Return the path in `KEY=PATH`: as typed, but for `~` and for quotes around all of it.

    Raises:
        ConfigurationError: there is none, or it is not text.
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
    """Return `KEY=PATH` as Hydra's grammar has it, whatever characters are in the path.

    several: commas separate several paths, and Hydra's functions such as `glob(*)` are left to it.
    """
    key, _, value = word.partition("=")
    if several and _CHOICES.fullmatch(value):
        return word
    parts = list(_separated(value)) if several else [value]
    return f"{key}={','.join(quoted(literal(f'{key}={part}')) for part in parts)}"


def quoted(value: object) -> str:
    """Return a value as Hydra's grammar quotes it."""
    text = re.sub(r"(\\*)('|$)", lambda one: 2 * one[1] + ("\\'" if one[2] else ""), str(value))
    return f"'{text}'"


def digest(path: Path) -> str:
    """Return the SHA-256, in hexadecimal, of what a file or folder holds.

    A folder's is of the names and contents of its files; of one above 64 MiB, size and 16 samples stand for the rest.

    Raises:
        ConfigurationError: it cannot be read.
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


def _separated(value: str) -> Iterator[str]:
    """Yield the parts of a text between its commas; those in quotes or brackets are part of a name."""
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
