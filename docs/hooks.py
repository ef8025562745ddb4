"""Hooks of the documentation's site: the table of rooms is made from the package when the site is built."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MARK = "<!-- rooms -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the table of rooms where a page has its mark."""
    return markdown.replace(MARK, rooms_table())


def rooms_table() -> str:
    """Return the rooms and top modules of the package in Markdown by level, those that import nothing else first."""
    rows = (
        f"| {level if name == names[0] else ''} | `{name}` | {_purpose(name)} |"
        for level, names in enumerate(reversed(_levels()), start=1)
        for name in names
    )
    return "\n".join(["| level | room | what it is for |", "|---|---|---|", *rows])


def _levels() -> list[list[str]]:
    """Return the levels that import-linter checks, highest first, each the names on it."""
    [contract] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return [[name.strip() for name in level.split("|")] for level in contract["layers"] if level != "__main__"]


def _purpose(name: str) -> str:
    """Return the first line of a module's or a room's docstring, without the command in front of it."""
    module = ROOT / "tracesim" / f"{name}.py"
    path = module if module.exists() else ROOT / "tracesim" / name / "__init__.py"
    line = (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]
    said = line.partition("`: ")[2] if line.startswith("`python") else line
    return said[:1].upper() + said[1:]
