"""Recorded answers, found by the prompt of the question."""

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
    """Recorded answer with the texts that identify its question."""

    texts: tuple[str, ...]
    """The whole prompt, and the instruction in it."""

    answered: Answered
    """The answer."""


class Recorded:
    """Source of recorded answers.

    A question gets the answer of the recording whose prompt or instruction is exactly the same, or else of the one with
    the longest text that is part of the question. If several different answers match, each new set of images gets the
    next one in the order of the file, and keeps it. So a run that asks in that order, one question at a time, gets its
    own answers again.

    Attributes:
        name: Name of the model for clients.
    """

    def __init__(self, recordings: Sequence[Recording], name: str = "recorded") -> None:
        """Index the recordings.

        Args:
            recordings: Recorded answers, in order.
            name: Name of the model for clients.
        """
        self.name = name
        self._by_text: dict[str, list[Answered]] = defaultdict(list)
        for recording in recordings:
            for text in dict.fromkeys(recording.texts):
                self._by_text[text].append(recording.answered)
        self._given: dict[str, dict[bytes, Answered]] = defaultdict(dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the recorded answers of a JSON Lines file.

        It may be a published answer file of TraceSpatial-Bench or RefSpatial-Bench, or a run's `episodes.jsonl`. Of
        several lines about one question the last one counts; failed queries are skipped.

        Raises:
            ConfigurationError: The file cannot be read or holds no answers, or a line is not of these kinds.
        """
        try:
            lines = numbered_lines(path, json_value)
        except ConfigurationError as error:
            raise ConfigurationError(f"answers={error}") from None
        latest: dict[object, list[Recording]] = {}
        for number, entry in lines:
            if not isinstance(entry, dict) or not any(isinstance(entry.get(key), str) for key in _TEXTS):
                raise ConfigurationError(f"answers={path}, line {number}: needs a text in one of {', '.join(_TEXTS)}.")
            name = tuple(str(entry.get(key)) for key in _KEYS)
            latest[name if any(key in entry for key in _KEYS) else number] = list(_recordings(entry))
        recordings = [recording for several in latest.values() for recording in several]
        if not recordings:
            raise ConfigurationError(f"answers={path}: holds no answers ({', '.join(_ANSWERS)}).")
        return cls(recordings, path.stem)

    @property
    def ambiguous(self) -> int:
        """Number of texts with several different answers."""
        return sum(len({answered.text for answered in several}) > 1 for several in self._by_text.values())

    def answer(self, prompt: str, images: Sequence[Image.Image], longest: int | None = None) -> Answered:
        """Return the recorded answer, whatever its length; see `Backend.answer`."""
        text = self._find_text(prompt)
        several = self._by_text[text]
        if len({answered.text for answered in several}) == 1:
            return several[0]
        given = self._given[text]
        seen = _digest(images)
        if seen not in given:
            if len(given) == len(several):
                raise CannotAnswerError(
                    f"all {len(several)} recorded answers to this prompt were already given for other images."
                )
            given[seen] = several[len(given)]
        return given[seen]

    def _find_text(self, prompt: str) -> str:
        """Return the recorded text that equals the prompt, or else the longest one that is part of it."""
        if prompt in self._by_text:
            return prompt
        inside = [text for text in self._by_text if text in prompt]
        if not inside:
            raise CannotAnswerError("no recorded answer belongs to this prompt.")
        return max(inside, key=len)


def _recordings(entry: Mapping[str, Any]) -> Iterator[Recording]:
    """Yield the answers of a line, including answers to earlier prompts for the same question."""
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
                # Identified by the whole prompt only, since the later prompt contains the same instruction.
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
