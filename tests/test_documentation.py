"""README, documentation and CONTRIBUTING: what they show runs, what they quote exists, what they list is complete.

Fenced blocks are taken as they stand, page by page and in the page's order, in a folder of the page's own that has the
clone's tests/data.

- `sh`: `make X` is asked of make (`make -n X`), which must know X. A `python -m tracesim...` that ends with `&` is a
  server: it is started, the commands below wait until it has said where it listens, and it ends with the page. Any
  other `python -m tracesim...` runs as typed and must exit with 0; a `tracesim.run` that plays gets `REDUCED` appended,
  so that it plays one seed without film or distractors, unless a split says what it plays. What begins as one of
  `NOT_RUN` is not run.
- `python`: runs, and prints each line that a comment after a `print` promises. A block that stands on two pages runs
  once.
- `yaml`, or `python` that begins with a path in a comment: a file. Python is written into a copy of the clone that the
  page's commands use, or stands in the clone's file already, `...` for lines left out; YAML is written beside the
  commands.
- `diff`: begins with the path of a file of the clone in a comment. Lines with a + are put into the copy of the clone
  after the line above, which must be there; `...` stands for lines left out.
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
import yaml

import tracesim
from tracesim.cli.command_line import parse
from tracesim.cli.suites import suite_tasks
from tracesim.envs import TASKS
from tracesim.failure import STAGES
from tracesim.policies import POLICIES
from tracesim.task import Task

CLONE = Path(__file__).parents[1]
DOCS = CLONE / "docs"
PAGES = {
    str(path.relative_to(CLONE)): path.read_text()
    for path in (*sorted(DOCS.glob("*.md")), CLONE / "README.md", CLONE / "CONTRIBUTING.md")
}
FOLDERS = ("tracesim", "envs", "policies", "assets", "conf")
REDUCED = {"episodes": "episodes=1", "video": "video=false", "variation.clutter": "variation.clutter=0"}
NOT_RUN = ("pip install", "git clone", "cd ")
LIMIT_S = 300.0


@dataclass(frozen=True)
class Block:
    """A fenced block: the page it stands on, its language, its text."""

    page: str
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

    @property
    def is_addition(self) -> bool:
        """Whether the block changes the copy of the clone."""
        return self.language == "diff" or (self.language == "python" and self._is_new)

    @property
    def is_quotation(self) -> bool:
        """Whether the block shows a part of a file of the clone."""
        return self.language in ("python", "yaml") and self.path is not None and not self._is_new

    @property
    def _is_new(self) -> bool:
        return self.path is not None and not (CLONE / self.path).exists()


def _blocks() -> Iterator[Block]:
    shown = set()
    for page, text in PAGES.items():
        for language, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            if language != "python" or body not in shown:
                yield Block(page, language, body)
            shown.add(body)


BLOCKS = list(_blocks())
PROSE = {page: re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE) for page, text in PAGES.items()}
INLINE = [code for prose in PROSE.values() for code in re.findall(r"`([^`\n]+)`", prose)]


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    assert {block.language for block in BLOCKS} <= {"sh", "python", "yaml", "diff"}
    for page, text in PAGES.items():
        assert text.count("```") == 2 * len(re.findall(r"^```\w+\n.*?^```$", text, re.DOTALL | re.MULTILINE)), page


def with_additions(page: str, folder: Path) -> Path:
    """Return a copy of the clone's code with a page's additions, or the clone where the page has none."""
    additions = [block for block in BLOCKS if block.page == page and block.is_addition]
    if not additions:
        return CLONE
    for name in FOLDERS:
        shutil.copytree(CLONE / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for block in additions:
        assert block.path is not None
        target = folder / block.path
        target.write_text(changed(target.read_text(), block.text) if block.language == "diff" else block.text)
    return folder


def changed(source: str, diff: str) -> str:
    """Return a file with the lines that a block of the language diff adds, each after the line above it."""
    lines = source.splitlines()
    body = diff.splitlines()[1:]
    at = 0
    if body[0].startswith("+"):  # in front of the first line that is there
        at = lines.index(next(line for line in body if line.startswith(" "))[1:])
    for line in body:
        if line.startswith("+"):
            lines.insert(at, line[1:])
            at += 1
        elif line != "...":
            assert line[:1] in ("", " "), line
            at = lines.index(line[1:], at) + 1
    return "\n".join(lines) + "\n"


def plays(words: list[str]) -> bool:
    told = any(word == "--help" or word.startswith(("split=", "resume=")) for word in words)
    return words[:3] == ["python", "-m", "tracesim.run"] and not told


def reduced(words: list[str]) -> list[str]:
    """Return a command that plays no more than one seed, without film, and without distractors if it asks for none."""
    if not plays(words):
        return words
    kept = {word.partition("=")[0] for word in words} & {"variation.clutter"}
    return [*words, *(word for key, word in REDUCED.items() if key not in kept)]


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


def test_what_the_readme_shows_works(tmp_path: Path, renderer: None) -> None:
    check_page("README.md", tmp_path)


@pytest.mark.one_in(8)
@pytest.mark.parametrize("page", dict.fromkeys(block.page for block in BLOCKS if block.page != "README.md"))
def test_what_a_page_shows_works(page: str, tmp_path: Path, renderer: None) -> None:
    check_page(page, tmp_path)


def check_page(page: str, tmp_path: Path) -> None:
    """Check that everything works that a page shows, in the order in which it stands there."""
    folder = tmp_path / "here"
    (folder / "tests").mkdir(parents=True)
    (folder / "tests" / "data").symlink_to(CLONE / "tests" / "data")
    clone = with_additions(page, tmp_path / "clone")
    with ExitStack() as servers:
        for block in BLOCKS:
            if block.page == page and not block.is_addition and not block.is_quotation:
                _show(block, clone, folder, servers)


def _show(block: Block, clone: Path, folder: Path, servers: ExitStack) -> None:
    if block.language == "yaml":
        assert block.path is not None
        (folder / block.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / block.path).write_text(block.text)
    elif block.language == "python":
        said = run(["python", "-c", block.text], folder, clone).splitlines()
        for promised in re.findall(r"^print\(.*\)  # (.+)$", block.text, re.MULTILINE):
            assert promised in said
    else:
        for words in block.commands:
            _command(words, clone, folder, servers)


def _command(words: list[str], clone: Path, folder: Path, servers: ExitStack) -> None:
    if words[0] == "make":
        subprocess.run(["make", "-n", *words[1:]], cwd=CLONE, check=True, capture_output=True)
    elif words[-1] == "&":
        servers.enter_context(serving(words[:-1], folder, clone))
    elif words[:2] == ["python", "-m"] and words[2].startswith("tracesim"):
        run(reduced(words), folder, clone)
    else:
        assert shlex.join(words).startswith(NOT_RUN), words


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.is_quotation], ids=lambda block: block.path)
def test_what_is_quoted_stands_in_the_file(block: Block) -> None:
    at, source = 0, (CLONE / str(block.path)).read_text()
    for piece in re.split(r"^ *\.\.\.\n|\n\n", block.text.partition("\n")[2], flags=re.MULTILINE):
        found = source.find(piece.strip("\n"), at)
        assert found >= 0, piece
        at = found + len(piece)


def test_what_is_named_in_passing_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where users run commands there are other folders than in the clone
    for words in map(shlex.split, (one for one in INLINE if one.startswith(("make ", "python -m tracesim")))):
        if words[0] == "make":
            subprocess.run(["make", "-n", *words[1:]], cwd=CLONE, check=True, capture_output=True)
        elif words[2] == "tracesim.run":
            parse(words[3:])
        else:
            module = CLONE / words[2].replace(".", "/")
            assert module.with_suffix(".py").is_file() or (module / "__main__.py").is_file()
    added = {block.path for block in BLOCKS if block.is_addition}
    for path in filter(
        re.compile(r"(?:tracesim|envs|policies|assets|conf|tests|docs|examples)/[\w./]*").fullmatch, INLINE
    ):
        assert path in added or (CLONE / path).exists(), path


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (CLONE / page).read_text()
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        linked = (CLONE / page).parent / name if name else CLONE / page
        assert linked.exists(), target
        if anchor and linked.name != "api.md":  # which `make docs` fills
            assert anchor in headings(linked.read_text()), target


def headings(text: str) -> list[str]:
    """Return the anchors of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return [re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower()) for title in titles]


