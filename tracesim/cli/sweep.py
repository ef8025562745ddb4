"""A sweep: its folder, the jobs that belong to it, and what tells them apart."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from tracesim.cli.refusals import refusals
from tracesim.cli.run_folder import SWEEP_FILE, check_is_new
from tracesim.cli.stored_runs import CONFIGURATION_FILE, loaded, store, stored
from tracesim.configuration import EpisodeConfiguration, RunConfiguration
from tracesim.errors import ConfigurationError
from tracesim.files.json_lines import lock
from tracesim.results.pairs import PairSummary, pairs
from tracesim.results.record import Record
from tracesim.results.store import RecordStore, read_records
from tracesim.results.summary import Summary, summarise

if TYPE_CHECKING:
    from omegaconf import DictConfig

HYDRAS_FILE: Final = "multirun.yaml"
"""What Hydra writes about a sweep, and never replaces by another file: who has locked it owns the folder."""


@dataclass(frozen=True)
class Sweep:
    """What a sweep was started with.

    home: the folder that relative paths in the overrides start from. files: by path, the SHA-256 of what each file held
    that a job is told to read.
    """

    overrides: tuple[str, ...]
    home: Path
    files: Mapping[str, str]

    @classmethod
    def stored(cls, folder: Path) -> Self:
        """Return the sweep in a folder.

        Raises:
            ConfigurationError: there is none.
        """
        from omegaconf import OmegaConf

        values = OmegaConf.to_container(loaded(folder / SWEEP_FILE))
        try:
            assert isinstance(values, dict)
            return cls(tuple(values["overrides"]), Path(values["home"]), dict(values["files"]))
        except (AssertionError, KeyError, TypeError, ValueError):
            raise ConfigurationError(f"{folder / SWEEP_FILE}: not of a sweep.") from None

    def store(self, folder: Path) -> None:
        """Write the sweep to its folder; raises `ConfigurationError`."""
        values = {"overrides": list(self.overrides), "home": str(self.home), "files": dict(self.files)}
        store(values, folder / SWEEP_FILE)


@contextmanager
def owned(folder: Path, new: bool) -> Iterator[None]:
    """Keep every other process from starting or resuming a sweep in a folder.

    Raises:
        ConfigurationError: another process is at it, the folder cannot be written, or, where the sweep is `new`, it
            holds one.
    """
    path = folder / HYDRAS_FILE
    try:
        file = path.open("ab")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written ({error.strerror}).") from None
    with file:
        lock(file, path)
        try:
            if new:
                check_is_new(folder)
            yield
        finally:
            with suppress(OSError):
                if not path.stat().st_size:
                    path.unlink()


def samples(overrides: Sequence[str]) -> Iterator[list[str]]:
    """Yield the overrides of enough jobs of a sweep that each of its values occurs in one; call within `hydra()`.

    Raises:
        ConfigurationError: an override cannot be parsed.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser

    with refusals():
        parsed_overrides = OverridesParser.create().parse_overrides(list(overrides))
    choices: list[list[str]] = []
    for override in parsed_overrides:
        line = str(override.input_line)
        if override.is_sweep_override() and override.is_discrete_sweep():
            choices.append([f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()])
        elif not override.is_sweep_override():
            choices.append([line])
    first = [values[0] for values in choices]
    yield first
    for place, values in enumerate(choices):
        for value in values[1:]:
            yield [*first[:place], value, *first[place + 1 :]]


def check_subfolder(folder: Path, composition: DictConfig) -> None:
    """Check that a job's folder below a sweep's can have the name that it is to have.

    Raises:
        ConfigurationError: the file system refuses the name.
    """
    from omegaconf import open_dict
    from omegaconf.errors import OmegaConfBaseException

    with open_dict(composition):
        composition.hydra.job.num = composition.hydra.job.id = 0
    try:
        name = str(composition.hydra.sweep.subdir)
    except OmegaConfBaseException:
        return  # known only once the job is there
    try:
        for part in Path(name).parts:
            with suppress(FileNotFoundError):
                os.lstat(folder / part)
    except OSError as error:
        raise ConfigurationError(
            f"hydra.sweep.subdir={name}: no folder can have this name ({error.strerror}). "
            "Valid: a shorter one, such as ${hydra.job.num}."
        ) from None


