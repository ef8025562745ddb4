"""What an episode leaves behind: one checked record, one line of JSON in the run's store."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, FiniteFloat, JsonValue, ValidationError, field_validator, model_validator

from tracesim.configuration import EpisodeConfiguration, Variation, canonical_json
from tracesim.constraints import Constraint, Visiting
from tracesim.failure import Failure
from tracesim.files.json_lines import LineFile, read_lines
from tracesim.geometry.trace import ImageTrace, Trace

if TYPE_CHECKING:
    from tracesim.policy import Reply

SCHEMA_VERSION: Final = 4
_NOT_HASHED: Final = dict.fromkeys(("timings", "curves_file", "video", "versions", "record_hash"), True) | {
    "turns": {"__all__": {"latency_s"}}
}
_PACKAGES: Final = ("tracesim", "sapien", "mplib", "numpy", "scipy", "gymnasium")

Point = tuple[FiniteFloat, FiniteFloat, FiniteFloat]


class Key(NamedTuple):
    """What makes an episode the same as another."""

    task: str
    seed: int
    policy: str
    robot: str


def _without_surrogates(text: str) -> str:
    """Return text that UTF-8 can hold: a model may answer half of a surrogate pair."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _encodable(text: object) -> object:
    return _without_surrogates(text) if isinstance(text, str) else text


class Query(BaseModel):
    """What a policy was asked before its answer, where it asks more than once: word for word."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: str
    answer: str

    _encodable = field_validator("prompt", "answer", mode="before")(_encodable)


class Turn(BaseModel):
    """One instruction of an episode, and what the policy answered to it.

    words: what fills the instruction's template: what it calls a body, by the body's name, and numbers, directions and
    the like by their own. prompt, answer: as sent to and received from the policy, word for word; queries: what it
    was asked before. latency_s: of the policy, in all. prompt_tokens, answer_tokens: as its server counts them.
    finish_reason: why the model stopped, in its server's word.
    image_trace: u, v in 0-1000 of the image's size and depth in metres, as answered (a 2D answer has two numbers a
    point). contact_depth: whether the first keypoint was lifted with the depth measured at the surface that it touches
    or with the predicted depth; a trace that begins in mid-air is always "predicted", None where nothing was lifted.
    trace: keypoints as lifted, metres, world. depth_asked: whether a depth of each keypoint was asked for, None where
    the policy does not say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction: str = ""
    words: dict[str, str] = {}
    prompt: str = ""
    answer: str = ""
    latency_s: FiniteFloat | None = None
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    finish_reason: str | None = None
    queries: list[Query] = []
    image_trace: list[list[FiniteFloat]] | None = None
    contact_depth: Literal["measured", "predicted"] | None = None
    trace: list[Point] | None = None
    depth_asked: bool | None = None

    _encodable = field_validator("instruction", "prompt", "answer", "finish_reason", mode="before")(_encodable)

    @classmethod
    def of(
        cls,
        instruction: str,
        words: Mapping[str, str],
        reply: Reply,
        image_trace: ImageTrace | None,
        trace: Trace | None,
        contact_depth: Literal["measured", "predicted"] | None = None,
    ) -> Self:
        """Return the turn in which a reply was read, or not, and lifted, or not."""
        return cls(
            instruction=instruction,
            words=dict(words),
            prompt=reply.prompt,
            answer=reply.text,
            latency_s=reply.latency_s,
            prompt_tokens=reply.prompt_tokens,
            answer_tokens=reply.answer_tokens,
            finish_reason=reply.finish_reason,
            queries=[Query(prompt=one.prompt, answer=one.text) for one in reply.before],
            image_trace=image_trace.keypoints.tolist() if image_trace else None,
            contact_depth=contact_depth if trace else None,
            trace=trace.keypoints.tolist() if trace else None,
            depth_asked=reply.depth_asked,
        )

    @property
    def lacks_depth(self) -> bool:
        """Whether the answer is a 2D trace although a 3D one was asked for."""
        return bool(self.depth_asked and self.image_trace and len(self.image_trace[0]) == 2)


