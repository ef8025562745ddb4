"""The folder that a run or a sweep writes to: made for it alone, or refused in one line."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

from tracesim.cli.refusals import refusals
from tracesim.cli.stored_runs import CONFIGURATION_FILE
from tracesim.errors import ConfigurationError

if TYPE_CHECKING:
    from omegaconf import DictConfig

SWEEP_FILE: Final = "sweep.yaml"
_NOW: Final = "${now:"


@dataclass(frozen=True)
class RunFolder:
    """Where a run or a sweep is to be written.

    option: the key that says so. dated: whether the name is made of the time, so that another will do as well.
    """

    path: Path
    option: str
    dated: bool = False

    @classmethod
    def of(cls, composition: DictConfig, mode: Literal["run", "sweep"]) -> Self:
        """Return the folder that Hydra was told.

        Raises:
            ConfigurationError: `hydra.run.dir` or `hydra.sweep.dir` refers to something that is not there.
        """
        try:
            with refusals():
                path = Path(str(composition.hydra[mode].dir)).absolute()
        except ConfigurationError as error:
            raise ConfigurationError(f"hydra.{mode}.dir: {error}") from None
        return cls(path, f"hydra.{mode}.dir", _NOW in str(composition.hydra[mode]._get_node("dir")._value()))

    @contextmanager
    def made(self) -> Iterator[Path]:
        """Make the folder and give its path; what is still empty at the end is removed.

        Where another process has already taken a dated name, a number is added to it.

        Raises:
            ConfigurationError: the folder cannot be made, or already holds a run or a sweep.
        """
        missing = [one for one in (self.path, *self.path.parents) if not os.path.lexists(one)]
        try:
            path = self._make()
            missing = [*([path] if path != self.path else []), *missing]
            check_is_new(path)
            yield path
        finally:
            for made in missing:
                with suppress(OSError):  # not there, or not empty
                    made.rmdir()

    def _make(self) -> Path:
        for number in itertools.count(1):
            path = self.path if number == 1 else self.path.with_name(f"{self.path.name}-{number}")
            try:
                path.mkdir(parents=True, exist_ok=not self.dated)
            except FileExistsError:
                if self.dated:
                    continue
                what = "a link that leads nowhere" if not self.path.exists() else "a file"
                raise ConfigurationError(f"{self.option}={self.path}: that is {what}, not a folder.") from None
            except OSError as error:
                raise ConfigurationError(
                    f"{self.option}={self.path}: the folder cannot be made ({error.strerror}). Valid: the path of a "
                    "folder that can be written."
                ) from None
            return path
        raise AssertionError


def check_is_new(folder: Path) -> None:
    """Raise `ConfigurationError` where a folder already holds a run or a sweep."""
    for file, what in ((CONFIGURATION_FILE, "run"), (SWEEP_FILE, "sweep")):
        if os.path.lexists(folder / file):
            shown = from_here(folder)
            raise ConfigurationError(f"{shown} already holds a {what}. Valid: resume={shown}, or another folder.")


def from_here(folder: Path) -> Path:
    """Return a folder's path, relative where it lies below the current folder: it is printed to be typed again."""
    path = folder.absolute()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def without_time(pattern: str) -> str:
    """Return a pattern of folder names with `${now:...}` filled in, so that it gives the same names later."""
    from datetime import datetime

    parts = pattern.split(_NOW)
    return parts[0] + "".join(
        datetime.now().strftime(time) + rest for time, _, rest in (part.partition("}") for part in parts[1:])
    )
