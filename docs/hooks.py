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
    """Return the rooms and top modules of the package in Markdown, those that import nothing else first."""
    lines = [f"| {_cell(level)} | {_purposes(level)} |" for level in reversed(_levels())]
    return "\n".join(["| rooms | what they are for |", "|---|---|", *lines])


def _levels() -> list[list[str]]:
    """Return the levels that import-linter checks, highest first, each the names on it."""
    [contract] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return [[name.strip() for name in level.split("|")] for level in contract["layers"] if level != "__main__"]


def _cell(level: list[str]) -> str:
    return "<br>".join(f"`{name}`" for name in level)


def _purposes(level: list[str]) -> str:
    return "<br>".join(_purpose(name) for name in level)


def _purpose(name: str) -> str:
    """Return the first line of a module's or a room's docstring."""
    module = ROOT / "tracesim" / f"{name}.py"
    path = module if module.exists() else ROOT / "tracesim" / name / "__init__.py"
    documented = ast.get_docstring(ast.parse(path.read_text())) or ""
    return documented.partition("\n")[0].partition("`: ")[2] or documented.partition("\n")[0]
