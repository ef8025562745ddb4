"""Hooks of the documentation's site: what is made from the package when the site is built."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tracesim"
ROOMS = "<!-- rooms -->"
CONSTRAINTS = "<!-- members of tracesim.constraints -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the table of rooms, and what documents each constraint, where a page has their marks."""
    return markdown.replace(ROOMS, rooms_table()).replace(CONSTRAINTS, constraints())


def constraints() -> str:
    """Return the directives that document what `tracesim.constraints` imports for others."""
    tree = ast.parse((PACKAGE / "constraints" / "__init__.py").read_text())
    imported = [name.asname for line in tree.body if isinstance(line, ast.ImportFrom) for name in line.names]
    return "\n\n".join(f"::: tracesim.constraints.{name}" for name in imported if name)


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
    module = PACKAGE / f"{name}.py"
    path = module if module.exists() else PACKAGE / name / "__init__.py"
    line = (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]
    said = line.partition("`: ")[2] if line.startswith("`python") else line
    return said[:1].upper() + said[1:]
