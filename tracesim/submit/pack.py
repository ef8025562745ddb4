"""Writing of submissions: one ZIP file, which appears once it is complete."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tracesim.errors import ConfigurationError
from tracesim.files.whole_file import whole
from tracesim.results.call_store import CallStore, read_calls
from tracesim.results.manifest import MANIFEST_FILE, Manifest, Member
from tracesim.results.provenance import PROVENANCE_FILE
from tracesim.results.record import Record
from tracesim.results.store import RecordStore
from tracesim.results.summary import summarise
from tracesim.submit.checks import codes, splits
from tracesim.submit.played_run import PlayedRun

SUMMARY_FILE: Final = "summary.json"
PICTURES: Final = "pictures"

_SECRET_NAMES: Final = re.compile("KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
_SHORTEST_SECRET: Final = 12
"""Shorter values of such variables, characters, are no keys, and may occur in any text."""

_BLOCK_BYTES: Final = 2**20
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""Time of every member, so that the same content gives the same file."""


@dataclass(frozen=True)
class Packing:
    """What is packed beside records, provenance, summary and calls."""

    curves: bool = False
    """Whether curves files are packed."""

    pictures: bool = False
    """Whether the pictures that were sent to the policy's model are packed."""


def write(path: Path, runs: Sequence[PlayedRun], warnings: Sequence[str], packing: Packing) -> Manifest:
    """Write a submission, and return its manifest.

    Each run is a folder of its own in it, `runs/0` and so on, which commands that read folders of runs take once the
    file is unpacked.

    Args:
        path: The file to write.
        runs: Runs without faults, with the records that are submitted.
        warnings: What a reader should know.
        packing: What is packed.

    Raises:
        ConfigurationError: Something that would be packed holds an API key or a similar secret.
        OSError: The file cannot be written, or a file of a run cannot be read.
    """
    records = [record for run in runs for record in run.records]
    with whole(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as opened:
        members: dict[str, Member] = {}
        for name, content in _texts(runs, records, packing):
            _check_without_secrets(name, content)
            members[name] = _put(opened, name, io.BytesIO(content))
        for name, file in _files(runs, packing):
            with file.open("rb") as source:
                members[name] = _put(opened, name, source)
        manifest = Manifest.of(records, codes(runs), splits(runs), warnings, members)
        _put(opened, MANIFEST_FILE, io.BytesIO(_encoded(manifest.model_dump(mode="json"))))
    return manifest


def summaries(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return the summary of each task as JSON values."""
    tasks = sorted({one.task for one in records})
    found = (summarise([one for one in records if one.task == task]).as_json() for task in tasks)
    return [json.loads(json.dumps(one)) for one in found]


def _texts(runs: Sequence[PlayedRun], records: Sequence[Record], packing: Packing) -> Iterator[tuple[str, bytes]]:
    for number, run in enumerate(runs):
        packed = (_packed(record, packing).line() for record in run.records)
        yield f"runs/{number}/{RecordStore.FILE}", "".join(f"{line}\n" for line in packed).encode()
        assert run.provenance is not None
        yield f"runs/{number}/{PROVENANCE_FILE}", _encoded(run.provenance.model_dump(mode="json"))
        calls = None if run.folder is None else run.folder / CallStore.FILE
        if calls is not None and calls.exists():
            lines = (call.model_dump_json() for call in read_calls(calls))
            yield f"runs/{number}/{CallStore.FILE}", "".join(f"{line}\n" for line in lines).encode()
    yield SUMMARY_FILE, _encoded(summaries(records))


def _packed(record: Record, packing: Packing) -> Record:
    """Return a record without the paths of files that are not packed, on which its hash does not depend."""
    curves = f"curves/{record.seed}.npz" if packing.curves and record.curves_file is not None else None
    options = {name: value for name, value in record.policy_options.items() if name not in record.policy_files}
    return record.model_copy(update={"video": None, "curves_file": curves, "policy_options": options})


def _files(runs: Sequence[PlayedRun], packing: Packing) -> Iterator[tuple[str, Path]]:
    for number, run in enumerate(runs):
        assert run.folder is not None
        for record in run.records if packing.curves else ():
            if record.curves_file is not None:
                yield f"runs/{number}/curves/{record.seed}.npz", run.folder / record.curves_file
        if packing.pictures and (run.folder / PICTURES).is_dir():
            for picture in sorted((run.folder / PICTURES).iterdir()):
                yield f"runs/{number}/{PICTURES}/{picture.name}", picture


def _encoded(value: object) -> bytes:
    return (json.dumps(value, indent=2, allow_nan=False) + "\n").encode()


def _put(opened: zipfile.ZipFile, name: str, source: io.BytesIO | io.BufferedReader) -> Member:
    """Write a member of a ZIP file, and return its size and hash."""
    info = zipfile.ZipInfo(name, _LONG_AGO)
    compressed = name.endswith((".npz", ".png", ".jpg"))
    info.compress_type = zipfile.ZIP_STORED if compressed else zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    source.seek(0, os.SEEK_END)
    size = source.tell()
    source.seek(0)
    found = hashlib.file_digest(source, "sha256").hexdigest()
    source.seek(0)
    with opened.open(info, "w", force_zip64=size >= zipfile.ZIP64_LIMIT) as target:
        shutil.copyfileobj(source, target, _BLOCK_BYTES)
    return Member(size=size, sha256=found)


def _check_without_secrets(name: str, content: bytes, environment: Mapping[str, str] | None = None) -> None:
    """Check that a text holds the value of no environment variable that is named like a secret.

    Records and calls are written without keys; this makes sure before anything is published.

    Raises:
        ConfigurationError: It does; the message names the variable.
    """
    for variable, value in (os.environ if environment is None else environment).items():
        if _SECRET_NAMES.search(variable) and len(value) >= _SHORTEST_SECRET:
            for secret in {value, json.dumps(value)[1:-1]}:
                if secret.encode(errors="surrogateescape") in content:
                    raise ConfigurationError(
                        f"{name}: the value of the environment variable {variable} stands in it, and would be "
                        "published. Remove it from the folder, or unset the variable if it is no secret."
                    )
