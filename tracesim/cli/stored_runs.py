"""The configuration of a run or sweep as its folder holds it."""

from __future__ import annotations

import dataclasses
import errno
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracesim.cli.command_line import parsed
from tracesim.configuration import RunConfiguration
from tracesim.errors import ConfigurationError
from tracesim.files.whole_file import write_text

if TYPE_CHECKING:
    from omegaconf import DictConfig

CONFIGURATION_FILE: Final = "configuration.yaml"


def stored(folder: Path) -> RunConfiguration:
    """Return the configuration of the run in `folder`; its names and options are still to be checked.

    Raises:
        ConfigurationError: there is none, or it is not one of this version's.
    """
    from omegaconf import OmegaConf

    values = OmegaConf.to_container(loaded(folder / CONFIGURATION_FILE))
    assert isinstance(values, dict)
    try:
        return parsed(values)
    except ConfigurationError as error:
        raise ConfigurationError(f"{folder / CONFIGURATION_FILE}: {error}") from None


def loaded(path: Path) -> DictConfig:
    """Return what a file of YAML in the folder of a run or sweep holds.

    Raises:
        ConfigurationError: there is no such file, or it holds something else.
    """
    from omegaconf import DictConfig, OmegaConf

    try:
        values = OmegaConf.load(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise ConfigurationError(
                f"{path}: no such file; resume=DIR wants the folder of a run or a sweep."
            ) from None
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}).") from None
    except Exception as error:  # PyYAML's and OmegaConf's own have no common ancestor
        raise ConfigurationError(f"{path}: not YAML ({' '.join(str(error).split())}).") from None
    if not isinstance(values, DictConfig) or not values:
        raise ConfigurationError(f"{path}: not a configuration.")
    return values


def store(value: object, path: Path) -> None:
    """Write a value to a file of YAML, all of it or nothing.

    Raises:
        ConfigurationError: it cannot be written.
    """
    from omegaconf import OmegaConf

    try:
        write_text(OmegaConf.to_yaml(OmegaConf.create(value)), path)  # type: ignore[call-overload]
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written ({error.strerror}).") from None


def store_configuration(configuration: RunConfiguration, folder: Path) -> None:
    """Write the configuration of the run in `folder`; raises `ConfigurationError`."""
    store(dataclasses.asdict(configuration), folder / CONFIGURATION_FILE)
