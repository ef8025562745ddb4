"""A server that runs for all tests of the protocols."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.published_requests import DEPTH_MM, RGB, png
from tests.running_server import Repeating, RunningServer


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Repeating, Path]]:
    folder, backend = tmp_path_factory.mktemp("outside") / "shared", Repeating()
    folder.mkdir()
    with RunningServer(backend, folder) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client, backend, folder


@pytest.fixture
def client(running: tuple[httpx.Client, Repeating, Path]) -> httpx.Client:
    return running[0]


@pytest.fixture
def backend(running: tuple[httpx.Client, Repeating, Path]) -> Repeating:
    running[1].seen.clear()
    return running[1]


@pytest.fixture
def folder(running: tuple[httpx.Client, Repeating, Path]) -> Path:
    """Return a new folder that the server may read, with an image and its depth, and a secret file outside it."""
    folder = running[2]
    for left in folder.iterdir():
        left.unlink()
    (folder / "image.png").write_bytes(png(RGB))
    (folder / "depth.png").write_bytes(png(DEPTH_MM))
    (folder.parent / "secret.png").write_bytes(png(RGB))
    return folder
