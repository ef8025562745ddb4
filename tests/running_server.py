"""TraceSim's server in a thread of the test process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from PIL import Image

from tracesim.serve.app import app
from tracesim.serve.backend import Answered, Backend


class Repeating:
    """Backend that answers with the prompt and keeps the images; raises `fault` if it is set."""

    name = "repeating"

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.seen: list[tuple[str, list[Image.Image], int | None]] = []

    def answer(self, prompt: str, images: Sequence[Image.Image], longest: int | None = None) -> Answered:
        self.seen.append((prompt, list(images), longest))
        if self.fault is not None:
            raise self.fault
        return Answered(prompt, 7, 3)


class RunningServer:
    """Serves a backend at `url`, a free port of this machine, while it is open as a context manager.

    goodbye_s: how long answers that are under way are waited for at the end.
    """

    def __init__(self, backend: Backend, folder: Path | None = None, goodbye_s: int = 3) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app(backend, folder), log_config=None, access_log=False, timeout_graceful_shutdown=goodbye_s
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> Self:
        self._thread.start()  # earlier connections wait in the queue of the socket
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
