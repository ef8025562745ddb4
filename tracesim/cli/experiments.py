"""Experiments: named sweeps, one in each file of the group `experiment`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tracesim.cli.groups import group_files, read_group_file
from tracesim.errors import ConfigurationError


@dataclass(frozen=True)
class Experiment:
    """A sweep, or several that share most of their options."""

    words: tuple[str, ...]
    """The options that all of its sweeps share, as words of a command line; commas separate several values."""

    sweeps: Mapping[str, tuple[str, ...]]
    """The further options of each sweep, by its name; empty if there is only one sweep."""

    @classmethod
    def read(
        cls,
        name: str,
        folders: Sequence[Path] = (),
        given: Collection[str] = (),
        without: Collection[str] = (),
    ) -> Self:
        """Return an experiment.

        Its file maps options to values; a list stands for several values, of which every combination is played, and
        `???` for a value that has to be given. Under `sweeps`, it may have several such mappings by name, which are
        played one after the other.

        Args:
            name: Name of the experiment.
            folders: Folders of the user's own configurations.
            given: Keys of the options that are given beside it.
            without: Keys of its options that are left out, because they are given otherwise.

        Raises:
            ConfigurationError: There is no such experiment, the file is not that of an experiment, or an option that
                has to be given is not.
        """
        values = dict(read_group_file("experiment", name, folders))
        path = group_files("experiment", folders)[name]
        sweeps = values.pop("sweeps", {})
        if not isinstance(sweeps, dict) or not all(
            isinstance(one, dict) and str(sweep).isidentifier() for sweep, one in sweeps.items()
        ):
            raise ConfigurationError(f"{path}: sweeps is not a mapping of names to options.")
        for key, value in values.items():
            if value == "???" and key not in given:
                raise ConfigurationError(f"experiment={name}: {key} is missing: give {key}=... .")
        own = {sweep: _words(options, path, without) for sweep, options in sweeps.items()}
        # a sweep all of whose options are given otherwise would repeat a job of the others
        return cls(_words(values, path, without), {sweep: words for sweep, words in own.items() if words})


def _words(values: Mapping[str, Any], path: Path, without: Collection[str]) -> tuple[str, ...]:
    """Return options as words of a command line."""
    words = []
    for key, value in values.items():
        if key in without:
            continue
        several = value if isinstance(value, list) else [value]
        if not several or any(isinstance(one, dict) for one in several):
            raise ConfigurationError(f"{path}: {key} has no value. Valid: lines such as {key}: [VALUE, VALUE].")
        words.append(f"{key}={','.join(one if isinstance(one, str) else json.dumps(one) for one in several)}")
    return tuple(words)
