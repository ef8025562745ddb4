"""`python -m tracesim.run`: plays tasks with a policy and reports how often and why it fails."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracesim.arguments import status
from tracesim.cli.command_line import parse
from tracesim.cli.job import job

if TYPE_CHECKING:
    from tracesim.cli.played_seed import Playing

__all__ = ["job", "main"]


def main(words: Sequence[str] | None = None, playing: Playing | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        words: The words of the command line, by default those of this process; `--help` describes them.
        playing: Plays episodes; in simulation by default.
    """
    return status(lambda: parse(sys.argv[1:] if words is None else words).do(playing))


if __name__ == "__main__":
    sys.exit(main())
