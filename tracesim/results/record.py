"""Records: the result of an episode, validated and hashed."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, FiniteFloat, JsonValue, field_validator, model_validator

from tracesim.configuration import Control, EpisodeConfiguration, Variation, canonical_json, without_later_defaults
from tracesim.configuration.replanning import MAX_CALLS
from tracesim.constraints import Constraint, Visiting
from tracesim.failure import Failure
from tracesim.geometry.contacts import Penetration
from tracesim.results.encodable import encodable, without_surrogates
from tracesim.results.turn import Turn
from tracesim.results.versions import installed_versions

if TYPE_CHECKING:
    pass

SCHEMA_VERSION: Final = 5
_FIRST_WITH_FACTORS: Final = 5
_NOT_HASHED: Final = frozenset({"timings", "curves_file", "video", "versions", "record_hash", "penetration", "props"})


class Key(NamedTuple):
    """Identity of an episode within a run or sweep."""

    task: str
    seed: int
    policy: str
    robot: str


class Demand(BaseModel):
    """A constraint as the episode was judged by it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    """Class of the constraint in `tracesim.constraints`."""

    name: str
    """Name of the constraint, the key of its margin."""

    unit: str
    """Unit of its margin: m, rad, s or m/s."""

    final: bool
    """Whether only the end of the episode decides; otherwise the whole path does."""

    fields: dict[str, JsonValue]
    """Parameters of the constraint; points are given as body and position."""

    @classmethod
    def of(cls, constraint: Constraint) -> Self:
        """Return the record of a constraint."""
        return cls(
            kind=type(constraint).__name__,
            name=constraint.name,
            unit=constraint.unit,
            final=constraint.final,
            fields=constraint.as_data(),
        )


