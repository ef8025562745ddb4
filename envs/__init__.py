"""Tasks by name; a module is imported when its task is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from tracesim.errors import unknown_name

if TYPE_CHECKING:
    from tracesim.task import Task

TASKS: Final = {
    "water_flowers": "tracesim.envs.water_flowers:WaterFlowers",
    "place_empty_cup": "tracesim.envs.place_empty_cup:PlaceEmptyCup",
    "stack_blocks_two": "tracesim.envs.stack_blocks_two:StackBlocksTwo",
}


def task_class(name: str) -> type[Task]:
    """Return the task of that name; raises `ConfigurationError` with the valid names."""
    if name not in TASKS:
        raise unknown_name("task", name, TASKS)
    module, attribute = TASKS[name].split(":")
    found: type[Task] = getattr(import_module(module), attribute)
    return found
