"""Groups of configurations: the YAML files in `conf` and in the folders of `--config-dir`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tracesim import conf
from tracesim.errors import ConfigurationError, unknown_name
from tracesim.files.text_files import read_text


def group_files(group: str, folders: Sequence[Path] = ()) -> dict[str, Path]:
    """Return the files of a group by name; a file in a later folder replaces one of the same name.

    Args:
        group: Name of the group, such as "variation".
        folders: Folders of the user's own configurations.
    """
    places = (Path(conf.__file__).parent, *folders)
    return {file.stem: file for place in places for file in sorted((place / group).glob("*.yaml"))}


def descriptions(group: str) -> dict[str, str]:
    """Return what each configuration of a group is, by its name, from the comment at the beginning of its file."""
    return {name: file.read_text().partition("\n")[0].removeprefix("# ") for name, file in group_files(group).items()}


def read_group_file(group: str, name: str, folders: Sequence[Path] = ()) -> Mapping[str, Any]:
    """Return the values in a file of a group.

    Raises:
        UnknownNameError: There is no such file.
        ConfigurationError: The file cannot be read, or is not a mapping in YAML.
    """
    files = group_files(group, folders)
    if name not in files:
        raise unknown_name(group, name, files)
    try:
        values = yaml.safe_load(read_text(files[name]))
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{files[name]}: not YAML ({' '.join(str(error).split())}).") from None
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise ConfigurationError(f"{files[name]}: not a mapping of options to values.")
    return values
