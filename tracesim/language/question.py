"""A question: what a policy is asked about one observation."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from tracesim.errors import ConfigurationError

Centric = Literal["object-centric", "end-effector-centric"]
Setting = Literal["simulation", "tracespatial", "refspatial"]


@dataclass(frozen=True)
class Question:
    """An instruction, and what published prompts take out of it.

    centric: whose path is asked for, the object's or the gripper's. object_name, destination: the object that is to
    move and where to, in words of the instruction; "" where nobody says. id: what the question is called in files of
    answers, such as "water_flowers-7"; never part of a prompt. setting: where the question comes from; models are asked
    as each benchmark's authors asked theirs.
    """

    instruction: str
    centric: Centric = "object-centric"
    object_name: str = ""
    destination: str = ""
    id: str = ""
    setting: Setting = "simulation"

    def prompt(self, template: str, **more: str) -> str:
        """Return a template with `{instruction}`, `{centric}`, `{object_name}`, `{destination}` and `more` filled in.

        Raises `ConfigurationError` for a template with other fields.
        """
        values = {**dataclasses.asdict(self), **more}
        del values["id"], values["setting"]
        try:
            return template.format_map(values)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ConfigurationError(
                f"prompt {template!r}: {error}. Valid fields: {', '.join(f'{{{name}}}' for name in values)}; "
                "a brace is written twice."
            ) from None


def question_id(task: str, seed: int, stage: int = 0) -> str:
    """Return what the question of a simulated task is called: "water_flowers-7", with "-2" added at a second stage."""
    return f"{task}-{seed}" + (f"-{stage + 1}" if stage else "")
