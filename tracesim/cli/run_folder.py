"""The folder of a run or a sweep."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

from tracesim.cli.hydra_errors import hydra_errors
from tracesim.cli.stored_runs import CONFIGURATION_FILE
from tracesim.errors import ConfigurationError

if TYPE_CHECKING:
    from omegaconf import DictConfig

SWEEP_FILE: Final = "sweep.yaml"
_NOW: Final = "${now:"


@dataclass(frozen=True)
class RunFolder:
    """The folder that a run or a sweep will write to."""

    path: Path
    """Absolute path of the folder."""

    option: str
    """Key of the option that gives it."""

    dated: bool = False
    """Whether its name contains the time, so that another name can be chosen if it is taken."""

    @classmethod
    def of(cls, config: DictConfig, mode: Literal["run", "sweep"]) -> Self:
        """Return the folder in a composed configuration.

        Raises:
            ConfigurationError: `hydra.run.dir` or `hydra.sweep.dir` refers to a key that does not exist.
        """
        try:
            with hydra_errors():
                path = Path(str(config.hydra[mode].dir)).absolute()
        except ConfigurationError as error:
            raise ConfigurationError(f"hydra.{mode}.dir: {error}") from None
        return cls(path, f"hydra.{mode}.dir", _NOW in str(config.hydra[mode]._get_node("dir")._value()))

    @contextmanager
    def create(self) -> Iterator[Path]:
        """Create the folder and yield its path; folders that are still empty at the end are removed.

        If another process has taken a dated name, a number is appended to it.

        Raises:
            ConfigurationError: The folder cannot be created, or already holds a run or a sweep.
        """
        missing = [one for one in (self.path, *self.path.parents) if not os.path.lexists(one)]
        try:
            path = self._create()
            missing = [*([path] if path != self.path else []), *missing]
            check_is_new(path)
            yield path
        finally:
            for created in missing:
                with suppress(OSError):  # not there, or not empty
                    created.rmdir()

    def _create(self) -> Path:
        for number in itertools.count(1):
            path = self.path if number == 1 else self.path.with_name(f"{self.path.name}-{number}")
            try:
                path.mkdir(parents=True, exist_ok=not self.dated)
            except FileExistsError:
                if self.dated:
                    continue
                what = "a file" if self.path.exists() else "a link that leads nowhere"
                raise ConfigurationError(f"{self.option}={self.path}: that is {what}, not a folder.") from None
            except OSError as error:
                raise ConfigurationError(
                    f"{self.option}={self.path}: the folder cannot be made ({error.strerror}). Valid: the path of a "
                    "folder that can be written."
                ) from None
            return path
        raise AssertionError


def check_is_new(folder: Path) -> None:
    """Raise `ConfigurationError` if a folder already holds a run or a sweep."""
    for file, what in ((CONFIGURATION_FILE, "run"), (SWEEP_FILE, "sweep")):
        if os.path.lexists(folder / file):
            shown = from_here(folder)
            raise ConfigurationError(f"{shown} already holds a {what}. Valid: resume={shown}, or another folder.")


def from_here(folder: Path) -> Path:
    """Return the path of a folder to print: relative if it is below the current folder."""
    path = folder.absolute()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def without_time(pattern: str) -> str:
    """Return a pattern of folder names with the time in place of `${now:...}`: it gives the same names later."""
    from datetime import datetime

    parts = pattern.split(_NOW)
    return parts[0] + "".join(
        datetime.now().strftime(time) + rest for time, _, rest in (part.partition("}") for part in parts[1:])
    )
