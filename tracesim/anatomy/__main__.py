"""Command that says where and why episodes fail: `python -m tracesim.anatomy`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracesim.arguments import command_status, sources
from tracesim.errors import ConfigurationError
from tracesim.results.collection import Collection, Stored

if TYPE_CHECKING:
    from rich.table import Table

HELP: Final = """\
Say where and why episodes fail, what happened in them, how smooth and safe they are, and what goes with failure.

Usage
  python -m tracesim.anatomy FOLDER... [KEY=VALUE ...]

Input
  FOLDER           folder of a run, of a sweep, or any folder that contains such folders

Options
  curves=true      read the curves files, for events and smoothness; they take about 10 ms an episode
  events=false     true: list the events of every episode, with their times on the clock of its film

Tables
  failures         by stage, and by violated constraint
  safety           episodes that reach the goal and violate a safety constraint, and how severe the worst violation is,
                   after SafeVLA-Bench (arXiv 2606.00773)
  events           wrong object, empty grasp, slipped, dropped, bumped, ...
  motion           time, path, SPARC and log dimensionless jerk of the functional point
  factors          options, axes of variation and words of the instruction whose values go with more or fewer failures,
                   compared within each task and policy

Examples
  python -m tracesim.anatomy multirun/2026-11-30
  python -m tracesim.anatomy outputs/today events=true

Exit status
  0 printed    2 a wrong key, value or folder, or a damaged file    130 interrupted
"""


@dataclass(frozen=True)
class Options:
    """Options of the command."""

    curves: bool = True
    """Whether curves files are read."""

    events: bool = False
    """Whether the events of every episode are listed."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return the exit status.

    Args:
        words: Arguments of the command line; those of the process by default.
    """
    return command_status(words, HELP, _anatomy)


def _anatomy(words: Sequence[str]) -> None:
    from tracesim.anatomy.breakdown import Breakdown
    from tracesim.anatomy.factors import factors, varying
    from tracesim.anatomy.safety import Safety
    from tracesim.anatomy.tables import constraint_table, factor_table, safety_table, stage_table
    from tracesim.machine.terminal import console
    from tracesim.results.entrant import group, labels

    folders, options = sources(words, Options)
    if not folders:
        raise ConfigurationError("No folder is given. Valid: python -m tracesim.anatomy FOLDER... .")
    judged = Collection.read(folders).judged
    groups = group(judged)
    names = labels(list(groups))
    by_label = {names[entrant]: own for entrant, own in groups.items()}
    breakdowns = [Breakdown.of(label, own) for label, own in by_label.items()]
    tables: list[Table] = [stage_table(breakdowns), constraint_table(breakdowns)]
    tables.append(safety_table({label: Safety.of(own) for label, own in by_label.items()}))
    if options.curves or options.events:
        tables += _motion_tables(by_label, options)
    if found := list(varying(factors([one.record for one in judged]))):
        tables.append(factor_table(found))
    out = console()
    for table in tables:
        if table.row_count:
            out.print(table)
            out.print()


def _motion_tables(by_label: dict[str, list[Stored]], options: Options) -> list[Table]:
    """Return the tables that curves files are needed for."""
    from tracesim.anatomy.motion import MotionSummary, Watched
    from tracesim.anatomy.tables import episode_table, event_table, smoothness_table

    watched = {label: [one for one in map(Watched.of, own) if one is not None] for label, own in by_label.items()}
    summaries = [MotionSummary.of(label, own) for label, own in watched.items()]
    tables = [event_table(summaries), smoothness_table(summaries)]
    if options.events:
        tables.append(episode_table([one for own in watched.values() for one in own]))
    return tables


if __name__ == "__main__":
    sys.exit(main())
