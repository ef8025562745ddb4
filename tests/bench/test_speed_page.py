"""Tests of the page on speed: its commands parse, and its tables and plots are there for every measure."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from docs.hooks import SPEED, on_page_markdown
from tracesim.bench.__main__ import _parse
from tracesim.bench.measures import GROWTH, MEASURES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "speed.md").read_text()
COMMAND = "python -m tracesim.bench"
COMMANDS = sorted(
    {
        code
        for path in DOCS.glob("*.md")
        for code in re.findall(r"`([^`\n]+)`", path.read_text())
        if code.startswith(COMMAND) and code != f"{COMMAND} --help"
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_documentation_parse(command: str) -> None:
    names, options = _parse(shlex.split(command.removeprefix(COMMAND)))
    assert names or options.peer


def test_every_measure_is_on_the_page() -> None:
    shown = [name for names in re.findall(r"<!-- (?:speed|growth): (.+) -->", PAGE) for name in names.split(", ")]
    assert sorted(shown) == sorted([*MEASURES, *GROWTH, "peer: maniskill", "measured on"])
    assert re.findall(r"pictures/speed/(\w+)\.svg", PAGE) == list(GROWTH)


def test_the_page_shows_everything_that_was_measured() -> None:
    measured, site = json.loads(SPEED.read_text()), on_page_markdown(PAGE)
    assert "<!--" not in site
    rows = [one["row"] for kind in ("figures", "growth") for some in measured[kind].values() for one in some]
    assert len(rows) > 50
    for row in rows:
        assert f"| {' | '.join(row).replace('  ', '&emsp;', 1)} |" in site or f"| {' | '.join(row)} |" in site
    assert measured["versions"]["commit"] in site


@pytest.mark.parametrize("name", GROWTH)
def test_plots_are_of_what_was_measured(name: str) -> None:
    plot = (DOCS / "pictures" / "speed" / f"{name}.svg").read_text()
    for growth in json.loads(SPEED.read_text())["growth"][name]:
        assert growth["growth"] in plot
        assert growth["axis"] in plot
