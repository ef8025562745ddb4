"""What a new user reads is true: what the README shows runs, what it quotes is there, what it lists is complete.

Its fenced blocks are taken as they stand. In a shell block

- `make X` is asked of make (`make -n X`), which must know X;
- a `python -m tracesim...` that ends with `&` is a server: it is started, the commands below wait until it has said
  where it listens, and it ends with the section;
- any other `python -m tracesim...` is run as typed, in the order of the section, in a folder of the section's own that
  has the clone's tests/data; a `tracesim.run` that plays gets `REDUCED` appended, so that it plays one seed without
  film or distractors, unless a split says what it plays: nothing is taken away or replaced, and the exit status must
  be 0;
- what begins as one of `CHANGES_THE_MACHINE` is not run;
- anything else is a failure of the test.

A YAML block is written to the file that its first line names. A Python block runs, and prints each line that a comment
after a `print` promises. One that begins with a path in a comment is either a quotation of that file, `...` standing
for lines left out, or, where there is no such file, one to be written: the commands run on a copy of the clone that has
it, and the lines for tables that the README gives.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import tracesim
from tracesim.cli.command_line import parse
from tracesim.envs import TASKS
from tracesim.failure import STAGES
from tracesim.policies import POLICIES

CLONE = Path(__file__).parents[1]
README = (CLONE / "README.md").read_text()
REDUCED = ("episodes=1", "video=false", "variation.clutter=0")
CHANGES_THE_MACHINE = ("pip install",)
LIMIT_S = 300.0


@dataclass(frozen=True)
class Block:
    """A fenced block: the heading it stands under, its language, its text."""

    section: str
    language: str
    text: str

    @property
    def path(self) -> str | None:
        """The file that a block names in its first line."""
        named = re.match(r"# (\S+\.(?:py|yaml))\n", self.text)
        return named[1] if named else None

    @property
    def commands(self) -> list[list[str]]:
        """The words of each line of a shell block, without comments."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [words for line in lines if (words := shlex.split(line, comments=True))]


def _blocks() -> Iterator[Block]:
    for section in re.split(r"^## ", README, flags=re.MULTILINE):
        for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", section, re.DOTALL | re.MULTILINE):
            yield Block(section.splitlines()[0], language, text)


