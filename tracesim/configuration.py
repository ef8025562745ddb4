"""What a user asks for: a run, its episodes, their variation; typed and checked before anything is simulated."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, Self

from tracesim.errors import ConfigurationError
from tracesim.variation import Variation as Variation
from tracesim.variation.instruction import Language as Language

ContactDepth = Literal["auto", "measured", "predicted"]
Video = Literal[False, True, "first", "failures"]

_CHECKED: dict[str, Any] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True)
class PolicyChoice:
    """A policy and its options.

    name: as tables call it. kind: registry name in `tracesim.policies.POLICIES`; several names may share one. options:
    keyword arguments of the policy, JSON values. server: those that say where its model is and how patiently to ask it;
    they decide no answer, so that a run may go on with others. files: for each option that is the path of a file or
    folder, the SHA-256 of what it held when the run was started; the path itself decides no answer.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _CHECKED

    name: str
    kind: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    server: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", self.kind or self.name)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """All that the policy is made with."""
        return {**self.options, **self.server}

    @property
    def anywhere(self) -> Self:
        """The same, wherever its server and its files are."""
        options = {name: value for name, value in self.options.items() if name not in self.files}
        return dataclasses.replace(self, options=options, server={})


@dataclass(frozen=True)
class ControllerOptions:
    """How a trace is followed.

    repair: allow detours over obstacles while carrying, found with full knowledge of the scene; off, so that the score
    is the model's and not a planner's.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _CHECKED

    repair: bool = False


CLUTTERED: Final = Variation()
"""What varies unless something else is asked for."""


@dataclass(frozen=True)
class EpisodeConfiguration:
    """All that decides an episode, but its seed.

    contact_depth: where the depth of a first keypoint that touches an object comes from; auto measures it for models
    and takes the predicted one of the expert and the negative controls.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _CHECKED

    task: str
    policy: PolicyChoice = PolicyChoice("expert")
    robot: str = "panda"
    variation: Variation = CLUTTERED
    contact_depth: ContactDepth = "auto"
    controller: ControllerOptions = ControllerOptions()

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON of what decides an episode, in hexadecimal.

        Which seeds are played does not, nor does where the policy's server and files are.
        """
        values = dataclasses.asdict(self.anywhere.episode) | {"variation": self.variation.as_data()}
        if not self.policy.files:
            del values["policy"]["files"]
        return hashlib.sha256(canonical_json(values).encode()).hexdigest()

    @property
    def anywhere(self) -> Self:
        """The same, wherever its policy's server and its files are."""
        return dataclasses.replace(self, policy=self.policy.anywhere)

    @property
    def episode(self) -> EpisodeConfiguration:
        """The part that all episodes of a run share."""
        names = [one.name for one in dataclasses.fields(EpisodeConfiguration)]
        return EpisodeConfiguration(**{name: getattr(self, name) for name in names})


@dataclass(frozen=True)
class RunConfiguration(EpisodeConfiguration):
    """Consecutive seeds of one episode configuration.

    seed: the first. video: which episodes are filmed; "failures" films all and keeps those that failed. split: the file
    of certified seeds (`tracesim.results.split`) that task, seeds, variation and robot were taken from; split_hash: the
    SHA-256 of what it held.
    """

    episodes: int = 10
    seed: int = 0
    video: Video = "first"
    split: str | None = None
    split_hash: str | None = None

    def __post_init__(self) -> None:
        if self.episodes < 1:
            raise ConfigurationError(f"episodes={self.episodes}: at least 1.")
        if self.seed < 0:
            raise ConfigurationError(f"seed={self.seed}: 0 or more.")

    @property
    def anywhere(self) -> Self:
        """The same, wherever its policy's server and its files are."""
        split = self.split if self.split_hash is None else None
        return dataclasses.replace(self, policy=self.policy.anywhere, split=split)

    @property
    def files(self) -> dict[str, str]:
        """By the path of each file or folder that decides episodes, the SHA-256 of what it held."""
        files = {str(self.policy.options[name]): held for name, held in self.policy.files.items()}
        if self.split is not None and self.split_hash is not None:
            files[self.split] = self.split_hash
        return files

    @property
    def seeds(self) -> range:
        """The seeds to play, in order."""
        return range(self.seed, self.seed + self.episodes)


def canonical_json(value: object) -> str:
    """Return JSON that is the same for equal values: sorted keys, no spaces, -0.0 as 0.0, finite numbers only."""
    return json.dumps(_without_negative_zero(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def _without_negative_zero(value: object) -> object:
    if isinstance(value, float):
        return value + 0.0
    if isinstance(value, Mapping):
        return {key: _without_negative_zero(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_negative_zero(one) for one in value]
    return value
