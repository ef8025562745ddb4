"""Registries: names of objects that are imported when they are looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Generic, TypeVar

from tracesim.errors import unknown_name

Entry = TypeVar("Entry")


class Registry(Mapping[str, Entry], Generic[Entry]):
    """Entries by name; the module of an entry is imported when the entry is looked up.

    Attributes:
        what: Noun for an entry, which messages use, such as "task".
        table: Where each entry is defined, by its name: "module:attribute".
    """

    def __init__(self, what: str, table: dict[str, str]) -> None:
        """Make a registry with its attributes."""
        self.what = what
        self.table = table

    def __getitem__(self, name: str) -> Entry:
        """Import and return the entry of a name; raises `UnknownNameError`."""
        self.check(name)
        module, _, attribute = self.table[name].partition(":")
        entry: Entry = getattr(import_module(module), attribute)
        return entry

    def __contains__(self, name: object) -> bool:
        """Return whether a name is registered."""
        return name in self.table

    def __iter__(self) -> Iterator[str]:
        """Yield the names in the order of the table."""
        return iter(self.table)

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self.table)

    def check(self, name: str) -> None:
        """Raise `UnknownNameError`, which lists the valid names, unless a name is registered."""
        if name not in self.table:
            raise unknown_name(self.what, name, self.table)
