"""Terminal tables of certified and verified splits."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from tracesim.certify.certification import Verified
from tracesim.results.differences import MARGIN_TOLERANCE
from tracesim.results.split import Split
from tracesim.results.start import SAME
from tracesim.statistics import Rate


def certified_table(splits: Sequence[Split]) -> Table:
    """Return a table with one row per split: the number of seeds that the expert solves."""
    grid = _grid("Certified", "task", "variation", "seeds", "no scene", "expert solves", "95 %")
    for split in splits:
        rate = Rate.of(len(split.solved), len(split.certified))
        interval = "" if rate.low is None else f"{rate.low:.1%} .. {rate.high:.1%}"
        share = "" if rate.rate is None else f"{rate.count} of {rate.n}, {rate.rate:.1%}"
        seeds = list(split.certificates)
        span = f"{seeds[0]}-{seeds[-1]}" if seeds else "none"
        without = sum(
            one.failure is not None and one.failure.stage == "arrangement" for one in split.certificates.values()
        )
        grid.add_row(split.header.task, split.header.variation.level, span, str(without or ""), share, interval)
    return grid


def failure_table(splits: Sequence[Split]) -> Table:
    """Return a table with one row per seed that the expert does not solve, and the reason."""
    grid = _grid("Not solved", "task", "seed", "why", "in words")
    for split in splits:
        for seed, one in split.certificates.items():
            if one.failure is not None:
                why = f"{one.failure.stage}: {one.failure.reason}"
                grid.add_row(split.header.task, str(seed), why, one.failure.detail)
    return grid


def verified_table(splits: Sequence[Split], verified: Sequence[Sequence[Verified]]) -> Table:
    """Return a table with one row per split: the number of seeds that agree here, and the largest differences."""
    grid = _grid("Verified", "task", "seeds", "the same here", "start states differ by", "margins differ by")
    for split, of_split in zip(splits, verified, strict=True):
        same = sum(not one.differences for one in of_split)
        start, margin = (max((getattr(one, name) for one in of_split), default=0.0) for name in ("start", "margin"))
        grid.add_row(split.header.task, str(len(of_split)), str(same), f"{start:.1e}", f"{margin:.1e}")
    grid.caption = f"at most {SAME:g} (m, rad) and {MARGIN_TOLERANCE:g} (m, rad or s) count as the same"
    grid.caption_justify = "left"
    return grid


def _grid(title: str, *columns: str) -> Table:
    grid = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_edge=False)
    for column in columns:
        grid.add_column(column, overflow="fold")
    return grid
