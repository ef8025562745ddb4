"""One thread at a time in the simulator."""

from __future__ import annotations

import os
import threading
from contextlib import ContextDecorator
from typing import Final


class _Lock(ContextDecorator):
    """Lets one thread at a time use the simulator, as settings and random generators of SAPIEN and mplib are global."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        os.register_at_fork(after_in_child=self._renew)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def _renew(self) -> None:
        """Replace the lock in a forked child if it is held by a thread that does not exist there."""
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock = threading.RLock()


ONE_THREAD: Final = _Lock()
