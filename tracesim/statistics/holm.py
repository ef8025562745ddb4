"""Several tests at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for the number of tests, in the same order.

    Rejecting those of at most 5 % is wrong for any of the true hypotheses in at most 5 % of cases.

    Source: Holm 1979, Scandinavian Journal of Statistics 6.
    """
    values = np.asarray(p_values, float)  # (n,)
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(values[order] * factors))
    return [float(value) for value in adjusted]
