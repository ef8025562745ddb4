"""Catalogue entries: what each task asks and checks, read from the task itself."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from tracesim.arrangement.arrangement import arrange
from tracesim.arrangement.solution import by_subtask, rehearsal
from tracesim.configuration import Variation
from tracesim.envs import TASKS, default_robot, task_class
from tracesim.language.phrasing import Phrasing
from tracesim.layout.policy_camera import policy_camera
from tracesim.negative_control import Violates
from tracesim.task import Task
from tracesim.tasks.wording import numbers, parts

CLEAN: Final = Variation("clean", clutter=0)
BEGIN: Final = "<!-- Made by `python -m tracesim.tasks page=docs/tasks.md`. -->"
END: Final = "<!-- End of the catalogue. -->"


@dataclass(frozen=True)
class Asked:
    """One instruction of a task, as in the scene of a seed."""

    phrasing: Phrasing
    """Templates of the instruction."""
    words: Mapping[str, str]
    """Words that fill the templates."""
    said: str
    """The instruction."""
    moves: str
    """Name of the body that the trace is for."""
    centric: str
    """Whose path the trace describes."""

    @property
    def marked(self) -> str:
        """The instruction in Markdown, with the words that vary between seeds in bold."""
        return self.phrasing.instruction.format(**{name: f"**{word}**" for name, word in self.words.items()})


@dataclass(frozen=True)
class Demand:
    """A constraint in words."""

    name: str
    """Name in records."""
    kind: str
    """Name of its class."""
    meaning: str
    """What it requires, in one sentence."""
    parts: str
    """Its fields, in words."""
    numbers: str
    """Those fields that are numbers, in words."""
    final: bool
    """Whether only the end of the episode is judged."""


@dataclass(frozen=True)
class Refused:
    """A negative control."""

    name: str
    """Name of the control."""
    violates: str | None
    """Name of the constraint that it violates; None if it does not apply."""
    reason: str = ""
    """Why it does not apply."""
    here: bool = False
    """Whether it applies in this scene or in another one of the task."""


@dataclass(frozen=True)
class Entry:
    """A task in the catalogue, as in the scene of one seed."""

    name: str
    """Name of the task."""
    file: str
    """Path of its module."""
    description: str
    """Docstring of its class."""
    seed: int
    """Seed of the scene."""
    asked: Sequence[Asked]
    """Its instructions, in order."""
    objects: Mapping[str, str]
    """Description of each body, by name in the scene."""
    demands: Sequence[Demand]
    """Its constraints."""
    controls: Sequence[Refused]
    """Its negative controls."""
    robotwin: bool
    """Whether records carry RoboTwin's verdict, too."""

    @classmethod
    def of(cls, name: str, seed: int = 0, variation: Variation = CLEAN) -> Self:
        """Return the entry of a task.

        Args:
            name: Name of the task.
            seed: Seed of the scene.
            variation: Variation of the scene.

        Raises:
            ConfigurationError: The name is unknown.
            PlacementError: The scene cannot be arranged.
        """
        camera = policy_camera()
        task = arrange(name, task_class(name), seed, variation, camera, robot=default_robot(name))
        made = type(task)
        return cls(
            name=name,
            file=f"envs/{made.__module__.rpartition('.')[2]}.py",
            description=inspect.cleandoc(made.__doc__ or ""),
            seed=seed,
            asked=[_instruction(one) for one, _ in by_subtask(rehearsal(task))],
            objects={body.name: f"{body.prop.color} {body.prop.noun}" for body in task.layout},
            demands=[
                Demand(one.name, type(one).__name__, one.summary(), parts(one, task), numbers(one, task), one.final)
                for one in task.constraints()
            ],
            controls=[
                Refused(control, said.constraint, here=True)
                if isinstance(said, Violates)
                else Refused(control, None, said.reason, said.here)
                for control, said in task.controls().items()
            ],
            robotwin=made.robotwin_success is not Task.robotwin_success,
        )

    @property
    def card(self) -> str:
        """The task's section of the catalogue page, in Markdown."""
        instructions = "\n>\n".join(f"> {one.marked}" for one in self.asked)
        checked = ", ".join(f"`{one.name}`" for one in self.demands)
        controls = ", ".join(f"`{one.name}`" for one in self.controls if one.here)
        return f"""### {self.name}

![The scene of {self.name} and the expert's trace](pictures/{self.name}.webp)

{instructions}

- Constraints: {checked}
- Negative controls: {controls}
- Source: `{self.file}`
"""


def catalogue() -> str:
    """Return the cards of all tasks, in Markdown."""
    return "\n".join(Entry.of(name).card for name in TASKS)


def with_catalogue(text: str, cards: str) -> str | None:
    """Return a page with the catalogue between its two marker comments, None if the page lacks them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n\n{cards}\n{end}{after}" if begin and end else None


def _instruction(task: Task) -> Asked:
    return Asked(task.phrasings()[task.done], dict(task.words()), task.said, task.subtask.carried, task.subtask.centric)
