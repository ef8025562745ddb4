"""Registries: names of things that are imported when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Generic, TypeVar

from tracesim.errors import unknown_name

Entry = TypeVar("Entry")


class Registry(Mapping[str, Entry], Generic[Entry]):
    """Entries by name. The module of an entry is imported when the entry is looked up; names and their number are free.

    Attributes:
        what: Noun for an entry, which messages use, such as "task".
        table: Where each entry is defined, by its name: "module:attribute".

    Raises:
        UnknownNameError: On looking up a name that is not registered.
    """

    def __init__(self, what: str, table: dict[str, str]) -> None:
        self.what = what
        self.table = table

    def __getitem__(self, name: str) -> Entry:
        self.check(name)
        module, _, attribute = self.table[name].partition(":")
        entry: Entry = getattr(import_module(module), attribute)
        return entry

    def __contains__(self, name: object) -> bool:
        return name in self.table

    def __iter__(self) -> Iterator[str]:
        return iter(self.table)

    def __len__(self) -> int:
        return len(self.table)

    def check(self, name: str) -> None:
        """Raise `UnknownNameError`, which lists the valid names, unless a name is registered."""
        if name not in self.table:
            raise unknown_name(self.what, name, self.table)
