"""Suites: named lists of tasks, one in each file of the group `suite`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tracesim.cli.groups import group_files, read_group_file
from tracesim.envs import TASKS
from tracesim.errors import ConfigurationError, UnknownNameError, unknown_name

_KEYS = ("suites", "tasks")


def suite_tasks(names: Sequence[str], folders: Sequence[Path] = ()) -> list[str]:
    """Return the tasks of suites, each once, in the order in which they are listed.

    A file lists `tasks`, or says `tasks: all`; `suites` names suites whose tasks come first.

    Args:
        names: Names of the suites.
        folders: Folders of the user's own configurations.

    Raises:
        ConfigurationError: A suite or a task does not exist, or a file is not that of a suite.
    """
    return list(dict.fromkeys(task for name in names for task in _tasks(name, folders, ())))


def _tasks(name: str, folders: Sequence[Path], within: tuple[str, ...]) -> list[str]:
    values = read_group_file("suite", name, folders)
    path = group_files("suite", folders)[name]
    for key in values:
        if key not in _KEYS:
            raise ConfigurationError(f"{path}: {unknown_name('key', key, _KEYS)}")
    if name in within:
        raise ConfigurationError(f"{path}: suite {name!r} contains itself.")
    included, own = values.get("suites", []), values.get("tasks", [])
    own = list(TASKS) if own == "all" else own
    if not all(isinstance(one, list) and all(isinstance(word, str) for word in one) for one in (included, own)):
        raise ConfigurationError(f"{path}: not lists of names. Valid: lines such as tasks: [water_flowers, stack].")
    try:
        for task in own:
            TASKS.check(task)
        tasks = [task for one in included for task in _tasks(one, folders, (*within, name))] + own
    except UnknownNameError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if not tasks:
        raise ConfigurationError(f"{path}: the suite has no tasks.")
    return tasks
