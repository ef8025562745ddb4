"""Replay: answers that were given before, read from a file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from tracesim.answers import Convention, Parser, Scale
from tracesim.errors import ConfigurationError, InfrastructureError
from tracesim.observation import Observation
from tracesim.point_lists import Order
from tracesim.policy import Policy, Reply
from tracesim.question import Question, question_id
from tracesim.text_files import read_text


@dataclass(kw_only=True)
class Replay(Policy):
    """Answers each question with what a file of JSON lines holds for its id.

    answers: the file. A line is either an answer in TraceSpatial-Bench's form (`question_id` or `id`,
    `model_prediction`), or the record of an episode, as in a run's `episodes.jsonl` (`task`, `seed`, `turns`), whose
    questions were called such as "water_flowers-7". Of several lines for one id the last counts. A line that says that
    nothing could be asked (`error`, or a failure of stage infrastructure) holds no answer. scale, order, parser,
    picture: how the answers are read, as they are for the model that gave them; see `tracesim.answers` and
    `tracesim.model`.
    """

    answers: str
    scale: Scale = "thousandths"
    order: Order = "xy"
    parser: Parser = "tolerant"
    picture: str = ""

    def __post_init__(self) -> None:
        self.convention = Convention.of(self.scale, self.order, self.picture)
        self._replies = replies(Path(os.path.expanduser(self.answers)))

    def answer(self, observation: Observation, question: Question) -> Reply:
        """Return the answer on file.

        Raises `InfrastructureError` where there is none: that says nothing about who gave the others, so the episode is
        counted apart, and a resumed run plays it once the file has been completed.
        """
        if question.id not in self._replies:
            few = ", ".join(islice(self._replies, 3))
            raise InfrastructureError(
                f"{self.answers} holds no answer to {question.id!r}; it has {len(self._replies)}: {few}, ..."
            )
        return self._replies[question.id]


def replies(path: Path) -> dict[str, Reply]:
    """Return the answers in a file by the ids of their questions.

    Raises:
        ConfigurationError: the file cannot be read, a line is neither form of answer, or none is there.
    """
    lines = read_text(path).split("\n")
    found: dict[str, Reply] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            if number == len(lines):
                break  # a kill cut it short
            raise ConfigurationError(f"{path}, line {number}: not JSON.") from None
        found |= {name: reply for name, reply in _answers(record, f"{path}, line {number}") if reply is not None}
    if not found:
        raise ConfigurationError(f"{path}: holds no answers.")
    return found


def _answers(record: object, where: str) -> Iterator[tuple[str, Reply | None]]:
    """Yield the ids that a line answers, each with the answer if it holds one."""
    if isinstance(record, dict):
        name = record.get("question_id", record.get("id"))
        if isinstance(name, int | str) and "model_prediction" in record:
            yield str(name), _reply(record, "model_prediction", "final_prompt", failed=bool(record.get("error")))
            return
        turns = record.get("turns")
        if {"task", "seed"} <= record.keys() and isinstance(turns, list):
            failure = record.get("failure")
            failed = isinstance(failure, dict) and failure.get("stage") == "infrastructure"
            for number, turn in enumerate(turns):
                if isinstance(turn, dict) and "answer" in turn:
                    name = question_id(record["task"], record["seed"], number)
                    reply = _reply(turn, "answer", "prompt", failed)
                    if reply is not None:
                        asked = turn.get("depth_asked")
                        reason = failure.get("reason") if isinstance(failure, dict) else None
                        reply = replace(
                            reply,
                            refused=reason == "refused" and number == len(turns) - 1,
                            depth_asked=asked if isinstance(asked, bool) else None,
                        )
                    yield name, reply
            return
    raise ConfigurationError(
        f"{where}: not an answer. Valid: question_id and model_prediction, or task, seed and turns."
    )


def _reply(record: Mapping[str, Any], text: str, prompt: str, failed: bool) -> Reply | None:
    if failed:
        return None
    ended = record.get("finish_reason")
    return Reply(
        str(record[text] or ""),
        str(record.get(prompt) or ""),
        finish_reason=ended if isinstance(ended, str) else None,
        refused=bool(record.get("refused")),
    )
