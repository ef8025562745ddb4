"""Actions of the gymnasium environment: arrays that stand for a trace, or for a command."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tracesim.episode.followed_trace import KEYPOINTS
from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace, Traces


def command_of(action: npt.ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Return an action as finite floats of a shape; raises `ConfigurationError` if it is not such an array."""
    values = _numbers(action, "command", str(shape))
    if values.shape != shape or not np.isfinite(values).all():
        what = f"of shape {values.shape}" if values.shape != shape else "with numbers that are not finite"
        raise ConfigurationError(f"An action {what} is not a command. Valid: {shape[0]} finite numbers.")
    return values


def traces_of(action: npt.ArrayLike, arms: Sequence[str]) -> Traces:
    """Return an action (N, 3) as a trace, or one (A, N, 3) as the trace of each arm; raises `ConfigurationError`."""
    valid = f"({len(arms)}, {KEYPOINTS}, 3)" if arms else f"({KEYPOINTS}, 3)"
    keypoints = _numbers(action, "trace", valid)
    if keypoints.ndim != (3 if arms else 2) or keypoints.shape[-1] != 3 or (arms and len(keypoints) != len(arms)):
        raise ConfigurationError(f"An action of shape {keypoints.shape} is not a trace. Valid: {valid}.")
    return {arm: Trace(one) for arm, one in zip(arms, keypoints, strict=True)} if arms else Trace(keypoints)


def _numbers(action: npt.ArrayLike, what: str, valid: str) -> FloatArray:
    try:
        return np.asarray(action).astype(float, casting="same_kind")
    except (TypeError, ValueError):
        raise ConfigurationError(
            f"An action of type {type(action).__name__} is not a {what}. Valid: an array of numbers, {valid}."
        ) from None
