"""Child processes and one-line descriptions of how they ended."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tracesim.errors import TraceSimError


def last_line(output: str | bytes) -> str:
    """Return the last line of a process's output that is not blank, or an empty string if there is none."""
    text = output.decode(errors="replace") if isinstance(output, bytes) else output
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def ending(returncode: int, output: str | bytes = "") -> str:
    """Return how a process ended, with the last line that it printed, such as "exit status 2: no such option".

    Args:
        returncode: Exit status, or a negative signal number.
        output: What the process printed.
    """
    how = f"exit status {returncode}"
    if returncode < 0:
        try:
            how = f"ended by {signal.Signals(-returncode).name}"
        except ValueError:
            how = f"ended by signal {-returncode}"
    said = last_line(output)
    return f"{how}: {said}" if said else how


def output_of(
    command: Sequence[str | Path], cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> str:
    """Run a command and return what it wrote to stdout.

    Args:
        command: Program and arguments.
        cwd: Working directory, if not the current one.
        environment: Environment variables, if not those of this process.

    Raises:
        TraceSimError: The program is missing or failed; the message quotes the last line that it printed.
    """
    try:
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True)
    except OSError as error:
        raise TraceSimError(f"{command[0]} cannot be run: {error.strerror}") from None
    if done.returncode != 0:
        raise TraceSimError(f"{command[0]} failed ({ending(done.returncode, done.stderr or done.stdout)})")
    return done.stdout.decode(errors="replace")
