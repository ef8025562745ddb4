"""Text files from users: UTF-8, with or without the byte-order mark that some editors and spreadsheets add."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from tracesim.errors import ConfigurationError

MARK: Final = codecs.BOM_UTF8
"""Byte-order mark of UTF-8."""

_OTHER_MARKS: Final = {"UTF-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "UTF-32": (codecs.BOM_UTF32_BE,)}
"""Byte-order marks of other encodings. The mark of little-endian UTF-32 begins with that of UTF-16."""


def decode(content: bytes) -> str:
    """Return UTF-8 bytes as text, without byte-order marks.

    In concatenated files, a mark may stand at the beginning of any line.

    Raises:
        ValueError: The bytes are not UTF-8; the message continues a sentence that begins with the file's name.
    """
    check_encoding(content)
    try:
        return content.removeprefix(MARK).replace(b"\n" + MARK, b"\n").decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"cannot be read: not UTF-8 text (byte {error.start}).") from None


def check_encoding(content: bytes) -> None:
    """Check that the first bytes of a file can be those of a UTF-8 text.

    Raises:
        ValueError: They belong to another encoding or to a binary file.
    """
    for name, marks in _OTHER_MARKS.items():
        if content.startswith(marks):
            raise ValueError(f"cannot be read: {name}, not UTF-8 text; save it as UTF-8.")
    if b"\0" in content[:4]:
        raise ValueError("cannot be read: not UTF-8 text; save it as UTF-8.")


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        ConfigurationError: The file cannot be read, or is not UTF-8.
    """
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}).") from None
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from None
