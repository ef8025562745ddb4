"""Command that finds or installs a Vulkan driver: `python -m tracesim.driver`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from tracesim.arguments import COMPLETED, command_status
from tracesim.errors import ConfigurationError, RendererError, unknown_name
from tracesim.machine.driver import install, probe, variables_at_fault

HELP: Final = """\
Check whether a Vulkan driver can render on this machine, or install one that renders on the CPU.

Usage
  python -m tracesim.driver probe      render one frame and print the device that rendered it
  python -m tracesim.driver install    make sure that a driver works: if none does on Debian, Mesa's software driver is
                                       unpacked into this Python environment (60 MB, no root needed)

Environment
  VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES
                   drivers to use instead; files that do not exist are ignored

Exit status
  0 a driver works    1 no driver works; the reason and possible remedies are printed    2 a wrong argument
  130 interrupted
"""

NOTHING_DRAWS: Final = 1
"""Exit status if no driver works."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        words: Arguments of the command line; those of the process by default.
    """
    return command_status(words, HELP, _do)


def _do(words: Sequence[str]) -> int:
    actions = {"probe": _probe, "install": _install}
    if not words:
        raise ConfigurationError(f"No action is given. Valid: {', '.join(actions)}; see --help.")
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
