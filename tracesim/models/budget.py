"""Budget of a run for requests to its server, shared by all of its threads."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from tracesim.errors import BudgetSpentError


class Budget:
    """Thread-safe count of requests, including repeated ones, and of the seconds they take.

    Attributes:
        asked: Number of requests so far.
        spent_s: Seconds in requests so far, summed over threads.
    """

    def __init__(self, queries: int | None = None, seconds: float | None = None) -> None:
        """Set the limits.

        Args:
            queries: Largest number of requests, or None for no limit.
            seconds: Largest time in requests, seconds, or None for no limit.
        """
        self._queries, self._seconds = queries, seconds
        self._lock = threading.Lock()
        self.asked = 0
        self.spent_s = 0.0

    @contextlib.contextmanager
    def request(self) -> Iterator[None]:
        """Count the request made in the context.

        Requests that have begun are finished, so the time may be exceeded by one request per thread.

        Raises:
            BudgetSpentError: The budget is used up; the request must not be made.
        """
        with self._lock:
            if self._queries is not None and self.asked >= self._queries:
                raise BudgetSpentError(f"the budget of {self._queries} requests is spent")
            if self._seconds is not None and self.spent_s >= self._seconds:
                raise BudgetSpentError(f"the budget of {self._seconds:g} s of requests is spent")
            self.asked += 1
        started = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self.spent_s += time.perf_counter() - started
