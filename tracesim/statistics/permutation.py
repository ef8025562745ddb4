"""A test of paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

FLIPS: Final = 10_000
"""Number of random assignments of signs."""

_AT_ONCE: Final = 1_000_000


def sign_flip_test(differences: Sequence[float], rng: np.random.Generator) -> float:
    """Return the two-sided p-value of the hypothesis that paired differences are as likely positive as negative.

    It is the share of random assignments of signs, the observed one included, whose sum is at least as far from 0.

    Source: Fisher 1935, The Design of Experiments, section 21; Phipson and Smyth 2010 for the count of the observed.

    Args:
        differences: Differences of pairs; those of 0 do not matter.
        rng: Source of the signs.
    """
    values = np.abs(np.asarray(differences, float))
    values, observed = values[values > 0.0], abs(float(np.sum(differences)))
    if not len(values):
        return 1.0
    as_far = 0
    for count in np.diff([*range(0, FLIPS, max(1, _AT_ONCE // len(values))), FLIPS]):
        signs = rng.integers(2, size=(int(count), len(values)), dtype=np.int8) * 2.0 - 1.0
        as_far += int(np.count_nonzero(np.abs(signs @ values) >= observed * (1.0 - 1e-12)))
    return (as_far + 1) / (FLIPS + 1)
