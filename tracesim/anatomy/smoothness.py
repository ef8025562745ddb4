"""How smoothly a point moved."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Final, Self

import numpy as np

from tracesim.geometry.rigid import FloatArray

CUTOFF_HZ: Final = 10.0
"""Highest frequency that counts for SPARC."""

AMPLITUDE: Final = 0.05
"""Share of the greatest amplitude up to which the tail of the spectrum does not count for SPARC."""

PADDING: Final = 4
"""Powers of two by which the speed is padded with zeros before it is transformed, as published."""


@dataclass(frozen=True)
class Smoothness:
    """Measures of the motion of a point while it followed a trace."""

    time_s: float
    """Duration."""

    path_m: float
    """Length of its path."""

    sparc: float
    """Spectral arc length of its speed: dimensionless, about -1.4 for one smooth stroke, lower if less smooth."""

    log_jerk: float
    """Log dimensionless jerk: dimensionless, about -5 for one smooth stroke, lower if less smooth."""

    @classmethod
    def of(cls, times_s: FloatArray, points: FloatArray) -> Self | None:
        """Return the measures of a path; None if the point did not move, or there are fewer than 5 samples.

        Source: Balasubramanian, Melendez-Calderon, Roby-Brami and Burdet 2015, Journal of NeuroEngineering and
        Rehabilitation 12:112, for SPARC (its constants and padding too) and log dimensionless jerk.

        Args:
            times_s: Times (T,), seconds, ascending.
            points: Positions (T, 3), metres.
        """
        length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
        duration = float(times_s[-1] - times_s[0]) if len(times_s) else 0.0
        if len(times_s) < 5 or length < 1e-4 or duration <= 0.0:
            return None
        count = len(times_s)
        step = duration / (count - 1)
        even = np.linspace(times_s[0], times_s[-1], count)
        path = np.stack([np.interp(even, times_s, points[:, axis]) for axis in range(3)], axis=1)
        velocity = np.gradient(path, step, axis=0)
        speed = np.linalg.norm(velocity, axis=1)
        jerk = np.gradient(np.gradient(velocity, step, axis=0), step, axis=0)
        integral = float(np.sum(jerk**2) * step)
        dimensionless = integral * duration**3 / float(speed.max()) ** 2
        return cls(duration, length, _sparc(speed, 1.0 / step), -log(dimensionless) if dimensionless > 0.0 else 0.0)


def _sparc(speed: FloatArray, rate_hz: float) -> float:
    """Return the spectral arc length of a speed (T,), sampled at a rate."""
    size = 2 ** (int(np.ceil(np.log2(len(speed)))) + PADDING)
    amplitude = np.abs(np.fft.rfft(speed, size))
    frequency = np.fft.rfftfreq(size, 1.0 / rate_hz)
    amplitude /= amplitude.max()
    counts = frequency <= CUTOFF_HZ
    frequency, amplitude = frequency[counts], amplitude[counts]
    last = int(np.flatnonzero(amplitude >= AMPLITUDE)[-1]) + 1
    frequency, amplitude = frequency[:last], amplitude[:last]
    if last < 2:
        return 0.0
    across = np.diff(frequency) / (frequency[-1] - frequency[0])
    return -float(np.sum(np.hypot(across, np.diff(amplitude))))
