"""A plugin of pytest that runs cheap tests first, so that most mutants are killed at little cost."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Final

import pytest

STATS: Final = Path("mutmut-stats.json")
"""What mutmut measured, in the folder in which the tests run."""


def pytest_configure() -> None:
    """Keep the collector away from what the fork server has imported: each of its pages would be copied."""
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort tests by the time they took on the code as it is; new ones first."""
    seconds = json.loads(STATS.read_text())["duration_by_test"] if STATS.exists() else {}
    items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
