"""`python -m tracesim.serve`: a server for recorded answers or a checkpoint."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracesim.cli.arguments import arguments, command_status
from tracesim.errors import ConfigurationError
from tracesim.machine.extras import importing
from tracesim.models.checkpoint import Checkpoint, Dtype
from tracesim.models.grammar import Dimensions
from tracesim.serve.backend import Backend, Generating
from tracesim.serve.recorded import Recorded

_MOST_CONNECTIONS: Final = 128
_GOODBYE_S: Final = 3

USAGE: Final = """\
Answer the clients of RoboTracer, RoboRefer and OpenAI's chat completions, from a file or with a checkpoint.

Usage
  python -m tracesim.serve answers=FILE.jsonl [KEY=VALUE ...]
  python -m tracesim.serve checkpoint=DIR_OR_NAME [KEY=VALUE ...]

What answers
  answers=FILE.jsonl        recorded answers: TraceSpatial-Bench's or RefSpatial-Bench's answer files as published, or a
                            run's episodes.jsonl. A question is known by its prompt or the instruction inside it; where
                            several answers belong to one prompt, each new picture gets the next, in the file's order
  checkpoint=DIR_OR_NAME    any model that transformers' AutoModelForImageTextToText loads; one question at a time,
                            always the likeliest answer. It sees the RGB picture: depth and intrinsics are checked only
  device=auto               auto, cpu, cuda, cuda:1
  dtype=auto                auto, float32, bfloat16, float16
  max_new_tokens=512        the longest answer; a chat's max_tokens may ask for less
  constrained=false         true decodes nothing but a trace
  dimensions=3              of a constrained trace: 2, 3, or null: as the model likes
  trust_remote_code=false   true runs Python that comes with the checkpoint

Where
  host=127.0.0.1            this machine only. 0.0.0.0: everybody who reaches it may ask; there is no password
  port=25547                0 takes a free one, and says which
  folder=DIR                the only folder whose files RoboTracer's protocol may name; without it, none are read

What is answered
  POST /query               {"image_paths", "depth_z_paths", "intrinsics", "enable_spatial", "text"} (RoboTracer)
                            {"image_url", "depth_url", "enable_depth", "text"} (RoboRefer, Qwen3-VL)
                            with {"result": 1, "answer": TEXT}
  POST /v1/chat/completions OpenAI's form; pictures as data: URLs, no other is followed
  GET /v1/models, GET /     the model's name; Hello, World!
  Requests have at most 32 MiB and 40 megapixels.

Examples
  python -m tracesim.serve answers=RoboTracer_Intrinsics_Depth_3D.jsonl folder=/tmp
  python -m tracesim.run task=water_flowers policy=robotracer policy.url=http://127.0.0.1:25547

Exit status
  2 a wrong key or value, or the port is in use    130 interrupted, as every server ends
"""


@dataclass(frozen=True)
class Serving:
    """What is served, and where; the options of `python -m tracesim.serve`."""

    answers: Path | None = None
    checkpoint: str | None = None
    device: str = "auto"
    dtype: Dtype = "auto"
    max_new_tokens: int = 512
    constrained: bool = False
    dimensions: Dimensions | None = 3
    trust_remote_code: bool = False
    host: str = "127.0.0.1"
    port: int = 25547
    folder: Path | None = None

    def __post_init__(self) -> None:
        if (self.answers is None) == (self.checkpoint is None):
            raise ConfigurationError("Give either answers=FILE.jsonl or checkpoint=DIR_OR_NAME.")
        if not 0 <= self.port < 65536:
            raise ConfigurationError(f"port={self.port}: between 0 and 65535.")
        if self.folder is not None and not self.folder.is_dir():
            raise ConfigurationError(f"folder={self.folder}: there is no such folder.")

    def backend(self) -> Backend:
        """Return what answers, ready to do so."""
        if self.answers is not None:
            return Recorded.read(self.answers)
        assert self.checkpoint is not None
        checkpoint = Checkpoint(
            self.checkpoint,
            device=self.device,
            dtype=self.dtype,
            max_new_tokens=self.max_new_tokens,
            constrained=self.constrained,
            dimensions=self.dimensions,
            trust_remote_code=self.trust_remote_code,
        )
        checkpoint.load()
        return Generating(checkpoint)

    def listen(self) -> socket.socket:
        """Return a socket that listens; raises `ConfigurationError` where the address cannot be had."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            return socket.create_server((self.host, self.port), family=family)
        except OSError as error:
            why = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
            raise ConfigurationError(
                f"host={self.host} port={self.port}: {why}. Give another port=, or 0 for a free one."
            ) from None

    @property
    def is_private(self) -> bool:
        """Whether nobody but this machine can ask."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def main(words: Sequence[str]) -> int:
    """Serve until interrupted; return the exit status."""
    return command_status(words, USAGE, lambda given: serve(arguments(given, Serving)))


def serve(serving: Serving) -> None:
    """Serve until interrupted, and say where."""
    with importing("serve", "A server"):
        import uvicorn

        from tracesim.serve.app import app
    with serving.listen() as listening:  # first: a checkpoint takes minutes to load
        backend = serving.backend()
        server = uvicorn.Server(
            uvicorn.Config(
                app(backend, serving.folder),
                log_level="warning",
                access_log=False,
                limit_concurrency=_MOST_CONNECTIONS,
                timeout_graceful_shutdown=_GOODBYE_S,
            )
        )
        if isinstance(backend, Recorded) and backend.shared:
            print(f"{backend.shared} prompts have several answers: they are given in the file's order.")
        if not serving.is_private:
            print(f"Everybody who reaches {serving.host} may ask: there is no password.")
        print(f"Files: {serving.folder.resolve() if serving.folder else 'none are read (folder=DIR allows one)'}.")
        host = f"[{serving.host}]" if ":" in serving.host else serving.host
        print(f"{backend.name} answers at http://{host}:{listening.getsockname()[1]}; Ctrl-C ends it.", flush=True)
        # A shell starts what it sends to the background with Ctrl-C ignored; this ends by it wherever it was started.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        server.run(sockets=[listening])


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # sys.exit would wait for the answer that is being generated, and nobody else does any more
