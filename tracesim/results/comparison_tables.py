"""Tables of a comparison for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracesim.results.comparison import Comparison, Measure
from tracesim.results.tables import plain_table

if TYPE_CHECKING:
    from rich.table import Table


def overall_table(comparison: Comparison) -> Table:
    """Return the table of averages over tasks, by success and by margins."""
    numbers = ["B - A", "95 %", "p", "smallest difference shown"]
    title = f"B: {comparison.second}, A: {comparison.first}, on the same {comparison.n} seeds"
    table = plain_table(title, ["average over tasks"], numbers)
    for name, measure, scale, digits in (("success, points", "success", 100.0, 1), ("area", "margins", 1.0, 3)):
        by: Measure = "success" if measure == "success" else "margins"
        estimate, smallest = comparison.difference[by], comparison.smallest[by]
        low, high = estimate.interval
        table.add_row(
            name,
            f"{scale * estimate.value:+.{digits}f}",
            f"[{scale * low:+.{digits}f}, {scale * high:+.{digits}f}]",
            p_text(comparison.p_value[by]),
            "" if smallest is None else f"{scale * smallest:.{digits}f}",
        )
    return table


def task_table(comparison: Comparison) -> Table:
    """Return the table of tasks: how often each and only one succeeds, and the adjusted p-values."""
    numbers = ["seeds", "A, %", "B, %", "only A", "only B", "p", "area, B - A", "p"]
    adjusted = f" (p adjusted for {len(comparison.tasks)} tasks after Holm)" if len(comparison.tasks) > 1 else ""
    table = plain_table(f"By task{adjusted}", ["task"], numbers)
    for one in comparison.tasks:
        outcomes = one.outcomes
        rates = (100.0 * rate.count / outcomes.n for rate in (outcomes.second, outcomes.first))
        table.add_row(
            one.task,
            str(outcomes.n),
            *(f"{rate:.0f}" for rate in rates),
            str(outcomes.second_only),
            str(outcomes.first_only),
            p_text(one.p_success),
            f"{sum(one.areas) / len(one.areas):+.3f}",
            p_text(one.p_margins),
        )
    return table


def p_text(p_value: float) -> str:
    """Return a p-value with three digits after the point."""
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"
