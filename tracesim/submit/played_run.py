"""Runs that were played: what of their folders is checked and submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from tracesim.cli.composition import validate
from tracesim.cli.given_path import digest
from tracesim.cli.stored_runs import CONFIGURATION_FILE, read_configuration
from tracesim.configuration import RunConfiguration
from tracesim.errors import ConfigurationError
from tracesim.results.provenance import Provenance
from tracesim.results.record import Record
from tracesim.results.split import Split
from tracesim.results.store import read_records


@dataclass(frozen=True)
class PlayedRun:
    """A run."""

    name: str
    """Its folder, for messages."""

    records: tuple[Record, ...]
    """Its records, in the order in which they were written, with those that were superseded."""

    provenance: Provenance | None
    """Where they come from; None if that is not known."""

    folder: Path | None = None
    """Its folder; None if it was read from a submission."""

    split_path: Path | None = None
    """The split that was played, as far as its file is still what it was; None if there is none."""

    @classmethod
    def read(cls, file: Path) -> Self:
        """Return the run that wrote a file of records.

        Raises:
            ConfigurationError: A file cannot be read, or a line is not a record.
        """
        folder = file.parent
        records, provenance = tuple(read_records(file)), Provenance.read(folder)
        split = None
        if (folder / CONFIGURATION_FILE).exists():
            configuration = read_configuration(folder)
            path = None if configuration.split is None else Path(configuration.split)
            if path is not None and path.is_file() and digest(path) == configuration.split_hash:
                split = path
        return cls(str(folder), records, provenance, folder, split)

    @cached_property
    def configuration(self) -> RunConfiguration | None:
        """The configuration in its provenance; None without provenance.

        Raises:
            ConfigurationError: It is not the configuration of a run.
        """
        if self.provenance is None:
            return None
        try:
            return validate(self.provenance.configuration)
        except ConfigurationError as error:
            raise ConfigurationError(f"{self.name}: the configuration in its provenance is invalid: {error}") from None

    @cached_property
    def expected_seeds(self) -> frozenset[int]:
        """The seeds that it was to play: those of its split if its file is still there, else of its configuration.

        Raises:
            ConfigurationError: The split cannot be read.
        """
        if self.split_path is not None:
            return frozenset(Split.read(self.split_path).seeds)
        return frozenset() if self.configuration is None else frozenset(self.configuration.seeds)

    @property
    def judged(self) -> list[Record]:
        """The records but for those of episodes that failed outside the benchmark."""
        return [one for one in self.records if not one.is_infrastructure]


def submitted(runs: Sequence[PlayedRun]) -> list[PlayedRun]:
    """Return runs with the records that are submitted: each episode once, sorted by seed.

    Runs without any are left out.

    Args:
        runs: Runs without faults, see `tracesim.submit.checks`.
    """
    known: set[tuple[str, int]] = set()
    found = []
    for run in runs:
        own = {(one.task, one.seed): one for one in run.judged if (one.task, one.seed) not in known}
        known |= own.keys()
        if own:
            found.append(replace(run, records=tuple(own[key] for key in sorted(own))))
    return found
