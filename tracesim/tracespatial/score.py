"""What the verdicts on a file of answers say together: means and rates, each with an interval."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tracesim.geometry.path_errors import PathErrors
from tracesim.results.summary import Rate
from tracesim.tracespatial.verdict import WITHIN_M, Verdict

RESAMPLES: Final = 2000
CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Mean:
    """A mean over `n` answers with its 95 % percentile bootstrap interval; without numbers where there is none.

    Source of the interval: Efron and Tibshirani 1993, chapter 13; 2000 resamples.
    """

    mean: float | None
    n: int
    low: float | None
    high: float | None

    @classmethod
    def of(cls, values: Sequence[float], rng: np.random.Generator) -> Mean:
        """Return the mean of `values`; not a number if one of them is not, and then without numbers."""
        if not values or not np.isfinite(values).all():
            return cls(None, len(values), None, None)
        array = np.array(values)
        means = array[rng.integers(len(array), size=(RESAMPLES, len(array)))].mean(axis=1)
        low, high = np.quantile(means, [(1.0 - CONFIDENCE) / 2.0, (1.0 + CONFIDENCE) / 2.0])
        return cls(float(array.mean()), len(array), float(low), float(high))


@dataclass(frozen=True)
class Score:
    """The numbers of a file of answers; a metric that could not be judged is not among them.

    answers: how many; unreadable: how many are no trace, by fault. means and rates: by name, in the order of the table.
    """

    answers: int
    unreadable: Mapping[str, int]
    means: Mapping[str, Mean]
    rates: Mapping[str, Rate]

    @classmethod
    def of(cls, verdicts: Sequence[Verdict], rng: np.random.Generator) -> Score:
        """Return the score of verdicts, as the published scorer adds them up.

        Success is over all answers, other rates over counted ones, means over those that have the number.
        """
        means: dict[str, Mean] = {}
        for paths, unit in (("path_3d", "m"), ("path_2d", "")):
            pairs: list[PathErrors] = [errors for one in verdicts if (errors := getattr(one, paths)) is not None]
            for name in (field.name for field in dataclasses.fields(PathErrors)) if pairs else ():
                values = [getattr(errors, name) for errors in pairs]
                means["_".join(filter(None, [paths, name, unit]))] = Mean.of(values, rng)
        for name in ("start_m", "true_start_m", "end_m"):
            values = [value for one in verdicts if (value := getattr(one, name)) is not None]
            if values:
                means[name] = Mean.of(values, rng)
        counted = [one for one in verdicts if one.counted]
        rates = {
            "start_in_mask": _rate(one.start_in_mask for one in counted),
            "end_in_rectangle": _rate(one.end_in_rectangle for one in counted),
            "start_3d": _rate(one.start for one in counted),
            "true_start_3d": _rate(_judged(one, one.true_start_m, WITHIN_M) for one in counted),
            "end_3d": _rate(one.end for one in counted),
            "end_in_box": _rate(_judged(one, one.end_m, 0.0) for one in counted),
            "no_collision": _rate(None if one.collision is None else not one.collision for one in counted),
            "success": _rate(one.success for one in verdicts),
        }
        faults = Counter(one.fault for one in verdicts if one.fault is not None)
        return cls(
            len(verdicts),
            dict(faults.most_common()),
            means,
            {name: rate for name, rate in rates.items() if rate is not None},
        )

    def as_json(self) -> dict[str, Any]:
        """Return the same numbers as plain JSON values."""
        return dataclasses.asdict(self)


def _judged(verdict: Verdict, distance_m: float | None, limit_m: float) -> bool | None:
    """Tell whether a distance is below a limit, or 0; None for an answer that was not judged in 3D."""
    if verdict.end is None:
        return None
    return distance_m is not None and (distance_m < limit_m or distance_m == 0.0)


def _rate(outcomes: Iterable[bool | None]) -> Rate | None:
    """Return how often something was so among the answers for which it was judged; None where it was for none."""
    judged = [outcome for outcome in outcomes if outcome is not None]
    return Rate.of(sum(judged), len(judged)) if judged else None
