"""Answers on file are found by their question's id, in either form, and nothing else is made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tracesim.camera import Camera
from tracesim.errors import ConfigurationError, InfrastructureError
from tracesim.observation import Observation
from tracesim.policies import make_policy
from tracesim.policies.replay import Replay
from tracesim.policy import Policy
from tracesim.question import Question

NOTHING = Observation(Camera.looking_at((-1.0, 0.0, 0.5), (0.0, 0.0, 0.0)), np.zeros(9), np.eye(4))


def file_of(folder: Path, *records: object) -> str:
    path = folder / "answers.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return str(path)


def published(name: object, text: object, **more: object) -> dict[str, Any]:
    return {"question_id": name, "final_prompt": f"where? {name}", "model_prediction": text, **more}


def episode(seed: int, text: str, **more: object) -> dict[str, Any]:
    return {"task": "water_flowers", "seed": seed, "turns": [{"prompt": "water!", "answer": text}], **more}


def said(policy: Policy, name: str) -> str:
    return policy.answer(NOTHING, Question("", id=name)).text


def test_both_forms_are_found_by_id_and_keep_their_prompt(tmp_path: Path) -> None:
    path = file_of(tmp_path, published(7, "seven"), published("a-b", "ab"), {"id": 9, "model_prediction": "nine"})
    replay = Replay(answers=path)
    assert [said(replay, name) for name in ("7", "a-b", "9")] == ["seven", "ab", "nine"]
    assert replay.answer(NOTHING, Question("", id="7")).prompt == "where? 7"

    replay = Replay(answers=file_of(tmp_path, episode(0, "zero"), episode(1, "one")))
    assert said(replay, "water_flowers-1") == "one"
    assert replay.answer(NOTHING, Question("", id="water_flowers-1")).prompt == "water!"


def test_a_question_that_could_not_be_asked_has_no_answer(tmp_path: Path) -> None:
    down = {"stage": "infrastructure", "reason": "InfrastructureError", "detail": "down"}
    lost = {"stage": "answer", "reason": "no_points", "detail": ""}
    replay = Replay(
        answers=file_of(
            tmp_path,
            published(1, "", error="down"),
            published(1, "new"),
            published(2, "", error="down"),
            published(3, ""),
            episode(4, "", failure=down),
            episode(5, "I cannot", failure=lost),
            published(6, "before"),
            published(6, "", error="down"),
        )
    )
    assert said(replay, "1") == "new"
    assert said(replay, "3") == ""
    assert said(replay, "water_flowers-5") == "I cannot"
    assert said(replay, "6") == "before"
    for name in ("2", "water_flowers-4", "8", ""):
        with pytest.raises(InfrastructureError, match=rf"answers\.jsonl holds no answer to '{name}'"):
            said(replay, name)


def test_a_last_line_cut_short_is_left_out(tmp_path: Path) -> None:
    path = file_of(tmp_path, published(1, "one"), published(2, "two"))
    Path(path).write_text(Path(path).read_text()[:-20])
    assert said(Replay(answers=path), "1") == "one"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "holds no answers"),
        (b"\xff\xfe\n", "UTF-8"),
        (b'{"question_id": 1, "model_prediction"\n{}\n', "line 1: not JSON"),
        (b'{"question_id": 1}\n', "line 1: not an answer"),
        (b"[1, 2]\n", "line 1: not an answer"),
        (b'{"question_id": 1, "model_prediction": "", "error": "down"}\n', "holds no answers"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_once(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=fault):
        make_policy("replay", {"answers": str(path)})


def test_a_missing_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        make_policy("replay", {"answers": str(tmp_path / "none.jsonl")})


def test_answers_are_read_as_those_of_the_model_that_gave_them(tmp_path: Path) -> None:
    path = file_of(tmp_path, published(1, "one"))
    policy = make_policy("replay", {"answers": path, "scale": "fractions", "order": "yx", "parser": "json"})
    assert (policy.convention.scale, policy.convention.order, policy.parser) == ("fractions", "yx", "json")
    with pytest.raises(ConfigurationError, match="scale"):
        make_policy("replay", {"answers": path, "scale": "inches"})
