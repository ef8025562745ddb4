"""What the records of a run say together: rates with intervals, margins, scores, verdicts, failures."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any

from tracesim.failure import STAGES
from tracesim.results.record import Record, latest
from tracesim.results.scores import Scores

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
    """One constraint over the episodes in which it was applicable; margins in its `unit`: "m", "rad", "s" or "m/s".

    median_low, median_high: the median's distribution-free 95 % interval, None where too few episodes bound it.
    median_relative: of the margins over the best there is, None where there is no such.
    """

    name: str
    unit: str
    held: Rate
    median_margin: float | None
    median_low: float | None
    median_high: float | None
    median_relative: float | None


@dataclass(frozen=True)
class Verdicts:
    """The predicted trace's verdict beside the executed one; unknown: the trace could not be judged."""

    both: int
    predicted_only: int
    executed_only: int
    neither: int
    unknown: int


@dataclass(frozen=True)
class ToleranceSummary:
    """Success with all tolerances halved, as asked and doubled, and the area under that curve from 0 to 2, a share.

    Source of each: `tracesim.results.scores`. area: the mean over episodes, which is the area under the mean curve.
    """

    strict: Rate
    nominal: Rate
    lenient: Rate
    area: float | None


@dataclass(frozen=True)
class QuadrantSummary:
    """How many episodes reached the goal and held what is asked of the way there, one of both, or neither."""

    both: int
    goal_only: int
    path_only: int
    neither: int


@dataclass(frozen=True)
class NearestSummary:
    """How near episodes came to failing, or to success.

    relative: median over episodes of the smallest relative margin, None without any. tightest: by constraint, in how
    many episodes that was its. clearance_m: the smallest clearance, median and least, None where none was measured.
    """

    relative: float | None
    tightest: dict[str, int]
    median_clearance_m: float | None
    least_clearance_m: float | None


@dataclass(frozen=True)
class VisitSummary:
    """Visits over the episodes that ask for some: Kendall's tau, its mean over `ranked` episodes; missed and extra."""

    episodes: int
    ranked: int
    tau: float | None
    missed: int
    extra: int
    asked: int


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

    success: over judged episodes; infrastructure failures, and seeds for which no scene was found (no_scene), say
    nothing about the policy and are counted apart. expert_solves: the share of seeds the expert solves, those
    without a scene among them, None when nobody played it. robotwin: over episodes that have RoboTwin's own
    verdict, None without any. visits: None where no task asks for some. not_reproducible: episodes that met a time
    limit. repaired: episodes that allowed detours. without_depth: judged episodes in which a 3D trace was asked for and
    a 2D one answered, whose depths are then those of the picture. settings: by option, what tells a row of a sweep from
    others of the same task, policy, robot and variation.
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
    tolerance: ToleranceSummary
    quadrants: QuadrantSummary
    nearest: NearestSummary
    visits: VisitSummary | None
    verdicts: Verdicts
    failures: tuple[FailureSummary, ...]
    infrastructure: int
    no_scene: int
    not_reproducible: int
    repaired: int
    without_depth: int
    settings: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the same numbers as plain JSON values."""
        return dataclasses.asdict(self)


def summarise(records: Iterable[Record]) -> Summary:
    """Return the summary of records; of those with the same key the last counts."""
    kept = latest(records)
    judged = [record for record in kept if record.is_judged]
    by_expert = [one for one in kept if one.policy_kind == "expert" and not one.is_infrastructure]
    scores = [Scores.of(record) for record in judged]
    robotwin = [record.robotwin_success for record in judged if record.robotwin_success is not None]
    return Summary(
        tasks=_distinct(record.task for record in kept),
        policies=_distinct(record.policy for record in kept),
        robots=_distinct(record.robot for record in kept),
        levels=_distinct(record.variation.label for record in kept),
        seeds=tuple(sorted({record.seed for record in kept})),
        success=Rate.of(sum(record.success for record in judged), len(judged)),
        expert_solves=Rate.of(sum(record.success for record in by_expert), len(by_expert)) if by_expert else None,
        robotwin=Rate.of(sum(robotwin), len(robotwin)) if robotwin else None,
        constraints=_constraints(judged, scores),
        tolerance=_tolerance(scores),
        quadrants=_quadrants(scores),
        nearest=_nearest(scores),
        visits=_visits(judged),
        verdicts=_verdicts(judged),
        failures=_failures(kept),
        infrastructure=sum(record.is_infrastructure for record in kept),
        no_scene=sum(record.failure is not None and record.failure.stage == "arrangement" for record in kept),
        not_reproducible=sum(not record.reproducible for record in judged),
        repaired=sum(record.repair for record in judged),
        without_depth=sum(any(turn.lacks_depth for turn in record.turns) for record in judged),
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _constraints(records: Sequence[Record], scores: Sequence[Scores]) -> tuple[ConstraintSummary, ...]:
    names = _distinct(name for record in records for name in record.margins)
    return tuple(_constraint(name, records, scores) for name in names)


def _constraint(name: str, records: Sequence[Record], scores: Sequence[Scores]) -> ConstraintSummary:
    margins = [margin for record in records if (margin := record.margins.get(name)) is not None]
    relative = [one.relative[name] for one in scores if name in one.relative]
    held = Rate.of(sum(margin >= 0 for margin in margins), len(margins))
    unit = next((one.unit for record in records for one in record.constraints if one.name == name), "m")
    if not margins:
        return ConstraintSummary(name, unit, held, None, None, None, None)
    low, high = _median_interval(margins)
    return ConstraintSummary(name, unit, held, median(margins), low, high, median(relative) if relative else None)


def _median_interval(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Return the order statistics that enclose the median with 95 % confidence.

    Source: Conover, Practical Nonparametric Statistics, 3rd edition, section 3.2.
    """
    from scipy.stats import quantile_test

    interval = quantile_test(list(values), p=0.5).confidence_interval(CONFIDENCE)
    low, high = float(interval.low), float(interval.high)
    return (low, high) if low == low and high == high else (None, None)


def _tolerance(scores: Sequence[Scores]) -> ToleranceSummary:
    return ToleranceSummary(
        strict=Rate.of(sum(one.strict for one in scores), len(scores)),
        nominal=Rate.of(sum(one.nominal for one in scores), len(scores)),
        lenient=Rate.of(sum(one.lenient for one in scores), len(scores)),
        area=mean(one.area for one in scores) if scores else None,
    )


def _quadrants(scores: Sequence[Scores]) -> QuadrantSummary:
    counts = Counter(one.quadrant for one in scores)
    return QuadrantSummary(counts["both"], counts["goal_only"], counts["path_only"], counts["neither"])


def _nearest(scores: Sequence[Scores]) -> NearestSummary:
    relative = [one.smallest for one in scores if one.smallest is not None]
    clearances = [one.clearance_m for one in scores if one.clearance_m is not None]
    return NearestSummary(
        relative=median(relative) if relative else None,
        tightest=dict(Counter(one.tightest for one in scores if one.tightest is not None).most_common()),
        median_clearance_m=median(clearances) if clearances else None,
        least_clearance_m=min(clearances, default=None),
    )


def _visits(records: Sequence[Record]) -> VisitSummary | None:
    visiting = [record.visiting for record in records if record.visiting is not None]
    taus = [one.tau for one in visiting if one.tau is not None]
    if not visiting:
        return None
    return VisitSummary(
        episodes=len(visiting),
        ranked=len(taus),
        tau=mean(taus) if taus else None,
        missed=sum(len(one.missed) for one in visiting),
        extra=sum(len(one.extra) for one in visiting),
        asked=sum(len(one.asked) for one in visiting),
    )


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
