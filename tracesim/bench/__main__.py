"""Command that measures speed and memory: `python -m tracesim.bench`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final

from tracesim.arguments import COMPLETED, arguments, command_status
from tracesim.bench.growth import Growth
from tracesim.bench.measures import GROWTH, MEASURES, Measured, chosen, is_pinned, run
from tracesim.bench.options import TASK, Options
from tracesim.bench.timing import pinned
from tracesim.errors import ConfigurationError
from tracesim.machine.lavapipe import check_import

HELP: Final = """\
Measure speed and memory, and compare them with TraceSim's targets, with bare physics and with another simulator.

Usage
  python -m tracesim.bench [MEASURE ...] [KEY=VALUE ...]

Measures, all of these by default
{measures}

Measures of growth
{growth}
  growth        all measures of growth
  all           all measures

Options
  task={task}  the task that is played, by the expert, in clutter
  rounds=N            rounds of works that are repeated
  seeds=N             number of seeds, from 0 on
  peer=maniskill      run ManiSkill's StackCube-v1 in turn with TraceSim; its environment is installed into the cache
                      folder the first time, which takes minutes and a few GB
  json=FILE           write everything that was measured, with versions, to a JSON file
  plot=FOLDER         plot measures of growth into a folder, one SVG file for each

All but workers run on one core. A figure is the median of its rounds, which are seeds where a measure takes seeds=;
quartiles show their spread. Times are CPU times, but for workers.

Exit status
  0 every target is met    1 a target is missed    2 a wrong argument or environment
  3 a measurement failed    130 interrupted; with json=, what was measured before is kept
"""

MISSED: Final = 1
"""Exit status if a target is missed."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        words: Arguments of the command line; those of the process by default.
    """
    return command_status(words, _usage, _measure)


def _usage() -> str:
    lists = ("\n".join(f"  {name:<14}{one.does}" for name, one in some.items()) for some in (MEASURES, GROWTH))
    measures, growth = lists
    return HELP.format(measures=measures, growth=growth, task=TASK)


def _measure(words: Sequence[str]) -> int:
    """Run the measures that the words name, and print a table for each; return 1 if a target is missed."""
    names, options = _parse(words)
    check_import()
    from tracesim.bench.report import Report
    from tracesim.machine.terminal import console

    report, show = Report(words), console()

    def add(name: str, measured: Sequence[Measured]) -> None:
        report.measured[name] = list(measured)
        for table in report.tables(name):
            show.print(table)
        if options.json is not None:
            report.write(options.json)
        if options.plot is not None:
            _plot([one for one in measured if isinstance(one, Growth)], name, options)

    if options.peer is not None:
        from tracesim.bench.peer.comparison import compare

        with pinned() as report.core:
            report.peer, figures = compare(options)
            add(f"peer: {options.peer}", figures)
    for name in names:
        with pinned() if is_pinned(name) else nullcontext() as core:
            report.core = report.core if core is None else core
            add(name, run(name, options))
    return MISSED if report.missed else COMPLETED


def _parse(words: Sequence[str]) -> tuple[list[str], Options]:
    """Return the measures to run and the options; raises `ConfigurationError` for anything else."""
    named = [word for word in words if "=" not in word]
    options = arguments([word for word in words if "=" in word], Options)
    names = chosen(named, options)
    if options.plot is not None:
        from tracesim.bench.plot import check

        check()
    if options.json is not None and options.json.is_dir():
        raise ConfigurationError(f"json={options.json}: a folder. Give the name of a file.")
    return names, options


def _plot(growths: Sequence[Growth], name: str, options: Options) -> None:
    """Write the plot of a measure of growth; other measures have none."""
    from tracesim.bench.plot import plot

    assert options.plot is not None
    if growths:
        plot(growths, options.plot / f"{name}.svg")


if __name__ == "__main__":
    sys.exit(main())
