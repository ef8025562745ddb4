"""Text that users bring: UTF-8, with or without the byte-order mark that editors and spreadsheets put before it."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from tracesim.errors import ConfigurationError

MARK: Final = codecs.BOM_UTF8

_OTHERS: Final = {"UTF-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "UTF-32": (codecs.BOM_UTF32_BE,)}
"""How files in other encodings begin; the mark of UTF-32 in little-endian order begins with that of UTF-16."""


def decoded(content: bytes) -> str:
    """Return the text that bytes are, without its mark; raises `ValueError` with why they are none.

    Files that are joined bring a mark each, which then begins a line.
    """
    check_encoding(content)
    try:
        return content.removeprefix(MARK).replace(b"\n" + MARK, b"\n").decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"cannot be read: is not a text in UTF-8 (byte {error.start}).") from None


def check_encoding(content: bytes) -> None:
    """Raise `ValueError` where a file's bytes begin as no text in UTF-8 does."""
    for name, marks in _OTHERS.items():
        if content.startswith(marks):
            raise ValueError(f"cannot be read: is not a text in UTF-8 but in {name}; save it as UTF-8.")
    if b"\0" in content[:4]:
        raise ValueError("cannot be read: is not a text in UTF-8; save it as UTF-8.")


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        ConfigurationError: it cannot be read, or is not in UTF-8.
    """
    try:
        return decoded(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}).") from None
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from None