def test_the_readme_is_one_screen() -> None:
    assert len(PAGES["README.md"].splitlines()) <= 150


def test_every_constraint_of_a_task_is_described() -> None:
    # tests/test_task_catalogue.py holds the catalogue to the tasks
    lists = re.findall(r"^- Constraints: (.+)$", PAGES["docs/tasks.md"], re.MULTILINE)
    assert len(lists) == len(TASKS)
    asked = {name for one in lists for name in re.findall(r"`(\w+)`", one)}
    section = PAGES["docs/records.md"].partition("## Constraints")[2].partition("\n## ")[0]
    assert asked <= set(re.findall(r"`(\w+)`", section))


def test_the_page_on_robotwin_tells_which_of_its_tasks_are_here_and_which_are_judged_as_it_does() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", PAGES["docs/robotwin.md"], re.MULTILINE)
    assert [name for name, _ in rows] == suite_tasks(["robotwin"])
    for name, condition in rows:
        judges = TASKS[name].robotwin_success is not Task.robotwin_success
        assert judges != condition.startswith("not judged"), name


def test_every_policy_and_every_stage_is_described() -> None:
    described = re.findall(r"^\| `(\w+)` \|", PAGES["docs/run.md"] + PAGES["docs/models.md"], re.MULTILINE)
    assert set(POLICIES) <= set(described)
    section = PAGES["docs/records.md"].partition("## Failures")[2].partition("\n## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == STAGES


def test_the_changelog_and_the_citation_tell_of_this_version() -> None:
    newest = re.search(r"^## \[([^\]]+)\]", (CLONE / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == tracesim.__version__
    citation = yaml.safe_load((CLONE / "CITATION.cff").read_text())
    assert citation["version"] == tracesim.__version__
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
