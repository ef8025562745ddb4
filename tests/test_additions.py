"""What is added to a copy of the clone, as the documentation shows it, works there and changes nothing else."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CLONE = Path(__file__).parents[1]
FOLDERS = ("tracesim", "envs", "policies", "assets", "conf")
PAGES = ("add-a-constraint", "add-a-robot", "add-an-axis")


def blocks(page: str) -> list[tuple[str, str, str]]:
    """Return the fenced blocks of a page: language, the path that the first line names, text."""
    text = (CLONE / "docs" / f"{page}.md").read_text()
    found = re.findall(r"^```(\w+)\n((?:# (\S+\.(?:py|yaml))\n)?.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [(language, path, body) for language, body, path in found]


def with_lines(source: str, diff: str) -> str:
    """Return a text with the lines that a diff adds, each after the line above it; `...` stands for lines left out."""
    lines, at = source.splitlines(), 0
    for line in diff.splitlines()[1:]:
        if line.startswith("+"):
            lines.insert(at, line[1:])
            at += 1
        elif line != "...":
            at = lines.index(line[1:], at) + 1
    return "\n".join([*lines, ""])


def run(words: list[str], folder: Path, clone: Path) -> str:
    """Return what a Python command prints that runs in a folder and imports a clone's code."""
    environment = os.environ | {"PYTHONPATH": str(clone), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


def with_page(page: str, folder: Path) -> Path:
    """Return a copy of the clone with what a page adds, after its commands have run in `folder`."""
    clone = folder.parent / "clone"
    for name in FOLDERS:
        shutil.copytree(CLONE / name, clone / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    folder.mkdir()
    for language, path, text in blocks(page):
        if language == "diff":
            (clone / path).write_text(with_lines((clone / path).read_text(), text))
        elif language == "yaml":
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        elif path:
            if not (CLONE / path).exists():  # else it is quoted
                (clone / path).write_text(text)
        elif language == "sh":
            for line in text.splitlines():
                python, *words = shlex.split(line)
                assert python == "python"
                reduced = ["episodes=1", "video=false"] if "tracesim.run" in words else []
                run([*words, *reduced], folder, clone)
        else:
            promised = re.findall(r"^(?:print\(.*\)  )?# (.+)$", text, re.MULTILINE)
            assert promised
            assert set(promised) <= set(run(["-c", text], folder, clone).splitlines())
    return clone


def played(clone: Path, folder: Path, *words: str) -> dict[str, Any]:
    """Return the record of a seed, as JSON, that is played with a clone's code."""
    run(["-m", "tracesim.run", *words, "episodes=1", "video=false", f"hydra.run.dir={folder}"], folder.parent, clone)
    record: dict[str, Any] = json.loads((folder / "episodes.jsonl").read_text())
    return record


ASKED = ("task=stack", "seed=1", "variation=cluttered", "variation.camera=true", "variation.materials=true")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that is played with the clone as it is."""
    folder = tmp_path_factory.mktemp("before") / "run"
    played(CLONE, folder, *ASKED)
    return folder


@pytest.mark.one_in(2)
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_adds_works_and_leaves_other_episodes_as_they_were(page: str, before: Path, tmp_path: Path) -> None:
    added = with_page(page, tmp_path / "here")
    record = json.loads((before / "episodes.jsonl").read_text())
    again = played(added, tmp_path / "after", *ASKED)
    assert again["record_hash"] == record["record_hash"]
    assert again["configuration_hash"] == record["configuration_hash"]
    read = "import pathlib, sys; from tracesim.results import read_records; "
    read += "print(read_records(pathlib.Path(sys.argv[1]))[0].record_hash)"
    assert run(["-c", read, str(before / "episodes.jsonl")], tmp_path, added).strip() == record["record_hash"]
