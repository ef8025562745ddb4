"""The table of constraints: a row a class, made from what the class says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tracesim.constraints import Constraint
from tracesim.constraints.table import HEAD, constraint_table, kinds
from tracesim.geometry.curve import Curve


@dataclass(frozen=True)
class Warm(Constraint):
    """A body is at least `least_k` warm,
    wherever it stands.

    Not part of the first sentence.

    Nor is this.
    """  # noqa: D205

    least_k: float
    name: str = "warm"
    unit: ClassVar[str] = "K"

    def margin(self, curve: Curve) -> float | None:
        return None

    @property
    def ideal(self) -> None:
        return None


class Last(Warm):
    final: ClassVar[bool] = True
    __doc__ = None


def test_a_row_says_when_a_constraint_holds_and_what_its_margin_is_in() -> None:
    assert constraint_table([Warm, Last]).splitlines() == [
        *HEAD,
        "| `warm` | `Warm` | A body is at least least_k warm, wherever it stands. | along the path | K |",
        "| `warm` | `Last` |  | at the end | K |",
    ]


def test_the_table_has_every_constraint_of_the_package_once_those_of_the_whole_path_first() -> None:
    rows = constraint_table().splitlines()[2:]
    assert [row.split("`")[3] for row in rows] == [kind.__name__ for kind in kinds()]
    assert [kind.final for kind in kinds()] == sorted(kind.final for kind in kinds())
    assert {"Visits", "RestsOn", "Undisturbed"} < {kind.__name__ for kind in kinds()}
