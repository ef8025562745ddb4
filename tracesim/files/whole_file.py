"""Atomic writing of files: a file appears under its name only once it is complete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder, and rename it to `path` on exit.

    If writing fails or is interrupted, the temporary file is removed and an existing file at `path` is left unchanged.
    Missing parent folders are created.

    Raises:
        OSError: The folder cannot be created, nothing was written, or the file cannot be renamed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    partial.unlink(missing_ok=True)  # left over from a killed process
    try:
        yield partial
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_text(text: str, path: Path) -> None:
    """Write a UTF-8 text file atomically.

    Raises:
        OSError: The file cannot be written.
    """
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8")
