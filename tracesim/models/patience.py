"""Limits on how long and how often a server is asked."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tracesim.errors import ConfigurationError


@dataclass(kw_only=True)
class Patience:
    """Limits on how long a run waits for its server, and how often it asks.

    Raises:
        ConfigurationError: A limit is negative or not a number.
    """

    timeout_s: float = 60.0
    """Time limit of a request, from connecting to the last byte of the answer, seconds."""

    retries: int = 4
    """Number of further requests after one that failed in a way that may be temporary."""

    backoff_s: float = 0.5
    """Wait before the first retry, seconds; it doubles with each retry, with random jitter."""

    longest_wait_s: float = 30.0
    """Longest wait before a retry, seconds, even if the server's Retry-After asks for more."""

    budget_queries: int | None = None
    """Largest number of requests in a run, or null for no limit."""

    budget_s: float | None = None
    """Largest total time in requests of a run, seconds, or null for no limit."""

    def __post_init__(self) -> None:
        """Check the limits."""
        if not (math.isfinite(self.timeout_s) and self.timeout_s > 0):
            raise ConfigurationError(f"timeout_s={self.timeout_s}: has to be more than 0 seconds.")
        for name in ("retries", "backoff_s", "longest_wait_s", "budget_queries", "budget_s"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise ConfigurationError(f"{name}={value}: has to be 0 or more.")
