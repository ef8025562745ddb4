"""RoboRefer, which points at the object to pick up and at the place for it; the two points form a trace."""

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
    """Asks twice, for the point to pick and for the point to place, and answers with both.

    Depths are measured, and the controller finds the path between the points (this policy sets `controller.repair`). Of
    several points in an answer, the first one counts. Source: RoboRefer, arXiv 2506.04308, and its public repository.
    """

    point_pair: ClassVar[bool] = True

    url: str = "http://127.0.0.1:25547"
    """Address of the server."""

    scale: Scale = "fractions"
    """Scale of the coordinates in answers: thousandths, fractions, percent or pixels."""

    def __post_init__(self) -> None:
        """Check the options; the points of both answers are combined in fractions."""
        super().__post_init__()
        self._pointing, self.convention = self.convention, Convention("fractions")

    def answer(self, observation: Observation, question: Question) -> Reply:
        """Return the two points as a 2D trace, or the first answer that has no point."""
        if question.setting != "simulation":
            return super().answer(observation, question)
        replies: list[Reply] = []
        pair: list[str] = []
        for name in ("pick", "place"):
            reply = self.ask(observation, question.prompt(self.named_template(name)))
            found = read(reply.text, self._pointing, self.parser, observation.size).points
            if found is None:
                return dataclasses.replace(reply, before=tuple(replies))
            replies.append(reply)
            pair.append("({:.6g}, {:.6g})".format(*(found[0, :2] / IMAGE_SCALE)))
        return Reply(f"[{', '.join(pair)}]", replies[-1].prompt, latency_s(replies), before=tuple(replies))
