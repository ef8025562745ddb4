"""A plugin of pytest for runs under mutmut: cheap tests first, and a limit of processor time on each mutant."""

from __future__ import annotations

import gc
import json
import math
import resource
from pathlib import Path
from typing import Final

import pytest

STATS: Final = Path("mutmut-stats.json")
"""What mutmut measured, in the folder in which the tests run."""

PATIENCE: Final = 5.0
"""A mutant may take so many times the seconds of its tests on the code as it is, and as many seconds more."""


def pytest_configure() -> None:
    """Keep the collector away from what the fork server has imported: each of its pages would be copied."""
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort tests by the time they took on the code as it is, new ones first; end the process where they never end.

    mutmut's own limit is of wall time, which on a busy machine ends mutants that nothing has killed.
    """
    if STATS.exists() and not config.option.collectonly:
        seconds = json.loads(STATS.read_text())["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
        usual = sum(seconds.get(item.nodeid, 0.0) for item in items)
        used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + PATIENCE * (usual + 1.0)), hard))
