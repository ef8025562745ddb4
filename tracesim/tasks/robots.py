"""Which robot can do which task, and why not, as the robots declare it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracesim.assets.robots import ROBOTS
from tracesim.envs import TASKS, why_not

if TYPE_CHECKING:
    from rich.console import Group


def robot_table() -> Group:
    """Return a table of all tasks by all robots, and the reasons to which its cells refer."""
    from rich import box
    from rich.console import Group, RenderableType
    from rich.table import Table
    from rich.text import Text

    robots = {name: ROBOTS[name] for name in ROBOTS}
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False)
    grid.add_column("task", style="bold", no_wrap=True)
    for name in robots:
        grid.add_column(name, no_wrap=True)
    numbers: dict[tuple[str, str], int] = {}
    for task in TASKS:
        cells = []
        for name, robot in robots.items():
            reason = why_not(task, robot)
            number = 0 if reason is None else numbers.setdefault((name, reason), len(numbers) + 1)
            cells.append(Text(f"no ({number})", "red") if number else Text("yes", "green"))
        grid.add_row(task, *cells)
    able = [sum(why_not(task, robot) is None for task in TASKS) for robot in robots.values()]
    grid.add_section()
    grid.add_row("tasks", *(f"{count} of {len(TASKS)}" for count in able))
    parts: list[RenderableType] = [grid]
    if numbers:
        parts.append(Text())
    parts += [Text(f"({number}) {name}: {reason}") for (name, reason), number in numbers.items()]
    return Group(*parts)
