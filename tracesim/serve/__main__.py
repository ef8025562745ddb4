"""Command that serves recorded answers or a checkpoint: `python -m tracesim.serve`."""

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

from tracesim.arguments import arguments, command_status
from tracesim.errors import ConfigurationError
from tracesim.machine.extras import importing
from tracesim.models.checkpoint import Checkpoint, Dtype
from tracesim.models.grammar import Dimensions
from tracesim.serve.backend import Backend, Generating
from tracesim.serve.recorded import Recorded

_MOST_CONNECTIONS: Final = 128
_GOODBYE_S: Final = 3

USAGE: Final = """\
Serve the clients of RoboTracer, RoboRefer and OpenAI's chat completions from a file or with a checkpoint.

Usage
  python -m tracesim.serve answers=FILE.jsonl [KEY=VALUE ...]
  python -m tracesim.serve checkpoint=DIR_OR_NAME [KEY=VALUE ...]

Source of answers
  answers=FILE.jsonl        recorded answers: a published answer file of TraceSpatial-Bench or RefSpatial-Bench, or a
                            run's episodes.jsonl. A question is matched by its prompt or by the instruction in it; if a
                            prompt has several answers, each new image gets the next one in the order of the file
  checkpoint=DIR_OR_NAME    any model that transformers' AutoModelForImageTextToText can load; questions are answered
                            one at a time, with greedy decoding. The model sees the RGB image; depth and intrinsics are
                            only checked
  device=auto               auto, cpu, cuda, cuda:1
  dtype=auto                auto, float32, bfloat16, float16
  max_new_tokens=512        largest number of tokens of an answer; max_tokens in a chat request can lower it
  constrained=false         true decodes nothing but a trace
  dimensions=3              dimensions of a constrained trace: 2, 3, or null for either
  trust_remote_code=false   true runs Python code that comes with the checkpoint

Access
  host=127.0.0.1            this machine only. With 0.0.0.0, everyone who can reach the server may use it; there is no
                            password
  port=25547                0 chooses a free port and prints it
  folder=DIR                only folder from which the server reads files named by RoboTracer's protocol; without it,
                            none are read

Protocols
  POST /query               {"image_paths", "depth_z_paths", "intrinsics", "enable_spatial", "text"} (RoboTracer)
                            {"image_url", "depth_url", "enable_depth", "text"} (RoboRefer, Qwen3-VL)
                            the response is {"result": 1, "answer": TEXT}
  POST /v1/chat/completions as OpenAI documents it; images as data: URLs, no other URL is followed
  GET /v1/models, GET /     name of the model; Hello, World!
  Requests may have at most 32 MiB and 40 megapixels.

Examples
  python -m tracesim.serve answers=RoboTracer_Intrinsics_Depth_3D.jsonl folder=/tmp
  python -m tracesim.run task=water_flowers policy=robotracer policy.url=http://127.0.0.1:25547

Exit status
  2 a wrong key or value, or the port is in use    130 interrupted, which is how a server ends
"""


@dataclass(frozen=True)
class Serving:
    """Options of `python -m tracesim.serve`.

    Raises:
        ConfigurationError: An option is invalid, or there is not exactly one source of answers.
    """

    answers: Path | None = None
    """File of recorded answers."""

    checkpoint: str | None = None
    """Checkpoint that answers."""

    device: str = Checkpoint.device
    """Device of the checkpoint."""

    dtype: Dtype = Checkpoint.dtype
    """Number format of the weights."""

    max_new_tokens: int = Checkpoint.max_new_tokens
    """Largest number of tokens of an answer."""

    constrained: bool = Checkpoint.constrained
    """Whether to decode nothing but a trace."""

    dimensions: Dimensions | None = Checkpoint.dimensions
    """Dimensions of a constrained trace, or None for either."""

    trust_remote_code: bool = Checkpoint.trust_remote_code
    """Whether to run Python code that comes with the checkpoint."""

    host: str = "127.0.0.1"
    """Address to listen on."""

    port: int = 25547
    """Port to listen on, or 0 for a free one."""

    folder: Path | None = None
    """Only folder from which files named by clients are read."""

    def __post_init__(self) -> None:
        """Check the options."""
        if (self.answers is None) == (self.checkpoint is None):
            raise ConfigurationError("Give either answers=FILE.jsonl or checkpoint=DIR_OR_NAME.")
        if not 0 <= self.port < 65536:
            raise ConfigurationError(f"port={self.port}: has to be between 0 and 65535.")
        if self.folder is not None and not self.folder.is_dir():
            raise ConfigurationError(f"folder={self.folder}: there is no such folder.")

    def backend(self) -> Backend:
        """Return the source of answers, after loading it."""
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
        """Return a listening socket.

        Raises:
            ConfigurationError: The address is invalid or in use.
        """
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
        """Whether only this machine can reach the server."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def main(words: Sequence[str]) -> int:
    """Run the command until it is interrupted, and return its exit status.

    Args:
        words: Arguments of the command line.
    """
    return command_status(words, USAGE, lambda given: serve(arguments(given, Serving)))


def serve(serving: Serving) -> None:
    """Print the address, and serve until interrupted."""
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
        if isinstance(backend, Recorded) and backend.ambiguous:
            print(f"{backend.ambiguous} prompts have several answers, which are given in the order of the file.")
        if not serving.is_private:
            print(f"Everyone who can reach {serving.host} may use this server: there is no password.")
        print(f"Files: {serving.folder.resolve() if serving.folder else 'none are read (folder=DIR allows a folder)'}.")
        host = f"[{serving.host}]" if ":" in serving.host else serving.host
        print(f"{backend.name} answers at http://{host}:{listening.getsockname()[1]}; Ctrl-C ends it.", flush=True)
        # Shells start background processes with Ctrl-C ignored; the server has to end by it anyway.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        server.run(sockets=[listening])


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # sys.exit would wait for an answer that is still being generated
