"""The manifest of a data set: how each of its splits was made, so that a resumed command goes on in the same way."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from tracesim.configuration import Variation
from tracesim.data.blocks import Style
from tracesim.errors import ConfigurationError, Fault, InfrastructureError
from tracesim.files.whole_file import write_text
from tracesim.results.versions import installed_versions

MANIFEST_FILE: Final = "manifest.json"


class Settings(BaseModel):
    """How a split was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    variation: Variation
    """What varies between its scenes."""

    style: Style
    """How they are pictured and asked about."""

    robots: dict[str, str]
    """Robot at the table, by task."""

    command: list[str]
    """Words of the commands that made it, one command after another, each as one text."""


class Manifest(BaseModel):
    """How a data set was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    splits: dict[str, Settings] = {}
    """Settings of each split, by its name."""

    versions: dict[str, str] = {}
    """Versions of Python, the platform and the packages that made it last."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the manifest in a folder, or an empty one.

        Raises:
            ConfigurationError: The file is not a manifest.
        """
        path = folder / MANIFEST_FILE
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return cls()
        except ValidationError as error:
            raise ConfigurationError(f"{path}: not the manifest of a data set ({Fault.first(error)}).") from None

    def with_split(self, folder: Path, name: str, settings: Settings) -> Self:
        """Return the manifest after a command that adds scenes to a split.

        Raises:
            ConfigurationError: The split has scenes that were made in another way.
        """
        known = self.splits.get(name)
        if known is not None:
            for what in ("variation", "style"):
                if getattr(known, what) != getattr(settings, what):
                    raise ConfigurationError(
                        f"{folder} has a split {name!r} of another {what}: {getattr(known, what)}. Use the same "
                        "options, or another output=DIR."
                    )
            for task, robot in settings.robots.items():
                if known.robots.get(task, robot) != robot:
                    raise ConfigurationError(
                        f"{folder} has scenes of {task} with robot={known.robots[task]}. Use the same robot, or "
                        "another output=DIR."
                    )
            commands = list(dict.fromkeys([*known.command, *settings.command]))
            settings = settings.model_copy(update={"robots": {**known.robots, **settings.robots}, "command": commands})
        return self.model_copy(update={"splits": {**self.splits, name: settings}, "versions": installed_versions()})

    def write(self, folder: Path) -> None:
        """Write the manifest into a folder.

        Raises:
            InfrastructureError: The file cannot be written.
        """
        path = folder / MANIFEST_FILE
        try:
            write_text(self.model_dump_json(indent=1) + "\n", path)
        except OSError as error:
            raise InfrastructureError(f"{path}: cannot be written ({error.strerror}).") from error
