"""Catalogue entries: what each task asks and checks, read from the task itself."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from tracesim.arrangement.arrangement import arrange, rehearsal
from tracesim.configuration import Variation
from tracesim.envs import TASKS, task_class
from tracesim.language.phrasing import Phrasing
from tracesim.layout.policy_camera import policy_camera
from tracesim.task import Task, Violates
from tracesim.tasks.wording import numbers, parts

CLEAN: Final = Variation("clean", clutter=0)
BEGIN: Final = "<!-- Made by `python -m tracesim.tasks page=docs/tasks.md`. -->"
END: Final = "<!-- End of the catalogue. -->"


@dataclass(frozen=True)
class Asked:
    """One instruction of a task, as it is asked in the scene of a seed.

    words: what fills the templates. moves: the body that the trace is for. centric: whose path the trace is.
    """

    phrasing: Phrasing
    words: Mapping[str, str]
    said: str
    moves: str
    centric: str

    @property
    def marked(self) -> str:
        """The instruction in Markdown, in bold what other seeds ask otherwise."""
        return self.phrasing.instruction.format(**{name: f"**{word}**" for name, word in self.words.items()})


@dataclass(frozen=True)
class Demand:
    """A constraint in words. parts: what it is about; numbers: those among them. final: only the end is judged."""

    name: str
    kind: str
    meaning: str
    parts: str
    numbers: str
    final: bool


@dataclass(frozen=True)
class Refused:
    """A negative control: the constraint that it violates, or why it does not apply. here: but may in another scene."""

    name: str
    violates: str | None
    reason: str = ""
    here: bool = False


@dataclass(frozen=True)
class Entry:
    """A task in the catalogue, as it stands in one seed's scene. objects: by name in the scene, what they are."""

    name: str
    file: str
    description: str
    seed: int
    asked: Sequence[Asked]
    objects: Mapping[str, str]
    demands: Sequence[Demand]
    controls: Sequence[Refused]
    robotwin: bool

    @classmethod
    def of(cls, name: str, seed: int = 0, variation: Variation = CLEAN) -> Self:
        """Return the entry of a task; raises `ConfigurationError` for another name, `PlacementError`."""
        camera = policy_camera()
        task = arrange(name, task_class(name), seed, variation, camera)
        made = type(task)
        return cls(
            name=name,
            file=f"envs/{made.__module__.rpartition('.')[2]}.py",
            description=inspect.cleandoc(made.__doc__ or ""),
            seed=seed,
            asked=[_asked(at_stage) for at_stage, _ in rehearsal(task)],
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


def _asked(task: Task) -> Asked:
    return Asked(task.phrasings()[task.done], dict(task.words()), task.said, task.subtask.carried, task.subtask.centric)
