"""Command that says whether one policy is better than another on the same seeds: `python -m tracesim.compare`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracesim.arguments import COMPLETED, command_status, sources
from tracesim.errors import ConfigurationError
from tracesim.files.json_file import write_json
from tracesim.results.collection import Collection
from tracesim.results.comparison import Comparison, Measure, Side, Verdict
from tracesim.statistics import episodes_needed

if TYPE_CHECKING:
    from rich.console import Console

HELP: Final = """\
Say whether policy B is better than policy A, on the seeds that both have played.

Usage
  python -m tracesim.compare A B [KEY=VALUE ...]
  python -m tracesim.compare FOLDER policies=A,B [KEY=VALUE ...]
  python -m tracesim.compare plan=0.05

Input
  A, B               folders of runs or sweeps of one policy each, A as the baseline
  policies=NAME,NAME which policies to compare, if a folder has several; with one folder, both are in it

Options
  by=success         what decides: success (McNemar's exact test on pairs of episodes), or margins (a sign-flip test on
                     the areas under the curve of success over scaled tolerances, which see differences earlier)
  gate=false         true: for continuous integration, exit with 0 unless B is worse or cannot be compared
  plan=DIFFERENCE    say how many seeds show a difference of success rates, such as 0.05 for 5 points, in 80 % of cases
  output=FILE.json   write the comparison

Verdicts
  better           B is better: p is at most 5 %
  worse            B is worse
  inconclusive     neither is shown; the table says how large a difference these seeds could have shown
  not comparable   no task and seed is shared, or the scenes or versions of packages that change verdicts differ

Examples
  python -m tracesim.compare outputs/last_week outputs/today gate=true
  python -m tracesim.compare multirun/night policies=robotracer,robobrain by=margins

Exit status
  0 better    10 worse    11 inconclusive    12 not comparable    2 a wrong key, value or folder
  3 a file could not be written    130 interrupted
"""

EXIT_STATUS: Final[dict[Verdict, int]] = {"better": 0, "worse": 10, "inconclusive": 11, "not comparable": 12}
"""Exit status of each verdict."""

LISTED: Final = 10
"""Number of disagreements that are printed."""

STOPPED_BY_A_GATE: Final[tuple[Verdict, ...]] = ("worse", "not comparable")
"""Verdicts whose status is not 0 with `gate=true`."""


@dataclass(frozen=True)
class Options:
    """Options of the command."""

    policies: str | None = None
    """Two names, joined by a comma."""

    by: Measure = "success"
    """What decides."""

    gate: bool = False
    """Whether an inconclusive comparison exits with 0."""

    plan: float | None = None
    """Difference of success rates to plan for."""

    output: Path | None = None
    """File for the comparison."""

    def __post_init__(self) -> None:
        """Check the options; raises `ConfigurationError`."""
        if self.plan is not None and not 0.0 < self.plan <= 1.0:
            raise ConfigurationError(f"plan={self.plan:g}: a difference of rates, above 0 and at most 1.")
        if self.policies is not None and len(self.names) != 2:
            raise ConfigurationError(f"policies={self.policies}: two names, joined by a comma.")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the policies; empty if none are given."""
        return tuple(self.policies.split(",")) if self.policies is not None else ()


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return the exit status.

    Args:
        words: Arguments of the command line; those of the process by default.
    """
    return command_status(words, HELP, _compare)


def _compare(words: Sequence[str]) -> int:
    from tracesim.machine.terminal import console

    folders, options = sources(words, Options)
    out = console()
    if not folders and options.plan is not None:
        _plan(out, options.plan, None)
        return COMPLETED
    comparison = Comparison.of(*_sides(folders, options))
    verdict = comparison.verdict(options.by)
    _show(out, comparison, options, verdict)
    if options.output is not None:
        write_json(comparison.as_json(options.by), options.output)
        out.print(f"\nWritten\n  {options.output}", soft_wrap=True)
    return COMPLETED if options.gate and verdict not in STOPPED_BY_A_GATE else EXIT_STATUS[verdict]


def _sides(folders: Sequence[Path], options: Options) -> tuple[Side, Side]:
    """Return the episodes of A and of B.

    Raises:
        ConfigurationError: The folders and the names do not give two policies.
    """
    collections = {folder: Collection.read([folder]) for folder in dict.fromkeys(folders)}
    if len(folders) not in (1, 2) or (len(folders) == 1 and not options.names):
        raise ConfigurationError(
            "Two policies are compared. Valid: python -m tracesim.compare A B, or one FOLDER and policies=A,B."
        )
    places = (folders[0], folders[-1])
    first, second = options.names or (None, None)
    return (
        Side.of(collections[places[0]], first, str(places[0])),
        Side.of(collections[places[1]], second, str(places[1])),
    )


def _show(out: Console, comparison: Comparison, options: Options, verdict: Verdict) -> None:
    from tracesim.results.comparison_tables import overall_table, p_text, task_table

    if comparison.obstacles:
        out.print(f"not comparable: {comparison.second} (B) and {comparison.first} (A)", soft_wrap=True)
        for obstacle in comparison.obstacles:
            out.print(f"  {obstacle}", soft_wrap=True)
        return
    out.print(overall_table(comparison))
    out.print()
    out.print(task_table(comparison))
    out.print()
    for note in comparison.differing:
        out.print(f"{note}.", soft_wrap=True)
    disagreements = comparison.disagreements
    out.print(f"Both have the same verdict on {comparison.n - len(disagreements)} of {comparison.n} seeds.")
    for one in disagreements[:LISTED]:
        out.print(f"  {one}", soft_wrap=True, markup=False)
    if len(disagreements) > LISTED:
        out.print(f"  and {len(disagreements) - LISTED} more: output=FILE.json lists them, and so does a report")
    if any(comparison.unshared):
        a, b = comparison.unshared
        out.print(f"Left out, without a counterpart on the same seed: {a} episodes of A, {b} of B.", soft_wrap=True)
    said = {
        "better": "B is better than A",
        "worse": "B is worse than A",
        "inconclusive": "No difference between A and B is shown",
    }[verdict]
    out.print(f"{verdict}: {said}, by {options.by} (p {p_text(comparison.p_value[options.by])}).", soft_wrap=True)
    if options.plan is not None:
        _plan(out, options.plan, comparison.discordant)


def _plan(out: Console, difference: float, discordant: float | None) -> None:
    """Print how many seeds show a difference."""
    try:
        needed = episodes_needed(difference, discordant)
    except ValueError as error:
        raise ConfigurationError(f"plan={difference:g}: {error}.") from None
    if discordant is None:
        given = "if both succeed about half of the time, independently of each other: the least favourable case"
    else:
        given = f"if they disagree on {100 * max(discordant, difference):.0f} % of the seeds, as here"
    out.print(
        f"A difference of {100 * difference:g} points needs {needed:,} seeds, played by both policies, {given} "
        "(80 % power at the 5 % level).",
        soft_wrap=True,
    )


if __name__ == "__main__":
    sys.exit(main())
