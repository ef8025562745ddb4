"""Answer files of TraceSpatial-Bench: one record per line, with a model's answer added to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracesim.errors import ConfigurationError
from tracesim.files.text_files import read_text
from tracesim.tracespatial.dataset import Sample
from tracesim.tracespatial.record_fields import RecordFields


@dataclass(frozen=True)
class Answered:
    """Sample with a model's answer."""

    sample: Sample
    """The sample."""

    model_prediction: str
    """Raw text of the answer, or "" if there is none."""

    final_prompt: str = ""
    """Prompt that was sent, or "" if it is not known."""

    error: str | None = None
    """Why the query failed, or None if it succeeded."""

    given: bool = True
    """Whether the file has a text; the published client writes null if a server refuses."""

    def as_json(self) -> dict[str, Any]:
        """Return the published record of an answer."""
        record = self.sample.as_json()
        result = {"question_id": record.pop("id"), "final_prompt": self.final_prompt, **record}
        result["model_prediction"] = self.model_prediction if self.given else None
        if self.error is not None:
            result["error"] = self.error
        return result


def read_answers(path: Path) -> list[Answered]:
    """Return the answers in a file, in order; blank lines are skipped.

    Raises:
        ConfigurationError: The file is missing, a line is not a record with an answer, or there are no answers.
    """
    answers = []
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            record = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ConfigurationError(f"{where}: not JSON: {getattr(error, 'msg', 'nested too deeply')}.") from None
        sample = Sample.of(record, where)
        fields = RecordFields(record, where)
        text = fields.text_or_none("model_prediction")
        answers.append(
            Answered(
                sample,
                model_prediction=text or "",
                final_prompt=fields.text_or_none("final_prompt") or "",
                error=fields.text_or_none("error"),
                given=text is not None,
            )
        )
    if not answers:
        raise ConfigurationError(f"{path}: holds no answers.")
    return answers


def answer_line(answer: Answered) -> str:
    """Return an answer as a line of an answer file, with a line break."""
    return json.dumps(answer.as_json(), ensure_ascii=False, allow_nan=False) + "\n"
