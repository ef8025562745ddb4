"""Summary of the verdicts on an answer file: means and rates with their intervals."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracesim.geometry.path_errors import PathErrors
from tracesim.statistics import Rate, macro_average
from tracesim.tracespatial.verdict import WITHIN_M, Verdict


@dataclass(frozen=True)
class Mean:
    """Mean over answers, with its 95 % bootstrap interval, see `tracesim.statistics.macro_average`."""

    mean: float | None
    """Mean value, or None if there are no values or one of them is not finite."""

    n: int
    """Number of answers."""

    low: float | None
    """Lower end of the interval."""

    high: float | None
    """Upper end of the interval."""

    @classmethod
    def of(cls, values: Sequence[float], rng: np.random.Generator) -> Mean:
        """Return the mean of values.

        Args:
            values: One value per answer.
            rng: Source of the resamples.
        """
        if not values or not np.isfinite(values).all():
            return cls(None, len(values), None, None)
        estimate = macro_average([values], rng)
        return cls(estimate.value, len(values), *estimate.interval)


@dataclass(frozen=True)
class Score:
    """Scores of an answer file, without metrics that could not be judged."""

    answers: int
    """Number of answers."""

    unreadable: Mapping[str, int]
    """Fault -> number of answers without a trace."""

    means: Mapping[str, Mean]
    """Means by name, in the order of the table."""

    rates: Mapping[str, Rate]
    """Rates by name, in the order of the table."""

    @classmethod
    def of(cls, verdicts: Sequence[Verdict], rng: np.random.Generator) -> Score:
        """Return the summary of verdicts, by the rules of the published scorer.

        The success rate covers all answers, other rates the counted ones, and means those that have a value.

        Args:
            verdicts: One verdict per answer.
            rng: Source of bootstrap resamples.
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
            "true_start_3d": _rate(_is_below(one, one.true_start_m, WITHIN_M) for one in counted),
            "end_3d": _rate(one.end for one in counted),
            "end_in_box": _rate(_is_below(one, one.end_m, 0.0) for one in counted),
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
        """Return the scores as plain JSON values."""
        return dataclasses.asdict(self)


def _is_below(verdict: Verdict, distance_m: float | None, limit_m: float) -> bool | None:
    """Return whether a distance is 0 or below a limit; None for an answer that was not judged in 3D."""
    if verdict.end is None:
        return None
    return distance_m is not None and (distance_m < limit_m or distance_m == 0.0)


def _rate(outcomes: Iterable[bool | None]) -> Rate | None:
    """Return the rate of true outcomes among those that were judged; None if none were."""
    judged = [outcome for outcome in outcomes if outcome is not None]
    return Rate.among(judged) if judged else None
