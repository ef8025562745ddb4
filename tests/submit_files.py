"""Submissions that were edited, as carefully as somebody would who wants to hide it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tracesim.results.record import Record
from tracesim.submit.pack import summaries

Json = dict[str, Any]


def contents(path: Path) -> dict[str, bytes]:
    """Return the content of every member of a ZIP file."""
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rewrite(path: Path, members: dict[str, bytes]) -> Path:
    """Write a ZIP file with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return path


def with_manifest(members: dict[str, bytes]) -> dict[str, bytes]:
    """Return members with the manifest that lists them as they are."""
    manifest = json.loads(members["manifest.json"])
    manifest["members"] = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in members.items()
        if name != "manifest.json"
    }
    return members | {"manifest.json": json.dumps(manifest).encode()}


def forge(path: Path, to: Path, change: Callable[[list[Json]], object]) -> Path:
    """Write a submission with changed records and with every hash, the manifest and the summary made anew."""
    members = contents(path)
    records = [json.loads(line) for line in members["runs/0/episodes.jsonl"].splitlines()]
    change(records)
    made = [Record.model_validate_json(json.dumps(record | {"record_hash": ""})) for record in records]
    members["runs/0/episodes.jsonl"] = "".join(f"{one.line()}\n" for one in made).encode()
    members["summary.json"] = json.dumps(summaries(made)).encode()
    return rewrite(to, with_manifest(members))
