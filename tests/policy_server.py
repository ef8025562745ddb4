"""A policy server in openpi's websocket form, in a thread of the test process."""

from __future__ import annotations

import logging
import runpy
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from openpi_client import msgpack_numpy
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from tracesim.configuration import EpisodeConfiguration
from tracesim.episode.stepped import SteppedEpisode
from tracesim.geometry.rigid import FloatArray

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / "examples" / "09_ee_pose.py"))["script"]

Infer = Callable[[Mapping[str, Any]], object]


class PolicyServer:
    """Serves `infer` at `url`, a free port of this machine, while it is open as a context manager.

    As `websocket_policy_server.py` of openpi does, it sends its metadata first, answers each observation with what
    `infer` returns, and sends the traceback of an error as text, before it closes the connection. With a `status`, it
    refuses every connection with that HTTP status.

    Attributes:
        keys: The header with the API key of each connection.
    """

    def __init__(self, infer: Infer, metadata: object = None, status: int | None = None) -> None:
        self.infer = infer
        self.status = status
        self.keys: list[str | None] = []
        self.connections = 0
        self._metadata = {"policy": "scripted"} if metadata is None else metadata
        quiet = logging.getLogger("tests.policy_server")
        quiet.setLevel(logging.CRITICAL)
        self._server = serve(self._handle, "127.0.0.1", 0, process_request=self._admit, max_size=None, logger=quiet)
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        self.keys.append(request.headers.get("Authorization"))
        return None if self.status is None else connection.respond(self.status, "not today")

    def _handle(self, connection: ServerConnection) -> None:
        self.connections += 1
        first = self._metadata
        connection.send(first if isinstance(first, str | bytes) else msgpack_numpy.packb(first))
        try:
            for message in connection:
                assert isinstance(message, bytes)
                answer = self.infer(msgpack_numpy.unpackb(message))
                connection.send(answer if isinstance(answer, bytes) else msgpack_numpy.packb(answer))
        except ConnectionClosed:
            pass
        except Exception:
            connection.send(traceback.format_exc())
            connection.close(1011, "Internal server error. Traceback included in previous frame.")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()


class Scripted:
    """The script of `examples/09_ee_pose.py` as a policy, for consecutive seeds of a configuration.

    It knows the scene of each seed, as it arranges it itself, and answers with the next `chunk` commands, of which it
    expects `horizon` to be followed.

    Attributes:
        observations: What it was sent.
    """

    def __init__(self, configuration: EpisodeConfiguration, seed: int, chunk: int, horizon: int) -> None:
        self._configuration, self._seed = configuration, seed
        self._chunk, self._horizon = chunk, horizon
        self._commands: list[FloatArray] = []
        self.observations: list[Mapping[str, Any]] = []

    def __call__(self, observation: Mapping[str, Any]) -> dict[str, Any]:
        self.observations.append(observation)
        if not self._commands:  # the next episode begins
            episode = SteppedEpisode(self._configuration, self._seed, "ee_pose")
            assert observation["prompt"] == episode.task.said
            self._commands = list(SCRIPT(episode))
            self._seed += 1
        chunk = self._commands[: self._chunk]
        chunk += [chunk[-1]] * (self._chunk - len(chunk))
        self._commands = self._commands[self._horizon :]
        return {"actions": np.array(chunk, np.float32), "server_timing": {"infer_ms": 0.1}}
