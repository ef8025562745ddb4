"""What every test shares. That it imports tracesim lets tests `import sapien` where there is no window system."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import settings

from tests.browser import browser as browser
from tests.episodes import Episodes
from tests.rare import RARE
from tracesim.envs import TASKS
from tracesim.simulation.renderer import available

# The same examples in every run, and no stopwatch: a busy machine is not a failure.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make the cases of each test that is marked `one_in(N)` slow, except every N-th; its name says where that begins.

    A test of which N cases or fewer were collected keeps them all, so that a case can be run by its name.
    """
    cases = defaultdict(list)
    for item in items:
        if marker := item.get_closest_marker("one_in"):
            cases[item.nodeid.partition("[")[0], marker.args[0]].append(item)
    for (test, n), of_test in cases.items():
        for number, item in enumerate(of_test if len(of_test) > n else (), crc32(test.encode())):
            if number % n != 0:
                item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def renderer() -> None:
    """Skip where nothing can draw."""
    if not available():
        pytest.skip("no Vulkan device can draw here")


@pytest.fixture
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the test's temporary folder the current one."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def rare_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add tasks to the table whose seeds have no scene, or not every one."""
    for name, path in RARE.items():
        monkeypatch.setitem(TASKS.table, name, path)


@pytest.fixture(scope="session")
def episodes(tmp_path_factory: pytest.TempPathFactory) -> Episodes:
    """Episodes that are played once, however many tests and processes look at them."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "episodes"
    folder.mkdir(exist_ok=True)
    return Episodes(folder)