class Record(BaseModel):
    """Result of one episode: a line of `episodes.jsonl`. Numbers are finite or null."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[4, 5] = SCHEMA_VERSION
    """Version of this schema. Records of version 4 are read as well; they have no factors."""

    task: str
    """Name of the task."""

    seed: int
    """Seed of the episode."""

    policy: str
    """Name of the policy's configuration."""

    policy_kind: str
    """Name of the policy's class in `tracesim.policies.POLICIES`."""

    policy_options: dict[str, JsonValue]
    """Options of the policy that affect its answers."""

    policy_files: dict[str, str] = {}
    """SHA-256 of the content of each file that an option of the policy names, by option."""

    robot: str
    """Name of the robot."""

    variation: Variation
    """What varies between seeds."""

    repair: bool
    """Whether the controller may take detours around obstacles while carrying."""

    control: Control = "trace"
    """What the policy answered with: a trace, or commands below the trace, which are then its answer."""

    assist: bool = True
    """Whether the body was turned, tilted, slowed and rested as the task states where an answer says nothing."""

    replan: str = "never"
    """When the policy was asked again: never, event, or a rate such as 1.5hz."""

    latency: str | FiniteFloat = "none"
    """How long the world went on before an answer arrived: none, real, or seconds."""

    max_calls: int = MAX_CALLS
    """Number of times that the policy was asked, at most, if it was asked again."""

    arranged_for: str | None = None
    """Robot that had to be able to solve the scene; null if it is the one that played."""

    props: str | None = None
    """Folder of objects that small objects and distractors were drawn from; null for none."""

    props_hash: str | None = None
    """SHA-256 of the content of that folder."""

    configuration_hash: str
    """SHA-256 of everything that determines the episode except its seed."""

    instruction: str = ""
    """Instructions of the episode, joined."""

    turns: list[Turn] = []
    """Instructions one by one, each with the policy's answer."""

    referents: list[str] = []
    """Names of the bodies that the instruction refers to."""

    factors: dict[str, str | int | FiniteFloat] = {}
    """What was drawn for the episode, whether it varies or not: each of the task's objects, the numbers of distractors
    and near misses, words, camera, light and table; empty if no scene was found."""

    constraints: list[Demand] = []
    """Constraints that the episode was judged by."""

    best: dict[str, FiniteFloat | None] = {}
    """Margin of each constraint in an ideal episode; null if there is no such value."""

    success: bool
    """Whether every constraint held."""

    failure: Failure | None = None
    """Earliest stage that failed; null on success."""

    margins: dict[str, FiniteFloat | None] = {}
    """Signed margin of each constraint on the executed motion, in its unit: 0 or more holds, null if not applicable."""

    predicted_margins: dict[str, FiniteFloat | None] = {}
    """Signed margin of each constraint on the predicted traces, followed exactly."""

    predicted_success: bool | None = None
    """Whether every constraint holds on the predicted traces; null if they could not be judged."""

    visiting: Visiting | None = None
    """Visits of the executed motion; null if the task asks for none."""

    predicted_visiting: Visiting | None = None
    """Visits of the predicted traces; null if the task asks for none."""

    robotwin_success: bool | None = None
    """Verdict of RoboTwin's own success check; null if the task has none."""

    deviation_m: tuple[FiniteFloat, FiniteFloat] | None = None
    """Mean and maximum distance of the functional point from its path while it was carried, in metres."""

    penetration: Penetration | None = None
    """The deepest overlap of any two bodies or links in any recorded sample, as the physics engine reports it; null if
    nothing overlapped or it was not measured."""

    reproducible: bool = True
    """Whether no step depended on a time limit or on how fast the policy answered, so that the same seed gives the same
    record."""

    curves_file: str | None = None
    """Path of the curves file, relative to the run's folder; null if it was not written."""

    video: str | None = None
    """Path of the video, relative to the run's folder; null if there is none."""

    timings: dict[str, FiniteFloat] = {}
    """Wall-clock time of each part of the episode, in seconds."""

    versions: dict[str, str] = {}
    """Versions of Python, the platform and the packages that affect results."""

    record_hash: str = ""
    """SHA-256 of the canonical JSON of all fields except timings, latency, paths, versions and `penetration`. Computed
    if left out, checked if given."""

    @classmethod
    def of(cls, configuration: EpisodeConfiguration, seed: int, **fields: Any) -> Self:
        """Return the record of an episode of `configuration` with the installed versions; `fields` hold its outcome."""
        return cls(
            task=configuration.task,
            seed=seed,
            policy=configuration.policy.name,
            policy_kind=configuration.policy.kind,
            policy_options=dict(configuration.policy.options),
            policy_files=dict(configuration.policy.files),
            robot=configuration.robot,
            variation=configuration.variation,
            repair=configuration.controller.repair,
            control=configuration.control,
            assist=configuration.assist,
            replan=configuration.replan,
            latency=configuration.latency,
            max_calls=configuration.max_calls,
            arranged_for=configuration.arranged_for,
            props=configuration.props,
            props_hash=configuration.props_hash,
            configuration_hash=configuration.hash,
            versions=installed_versions(),
            **fields,
        )

    @property
    def key(self) -> Key:
        """Identity of the episode."""
        return Key(self.task, self.seed, self.policy, self.robot)

    @property
    def is_asked_again(self) -> bool:
        """Whether the policy was asked in another way than once for each instruction, in a world that waits."""
        return self.replan != "never" or self.latency != "none"

    @property
    def calls(self) -> int:
        """Number of times that the policy was asked."""
        return sum(len(turn.answers) for turn in self.turns)

    @property
    def is_infrastructure(self) -> bool:
        """Whether something outside the benchmark failed, so that the episode says nothing about the policy."""
        return self.failure is not None and self.failure.stage == "infrastructure"

    @property
    def is_judged(self) -> bool:
        """Whether the episode says something about the policy: it had a scene, and nothing outside it failed."""
        return self.failure is None or self.failure.stage not in ("arrangement", "infrastructure")

    def line(self) -> str:
        """Return the record as one line of JSON, without a newline."""
        return self.model_dump_json()

    _encodable = field_validator("instruction", mode="before")(encodable)

    @field_validator("failure", mode="before")
    @classmethod
    def _encodable_detail(cls, failure: object) -> object:
        if isinstance(failure, Failure):
            return dataclasses.replace(failure, detail=without_surrogates(failure.detail))
        return failure

    @model_validator(mode="after")
    def _verdict_agrees_with_failure(self) -> Self:
        if self.success and self.failure is not None:
            raise ValueError(f"success is true and failure names stage {self.failure.stage!r}")
        if not self.success and self.failure is None:
            raise ValueError("success is false and failure is null")
        if self.success and any(margin is not None and margin < 0.0 for margin in self.margins.values()):
            raise ValueError("success is true and a margin is negative")
        return self

    @model_validator(mode="after")
    def _hash_agrees(self) -> Self:
        computed = hashlib.sha256(canonical_json(self._hashed()).encode()).hexdigest()
        if not self.record_hash:
            object.__setattr__(self, "record_hash", computed)
        elif self.record_hash != computed:
            raise ValueError(
                f"record_hash begins with {self.record_hash[:8]} and the content's with {computed[:8]}: it was changed"
            )
        return self

    def _hashed(self) -> dict[str, Any]:
        """Return what the hash is computed from; nested models are left to `canonical_json`, for speed."""
        content = without_later_defaults({name: value for name, value in vars(self).items() if name not in _NOT_HASHED})
        content["variation"] = self.variation.as_data()
        if self.schema_version < _FIRST_WITH_FACTORS:
            del content["factors"]
        content["turns"] = [turn.hashed() for turn in self.turns]
        if self.policy_files:
            options = self.policy_options.items()
            content["policy_options"] = {name: value for name, value in options if name not in self.policy_files}
        else:
            del content["policy_files"]
        return content
