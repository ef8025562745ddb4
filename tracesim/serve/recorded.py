"""Recorded answers, found by what was asked."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from PIL import Image

from tracesim.errors import ConfigurationError
from tracesim.files.json_lines import json_value, numbered_lines
from tracesim.serve.backend import Answered, CannotAnswerError

_ANSWERS: Final = ("model_prediction", "answer", "text")
_TEXTS: Final = ("final_prompt", "prompt", "instruction")
_EARLIER: Final = ("before", "queries")
_KEYS: Final = ("question_id", "task", "seed", "policy", "robot")


@dataclass(frozen=True)
class Recording:
    """An answer, and the texts under which it may be asked for: the whole prompt, the instruction inside it."""

    texts: tuple[str, ...]
    answered: Answered


class Recorded:
    """Answers that a file holds.

    A question's answer is that of the recording whose prompt or instruction it is, to the letter; else of the one whose
    longest text stands inside it. Where several fit and differ, each new set of pictures gets the next of them, in the
    file's order, and keeps it: a run that asks in that order, one question at a time, gets its own answers again.
    """

    def __init__(self, recordings: Sequence[Recording], name: str = "recorded") -> None:
        self.name = name
        self._by_text: dict[str, list[Answered]] = defaultdict(list)
        for recording in recordings:
            for text in dict.fromkeys(recording.texts):
                self._by_text[text].append(recording.answered)
        self._given: dict[str, dict[bytes, Answered]] = defaultdict(dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the answers of a file of JSON lines.

        It may be one of TraceSpatial-Bench's or RefSpatial-Bench's answer files as published, or a run's
        `episodes.jsonl`. Of several lines about one question the last counts; those that tell of a failed query do not.

        Raises:
            ConfigurationError: the file cannot be read, holds no answer, or a line is none of these; names the line.
        """
        try:
            lines = numbered_lines(path, json_value)
        except ConfigurationError as error:
            raise ConfigurationError(f"answers={error}") from None
        latest: dict[object, list[Recording]] = {}
        for number, entry in lines:
            if not isinstance(entry, dict) or not any(isinstance(entry.get(key), str) for key in _TEXTS):
                raise ConfigurationError(f"answers={path}, line {number}: none of {', '.join(_TEXTS)} is a text.")
            name = tuple(str(entry.get(key)) for key in _KEYS)
            latest[name if any(key in entry for key in _KEYS) else number] = list(_recordings(entry))
        recordings = [recording for several in latest.values() for recording in several]
        if not recordings:
            raise ConfigurationError(f"answers={path}: holds no answers ({', '.join(_ANSWERS)}).")
        return cls(recordings, path.stem)

    @property
    def shared(self) -> int:
        """The number of texts that belong to several different answers."""
        return sum(len({answered.text for answered in several}) > 1 for several in self._by_text.values())

    def answer(self, prompt: str, images: Sequence[Image.Image], longest: int | None = None) -> Answered:
        """Return the recorded answer, whatever its length."""
        text = self._asked(prompt)
        several = self._by_text[text]
        if len({answered.text for answered in several}) == 1:
            return several[0]
        given = self._given[text]
        seen = _digest(images)
        if seen not in given:
            if len(given) == len(several):
                raise CannotAnswerError(
                    f"all {len(several)} recorded answers to this prompt were given, each for other pictures."
                )
            given[seen] = several[len(given)]
        return given[seen]

    def _asked(self, prompt: str) -> str:
        """Return the recorded text that a prompt is, or the longest inside it."""
        if prompt in self._by_text:
            return prompt
        inside = [text for text in self._by_text if text in prompt]
        if not inside:
            raise CannotAnswerError("no recorded answer belongs to this prompt.")
        return max(inside, key=len)


def _recordings(entry: Mapping[str, Any]) -> Iterator[Recording]:
    """Yield the answers of a line, and those to what was asked before each for the same question."""
    failure = entry.get("failure")
    failed = entry.get("error") or (isinstance(failure, dict) and failure.get("stage") == "infrastructure")
    if failed:
        return
    for turn in entry.get("turns") or ():
        if isinstance(turn, dict):
            yield from _recordings(turn)
    for name in _EARLIER:
        for earlier in entry.get(name) or ():
            if isinstance(earlier, dict):
                # Known by its whole prompt alone: the instruction stands in the later one as well.
                yield from _recording(earlier, ("prompt",))
    yield from _recording(entry, _TEXTS)


def _recording(entry: Mapping[str, Any], known_by: Sequence[str]) -> Iterator[Recording]:
    answer = next((entry[key] for key in _ANSWERS if isinstance(entry.get(key), str)), None)
    texts = tuple(entry[key] for key in known_by if isinstance(entry.get(key), str) and entry[key].strip())
    if answer is not None and texts:
        prompt_tokens, answer_tokens = (
            entry[key] if isinstance(entry.get(key), int) else None for key in ("prompt_tokens", "answer_tokens")
        )
        yield Recording(texts, Answered(answer, prompt_tokens, answer_tokens))


def _digest(images: Sequence[Image.Image]) -> bytes:
    digest = hashlib.sha256()
    for image in images:
        digest.update(f"{image.mode} {image.size};".encode())
        digest.update(image.tobytes())
    return digest.digest()
