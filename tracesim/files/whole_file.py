"""Files that appear under their name only once they are complete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a path to write to, which is renamed to `path` at the end.

    Where the writing fails or is interrupted, what was written is removed and a file that stood at `path` stays as it
    was. Folders that are missing are made.

    Raises:
        OSError: the folder cannot be made, nothing was written, or the file cannot be renamed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    partial.unlink(missing_ok=True)  # a kill may have left it
    try:
        yield partial
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_text(text: str, path: Path) -> None:
    """Write a text file in UTF-8, all of it or nothing.

    Raises:
        OSError: the disk refuses.
    """
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8")
