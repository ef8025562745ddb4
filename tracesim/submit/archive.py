"""Reading of submissions. Nothing is unpacked, and every size has a limit, as the file may come from anybody."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel, ValidationError

from tracesim.errors import ConfigurationError, Fault
from tracesim.files.json_lines import lines_of
from tracesim.results.call_store import CallStore, parse_call
from tracesim.results.manifest import MANIFEST_FILE, MANIFEST_SCHEMA, Manifest, Member
from tracesim.results.provenance import PROVENANCE_FILE, Provenance
from tracesim.results.store import RecordStore, parse_record
from tracesim.submit.checks import codes, faults, splits
from tracesim.submit.pack import PICTURES, SUMMARY_FILE, summaries
from tracesim.submit.played_run import PlayedRun

_Model = TypeVar("_Model", bound=BaseModel)

LARGEST_TEXT_BYTES: Final = 2**29
"""Largest size of a member that is read into memory: 512 MiB."""

LARGEST_BYTES: Final = 2**36
"""Largest size of everything in a submission: 64 GiB."""

MOST_MEMBERS: Final = 1_000_000

_NAME: Final = re.compile(
    rf"{re.escape(SUMMARY_FILE)}|runs/(?P<run>0|[1-9]\d{{0,5}})/"
    rf"(?:{re.escape(RecordStore.FILE)}|{re.escape(PROVENANCE_FILE)}|{re.escape(CallStore.FILE)}"
    rf"|curves/\d{{1,18}}\.npz|{PICTURES}/[0-9a-f]{{64}}\.(?:png|jpg))"
)
"""Names of members other than the manifest."""

_BLOCK_BYTES: Final = 2**20


@dataclass(frozen=True)
class Submission:
    """What a submission holds."""

    manifest: Manifest
    """Its manifest."""

    runs: tuple[PlayedRun, ...]
    """Its runs."""


def read_submission(path: Path) -> Submission:
    """Return the content of a submission, which is complete, undamaged, and agrees with itself.

    Raises:
        ConfigurationError: It is not; names the member and what is wrong with it.
    """
    with _Archive(path) as archive:
        manifest = archive.manifest()
        runs = tuple(archive.run(number) for number in archive.runs)
        archive.check_others()
        found = faults(runs)
        if found:
            raise ConfigurationError(f"{path}: " + " ".join(found))
        _check_agrees(path, manifest, runs, archive.json(SUMMARY_FILE))
    return Submission(manifest, runs)


def _check_agrees(path: Path, manifest: Manifest, runs: tuple[PlayedRun, ...], summary: Any) -> None:
    """Raise `ConfigurationError` if the manifest or the summary do not say what the records say."""
    records = [record for run in runs for record in run.records]
    if len({(one.task, one.seed) for one in records}) < len(records):
        raise ConfigurationError(f"{path}: an episode is in it more than once.")
    again = Manifest.of(records, codes(runs), splits(runs), manifest.warnings, manifest.members)
    if again != manifest:
        wrong = [name for name in Manifest.model_fields if getattr(again, name) != getattr(manifest, name)]
        raise ConfigurationError(f"{path}: {MANIFEST_FILE} does not agree with the records: {', '.join(wrong)}.")
    if summary != summaries(records):
        raise ConfigurationError(f"{path}: {SUMMARY_FILE} does not agree with the records.")


class _Archive:
    """An open submission."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._members: dict[str, Member] = {}
        self._read: set[str] = set()

    def __enter__(self) -> Self:
        try:
            self._opened = zipfile.ZipFile(self._path)
        except OSError as error:
            raise ConfigurationError(f"{self._path}: cannot be read ({error.strerror or error}).") from None
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise ConfigurationError(f"{self._path}: not a ZIP file, or a damaged one ({error}).") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def manifest(self) -> Manifest:
        """Return the manifest; from here on only what it lists is read."""
        infos = self._opened.infolist()
        if len(infos) > MOST_MEMBERS:
            raise self._wrong("the file", f"has {len(infos)} members; at most {MOST_MEMBERS} are read")
        for name, times in Counter(info.filename for info in infos).items():
            if name != MANIFEST_FILE and _NAME.fullmatch(name) is None:
                raise self._wrong(name, "is not a file of a submission")
            if times > 1:
                raise self._wrong(name, "is there more than once")
        self._infos = {info.filename: info for info in infos}
        if MANIFEST_FILE not in self._infos:
            raise ConfigurationError(
                f"{self._path}: has no {MANIFEST_FILE}. Valid: a file that `python -m tracesim.submit FOLDER` wrote."
            )
        manifest = self._model(MANIFEST_FILE, Manifest)
        self._members = manifest.members
        for name in {**manifest.members, **self._infos}:
            if name == MANIFEST_FILE:
                continue
            if name not in self._infos:
                raise self._wrong(name, "is missing")
            if name not in manifest.members:
                raise self._wrong(name, f"is not listed in {MANIFEST_FILE}")
        total = sum(member.size for member in manifest.members.values())
        if total > LARGEST_BYTES:
            raise self._wrong("the file", f"holds {total} bytes; at most {LARGEST_BYTES} are read")
        return manifest

    @property
    def runs(self) -> list[int]:
        """The numbers of the runs."""
        found = (_NAME.fullmatch(name) for name in self._members)
        return sorted({int(one["run"]) for one in found if one is not None and one["run"] is not None})

    def run(self, number: int) -> PlayedRun:
        """Return a run."""
        folder = f"runs/{number}"
        for name in (RecordStore.FILE, PROVENANCE_FILE):
            if f"{folder}/{name}" not in self._members:
                raise self._wrong(f"{folder}/{name}", "is missing")
        records = lines_of(
            self._content(f"{folder}/{RecordStore.FILE}"), self._path / folder / RecordStore.FILE, parse_record
        )
        if f"{folder}/{CallStore.FILE}" in self._members:
            calls = f"{folder}/{CallStore.FILE}"
            lines_of(self._content(calls), self._path / calls, parse_call)
        provenance = self._model(f"{folder}/{PROVENANCE_FILE}", Provenance)
        return PlayedRun(f"{self._path}, {folder}", tuple(records), provenance)

    def json(self, name: str) -> Any:
        """Return the value of a member in JSON."""
        if name not in self._members:
            raise self._wrong(name, "is missing")
        try:
            return json.loads(self._content(name))
        except (ValueError, RecursionError):
            raise self._wrong(name, "is not JSON") from None

    def check_others(self) -> None:
        """Check sizes and hashes of all members that have not been read."""
        for name in self._members.keys() - self._read:
            for _ in self._blocks(name):
                pass

    def _model(self, name: str, shape: type[_Model]) -> _Model:
        try:
            return shape.model_validate_json(self._content(name))
        except ValidationError as error:
            fault = Fault.first(error)
        if fault.where == ("schema_version",) and shape is Manifest:
            raise self._wrong(name, f"has schema_version {fault.value!r}; this version reads {MANIFEST_SCHEMA}")
        raise self._wrong(name, f"is invalid: {fault}")

    def _content(self, name: str) -> bytes:
        if self._infos[name].file_size > LARGEST_TEXT_BYTES:
            raise self._wrong(name, f"is larger than {LARGEST_TEXT_BYTES} bytes")
        return b"".join(self._blocks(name))

    def _blocks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a member in blocks, and check its size and hash in the end."""
        info, member = self._infos[name], self._members.get(name)
        self._read.add(name)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 0x1:
            raise self._wrong(name, "is encrypted, or compressed in a way that submissions are not")
        if member is not None and member.size != info.file_size:
            raise self._wrong(name, f"has {info.file_size} bytes, not {member.size}: it is damaged or was edited")
        found = hashlib.sha256()
        with self._damage_named(name), self._opened.open(info) as source:
            while block := source.read(_BLOCK_BYTES):
                found.update(block)
                yield block
        if member is not None and found.hexdigest() != member.sha256:
            raise self._wrong(name, f"does not have the hash that {MANIFEST_FILE} lists: it is damaged or was edited")

    @contextmanager
    def _damage_named(self, name: str) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise self._wrong(name, f"is damaged ({error})") from None

    def _wrong(self, name: str, what: str) -> ConfigurationError:
        return ConfigurationError(f"{self._path}: {name} {what}.")
