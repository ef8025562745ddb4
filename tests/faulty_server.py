"""Server that fails in many ways at a given rate; the same requests meet the same faults."""

from __future__ import annotations

import contextlib
import email.utils
import json
import socket
import struct
import threading
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from tracesim.models.client import LARGEST_ANSWER_BYTES

HTML: Final = b"<!doctype html><html><title>It works!</title></html>"


Fault = Callable[["_Handler", bytes], None]
"""Replies wrongly, given the right answer."""


def echo(path: str, body: Any) -> object:
    """Return a `/query` response with the text of the request."""
    return {"result": 1, "answer": f"{body['text']}?"}


class FaultyServer:
    """Answers a share of requests wrongly, and all others with what `answer` makes of a path and a body.

    What `answer` returns is sent as JSON, or as it is where it is bytes.

    A request's fault follows from `seed`, its body and how often it came before; the same body meets at most `in_a_row`
    faults in a row, so that a client with so many retries gets through. faults: names in `FAULTS`, all by default, or
    others. requests: the body of each request, and its fault, "" where there was none. Use as a context manager.
    """

    def __init__(
        self,
        answer: Callable[[str, Any], object] = echo,
        *,
        share: float = 0.3,
        seed: int = 0,
        faults: tuple[str, ...] | Mapping[str, Fault] = (),
        in_a_row: int = 4,
    ) -> None:
        self.answer, self.share, self.seed, self.in_a_row = answer, share, seed, in_a_row
        self.replies = faults if isinstance(faults, Mapping) else FAULTS
        self.faults = tuple(faults or FAULTS)
        self.requests: list[tuple[bytes, str]] = []
        self.times_s: list[float] = []
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._came: Counter[bytes] = Counter()
        self._row: defaultdict[bytes, int] = defaultdict(int)
        self._connections: set[socket.socket] = set()
        outer = self

        class Handler(_Handler):
            server_of_faults = outer

        self._http = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._http.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._connections:
                end(connection)
        self._http.server_close()  # wait for the handlers

    @property
    def met(self) -> Counter[str]:
        """Fault -> number of requests that met it."""
        return Counter(fault for _, fault in self.requests if fault)

    def fault_of(self, body: bytes) -> str:
        """Return the fault of a request, or "" for none."""
        with self._lock:
            came = self._came[body]
            self._came[body] += 1
            rng = np.random.default_rng([self.seed, zlib.crc32(body), came])
            fails = rng.random() < self.share and self._row[body] < self.in_a_row
            self._row[body] = self._row[body] + 1 if fails else 0
            fault = str(rng.choice(self.faults)) if fails else ""
            self.requests.append((body, fault))
            self.times_s.append(time.monotonic())
            return fault

    def connected(self, connection: socket.socket, here: bool) -> None:
        """Count open connections, so that none outlives the server."""
        with self._lock:
            if here:
                self._connections.add(connection)
            else:
                self._connections.discard(connection)


def end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore errors: broken connections are the purpose of this server."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_faults: FaultyServer

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server_of_faults.connected(self.connection, True)

    def finish(self) -> None:
        self.server_of_faults.connected(self.connection, False)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server_of_faults.fault_of(body)
        told = self.server_of_faults.answer(self.path, json.loads(body) if body else None)
        answer = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.server_of_faults.replies[fault](self, answer) if fault else self.reply(200, answer)

    do_GET = do_CONNECT = do_POST  # noqa: N815 - the names that http.server looks for

    def reply(self, status: int, body: bytes, sent: int | None = None, **headers: str) -> None:
        """Send a response, or only the first bytes of its body."""
        head = f"HTTP/1.1 {status} As Told\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self.wfile.write(head.encode() + b"\r\n" + body[:sent])

    def hang_up(self, sent: bytes = b"") -> None:
        """Close the connection in an orderly way."""
        self.wfile.write(sent)
        self.close_connection = True
        end(self.connection)

    def half(self, answer: bytes, then: Callable[[], None]) -> None:
        """Send the headers and half of the body, and end the connection in the given way."""
        self.reply(200, answer, sent=len(answer) // 2)
        then()

    def reset(self) -> None:
        """Reset the connection, which happens if it is closed without waiting for pending data."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def be_silent(self) -> None:
        """Wait until the client has disconnected."""
        self.close_connection = True
        self.connection.settimeout(0.05)
        while not self.server_of_faults.over.is_set():
            try:
                if not self.connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    def drip(self, answer: bytes) -> None:
        """Send the body byte by byte, too slowly to ever finish."""
        self.close_connection = True
        self.reply(200, answer + b" " * 10_000, sent=0)
        for one in answer:
            if self.server_of_faults.over.wait(0.05):
                return
            self.wfile.write(bytes([one]))
        self.be_silent()


def _in_a_second() -> str:
    return email.utils.formatdate(time.time() + 1.0, usegmt=True)


FAULTS: Final[dict[str, Fault]] = {
    "connection reset": lambda it, answer: it.reset(),
    "reset midway": lambda it, answer: it.half(answer, it.reset),
    "hang-up": lambda it, answer: it.hang_up(),
    "timeout": lambda it, answer: it.be_silent(),
    "drip": lambda it, answer: it.drip(answer),
    "HTML": lambda it, answer: it.reply(200, HTML),
    "500": lambda it, answer: it.reply(500, b"Traceback (most recent call last): ..."),
    "502": lambda it, answer: it.reply(502, HTML),
    "503 with Retry-After": lambda it, answer: it.reply(503, b"", Retry_After=_in_a_second()),
    "429 with Retry-After": lambda it, answer: it.reply(429, b'{"error": "slow down"}', Retry_After="1"),
    "408": lambda it, answer: it.reply(408, b""),
    "425": lambda it, answer: it.reply(425, b""),
    "empty": lambda it, answer: it.reply(200, b""),
    "blank": lambda it, answer: it.reply(200, b" \r\n"),
    "truncated": lambda it, answer: it.half(answer, it.hang_up),
    "truncated JSON": lambda it, answer: it.reply(200, answer[: len(answer) // 2]),
    "wrong shape": lambda it, answer: it.reply(200, b'{"detail": "not here"}'),
    "no object": lambda it, answer: it.reply(200, b"[1, 2, 3]"),
    "null": lambda it, answer: it.reply(200, b'{"result": null, "answer": null, "choices": []}'),
    "nested": lambda it, answer: it.reply(200, b"[" * 100_000),
    "too large": lambda it, answer: it.reply(200, b'"' + b"x" * LARGEST_ANSWER_BYTES + b'"'),
    "not HTTP": lambda it, answer: it.hang_up(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "not gzip": lambda it, answer: it.reply(200, answer, Content_Encoding="gzip"),
}
