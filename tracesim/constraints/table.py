"""The table of constraints in Markdown, made from their classes."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import fields

import tracesim.constraints as offered
from tracesim.constraints.base import Constraint

HEAD = ("| constraint | class | holds when | judged | margin in |", "|---|---|---|---|---|")


def kinds() -> list[type[Constraint]]:
    """Return the constraint classes of the package, those that judge the whole path first."""
    classes = [value for value in vars(offered).values() if isinstance(value, type) and issubclass(value, Constraint)]
    return sorted((one for one in classes if not inspect.isabstract(one)), key=lambda one: one.final)


def constraint_table(classes: Iterable[type[Constraint]] | None = None) -> str:
    """Return a Markdown table of constraint classes, one row each; those of the package unless given."""
    return "\n".join([*HEAD, *map(row, kinds() if classes is None else classes)])


def row(kind: type[Constraint]) -> str:
    """Return the row of a constraint class: its name in tasks and records unless they give another, when it holds."""
    (name,) = (one.default for one in fields(kind) if one.name == "name")  # type: ignore[arg-type]
    judged = "at the end" if kind.final else "along the path"
    return f"| `{name}` | `{kind.__name__}` | {kind.summary()} | {judged} | {kind.unit} |"
