"""Command that makes a report of records: `python -m tracesim.report`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tracesim.arguments import COMPLETED, command_status, sources
from tracesim.errors import ConfigurationError
from tracesim.machine.extras import check_installed

HELP: Final = """\
Make a report of runs: one folder of pages to look at, or to send to somebody.

Usage
  python -m tracesim.report FOLDER ... output=DIR [KEY=VALUE ...]

  FOLDER is the folder of a run, or one that holds many, such as that of a sweep.

Options
  output=DIR       folder of the report, which is replaced if it holds an earlier one; open DIR/index.html
  title=TEXT       title of the pages
  scenes=200       greatest number of episodes that are shown in 3D with their margins over time, about 100 kB each;
                   scenes=all for all. Those with films come first, then tasks, policies and stages of failure in turn
  films=true       copy films; films=false leaves them out

The pages load nothing from elsewhere: they work from a file and from any web server.

Exit status
  0 the report was written    2 a wrong argument, a broken file, or the extra "report" is missing
  3 the disk is full    130 interrupted; the folder is then as it was
"""

SCENES: Final = 200


@dataclass(frozen=True)
class Options:
    """Options of the command."""

    output: Path | None = None
    title: str = "TraceSim report"
    scenes: int | Literal["all"] = SCENES
    films: bool = True


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        words: Arguments of the command line; those of the process by default.
    """
    return command_status(words, HELP, _report)


def _report(words: Sequence[str]) -> int:
    folders, options = sources(words, Options)
    if not folders:
        raise ConfigurationError("No folder is given. Valid: python -m tracesim.report FOLDER... output=DIR.")
    for folder in folders:
        if not folder.exists():
            raise ConfigurationError(f"{folder}: no such folder. Valid: the folder of a run or a sweep.")
    if options.output is None:
        raise ConfigurationError("output is missing: give output=DIR, the folder of the report.")
    if options.scenes != "all" and options.scenes < 0:
        raise ConfigurationError(f"scenes={options.scenes}: give a number of episodes, 0 or more, or all.")
    for module in ("jinja2", "plotly"):
        check_installed(module, "report", "The report")
    from tracesim.report.site import Site
    from tracesim.results.collection import Collection

    episodes = Collection.read(folders).episodes
    scenes = None if options.scenes == "all" else options.scenes
    Site(episodes, options.title, scenes, options.films).write(options.output)
    print(f"Written: {options.output / 'index.html'}, {len(episodes)} episodes")
    return COMPLETED


if __name__ == "__main__":
    sys.exit(main())