class Demand(BaseModel):
    """One constraint as it was asked: its class, its name, its margin's unit, whether it is about the end alone.

    fields: the constraint's own, points as body and position; `tracesim.constraints` says what they mean.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    name: str
    unit: str
    final: bool
    fields: dict[str, JsonValue]

    @classmethod
    def of(cls, constraint: Constraint) -> Self:
        """Return a constraint as data."""
        return cls(
            kind=type(constraint).__name__,
            name=constraint.name,
            unit=constraint.unit,
            final=constraint.final,
            fields=constraint.as_data(),
        )


class Record(BaseModel):
    """One episode. Numbers are finite or None; the same seed gives the same `record_hash`.

    policy: the name, policy_kind the registry's. policy_files: the SHA-256 of what the files among its options hold;
    their paths are no part of the hash. repair: whether detours were allowed while carrying. instruction: all
    that was asked; turns: one by one, with what was answered to each. referents: names of the bodies that the
    instruction is about. constraints: all that was asked, and best: what the margin of each is when nothing is amiss,
    None where there is no such. success: every constraint held. margins: by constraint on the executed curves, metres,
    radians or seconds, at least 0 when it held, None when not applicable; predicted_margins: the same on the predicted
    traces, and predicted_success their verdict. visiting, predicted_visiting: the visits made, where visits are asked.
    robotwin_success: RoboTwin's own verdict, where the task has one. deviation_m: mean and greatest distance of the
    functional point from its path while it was carried, metres. reproducible: no step depended on a time limit.
    curves_file, video: relative to the run's folder. timings: seconds by stage. record_hash: SHA-256 of the canonical
    JSON of all but timings, latency, paths and versions; filled in when left out, checked when given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[4] = SCHEMA_VERSION
    task: str
    seed: int
    policy: str
    policy_kind: str
    policy_options: dict[str, JsonValue]
    policy_files: dict[str, str] = {}
    robot: str
    variation: Variation
    repair: bool
    configuration_hash: str
    instruction: str = ""
    turns: list[Turn] = []
    referents: list[str] = []
    constraints: list[Demand] = []
    best: dict[str, FiniteFloat | None] = {}
    success: bool
    failure: Failure | None = None
    margins: dict[str, FiniteFloat | None] = {}
    predicted_margins: dict[str, FiniteFloat | None] = {}
    predicted_success: bool | None = None
    visiting: Visiting | None = None
    predicted_visiting: Visiting | None = None
    robotwin_success: bool | None = None
    deviation_m: tuple[FiniteFloat, FiniteFloat] | None = None
    reproducible: bool = True
    curves_file: str | None = None
    video: str | None = None
    timings: dict[str, FiniteFloat] = {}
    versions: dict[str, str] = {}
    record_hash: str = ""

    @classmethod
    def of(cls, configuration: EpisodeConfiguration, seed: int, **fields: Any) -> Self:
        """Return the record of an episode of `configuration`, on this machine's versions; `fields` are its outcome."""
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
            configuration_hash=configuration.hash,
            versions=installed_versions(),
            **fields,
        )

    @property
    def key(self) -> Key:
        """What makes this episode the same as another."""
        return Key(self.task, self.seed, self.policy, self.robot)

    @property
    def is_infrastructure(self) -> bool:
        """Whether something outside the benchmark failed, so that the episode says nothing about the policy."""
        return self.failure is not None and self.failure.stage == "infrastructure"

    @property
    def is_judged(self) -> bool:
        """Whether the episode says something about the policy: it had a scene, and nothing outside it failed."""
        return self.failure is None or self.failure.stage not in ("arrangement", "infrastructure")

    def line(self) -> str:
        """Return the record as one line of JSON, without the line's end."""
        return self.model_dump_json()

    _encodable = field_validator("instruction", mode="before")(_encodable)

    @field_validator("failure", mode="before")
    @classmethod
    def _encodable_detail(cls, failure: object) -> object:
        if isinstance(failure, Failure):
            return dataclasses.replace(failure, detail=_without_surrogates(failure.detail))
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
        content = self.model_dump(mode="json", exclude=_NOT_HASHED) | {"variation": self.variation.as_data()}
        for option in self.policy_files:
            content["policy_options"].pop(option, None)
        if not self.policy_files:
            del content["policy_files"]
        computed = hashlib.sha256(canonical_json(content).encode()).hexdigest()
        if not self.record_hash:
            object.__setattr__(self, "record_hash", computed)
        elif self.record_hash != computed:
            raise ValueError(
                f"record_hash begins with {self.record_hash[:8]} and the content's with {computed[:8]}: it was changed"
            )
        return self


@cache
def installed_versions() -> dict[str, str]:
    """Return the versions that may change a result: of Python, the platform and the packages that compute."""
    versions = {"python": platform.python_version(), "platform": f"{platform.system()} {platform.machine()}"}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions


def read_records(path: Path) -> list[Record]:
    """Return the checked records of a store's file, in the order written.

    A last line cut short by a kill is left out; superseded records are not (see `latest`).

    Raises:
        ConfigurationError: there is no such file, or a line is not a record; names file, line and fault.
    """
    return read_lines(path, _record)


def latest(records: Iterable[Record]) -> list[Record]:
    """Return one record for each key, the last written, in order of first appearance."""
    by_key: dict[Key, Record] = {}
    for record in records:
        by_key[record.key] = record
    return list(by_key.values())


class RecordStore:
    """The records of one run, appended to `episodes.jsonl` and on the disk before the next episode starts.

    Use as a context manager; while open no other process can append to it. A last line that a kill cut short is
    dropped on opening.

    Raises:
        ConfigurationError: another process has the store open, or a line is not a record.
    """

    FILE: Final = "episodes.jsonl"

    def __init__(self, folder: Path) -> None:
        self.path = folder / self.FILE
        self._records: list[Record] = []
        self._lines = LineFile(self.path, _record)

    def __enter__(self) -> Self:
        self._records = self._lines.__enter__().found
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()

    @property
    def records(self) -> list[Record]:
        """One record for each key, the last written."""
        return latest(self._records)

    @property
    def finished(self) -> set[Key]:
        """The keys that need not be played again: infrastructure failures are."""
        return {record.key for record in self.records if not record.is_infrastructure}

    def append(self, record: Record) -> None:
        """Write a record and wait until the disk has it.

        Raises:
            InfrastructureError: the disk refuses.
        """
        self._lines.append(record.line())
        self._records.append(record)


def _record(line: bytes) -> Record:
    """Return the record that a line holds; raises `ValueError` with why it holds none."""
    try:
        return Record.model_validate_json(line)
    except ValidationError as error:
        raise ValueError(_fault(error)) from None


def _fault(error: ValidationError) -> str:
    """Return the first thing wrong with a record as one sentence."""
    first = error.errors()[0]
    where = ".".join(str(one) for one in first["loc"])
    if where == "schema_version" and first["type"] != "missing":
        return f"schema_version is {first['input']!r}; this version of TraceSim reads {SCHEMA_VERSION}."
    what = first["msg"].removeprefix("Value error, ")
    return f"not a record: {where + ': ' if where else ''}{what[:1].lower()}{what[1:]}."