@dataclass(frozen=True)
class Job:
    """A job of a sweep that has been played, or a part of it."""

    configuration: RunConfiguration
    records: Sequence[Record]

    @classmethod
    def within(cls, folders: Iterable[Path]) -> list[Self]:
        """Return the jobs in folders; one that was refused left nothing, and is none."""
        jobs = []
        for folder in dict.fromkeys(folders):
            if (folder / CONFIGURATION_FILE).exists() and (folder / RecordStore.FILE).exists():
                jobs.append(cls(stored(folder), read_records(folder / RecordStore.FILE)))
        return jobs


def rows(jobs: Sequence[Job]) -> list[Summary]:
    """Return the rows of a sweep's table, each with the settings that tell it from others of its name.

    Jobs that differ in nothing but their seeds are one row, unless they have some in common.
    """
    groups: list[list[Job]] = []
    for job in jobs:
        for group in groups:
            if all(_continues(job.configuration, one.configuration) for one in group):
                group.append(job)
                break
        else:
            groups.append([job])
    settings = _settings(groups, lambda one: (one.task, one.policy.name, one.robot, one.variation.label))
    summaries = (summarise(record for job in group for record in job.records) for group in groups)
    return [dataclasses.replace(one, settings=told) for one, told in zip(summaries, settings, strict=True)]


def paired(jobs: Sequence[Job]) -> list[PairSummary]:
    """Return the pairs among a sweep's jobs, each with the settings that tell it from others of its task and policy."""
    groups: list[list[Job]] = []
    for job in jobs:
        for group in groups:
            if _without_pair(job.configuration) == _without_pair(group[0].configuration):
                group.append(job)
                break
        else:
            groups.append([job])
    found = [(group, one) for group in groups for one in pairs(record for job in group for record in job.records)]
    settings = _settings([group for group, _ in found], lambda one: (one.task, one.policy.name))
    return [dataclasses.replace(one, settings=told) for (_, one), told in zip(found, settings, strict=True)]


def _continues(one: RunConfiguration, other: RunConfiguration) -> bool:
    """Tell whether two runs are parts of one: the same episodes but for their seeds, and none played twice."""
    return one.episode == other.episode and not set(one.seeds) & set(other.seeds)


def _without_pair(configuration: RunConfiguration) -> EpisodeConfiguration:
    variation = dataclasses.replace(configuration.variation, counterfactual="none")
    return dataclasses.replace(configuration.episode, variation=variation)


def _settings(
    groups: Sequence[Sequence[Job]], name: Callable[[RunConfiguration], tuple[str, ...]]
) -> list[dict[str, Any]]:
    """Return for each group of jobs the options in which it differs from others that have the same name."""
    options = [_options([job.configuration for job in group]) for group in groups]
    names = [name(group[0].configuration) for group in groups]
    return [
        {
            key: value
            for key, value in mine.items()
            if any(one.get(key) != value for one, its in zip(options, names, strict=True) if its == called)
        }
        for mine, called in zip(options, names, strict=True)
    ]


def _options(configurations: Sequence[RunConfiguration]) -> dict[str, Any]:
    """Return options by the keys that a command line has for them; a list of values where configurations differ."""
    listed = [_flat(json.loads(json.dumps(dataclasses.asdict(one)))) for one in configurations]
    values = {key: [one.get(key) for one in listed] for one in listed for key in one}
    return {key: found[0] if all(one == found[0] for one in found) else found for key, found in values.items()}


def _flat(configuration: dict[str, Any]) -> dict[str, Any]:
    policy = configuration.pop("policy")
    del configuration["split_hash"]
    flat = {f"policy.{key}": value for key, value in {**policy["options"], **policy["server"]}.items()}
    flat["policy.kind"] = policy["kind"]
    for key, value in configuration.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": one for inner, one in value.items()}
        else:
            flat[key] = value
    return flat
