"""Recorded answers in files: of benchmarks, of records, and of splits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from tracesim.answers.arms import format_answer
from tracesim.configuration import canonical_json
from tracesim.errors import ConfigurationError
from tracesim.files.json_lines import json_value, numbered_lines
from tracesim.geometry.camera import Camera
from tracesim.geometry.trace import Trace, Traces, each
from tracesim.language.question import question_id
from tracesim.models.prompting import ReadingOptions
from tracesim.policy import Reply

READING: Final = tuple(one.name for one in fields(ReadingOptions))
"""Options of a policy that say how its answers are read."""


@dataclass(frozen=True)
class Answer:
    """Recorded answer."""

    question: str
    """Id of the question."""

    task: str
    """Task in the id, or "" if it is not a question about a simulated task."""

    seed: int
    """Seed in the id, or -1."""

    file: Path = field(repr=False, compare=False)
    """File that holds it."""

    line: int
    """Number of the line, from 1."""

    reply: Reply
    """The answer."""

    instruction: str
    """Instruction that was answered, or "" if the file does not state it."""

    record: Mapping[str, Any]
    """What the file states on how the answer was given, by the names of a record's fields."""

    witness: Traces | None = None
    """The answer as a trace in the world, or one for each arm, if it is one of a split; the reply then has no text."""

    @property
    def policy(self) -> str:
        """Name of the policy that answered, or "" if the file does not state it."""
        return str(self.record.get("policy") or "")

    @property
    def label(self) -> str:
        """Name of the policy, with a hash of its options."""
        how = canonical_json([self.record.get("policy_kind"), self.record.get("policy_options")])
        return f"{self.policy}@{hashlib.sha256(how.encode()).hexdigest()[:8]}"

    @property
    def content(self) -> object:
        """What was answered, to tell different answers to one question apart."""
        return self.reply.text if self.witness is None else [one.keypoints.tolist() for one in each(self.witness)]

    def said(self, camera: Camera) -> Reply:
        """Return the answer as a reply; a trace in the world is answered as the camera sees it."""
        if self.witness is None:
            return self.reply
        return replace(self.reply, text=format_answer(camera.see_all(self.witness)))

    def misfit(self, here: Mapping[str, Any]) -> list[str]:
        """Return the settings in which the recorded episode differs from a run, each as text.

        Args:
            here: Settings of the run, by option; `robot` is the one that the scenes are arranged for.
        """
        there: dict[str, Any] = {"robot": self.record.get("arranged_for") or self.record.get("robot")}
        varied, options = self.record.get("variation"), self.record.get("policy_options")
        if isinstance(varied, dict):
            there |= {f"variation.{axis}": value for axis, value in varied.items()}
        if isinstance(options, dict):
            there |= {f"policy.{name}": options.get(name) for name in READING}
        return [
            f"{name}={_format_value(there[name])}, not {_format_value(value)}"
            for name, value in here.items()
            if there.get(name) is not None and _format_value(there[name]) != _format_value(value)
        ]


def answers_on_file(path: Path) -> list[Answer]:
    """Return the answers in a file, or in all files of a folder that end with .jsonl, in order.

    Raises:
        ConfigurationError: A file cannot be read, a line is not an answer, or there are no answers.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    found = [answer for file in files for answer in _answers_in(file)]
    if not found:
        raise ConfigurationError(f"{path}: holds no answers.")
    return found


def _answers_in(path: Path) -> Iterator[Answer]:
    """Yield the answers in a file."""
    header: Mapping[str, Any] = {}
    for number, record in numbered_lines(path, json_value):
        if isinstance(record, dict) and record.get("line") == "split":
            header = record
            continue
        for one in _answers(record, header, f"{path}, line {number}"):
            yield replace(one, file=path, line=number)


def _answers(record: object, header: Mapping[str, Any], where: str) -> Iterator[Answer]:
    """Yield the answers in a line; `header` is the first line of a split, empty in other files."""
    if isinstance(record, dict) and record.get("line") == "seed" and header:
        yield from _witnesses(record, header, where)
        return
    if isinstance(record, dict):
        name = record.get("question_id", record.get("id"))
        if isinstance(name, int | str) and "model_prediction" in record:
            if not record.get("error"):
                reply = _reply(record, "model_prediction", "final_prompt")
                yield Answer(str(name), *_split_id(str(name)), Path(), 0, reply, "", {})
            return
        turns = record.get("turns")
        task, seed, failure = record.get("task"), record.get("seed"), record.get("failure")
        if isinstance(task, str) and isinstance(seed, int) and isinstance(turns, list):
            if isinstance(failure, dict) and failure.get("stage") == "infrastructure":
                return
            said = {key: value for key, value in record.items() if key in _ABOUT}
            for number, turn in enumerate(turns):
                if isinstance(turn, dict) and "answer" in turn:
                    reply, instruction = _reply(turn, "answer", "prompt"), str(turn.get("instruction") or "")
                    if number == len(turns) - 1 and isinstance(failure, dict):
                        reply = replace(reply, refused=failure.get("reason") == "refused")
                    yield Answer(question_id(task, seed, number), task, seed, Path(), 0, reply, instruction, said)
            return
    raise ConfigurationError(
        f"{where}: not an answer. Valid: question_id and model_prediction, or task, seed and turns."
    )


def _witnesses(record: Mapping[str, Any], header: Mapping[str, Any], where: str) -> Iterator[Answer]:
    """Yield the expert's answers in a line of a split; an instruction for which it found no trace has an empty one."""
    said = {key: value for key, value in header.items() if key in _ABOUT}
    try:
        task, seed = str(header["task"]), int(record["seed"])
        for number, witness in enumerate(record["witnesses"]):
            trace = _traces(witness["trace"], witness.get("traces"))
            instruction = str(witness["instruction"])
            yield Answer(question_id(task, seed, number), task, seed, Path(), 0, Reply(""), instruction, said, trace)
    except (KeyError, TypeError, ValueError):
        raise ConfigurationError(f"{where}: not a line of a split that `python -m tracesim.certify` wrote.") from None


_ABOUT: Final = ("policy", "policy_kind", "policy_options", "robot", "arranged_for", "variation")
"""Fields of a record that describe how its answers were given."""


def _reply(record: Mapping[str, Any], text: str, prompt: str) -> Reply:
    ended, asked = record.get("finish_reason"), record.get("depth_asked")
    return Reply(
        str(record[text] or ""),
        str(record.get(prompt) or ""),
        finish_reason=ended if isinstance(ended, str) else None,
        refused=bool(record.get("refused")),
        depth_asked=asked if isinstance(asked, bool) else None,
    )


def _split_id(name: str) -> tuple[str, int]:
    """Return the task and seed in the id of a question, such as "water_flowers-7"; "" and -1 for other ids."""
    task, _, numbers = name.partition("-")
    seed = numbers.partition("-")[0]
    return (task, int(seed)) if task and seed.isascii() and seed.isdigit() else ("", -1)


def _format_value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _traces(one: Any, by_arm: Any) -> Traces | None:
    """Return the trace of a witness, or that of each arm; None if it has none."""
    if by_arm is not None:
        return {str(arm): _trace(keypoints) for arm, keypoints in by_arm.items()}
    return None if one is None else _trace(one)


def _trace(keypoints: Any) -> Trace:
    return Trace(np.array(keypoints, float).reshape(-1, 3))