BLOCKS = list(_blocks())
PROSE = re.sub(r"^```.*?^```$", "", README, flags=re.DOTALL | re.MULTILINE)
INLINE = re.findall(r"`([^`\n]+)`", PROSE)
OWN = {block.path: block.text for block in BLOCKS if block.path and not (CLONE / block.path).exists()}
TO_WRITE = {path: text for path, text in OWN.items() if path.endswith(".py")}
QUOTED = [block for block in BLOCKS if block.path and block.path not in OWN]


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    assert {block.language for block in BLOCKS} == {"sh", "python", "yaml"}
    assert README.count("```") == 2 * len(BLOCKS)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the clone's code in which the README's own additions have been made."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("tracesim", "envs", "policies", "assets", "conf"):
        shutil.copytree(CLONE / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in TO_WRITE.items():
        (folder / path).write_text(text)
    for line in INLINE:
        if entry := re.fullmatch(r'"\w+": "tracesim\.(\w+)\.\w+:\w+",', line):
            table = folder / entry[1] / "__init__.py"
            changed = re.sub(r"^(_TABLE: Final = \{\n)", rf"\1    {line}\n", table.read_text(), flags=re.MULTILINE)
            assert changed != table.read_text()
            table.write_text(changed)
    return folder


def plays(words: list[str]) -> bool:
    told = any(word == "--help" or word.startswith("split=") for word in words)
    return words[:3] == ["python", "-m", "tracesim.run"] and not told


def run(words: list[str], folder: Path, clone: Path) -> str:
    """Return what a command prints that is run in `folder` as in a clone in which TraceSim is installed."""
    done = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(clone), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def serving(words: list[str], folder: Path, clone: Path) -> Iterator[None]:
    """Start a server as `run` runs a command, and end it afterwards; it listens once it has said where."""
    environment = os.environ | {"PYTHONPATH": str(clone)}
    with subprocess.Popen([sys.executable, *words[1:]], cwd=folder, env=environment, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert any(b"http://" in line for line in server.stdout)
        try:
            yield
        finally:
            server.kill()


@pytest.mark.parametrize("section", dict.fromkeys(block.section for block in BLOCKS))
def test_what_is_shown_works(section: str, clone: Path, tmp_path: Path, renderer: None) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "data").symlink_to(CLONE / "tests" / "data")
    with ExitStack() as servers:
        _show(section, clone, tmp_path, servers)


def _show(section: str, clone: Path, tmp_path: Path, servers: ExitStack) -> None:
    for block in BLOCKS:
        if block.section != section:
            continue
        if block.path:
            if block.language == "yaml" and block.path in OWN:
                (tmp_path / block.path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / block.path).write_text(block.text)
            continue
        if block.language == "python":
            said = run(["python", "-c", block.text], tmp_path, clone).splitlines()
            for promised in re.findall(r"^print\(.*\)  # (.+)$", block.text, re.MULTILINE):
                assert promised in said
            continue
        for words in block.commands:
            if words[0] == "make":
                subprocess.run(["make", "-n", *words[1:]], cwd=CLONE, check=True, capture_output=True)
            elif words[-1] == "&":
                servers.enter_context(serving(words[:-1], tmp_path, clone))
            elif words[:2] == ["python", "-m"] and words[2].startswith("tracesim"):
                run([*words, *(REDUCED if plays(words) else ())], tmp_path, clone)
            else:
                assert shlex.join(words).startswith(CHANGES_THE_MACHINE), words


@pytest.mark.parametrize("block", QUOTED, ids=lambda block: block.path)
def test_what_is_quoted_stands_in_the_file(block: Block) -> None:
    at, source = 0, (CLONE / str(block.path)).read_text()
    for piece in re.split(r"^ *\.\.\.\n|\n\n", block.text.partition("\n")[2], flags=re.MULTILINE):
        found = source.find(piece.strip("\n"), at)
        assert found >= 0, piece
        at = found + len(piece)


def test_what_is_named_in_passing_exists() -> None:
    for words in map(shlex.split, (one for one in INLINE if one.startswith(("make ", "python -m tracesim")))):
        if words[0] == "make":
            subprocess.run(["make", "-n", *words[1:]], cwd=CLONE, check=True, capture_output=True)
        elif words[2] == "tracesim.run":
            parse(words[3:])
        else:
            module = CLONE / words[2].replace(".", "/")
            assert module.with_suffix(".py").is_file() or (module / "__main__.py").is_file()


def test_links_lead_somewhere() -> None:
    for document in ("README.md", "CHANGELOG.md"):
        for target in re.findall(r"\]\(([^)]+)\)", (CLONE / document).read_text()):
            if not target.startswith("https://"):
                assert (CLONE / target.partition("#")[0]).exists(), target


def rows() -> dict[str, list[str]]:
    """Return the README's tables by what stands, as code, in a row's first cell: the other cells."""
    cells = (re.split(r"(?<!\\)\|", line)[1:-1] for line in PROSE.splitlines() if line.startswith("|"))
    named = ((re.search(r"`(\w+)`", first), rest) for first, *rest in cells)
    return {name[1]: rest for name, rest in named if name}


def test_every_constraint_of_a_task_is_described() -> None:
    # tests/test_task_catalogue.py holds the table of tasks to the tasks
    checked = {name for task in TASKS for name in re.findall(r"`(\w+)`", rows()[task][1])}
    assert checked <= set(rows())


def test_every_policy_and_every_stage_is_described() -> None:
    assert set(POLICIES) <= set(rows())
    stages = next(line for line in PROSE.splitlines() if line.startswith("| failure |"))
    assert tuple(re.findall(r"`(\w+)`", stages)) == STAGES


def test_the_changelog_tells_of_this_version() -> None:
    newest = re.search(r"^## \[([^\]]+)\]", (CLONE / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == tracesim.__version__
