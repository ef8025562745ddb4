"""Episodes of a submission, played again from their recorded answers and compared with their records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from tracesim.answers.reading import Convention, Parser
from tracesim.cli.played_seed import PlayedSeed
from tracesim.configuration import EpisodeConfiguration, RunConfiguration
from tracesim.episode.episode import Episode
from tracesim.errors import InfrastructureError, PlacementError
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.rigid import FloatArray
from tracesim.language.question import Question
from tracesim.machine.notices import logging_to
from tracesim.models.prompting import ReadingOptions
from tracesim.observation import Observation
from tracesim.policies import as_played, make_policy, policy_class
from tracesim.policy import AnyPolicy, CommandPolicy, Policy, Privileged, Reply
from tracesim.results.differences import MARGIN_TOLERANCE, margin_differences, verdict_differences
from tracesim.results.manifest import Manifest
from tracesim.results.provenance import Session
from tracesim.results.record import Record
from tracesim.results.start import SAME
from tracesim.results.turn import Turn
from tracesim.results.versions import installed_versions
from tracesim.task import Task

_OF_THE_SCENE: Final = ("instruction", "referents", "factors", "constraints")
"""Fields of a record that its scene determines."""

_OF_THE_VERDICT: Final = ("predicted_success", "robotwin_success", "visiting", "predicted_visiting", "deviation_m")
"""Further fields that the motion determines."""


@dataclass(frozen=True)
class Reproduction:
    """What came of playing an episode again."""

    record: Record
    """Its record in the submission."""

    differences: tuple[tuple[str, str], ...]
    """What differs here, and how; empty if the episode is reproduced."""

    same_hash: bool
    """Whether the records are the same to the last digit."""


def reproduce(configuration: RunConfiguration, record: Record) -> Reproduction:
    """Play an episode again, with the answers in its record, and compare.

    Verdicts have to be the same, margins and keypoints within `MARGIN_TOLERANCE`. An episode of the expert or of a
    negative control without an answer, because it found none, is played by that policy itself.

    Args:
        configuration: The configuration of its run.
        record: Its record.

    Raises:
        ConfigurationError: The task, policy or robot is not known here.
        RendererError: The policy sees images, and none can be rendered here.
    """
    with (
        TemporaryDirectory() as folder,
        logging_to(Path(folder) / "run.log", lambda notice: None),
        closing(_Player(configuration.episode, record)) as player,
    ):
        unfilmed = replace(configuration, video=False)
        again = PlayedSeed(unfilmed, record.seed, Path(folder), player, lambda call: None).record()
    if again.record_hash == record.record_hash:
        return Reproduction(record, (), same_hash=True)
    return Reproduction(record, tuple(_differences(record, again)), same_hash=False)


class _Player:
    """Begins an episode that is played again; see `tracesim.cli.played_seed.Player`."""

    in_flight = 1

    def __init__(self, configuration: EpisodeConfiguration, record: Record) -> None:
        made = policy_class(record.policy_kind)
        self._policy: AnyPolicy
        if issubclass(made, CommandPolicy):
            self._policy = _RecordedCommands(record, made.max_steps)
        elif issubclass(made, Policy):
            self._policy = _pairs(record) if made.point_pair else _Recorded(record)
        elif record.turns or record.policy_files:
            self._policy = _RecordedPrivileged(record)
        else:
            self._policy = make_policy(record.policy_kind, configuration.policy.options)
        self._configuration = as_played(configuration)

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> Episode:
        return Episode(self._configuration, self._policy, seed)

    def close(self) -> None:
        self._policy.close()


class _Replies:
    """The replies in a record, in their order."""

    def __init__(self, record: Record) -> None:
        refused = record.failure is not None and record.failure.reason == "refused"
        answers = [one for turn in record.turns for one in turn.answers]
        self._left = [None if one.found_none else _reply(one, refused and one is answers[-1]) for one in answers]

    def next(self) -> Reply:
        if not self._left:
            raise InfrastructureError("the record has no answer to a further question that is asked here")
        reply = self._left.pop(0)
        if reply is None:
            raise PlacementError("the policy found no trace when it was asked again")
        return reply


def _reply(turn: Turn, refused: bool) -> Reply:
    return Reply(
        turn.answer,
        turn.prompt,
        latency_s=turn.latency_s,
        prompt_tokens=turn.prompt_tokens,
        answer_tokens=turn.answer_tokens,
        before=tuple(Reply(one.answer, one.prompt) for one in turn.queries),
        finish_reason=turn.finish_reason,
        refused=refused,
        depth_asked=turn.depth_asked,
    )


class _Recorded(Policy):
    """Answers as recorded, which are read as those of the policy that gave them."""

    def __init__(self, record: Record) -> None:
        self.convention, self.parser = _reading(record)
        self._replies = _Replies(record)

    def answer(self, observation: Observation, question: Question) -> Reply:
        return self._replies.next()


class _RecordedPair(_Recorded):
    """Answers of a policy that points at two places."""

    point_pair = True


class _RecordedPrivileged(Privileged):
    """Answers of the expert or of a negative control as recorded: no images are rendered."""

    def __init__(self, record: Record) -> None:
        self._replies = _Replies(record)

    def answer(self, observation: Observation, question: Question, task: Task, rng: np.random.Generator) -> Reply:
        return self._replies.next()


class _RecordedCommands(CommandPolicy):
    """Commands as recorded; where there were no further ones, the episode ends as it did."""

    def __init__(self, record: Record, max_steps: int | None) -> None:
        asked = record.policy_options.get("max_steps", max_steps)
        self.max_steps = asked if isinstance(asked, int) else None
        self._failure = record.failure or Failure("answer", "no_actions", "the record has no further commands")
        self._left = [json.loads(turn.answer) for turn in record.turns]
        self._asked = ""

    def commands(self, observation: Observation, state: FloatArray, question: Question) -> object:
        if question.id == self._asked or not self._left or not self._left[0]:
            raise EpisodeEnded(self._failure)
        self._asked = question.id
        return self._left.pop(0)


def _pairs(record: Record) -> _RecordedPair:
    found = _RecordedPair(record)
    found.convention = Convention("fractions")
    return found


def _reading(record: Record) -> tuple[Convention, Parser]:
    """Return how the answers of the policy of a record are read."""
    made = policy_class(record.policy_kind)
    if not issubclass(made, ReadingOptions):
        return made.convention, made.parser
    default: Mapping[str, Any] = {one.name: getattr(made, one.name) for one in fields(ReadingOptions)}
    values = {name: record.policy_options.get(name, value) for name, value in default.items()}
    options = ReadingOptions(**values)
    return Convention.of(options.scale, options.order, options.picture), options.parser


def circumstances(manifest: Manifest) -> list[str]:
    """Return the circumstances in which this machine differs from the one that played, each as a sentence."""
    found = []
    here, code = installed_versions(), Session.now().code
    for package, version in manifest.versions.items():
        if here.get(package) != version:
            found.append(f"{package} {version} played, and {here.get(package, 'none')} is installed here.")
    if code.digest != manifest.code.digest:
        commit = f" (commit {manifest.code.commit[:12]})" if manifest.code.commit else ""
        found.append(f"Other code of TraceSim{commit} played than is installed here.")
    return found


def _differences(there: Record, here: Record) -> Iterator[tuple[str, str]]:
    """Yield what differs between the record of an episode and that of the same episode played here, and how."""
    if here.is_infrastructure:
        assert here.failure is not None
        yield "episode", f"it cannot be played here: {here.failure.detail}"
        return
    for name in _OF_THE_SCENE:
        one, another = _plain(getattr(there, name)), _plain(getattr(here, name))
        if not _same(one, another, SAME) and not (name == "factors" and not one):  # older records have none
            yield from _named(name, one, another)
    yield from margin_differences(there.best, here.best, "ideal margin")
    yield from _turn_differences(there.turns, here.turns)
    yield from verdict_differences(there.failure, here.failure)
    yield from margin_differences(there.margins, here.margins)
    yield from margin_differences(there.predicted_margins, here.predicted_margins, "predicted margin")
    for name in _OF_THE_VERDICT:
        one, another = _plain(getattr(there, name)), _plain(getattr(here, name))
        if not _same(one, another, MARGIN_TOLERANCE):
            yield from _named(name, one, another)


def _turn_differences(there: Sequence[Turn], here: Sequence[Turn]) -> Iterator[tuple[str, str]]:
    if len(there) != len(here):
        yield "instructions", f"{len(there)} there, {len(here)} here"
    for number, (one, another) in enumerate(zip(there, here, strict=False)):
        if one.words != another.words or one.instruction != another.instruction:
            yield f"instruction {number}", f"{one.instruction!r} there, {another.instruction!r} here"
        for name, where in (("image_trace", "the image"), ("trace", "the world")):
            if not _same(_plain(getattr(one, name)), _plain(getattr(another, name)), MARGIN_TOLERANCE):
                yield f"answer {number}", f"it has other keypoints in {where} here"
        if not _same(_plain(one.cues), _plain(another.cues), MARGIN_TOLERANCE):
            yield f"answer {number}", "it says something else about its keypoints here"


def _named(name: str, there: Any, here: Any) -> Iterator[tuple[str, str]]:
    """Yield the parts in which two values differ that are mappings, or that they differ."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in {**there, **here}:
            if not _same(there.get(key), here.get(key), SAME):
                yield f"{name} {key}", f"{_short(there.get(key))} there, {_short(here.get(key))} here"
    else:
        yield name, f"{_short(there)} there, {_short(here)} here"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _plain(value: Any) -> Any:
    """Return a value of a record as lists, dictionaries and plain values."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value


def _same(there: Any, here: Any, tolerance: float) -> bool:
    """Return whether two values are equal, except for numbers that differ by no more than a tolerance."""
    if isinstance(there, float | int) and isinstance(here, float | int) and not isinstance(there, bool):
        return abs(there - here) <= tolerance
    if isinstance(there, dict) and isinstance(here, dict):
        return there.keys() == here.keys() and all(_same(there[key], here[key], tolerance) for key in there)
    if isinstance(there, list) and isinstance(here, list):
        return len(there) == len(here) and all(map(lambda one, two: _same(one, two, tolerance), there, here))
    return bool(there == here)
