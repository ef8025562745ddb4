"""What a run may ask of its server, all of its threads together."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from tracesim.errors import BudgetSpentError


class Budget:
    """Counts requests, repeated ones among them, and the seconds they take, summed over threads; thread-safe."""

    def __init__(self, queries: int | None = None, seconds: float | None = None) -> None:
        self._queries, self._seconds = queries, seconds
        self._lock = threading.Lock()
        self.asked = 0
        self.spent_s = 0.0

    @contextlib.contextmanager
    def request(self) -> Iterator[None]:
        """Count the request that is made inside.

        Raises `BudgetSpentError` instead of beginning one that is too many. Requests that have begun are finished, so
        that seconds may be overdrawn by one request a thread.
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
