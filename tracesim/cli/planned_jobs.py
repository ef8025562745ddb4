"""The jobs of a sweep, known before Hydra launches them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tracesim.cli.composition import Composition
from tracesim.cli.hydra_errors import hydra_errors
from tracesim.cli.words import override_key

_NAMED: Final = ("task", "policy", "robot", "variation")
"""Options whose values speak for themselves."""

_SEEDS: Final = ("seed", "episodes")
"""Options that say which seeds are played."""

_LENGTH: Final = ("episodes", "split")
"""Options that say how many episodes a job has."""


@dataclass(frozen=True)
class PlannedJob:
    """A job of a sweep."""

    number: int
    """Its number among the jobs of the sweep."""

    overrides: tuple[str, ...]
    """Its overrides, in Hydra's grammar."""

    name: str
    """The values in which it differs from others, such as "stack, noop"."""

    @property
    def seeds(self) -> tuple[str, ...]:
        """Its overrides that say how many episodes it has."""
        return tuple(one for one in self.overrides if override_key(one) in _LENGTH)

    def folder(self) -> Path:
        """Return the folder that Hydra will give the job; to be called within `hydra()`.

        Raises:
            ConfigurationError: Hydra refuses an override.
        """
        from omegaconf import open_dict

        config = Composition.of(self.overrides).config
        with open_dict(config), hydra_errors():
            config.hydra.job.num = config.hydra.job.id = self.number
            return Path(str(config.hydra.sweep.dir)) / str(config.hydra.sweep.subdir)


@dataclass(frozen=True)
class Plan:
    """All jobs that Hydra makes of the overrides of a sweep."""

    overrides: tuple[str, ...]
    """The overrides of the sweep."""

    jobs: tuple[PlannedJob, ...]
    """The jobs."""

    @classmethod
    def of(cls, overrides: Sequence[str]) -> Self:
        """Return the jobs of a sweep; to be called within `hydra()`.

        Raises:
            ConfigurationError: An override cannot be parsed.
        """
        from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
        from hydra.core.override_parser.overrides_parser import OverridesParser

        with hydra_errors():
            parsed = OverridesParser.create().parse_overrides(list(overrides))
            (every,) = BasicSweeper.split_arguments(parsed, None)
        jobs = [{override_key(one): one.partition("=")[2] for one in job} for job in every]
        differs = [key for key in jobs[0] if key not in _SEEDS and len({job[key] for job in jobs}) > 1]
        names = [", ".join(_name(key, job[key]) for key in differs or ["task", "split"] if key in job) for job in jobs]
        return cls(
            tuple(overrides),
            tuple(PlannedJob(number, tuple(job), names[number]) for number, job in enumerate(every)),
        )

    def episodes(self) -> int:
        """Return the number of episodes of all jobs; to be called within `hydra()`.

        Raises:
            ConfigurationError: A value is invalid.
        """
        like = {job.seeds: job for job in self.jobs}
        of_one = {seeds: Composition.of(job.overrides).configuration.episodes for seeds, job in like.items()}
        return sum(of_one[job.seeds] for job in self.jobs)


def _name(key: str, value: str) -> str:
    """Return what the name of a job says about one of its options; a split is called as its file."""
    if key == "split":
        return Path(value.strip("'")).stem
    return value if key in _NAMED else f"{key}={value}"


def samples(overrides: Sequence[str]) -> Iterator[list[str]]:
    """Yield the overrides of enough jobs of a sweep that each of its values occurs in one of them.

    To be called within `hydra()`.

    Raises:
        ConfigurationError: An override cannot be parsed.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser

    with hydra_errors():
        parsed = OverridesParser.create().parse_overrides(list(overrides))
    choices: list[list[str]] = []
    for override in parsed:
        if override.is_sweep_override() and override.is_discrete_sweep():
            choices.append([f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()])
        elif not override.is_sweep_override():
            choices.append([str(override.input_line)])
    first = [values[0] for values in choices]
    yield first
    for place, values in enumerate(choices):
        for value in values[1:]:
            yield [*first[:place], value, *first[place + 1 :]]
