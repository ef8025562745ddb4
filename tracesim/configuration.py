"""What a user asks for: a run, its episodes, their variation; typed and checked before anything is simulated."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, Self

from tracesim.errors import ConfigurationError

Level = Literal[
    "clean",
    "cluttered",
    "randomized",
    "fixed",
    "clutter",
    "poses",
    "shapes",
    "sizes",
    "colors",
    "materials",
    "table_height",
    "light",
    "camera",
    "intrinsics",
    "background",
    "near_misses",
]
Split = Literal["all", "seen", "unseen"]
Language = Literal["canonical", "seen", "unseen"]
Reference = Literal["attribute", "relation", "ordinal", "proximity", "mixed"]
Counterfactual = Literal["none", "original", "twin"]
ContactDepth = Literal["auto", "measured", "predicted"]
Video = Literal[False, True, "first", "failures"]

_CHECKED: dict[str, Any] = {"extra": "forbid", "strict": True}


MOST_OBJECTS: Final = 20
WIDEST_GAP_M: Final = 0.1
"""More would be looked for in vain, and long."""


@dataclass(frozen=True)
class Variation:
    """What of an episode varies by seed; what does not is as a task's nominal seed draws it.

    level: a name for people and tables; the engine reads the axes alone. poses: where the task's own objects stand and
    the numbers of its instruction. shapes, sizes, colors: of these objects. materials: whether they come in finishes
    other than their own. table_height: by up to 4 cm. light. camera: the policy camera's pose; intrinsics: its field
    of view. background: the table's top and the room. clutter: the number of distractors. clutter_kinds: registry
    names of props they are drawn from, every kind when empty. clutter_gap_m: the least horizontal gap between a
    distractor and whatever else stands on the table. near_misses: the number of things beside them that an instruction
    would fit but for one word. shape_split, material_split: which shapes, and which finishes and table tops, are drawn
    from: all, those that may be trained on, or those that are held out. language: the instruction as it is published,
    or one of those that may be trained on, or that are held out. reference: how an instruction tells things apart.
    counterfactual: original and twin ask for one thing and for another in the same scene, such as left to right and
    right to left.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _CHECKED

    level: Level = "cluttered"
    clutter: int = 4
    clutter_kinds: tuple[str, ...] = ()
    clutter_gap_m: float = 0.02
    near_misses: int = 0
    poses: bool = True
    shapes: bool = True
    sizes: bool = True
    colors: bool = True
    materials: bool = False
    table_height: bool = False
    light: bool = False
    camera: bool = False
    intrinsics: bool = False
    background: bool = False
    shape_split: Split = "all"
    material_split: Split = "all"
    language: Language = "canonical"
    reference: Reference = "attribute"
    counterfactual: Counterfactual = "none"

    def __post_init__(self) -> None:
        for name, count in (("clutter", self.clutter), ("near_misses", self.near_misses)):
            if count < 0:
                raise ConfigurationError(f"variation.{name}={count}: a number of objects is 0 or more.")
            if count > MOST_OBJECTS:
                raise ConfigurationError(f"variation.{name}={count}: a table holds {MOST_OBJECTS} at most.")
        if not 0 <= self.clutter_gap_m <= WIDEST_GAP_M:
            raise ConfigurationError(
                f"variation.clutter_gap_m={self.clutter_gap_m}: metres, between 0 and {WIDEST_GAP_M}."
            )

    @property
    def label(self) -> str:
        """What tables call it: the level, and which of the held-out parts, of the words and of a pair it is."""
        splits = [
            f"{split} {what}s" for what in ("shape", "material") if (split := getattr(self, f"{what}_split")) != "all"
        ]
        words = f"{self.language} words" if self.language != "canonical" else ""
        reference = f"by {self.reference}" if self.reference != "attribute" else ""
        pair = self.counterfactual if self.counterfactual != "none" else ""
        return ", ".join(part for part in (self.level, *splits, words, reference, pair) if part)


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
    variation: Variation = Variation()
    contact_depth: ContactDepth = "auto"
    controller: ControllerOptions = ControllerOptions()

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON of what decides an episode, in hexadecimal.

        Which seeds are played does not, nor does where the policy's server and files are.
        """
        values = dataclasses.asdict(self.anywhere.episode)
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
