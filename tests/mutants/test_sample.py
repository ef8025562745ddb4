"""A fixed sample of mutants, each of which the tests of its room notice, or cannot."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from zlib import crc32

from tests.mutants.mutant import EQUIVALENT, Change, equivalent
from tests.mutants.room import Room
from tests.mutants.workspace import CLONE, Workspace

SEED: Final = 0
COUNT: Final = 20


def drawn(names: Iterable[str]) -> list[str]:
    """Return a sample of mutants that depends on their names alone."""
    return sorted(names, key=lambda name: crc32(f"{SEED} {name}".encode()))[:COUNT]


def test_sampled_mutants_are_killed_unless_they_change_nothing(tmp_path: Path) -> None:
    workspace = Workspace.make(tmp_path / "clone", *(room.sample for room in Room.all().values()))
    names = drawn(workspace.names())
    workspace.run(names)
    judged = [one for one in workspace.mutants() if one.name in names]
    assert len(judged) == COUNT
    survivors = [str(one.change) for one in judged if one.survived and one.change not in equivalent()]
    assert not survivors, "\n".join(survivors)


def test_equivalent_mutants_are_of_code_that_is_there() -> None:
    """An entry whose code has changed or gone is to be judged again, or deleted."""
    entries = tomllib.loads(EQUIVALENT.read_text())["mutant"]
    known = equivalent()
    assert len(known) == len(entries), "an entry stands there twice"
    assert [change for change in known if not stands(change)] == []
    assert all(why.strip() for why in known.values())


def stands(change: Change) -> bool:
    """Return whether the original lines of a change stand in its function."""
    path = CLONE / change.file
    return path.exists() and any(
        all(line in lines for line in change.original.splitlines())
        for name, lines in functions(path.read_text())
        if name == change.function
    )


def functions(source: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the functions and methods of a module: their names, qualified by the class, and their lines."""
    lines = [line.strip() for line in source.splitlines()]
    nodes = [("", node) for node in ast.parse(source).body]
    for prefix, node in nodes:
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, lines[node.lineno - 1 : node.end_lineno]
        elif isinstance(node, ast.ClassDef):
            nodes += [(f"{node.name}.", child) for child in node.body]
