"""`python -m tracesim.smoke`: tries tasks, policies, variations and robots once, and says what does not work."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracesim.arguments import COMPLETED, command_status, root_key
from tracesim.assets.robots import ROBOTS
from tracesim.cli.composition import policy_names
from tracesim.cli.groups import descriptions, group_files
from tracesim.cli.suites import suite_tasks
from tracesim.envs import TASKS
from tracesim.errors import ConfigurationError, unknown_name
from tracesim.machine.terminal import console
from tracesim.machine.workers import in_parallel

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from tracesim.smoke.trials import Kind, Trial, Tried

HELP: Final = """\
Try every task, policy, variation and robot once, briefly, and say what does not work and why.

Usage
  python -m tracesim.smoke                                    everything
  python -m tracesim.smoke task=NAME,NAME policy=NAME,NAME    only what is named, each policy with each task
  python -m tracesim.smoke suite=NAME policy=NAME policy.url=http://localhost:8000/v1

What is tried
  task=NAME            a scene is arranged and drawn, and the expert's first answer is read; suite=NAME for the tasks of
                       a suite
  policy=NAME          an episode is played, by default of water_flowers; policy.OPTION=VALUE as for a run. A server is
                       asked once. A policy whose server does not answer, or which lacks a setting or a package, is
                       unavailable
  variation=NAME       as for a task, by default for water_flowers
  robot=NAME           the expert plays an episode, by default of water_flowers

Execution
  workers=2            number of processes
  --config-dir DIR     look for further policies and suites in DIR

Exit status
  0 everything that was tried works; policies that nobody named may be unavailable
  1 something fails, or a policy that was named is unavailable
  2 a wrong key, name or value    130 interrupted
"""

FAILS: Final = 1
"""Exit status if something does not work."""

_KINDS: Final = ("task", "policy", "variation", "robot")
_KEYS: Final = (*_KINDS, "suite", "workers")
_TASK: Final = "water_flowers"


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        words: The arguments, by default those of the command line.
    """
    return command_status(words, HELP, _do)


def _do(words: Sequence[str]) -> int:
    from tracesim.smoke.trials import died, try_out

    named, options, folders, workers = _read(words)
    trials = list(_trials(named, options, folders))
    out = console()
    tried = []
    for one in in_parallel(try_out, trials, workers, died):
        tried.append(one)
        _say(out, f"[{len(tried)}/{len(trials)}]", one)
    tried.sort(key=lambda one: trials.index(one.trial))
    wrong = [one for one in tried if one.state != "works"]
    out.print()
    if wrong:
        out.print(_table(wrong))
        out.print()
    out.print(f"{len(tried) - len(wrong)} of {len(tried)} work.", style="bold")
    failed = any(one.state == "fails" or ("policy" in named and one.trial.kind == "policy") for one in wrong)
    return FAILS if failed else COMPLETED


def _read(words: Sequence[str]) -> tuple[dict[str, list[str]], list[str], list[Path], int]:
    """Return the names that are given by kind, options of policies, folders of configurations, and processes."""
    named: dict[str, list[str]] = {}
    options, folders, workers = [], list[Path](), 2
    rest = iter(words)
    for word in rest:
        key, equals, value = word.partition("=")
        if key == "--config-dir":
            folders.append(Path(value if equals else next(rest, "")))
        elif key.startswith("policy."):
            options.append(word)
        elif root_key(word) not in _KEYS or key != root_key(word):
            raise unknown_name("option", key, (*_KEYS, "policy.OPTION", "--config-dir"))
        elif key == "workers":
            if not value.isdecimal() or int(value) < 1:
                raise ConfigurationError(f"{word}: at least 1.")
            workers = int(value)
        else:
            named[key] = [name for name in value.split(",") if name]
    if "suite" in named:
        named["task"] = [*named.get("task", []), *suite_tasks(named.pop("suite"), folders)]
    if options and len(named.get("policy", [])) != 1:
        raise ConfigurationError(f"{options[0]}: of which policy? Give policy=NAME, one of them.")
    return named, options, folders, workers


def _trials(named: dict[str, list[str]], options: Sequence[str], folders: Sequence[Path]) -> Iterator[Trial]:
    """Yield what is to be tried: all kinds, or only those of which something is named."""
    from tracesim.smoke.trials import Trial

    valid: dict[Kind, list[str]] = {
        "task": list(TASKS),
        "policy": list(dict.fromkeys([*policy_names(), *group_files("policy", folders)])),
        "variation": list(descriptions("variation")),
        "robot": list(ROBOTS),
    }
    for kind, names in valid.items():
        for name in named.get(kind, ()):
            if name not in names:
                raise unknown_name(kind, name, names)
    further = tuple(f"--config-dir={folder}" for folder in folders)
    tasks = named.get("task", [_TASK])
    for kind, names in valid.items():
        for name in named.get(kind, () if named else names):
            if kind == "policy":
                for task in tasks:
                    shown = name if len(tasks) == 1 else f"{name} on {task}"
                    yield Trial(kind, shown, (*further, f"task={task}", f"policy={name}", *options))
            else:
                words = (f"{kind}={name}",) if kind == "task" else (f"task={tasks[0]}", f"{kind}={name}")
                yield Trial(kind, name, (*further, *words))


def _say(out: Console, place: str, tried: Tried) -> None:
    from rich.text import Text

    color = {"works": "green", "fails": "red", "unavailable": "yellow"}[tried.state]
    line = Text(f"{place} {tried.trial.kind} {tried.trial.name}: ")
    line.append(tried.state, color).append(f"   {tried.seconds:.1f} s", "dim")
    out.print(line, soft_wrap=True)


def _table(wrong: Sequence[Tried]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title="What does not work", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in ("what", "name", "", "why"):
        table.add_column(name, overflow="fold")
    for one in wrong:
        style = "red" if one.state == "fails" else "yellow"
        table.add_row(one.trial.kind, one.trial.name, Text(one.state, style), Text(one.why))
    return table


if __name__ == "__main__":
    from tracesim.smoke.__main__ import main as entry  # so that worker processes can import its functions by name

    sys.exit(entry())
