"""What policies that ask a model share: prompts by setting, how answers are read, and a second query that lifts."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from tracesim.answers.point_lists import Order
from tracesim.answers.reading import Convention, Parser, Scale, format_trace, read
from tracesim.errors import ConfigurationError, unknown_name
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.policy import Policy, Reply

PROMPTS: Final = (
    "simulation_3d",
    "simulation_2d",
    "tracespatial_3d",
    "tracespatial_2d",
    "refspatial",
    "lift",
    "pick",
    "place",
)


@dataclass(kw_only=True)
class ModelPolicy(Policy):
    """A policy that puts a picture and a prompt to a model.

    prompts: templates by setting and dimension, of the names in `PROMPTS`; `tracesim.language.question.Question.prompt`
    fills them in, and `{trace}` in "lift". prompt: one template for every setting instead. dimensions: whether a 3D
    trace is asked for, or a 2D one. lifting: what gives a 2D trace its depths: "measured" takes those of the depth
    image, so that points in mid-air fall on whatever is behind them, a weak baseline; "query" asks the model a second
    time, as in RoboTracer, arXiv 2512.13660, prompt 1.11. scale, order, parser: how answers are read; see
    `tracesim.answers.reading`. picture: with scale=pixels, the size of the image that the model saw where its server
    resizes images, such as "644x476" for Qwen2.5-VL, which is sent 640x480; empty for the size that is sent.
    """

    prompts: Mapping[str, str] = field(default_factory=dict)
    prompt: str = ""
    dimensions: Literal[2, 3] = 3
    lifting: Literal["measured", "query"] = "measured"
    scale: Scale = "thousandths"
    order: Order = "xy"
    parser: Parser = "tolerant"
    picture: str = ""

    def __post_init__(self) -> None:
        self.convention = Convention.of(self.scale, self.order, self.picture)
        for name in self.prompts:
            if name not in PROMPTS:
                raise unknown_name("prompt", name, PROMPTS)
        for name, template in {**self.prompts, "prompt": self.prompt}.items():
            Question("").prompt(template, **({"trace": ""} if name == "lift" else {}))

    @abstractmethod
    def ask(self, observation: Observation, prompt: str) -> Reply:
        """Return what the model answers to a picture and a prompt; raises `InfrastructureError`."""

    def answer(self, observation: Observation, question: Question) -> Reply:
        """Ask once, or twice where a 2D answer is to be lifted by the model itself."""
        reply = self.ask(observation, question.prompt(self.template(question)))
        if self.dimensions == 3 or self.lifting == "measured" or question.setting != "simulation":
            return dataclasses.replace(reply, depth_asked=self.dimensions == 3)
        flat = read(reply.text, self.convention, self.parser, observation.size).trace
        if flat is None:
            return dataclasses.replace(reply, depth_asked=False)
        lifted = self.ask(observation, question.prompt(self.named("lift"), trace=format_trace(flat)))
        latency = latency_s((reply, lifted))
        return dataclasses.replace(lifted, latency_s=latency, before=(reply,), depth_asked=True)

    def template(self, question: Question) -> str:
        """Return the template of the prompt for a question."""
        if self.prompt:
            return self.prompt
        if question.setting == "refspatial":
            return self.prompts.get("refspatial", "{instruction}")
        return self.named(f"{question.setting}_{self.dimensions}d")

    def named(self, name: str) -> str:
        """Return the template of that name; raises `ConfigurationError` where the policy has none."""
        if name not in self.prompts:
            raise ConfigurationError(
                f"This policy has no prompt {name!r}: give policy.prompts.{name}=... or policy.prompt=... ."
            )
        return self.prompts[name]


def latency_s(replies: Sequence[Reply]) -> float | None:
    """Return how long several replies took in all; None where one does not say."""
    each = [reply.latency_s for reply in replies]
    return None if None in each else sum(one for one in each if one is not None)
