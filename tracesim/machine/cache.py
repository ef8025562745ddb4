"""Cache of generated files in a folder that may be deleted at any time."""

from __future__ import annotations

import errno
import functools
import hashlib
import json
import os
import stat
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import platformdirs

from tracesim.errors import RendererError, TraceSimWarning

INDEX_FILE: Final = "index.json"
"""File of each entry that lists the names and hashes of its other files."""

REMEDY: Final = "set XDG_CACHE_HOME to a folder that can be written"


def cache_folder() -> Path | None:
    """Return the user's cache folder, whether or not it is writable; None for a user without a home folder."""
    try:
        folder = Path(platformdirs.user_cache_dir("tracesim"))
    except (OSError, RuntimeError):
        return None
    # For a user without a home folder, some versions of platformdirs return a path that begins with a literal "~".
    return folder if folder.is_absolute() else None


def cached(name: str, make: Callable[[], Mapping[str, bytes]]) -> Path:
    """Return the folder of a cache entry, after creating its files if necessary.

    Several processes may create an entry at the same time; each sees it complete or not at all. Entries damaged by a
    crash or a full disk are created again. If the user's cache folder is not writable, a private temporary folder is
    used instead, with a warning.

    Args:
        name: Relative path of the entry, which has to change with the inputs of `make`.
        make: Returns the content of the files by name; called only if the entry is missing or damaged.

    Raises:
        RendererError: No folder is writable.
    """
    files = functools.cache(make)
    faults = []
    for place, kept in _places():
        try:
            folder = kept() / name
            if not _is_whole(folder):
                folder.parent.mkdir(parents=True, exist_ok=True)
                _put(files, folder)
        except OSError as error:
            faults.append(f"{place} ({error.strerror or error})")
            continue
        if faults:
            _warn(f"The cache folder cannot be written: {', '.join(faults)}. {place} is used instead; {REMEDY}.")
        return folder
    raise RendererError(f"Rendering needs a folder for its files, and none is writable: {', '.join(faults)}; {REMEDY}.")


def problem() -> str:
    """Return why the user's cache folder is not writable and which folder is used instead; empty if it is writable."""
    faults = []
    for place, kept in _places():
        try:
            folder = kept()
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"content")
        except OSError as error:
            faults.append(f"{place} cannot be written ({error.strerror or error})")
            continue
        return f"{', '.join(faults)}; {place} is used instead" if faults else ""
    return ", ".join(faults)


def _places() -> Iterator[tuple[str, Callable[[], Path]]]:
    """Yield the name of each folder that may hold the cache, and a function that returns the folder.

    The function raises `OSError` if the folder must not be used.
    """
    user = cache_folder()
    yield str(user or "~/.cache/tracesim"), lambda: _existing(user)
    name = f"tracesim-{os.geteuid()}"
    with suppress(OSError):
        temporary = Path(tempfile.gettempdir()) / name
        yield str(temporary), lambda: _private(temporary)
    memory = Path("/dev/shm") / name
    yield str(memory), lambda: _private(memory)


def _existing(user: Path | None) -> Path:
    if user is None:
        raise OSError("there is no home folder")
    return user


def _private(folder: Path) -> Path:
    """Return a folder in a shared place after creating it or checking that no other user can write to it."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise OSError("it belongs to another user")
    return folder


def _is_whole(folder: Path) -> bool:
    """Return whether every file of an entry is as it was written."""
    try:
        index = json.loads((folder / INDEX_FILE).read_bytes())
        return bool(index) and all(_hash((folder / name).read_bytes()) == known for name, known in index.items())
    except (OSError, ValueError, AttributeError):
        return False


def _put(files: Callable[[], Mapping[str, bytes]], folder: Path) -> None:
    """Write an entry under a temporary name and rename it; replace a damaged one file by file, the index last."""
    with tempfile.TemporaryDirectory(
        dir=folder.parent, prefix=f".{folder.name}.", ignore_cleanup_errors=True
    ) as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        index = {}
        for name, content in files().items():
            (new / name).write_bytes(content)
            index[name] = _hash(content)
        (new / INDEX_FILE).write_text(json.dumps(index, indent=1) + "\n")
        try:
            new.rename(folder)
        except NotADirectoryError:
            folder.unlink(missing_ok=True)
            new.rename(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            for name in (*index, INDEX_FILE):
                os.replace(new / name, folder / name)


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


@functools.cache
def _warn(text: str) -> None:
    warnings.warn(text, TraceSimWarning, stacklevel=3)
