"""Atomic writing of folders: a folder appears under its name only once it is complete."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracesim.errors import ConfigurationError


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a new temporary folder beside `path`, and rename it to `path` on exit.

    If writing fails or is interrupted, the temporary folder is removed; that of a killed process is removed by the next
    one that writes to the same path. Missing parent folders are created.

    Raises:
        ConfigurationError: There is something at `path`.
        OSError: A folder cannot be created or renamed.
    """
    if path.exists() or path.is_symlink():
        raise ConfigurationError(f"{path} exists, and is not overwritten. Remove it, or name another folder.")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
