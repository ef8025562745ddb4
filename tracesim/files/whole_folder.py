"""Atomic writing of folders: a folder appears under its name only once it is complete."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tracesim.errors import ConfigurationError


@contextmanager
def whole_folder(path: Path, replaces: Callable[[Path], bool] = lambda _: False) -> Iterator[Path]:
    """Yield a new temporary folder beside `path`, and rename it to `path` on exit.

    If writing fails or is interrupted, the temporary folder is removed; that of a killed process is removed by the next
    one that writes to the same path. Missing parent folders are created.

    Args:
        path: The folder.
        replaces: Returns whether what is at `path` is replaced, which happens once the new folder is complete.

    Raises:
        ConfigurationError: There is something at `path` that is not replaced.
        OSError: A folder cannot be created or renamed.
    """
    if (path.exists() or path.is_symlink()) and not replaces(path):
        raise ConfigurationError(f"{path} exists, and is not overwritten. Remove it, or name another folder.")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        shutil.rmtree(path, ignore_errors=True)
        partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
