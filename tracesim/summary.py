"""What the records of a run say together: rates with intervals, margins, verdicts, failures; and the table of it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from tracesim.failure import STAGES
from tracesim.results import Record, latest

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rate:
    """A share of `n` with its 95 % Wilson score interval; without numbers when n is 0.

    Source: Wilson 1927, as in `scipy.stats.binomtest`.
    """

    count: int
    n: int
    rate: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, count: int, n: int) -> Rate:
        """Return the rate of `count` out of `n`."""
        if n == 0:
            return cls(0, 0, None, None, None)
        from scipy.stats import binomtest  # half a second to import, needed once a run has ended

        interval = binomtest(count, n).proportion_ci(CONFIDENCE, method="wilson")
        return cls(count, n, count / n, float(interval.low), float(interval.high))

    def __str__(self) -> str:
        if self.rate is None or self.low is None or self.high is None:
            return "none judged"
        return f"{self.count} of {self.n}, {self.rate:.1%} [{self.low:.1%}, {self.high:.1%}]"


@dataclass(frozen=True)
class ConstraintSummary:
    """One constraint over the episodes in which it was applicable; margins in metres, radians or seconds.

    median_low, median_high: the median's distribution-free 95 % interval, None where too few episodes bound it.
    """

    name: str
    held: Rate
    median_margin: float | None
    median_low: float | None
    median_high: float | None


@dataclass(frozen=True)
class Verdicts:
    """The predicted trace's verdict beside the executed one; unknown: the trace could not be judged."""

    both: int
    predicted_only: int
    executed_only: int
    neither: int
    unknown: int


@dataclass(frozen=True)
class FailureSummary:
    """How often, and on which seeds, episodes ended at one stage for one reason."""

    stage: str
    reason: str
    count: int
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Summary:
    """The numbers of a set of records, one for each key; a pure function of them.

    success: over judged episodes; infrastructure failures say nothing about the policy and are counted apart.
    expert_solves: the share of seeds the expert solves, None when nobody played it. robotwin: over episodes that have
    RoboTwin's own verdict, None without any. not_reproducible: episodes that met a time limit. repaired: episodes that
    allowed detours.
    """

    tasks: tuple[str, ...]
    policies: tuple[str, ...]
    robots: tuple[str, ...]
    levels: tuple[str, ...]
    seeds: tuple[int, ...]
    success: Rate
    expert_solves: Rate | None
    robotwin: Rate | None
    constraints: tuple[ConstraintSummary, ...]
    verdicts: Verdicts
    failures: tuple[FailureSummary, ...]
    infrastructure: int
    not_reproducible: int
    repaired: int

    def as_json(self) -> dict[str, Any]:
        """Return the same numbers as plain JSON values."""
        return dataclasses.asdict(self)


