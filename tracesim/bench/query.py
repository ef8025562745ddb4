"""Queries of a server, against a bare HTTP connection."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from tracesim.bench import targets
from tracesim.bench.figure import Figure
from tracesim.bench.options import Options
from tracesim.bench.timing import alternate
from tracesim.errors import InfrastructureError
from tracesim.machine.children import ending
from tracesim.machine.extras import importing
from tracesim.models.client import Client
from tracesim.models.served import query_answer
from tracesim.observation import png

ROUNDS = 15


def measure(options: Options) -> list[Figure]:
    """Query a server of recorded answers, and compare with `http.client` sending the same bytes; CPU time here."""
    picture = np.random.default_rng(0).integers(0, 64, (480, 640, 3), dtype=np.uint8)
    body = {"image_url": [b64encode(png(picture)).decode()], "depth_url": [], "enable_depth": 0, "text": "lift the cup"}
    content = json.dumps(body).encode()
    with _server() as url:
        bare, client = http.client.HTTPConnection(urlsplit(url).netloc), Client(url)

        def by_hand() -> None:
            bare.request("POST", "/query", content, {"Content-Type": "application/json"})
            query_answer(json.loads(bare.getresponse().read()))

        works = {"bare": by_hand, "ours": lambda: client.post("/query", body, query_answer)}
        times = alternate(works, options.rounds_or(ROUNDS))
        client.close()
        bare.close()
    overhead = tuple(ours - bare_ for ours, bare_ in zip(times["ours"], times["bare"], strict=True))
    return [
        Figure(f"query with an image of {len(content) / 1000:.0f} kB, bare HTTP", tuple(times["bare"])),
        Figure("the same with TraceSim's client", tuple(times["ours"])),
        Figure("overhead of TraceSim's client", overhead, target=targets.QUERY_OVERHEAD_MS),
    ]


@contextmanager
def _server() -> Iterator[str]:
    """Run a server with one recorded answer in another process, and yield its URL.

    Raises:
        ConfigurationError: The extra that it needs is not installed.
        InfrastructureError: The server ended before it listened; the message quotes its last output.
    """
    with importing("serve", "The measure query"):
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as printed:
        answers = Path(folder) / "answers.jsonl"
        answers.write_text('{"prompt": "lift the cup", "answer": "[(1, 2, 0.5)]"}\n')
        command = [sys.executable, "-m", "tracesim.serve", f"answers={answers}", "port=0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=printed, text=True) as server:
            try:
                assert server.stdout is not None
                words = (word for line in server.stdout for word in line.split())
                url = next((word.rstrip(";") for word in words if word.startswith("http:")), None)
                if url is None:
                    server.wait()
                    printed.seek(0)
                    raise InfrastructureError(f"The server failed ({ending(server.returncode, printed.read())}).")
                yield url
            finally:
                server.kill()
