"""setuptools' build backend, whose editable install also works from a folder with a name outside ASCII.

An editable install is a `.pth` file that holds the path of `src`. Python 3.11 reads it in the encoding of the locale,
and does not start at all where that is ASCII (`LC_ALL=C`) and the path is not. Such a path is added by a statement.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (
    build_sdist,
    build_wheel,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]


def build_editable(
    wheel_directory: str, config_settings: Mapping[str, str] | None = None, metadata_directory: str | None = None
) -> str:
    """Build the wheel of an editable install and return its name (PEP 660)."""
    name: str = build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
    wheel = Path(wheel_directory, name)
    with zipfile.ZipFile(wheel) as archive:
        files = {info.filename: archive.read(info) for info in archive.infolist()}
    changed = {file: in_ascii(content) for file, content in files.items() if file.endswith(".pth")}
    changed = {file: content for file, content in changed.items() if content != files[file]}
    if changed:
        record = next(file for file in files if file.endswith(".dist-info/RECORD"))
        files |= changed | {record: _with_entries(files[record].decode(), changed).encode()}
        whole = wheel.with_suffix(".partial")
        with zipfile.ZipFile(whole, "w") as archive:
            for file, content in files.items():
                archive.writestr(file, content)
        shutil.move(whole, wheel)
    return name


def in_ascii(pth: bytes) -> bytes:
    """Return the content of a `.pth` file in which each path outside ASCII is added by a statement."""
    lines = pth.decode().splitlines()
    said = [
        line if line.isascii() else f"import os, sys; sys.path.append(os.fsdecode({line.encode()!r}))" for line in lines
    ]
    return "".join(f"{line}\n" for line in said).encode("ascii") if said != lines else pth


def _with_entries(record: str, files: Mapping[str, bytes]) -> str:
    """Return a wheel's RECORD with the hash and size of changed files."""
    lines = []
    for line in record.splitlines():
        file = line.rpartition(",")[0].rpartition(",")[0]
        if file in files:
            digest = base64.urlsafe_b64encode(hashlib.sha256(files[file]).digest()).rstrip(b"=").decode()
            line = f"{file},sha256={digest},{len(files[file])}"
        lines.append(f"{line}\n")
    return "".join(lines)
