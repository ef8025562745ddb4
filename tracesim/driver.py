"""The command that finds or installs a Vulkan driver: `python -m tracesim.driver`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from tracesim.cli.arguments import COMPLETED, command_status
from tracesim.errors import ConfigurationError, RendererError, unknown_name
from tracesim.machine.driver import install, probe, variables_at_fault

HELP: Final = """\
Find the Vulkan driver that draws on this machine, or install a private one that draws on the CPU.

Usage
  python -m tracesim.driver probe      draw one frame, and print the device that drew it
  python -m tracesim.driver install    see to it that something draws: on Debian, where no driver does, Mesa's software
                                       driver is unpacked into this Python environment (60 MB, no root)

Environment
  VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES
                   drivers named here are used instead; files that do not exist are passed over

Exit status
  0 something draws    1 nothing draws; why, and the ways out, are printed    2 a wrong argument    130 interrupted
"""

NOTHING_DRAWS: Final = 1


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words of the command line ask, and return the exit status."""
    return command_status(words, HELP, _do)


def _do(words: Sequence[str]) -> int:
    actions = {"probe": _probe, "install": _install}
    if not words:
        raise ConfigurationError(f"What to do is missing. Valid: {', '.join(actions)}; see --help.")
    if len(words) > 1 or words[0] not in actions:
        raise unknown_name("action", words[words[0] in actions], actions)
    return actions[words[0]]()


def _probe() -> int:
    found = probe()
    print(found.device or f"{found.reason} {variables_at_fault()}".strip())
    return COMPLETED if found.device else NOTHING_DRAWS


def _install() -> int:
    try:
        install()
    except RendererError as error:
        print(error, file=sys.stderr)
        return NOTHING_DRAWS
    return COMPLETED


if __name__ == "__main__":
    sys.exit(main())