def summarise(records: Iterable[Record]) -> Summary:
    """Return the summary of records; of those with the same key the last counts."""
    kept = latest(records)
    judged = [record for record in kept if not record.is_infrastructure]
    by_expert = [record for record in judged if record.policy_kind == "expert"]
    robotwin = [record.robotwin_success for record in judged if record.robotwin_success is not None]
    return Summary(
        tasks=_distinct(record.task for record in kept),
        policies=_distinct(record.policy for record in kept),
        robots=_distinct(record.robot for record in kept),
        levels=_distinct(record.variation.level for record in kept),
        seeds=tuple(sorted({record.seed for record in kept})),
        success=Rate.of(sum(record.success for record in judged), len(judged)),
        expert_solves=Rate.of(sum(record.success for record in by_expert), len(by_expert)) if by_expert else None,
        robotwin=Rate.of(sum(robotwin), len(robotwin)) if robotwin else None,
        constraints=_constraints(judged),
        verdicts=_verdicts(judged),
        failures=_failures(kept),
        infrastructure=len(kept) - len(judged),
        not_reproducible=sum(not record.reproducible for record in judged),
        repaired=sum(record.repair for record in judged),
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _constraints(records: Sequence[Record]) -> tuple[ConstraintSummary, ...]:
    margins: dict[str, list[float]] = {}
    for record in records:
        for name, margin in record.margins.items():
            applicable = margins.setdefault(name, [])
            if margin is not None:
                applicable.append(margin)
    return tuple(_constraint(name, values) for name, values in margins.items())


def _constraint(name: str, margins: Sequence[float]) -> ConstraintSummary:
    held = Rate.of(sum(margin >= 0 for margin in margins), len(margins))
    if not margins:
        return ConstraintSummary(name, held, None, None, None)
    low, high = _median_interval(margins)
    return ConstraintSummary(name, held, median(margins), low, high)


def _median_interval(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Return the order statistics that enclose the median with 95 % confidence.

    Source: Conover, Practical Nonparametric Statistics, 3rd edition, section 3.2.
    """
    from scipy.stats import quantile_test

    interval = quantile_test(list(values), p=0.5).confidence_interval(CONFIDENCE)
    low, high = float(interval.low), float(interval.high)
    return (low, high) if low == low and high == high else (None, None)


def _verdicts(records: Sequence[Record]) -> Verdicts:
    pairs = Counter((record.predicted_success, record.success) for record in records)
    return Verdicts(
        both=pairs[True, True],
        predicted_only=pairs[True, False],
        executed_only=pairs[False, True],
        neither=pairs[False, False],
        unknown=pairs[None, True] + pairs[None, False],
    )


def _failures(records: Sequence[Record]) -> tuple[FailureSummary, ...]:
    seeds: dict[tuple[str, str], list[int]] = {}
    for record in records:
        if record.failure is not None:
            seeds.setdefault((record.failure.stage, record.failure.reason), []).append(record.seed)
    summaries = [FailureSummary(stage, reason, len(of), tuple(sorted(of))) for (stage, reason), of in seeds.items()]
    return tuple(sorted(summaries, key=lambda one: (STAGES.index(one.stage), -one.count, one.reason)))


def by_configuration(records: Iterable[Record]) -> list[Summary]:
    """Return one summary for each task, policy, robot and configuration among records."""
    groups: dict[tuple[str, str, str, str], list[Record]] = {}
    for record in records:
        key = (record.task, record.policy, record.robot, record.configuration_hash)
        groups.setdefault(key, []).append(record)
    return [summarise(group) for group in groups.values()]


def sweep_table(summaries: Sequence[Summary]) -> Table:
    """Return what is printed when a sweep has ended: one row a summary."""
    grid = _grid("Sweep", "task", "policy", "robot", "variation", "success", "95 % Wilson", "not judged")
    for column in range(4):
        grid.columns[column].justify = "left"
    for one in summaries:
        names = (", ".join(values) for values in (one.tasks, one.policies, one.robots, one.levels))
        rate = one.success
        interval = "" if rate.low is None else f"{rate.low:.1%} .. {rate.high:.1%}"
        grid.add_row(*names, f"{rate.count} of {rate.n}", interval, str(one.infrastructure or ""))
    return grid


def table(summary: Summary) -> Group:
    """Return what is printed when a run has ended, for a `rich.console.Console`."""
    from rich.console import Group
    from rich.text import Text

    parts: list[Any] = [_headline(summary)]
    if summary.constraints:
        parts += [Text(), _constraint_table(summary.constraints)]
    if summary.success.n:
        parts += [Text(), _verdict_table(summary.verdicts)]
    if summary.failures:
        parts += [Text(), _failure_table(summary.failures)]
    return Group(*parts)


def _grid(title: str, *columns: str) -> Table:
    from rich import box
    from rich.table import Table

    grid = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_edge=False)
    for number, column in enumerate(columns):
        grid.add_column(column, justify="left" if number == 0 else "right", overflow="fold")
    return grid


def _headline(summary: Summary) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column()
    noun = "seed" if len(summary.seeds) == 1 else "seeds"
    grid.add_row("episodes", f"{len(summary.seeds)} {noun} ({_seeds(summary.seeds)}), {summary.success.n} judged")
    only_expert = summary.expert_solves == summary.success
    grid.add_row("expert solves" if only_expert else "success", f"{summary.success} (95 % Wilson interval)")
    if summary.expert_solves is not None and not only_expert:
        grid.add_row("expert", f"solves {summary.expert_solves}")
    if summary.robotwin is not None:
        grid.add_row("RoboTwin", f"{summary.robotwin} by its own check")
    if summary.infrastructure:
        grid.add_row("infrastructure", f"{summary.infrastructure} not judged; retried on resume")
    if summary.not_reproducible:
        grid.add_row("time limits", f"met by {summary.not_reproducible}: these may differ when played again")
    if summary.repaired:
        grid.add_row("repair", f"{summary.repaired} with detours allowed while carrying")
    return grid


def _constraint_table(constraints: Sequence[ConstraintSummary]) -> Table:
    grid = _grid("Constraints (m, rad or s; 0 or more holds)", "constraint", "held", "rate", "median margin", "95 %")
    for one in constraints:
        if one.held.rate is None or one.median_margin is None:
            grid.add_row(one.name, "not applicable", "", "", "")
            continue
        bounds = "" if one.median_low is None else f"{one.median_low:+.4f} .. {one.median_high:+.4f}"
        grid.add_row(
            one.name, f"{one.held.count} of {one.held.n}", f"{one.held.rate:.1%}", f"{one.median_margin:+.4f}", bounds
        )
    return grid


def _verdict_table(verdicts: Verdicts) -> Table:
    grid = _grid("Predicted trace beside executed motion", "", "executed: success", "executed: failure")
    grid.add_row("predicted: success", str(verdicts.both), str(verdicts.predicted_only))
    grid.add_row("predicted: failure", str(verdicts.executed_only), str(verdicts.neither))
    if verdicts.unknown:
        grid.caption = f"{verdicts.unknown} without a predicted trace that could be judged"
        grid.caption_justify = "left"
    return grid


def _failure_table(failures: Sequence[FailureSummary]) -> Table:
    grid = _grid("Failures", "stage", "reason", "episodes", "seeds")
    for column in (1, 3):
        grid.columns[column].justify = "left"
    for one in failures:
        grid.add_row(one.stage, one.reason, str(one.count), _seeds(one.seeds))
    return grid


def _seeds(seeds: Sequence[int]) -> str:
    """Return "0-3, 7, 9": runs of consecutive seeds joined."""
    runs: list[tuple[int, int]] = []
    for seed in seeds:
        if runs and seed == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], seed)
        else:
            runs.append((seed, seed))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
