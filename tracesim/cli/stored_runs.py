"""YAML files in the folder of a run or a sweep, such as its configuration."""

from __future__ import annotations

import dataclasses
import errno
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracesim.cli.composition import validate
from tracesim.configuration import RunConfiguration
from tracesim.errors import ConfigurationError
from tracesim.files.whole_file import write_text

if TYPE_CHECKING:
    from omegaconf import DictConfig

CONFIGURATION_FILE: Final = "configuration.yaml"


def read_configuration(folder: Path) -> RunConfiguration:
    """Return the configuration of the run in a folder; its names and options are not checked.

    Raises:
        ConfigurationError: There is no such file, or it is not the configuration of a run.
    """
    from omegaconf import OmegaConf

    values = OmegaConf.to_container(read_yaml(folder / CONFIGURATION_FILE))
    assert isinstance(values, dict)
    try:
        return validate(values)
    except ConfigurationError as error:
        raise ConfigurationError(f"{folder / CONFIGURATION_FILE}: {error}") from None


def write_configuration(configuration: RunConfiguration, folder: Path) -> None:
    """Write the configuration of the run in a folder.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    write_yaml(dataclasses.asdict(configuration), folder / CONFIGURATION_FILE)


def read_yaml(path: Path) -> DictConfig:
    """Return the content of a YAML file in the folder of a run or a sweep.

    Raises:
        ConfigurationError: The file does not exist, or is not a mapping in YAML.
    """
    from omegaconf import DictConfig, OmegaConf

    try:
        values = OmegaConf.load(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise ConfigurationError(
                f"{path}: no such file; resume=DIR takes the folder of a run or a sweep."
            ) from None
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}).") from None
    except Exception as error:  # those of PyYAML and OmegaConf have no base class in common
        raise ConfigurationError(f"{path}: not YAML ({' '.join(str(error).split())}).") from None
    if not isinstance(values, DictConfig) or not values:
        raise ConfigurationError(f"{path}: not a configuration.")
    return values


def write_yaml(value: object, path: Path) -> None:
    """Write a value to a YAML file, completely or not at all.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    from omegaconf import OmegaConf

    try:
        write_text(OmegaConf.to_yaml(OmegaConf.create(value)), path)  # type: ignore[call-overload]
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written ({error.strerror}).") from None
