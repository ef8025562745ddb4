"""RoboRefer: points at what is to be picked up and at where it goes; two points make a trace."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from tracesim.answers.reading import Convention, Scale, read
from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.language.question import Question
from tracesim.models.prompting import latency_s
from tracesim.observation import Observation
from tracesim.policies.query import Query
from tracesim.policy import Reply


@dataclass(kw_only=True)
class RoboRefer(Query):
    """Asks twice, for the point to pick and the point to place, and answers with both.

    The pair says nothing of the way between and of depths: those are measured, and the way is the controller's
    (`controller.repair`, which such a policy sets). Of several points the first counts. Source: RoboRefer, arXiv
    2506.04308, and its public repository.
    """

    point_pair: ClassVar[bool] = True

    url: str = "http://127.0.0.1:25547"
    scale: Scale = "fractions"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._pointing, self.convention = self.convention, Convention("fractions")

    def answer(self, observation: Observation, question: Question) -> Reply:
        """Return the two points as a 2D trace, or the first answer that holds none."""
        if question.setting != "simulation":
            return super().answer(observation, question)
        replies: list[Reply] = []
        pair: list[str] = []
        for name in ("pick", "place"):
            reply = self.ask(observation, question.prompt(self.named(name)))
            found = read(reply.text, self._pointing, self.parser, observation.size).points
            if found is None:
                return dataclasses.replace(reply, before=tuple(replies))
            replies.append(reply)
            pair.append("({:.6g}, {:.6g})".format(*(found[0, :2] / IMAGE_SCALE)))
        return Reply(f"[{', '.join(pair)}]", replies[-1].prompt, latency_s(replies), before=tuple(replies))
