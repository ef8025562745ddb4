"""Filters by the factors drawn for each episode: individual values, or thirds of a range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from tracesim.results.factors import Factor
from tracesim.results.record import Record

SCENES: Final = ("words", "camera", "table", "light")
"""Beginnings of the names of factors that belong to the whole scene; others belong to one of its bodies."""

MOST_VALUES: Final = 6
"""Greatest number of values that are offered one by one."""


def drawn(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return the factors of whole scenes that vary between episodes, each with the values that a filter offers.

    Factors that less than half of the episodes have, such as a word of a single task, are left out.

    Returns:
        For each factor its `key`, the texts that are `offered`, and for each episode the number of its text, -1 if it
        has none, as `column`.
    """
    names = dict.fromkeys(name for record in records for name in record.factors if _is_of_scene(name))
    found = []
    for name in names:
        values = [record.factors.get(name) for record in records]
        given = [value for value in values if value is not None]
        if 2 * len(given) >= len(values) and len(set(given)) > 1:
            offered, column = _offered(values)
            found.append({"key": name, "offered": offered, "column": column})
    return found


def _is_of_scene(name: str) -> bool:
    return "." not in name or name.partition(".")[0] in SCENES


def _offered(values: Sequence[Factor | None]) -> tuple[list[str], list[int]]:
    """Return the texts that are offered for some values, and the number of each value's text."""
    distinct = sorted(set(values) - {None}, key=lambda value: (isinstance(value, str), value))
    if len(distinct) <= MOST_VALUES or any(isinstance(value, str) for value in distinct):
        numbers = {value: number for number, value in enumerate(distinct)}
        return [str(value) for value in distinct], [-1 if value is None else numbers[value] for value in values]
    low, high = np.quantile([float(value) for value in values if value is not None], [1 / 3, 2 / 3])
    texts = [f"up to {low:.3g}", f"{low:.3g} to {high:.3g}", f"above {high:.3g}"]
    column = [-1 if value is None else int(float(value) > low) + int(float(value) > high) for value in values]
    return texts, column
