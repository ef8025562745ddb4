"""The report that tests look at, and the browser in which they do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.episodes import Episodes
from tests.report.made import make_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
OPTIONS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--enable-unsafe-swiftshader")


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory, episodes: Episodes) -> Path:
    """Return the folder of a report."""
    return make_report(tmp_path_factory.mktemp("report"), episodes)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a browser without a window; skip where there is none, but not in CI."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        absent = f"no browser here: none of {', '.join(BROWSERS)} is installed"
        pytest.fail(absent) if os.environ.get("CI") else pytest.skip(absent)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=found, args=list(OPTIONS))
        yield started
        started.close()
