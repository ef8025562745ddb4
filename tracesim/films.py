"""Command that puts films of the same episode side by side: `python -m tracesim.films`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracesim.arguments import command_status, sources
from tracesim.envs import TASKS
from tracesim.errors import ConfigurationError
from tracesim.results.collection import Collection, Stored
from tracesim.results.entrant import Entrant, group, labels

HELP: Final = """\
Put the films of one episode side by side, as several robots or policies played it.

Usage
  python -m tracesim.films FOLDER [FOLDER ...] output=FILE.mp4 [task=NAME] [seed=N]

Input
  FOLDER           folder of a run or sweep; every robot or policy of which the episode was filmed gets a picture

Options
  output=FILE.mp4  the film to write
  task=NAME        which episode, if several were filmed by all of them
  seed=N

Example
  python -m tracesim.films outputs/bodies task=water_flowers seed=0 output=outputs/bodies.mp4

Exit status
  0 written    2 a wrong key, value or folder    3 the file could not be written    130 interrupted
"""


@dataclass(frozen=True)
class Options:
    """Options of the command."""

    output: Path
    """Film to write."""

    task: str | None = None
    """Task of the episode."""

    seed: int | None = None
    """Seed of the episode."""

    def __post_init__(self) -> None:
        """Check the options; raises `ConfigurationError`."""
        if self.output.suffix != ".mp4":
            raise ConfigurationError(f"output={self.output}: films are MP4. Valid: a name that ends with .mp4.")
        if self.task is not None:
            TASKS.check(self.task)


def main(words: Sequence[str] | None = None) -> int:
    """Run the command with the words of a command line and return its exit status."""
    return command_status(words, HELP, _join)


def _join(words: Sequence[str]) -> None:
    from tracesim.film.side_by_side import side_by_side
    from tracesim.machine.terminal import console

    for word in words:
        if "=" not in word and not Path(word).exists():
            raise ConfigurationError(f"{word}: no such folder. Valid: the folder of a run or a sweep.")
    folders, options = sources(words, Options)
    if not folders:
        raise ConfigurationError("No folder is given. Valid: python -m tracesim.films FOLDER ... output=FILE.mp4.")
    films = chosen(Collection.read(folders).episodes, options.task, options.seed)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    side_by_side(films, options.output)
    console().print(f"Written\n  {options.output}   {', '.join(films)}", soft_wrap=True, markup=False)


def chosen(episodes: Sequence[Stored], task: str | None, seed: int | None) -> Mapping[str, Path]:
    """Return the films of one episode, by the robots that played it, or by robot and policy if policies differ.

    Args:
        episodes: Episodes of several robots or policies.
        task: Task of the episode, None if only one is possible.
        seed: Its seed, None if only one is possible.

    Raises:
        ConfigurationError: No such episode, or several, were filmed more than once.
    """
    entrants = group(episodes)
    filmed: dict[tuple[str, int], list[tuple[str, Path]]] = {}
    for entrant, name in _names(entrants).items():
        for one in entrants[entrant]:
            place = (one.record.task, one.record.seed)
            if one.video is not None and task in (None, place[0]) and seed in (None, place[1]):
                filmed.setdefault(place, []).append((name, one.video))
    found = {place: films for place, films in filmed.items() if len(films) > 1}
    most = max(map(len, found.values()), default=0)
    found = {place: films for place, films in found.items() if len(films) == most}
    if not found:
        raise ConfigurationError(
            "No episode was filmed by two robots or policies. Valid: folders of runs with the same task and seed, "
            "played with video=true or video=first."
        )
    if len(found) > 1:
        places = ", ".join(f"task={task} seed={seed}" for task, seed in list(found)[:5])
        raise ConfigurationError(f"{len(found)} episodes were filmed by {most} each. Choose one: {places}.")
    return dict(next(iter(found.values())))


def _names(entrants: Mapping[Entrant, Sequence[Stored]]) -> Mapping[Entrant, str]:
    """Return what the film calls each entrant: its robot, if these are all different."""
    robots = {entrant: of[0].record.robot for entrant, of in entrants.items()}
    return robots if len(set(robots.values())) == len(robots) else labels(list(entrants))


if __name__ == "__main__":
    sys.exit(main())
