"""Tests of recorded answers, which are found by prompt and images."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from PIL import Image

from tracesim.errors import ConfigurationError
from tracesim.serve.backend import Answered, CannotAnswerError
from tracesim.serve.recorded import Recorded

PUBLISHED = Path(__file__).parents[1] / "data" / "RoboTracer_Intrinsics_Depth_3D.jsonl"
RED, GREEN, BLUE = (Image.new("RGB", (4, 3), color) for color in ("red", "green", "blue"))


def of(path: Path, *entries: Mapping[str, object]) -> Recorded:
    """Write entries to a file and return its recorded answers."""
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return Recorded.read(path)


def asked(recorded: Recorded, prompt: str, images: Sequence[Image.Image] = (RED,)) -> str:
    return recorded.answer(prompt, images).text


def test_every_published_answer_is_given_to_its_prompt() -> None:
    recorded = Recorded.read(PUBLISHED)
    entries = [json.loads(line) for line in PUBLISHED.read_text().splitlines()]
    template = 'Point the 3D object-centric visual trace for the task "{}". Your answer should be formatted as a list.'
    assert recorded.ambiguous == 0
    assert [asked(recorded, template.format(entry["prompt"])) for entry in entries] == [
        entry["model_prediction"] for entry in entries
    ]


def test_the_whole_prompt_counts_before_the_instruction_and_the_longest_instruction_first(tmp_path: Path) -> None:
    recorded = of(
        tmp_path / "a.jsonl",
        {"question_id": 0, "final_prompt": "Q2D: lift the cup", "prompt": "lift the cup", "model_prediction": "2D"},
        {"question_id": 1, "final_prompt": "Q3D: lift the cup", "prompt": "lift the cup", "model_prediction": "3D"},
        {"question_id": 2, "prompt": "lift the cup and turn", "model_prediction": "turned"},
    )
    assert asked(recorded, "Q2D: lift the cup") == "2D"
    assert asked(recorded, "Q3D: lift the cup") == "3D"
    assert asked(recorded, "Please: lift the cup and turn.") == "turned"
    with pytest.raises(CannotAnswerError, match="no recorded answer"):
        asked(recorded, "lift the pot")


def test_a_runs_records_are_read_with_their_tokens_and_earlier_queries(tmp_path: Path) -> None:
    recorded = of(
        tmp_path / "episodes.jsonl",
        {
            "task": "t",
            "seed": 3,
            "policy": "p",
            "robot": "panda",
            "instruction": "lift the cup",
            "turns": [
                {
                    "instruction": "lift the cup",
                    "prompt": "lift to 3D: lift the cup",
                    "answer": "[(1, 2, 0.5)]",
                    "queries": [{"prompt": "in 2D: lift the cup", "answer": "[(1, 2)]"}],
                    "prompt_tokens": 20,
                    "answer_tokens": 9,
                }
            ],
            "failure": None,
        },
    )
    assert recorded.answer("lift to 3D: lift the cup", [RED]) == Answered("[(1, 2, 0.5)]", 20, 9)
    assert asked(recorded, "in 2D: lift the cup") == "[(1, 2)]"


def test_refspatials_answer_files_are_read(tmp_path: Path) -> None:
    recorded = of(
        tmp_path / "a.jsonl",
        {"question_id": 1, "prompt": "the cup", "suffix": "S", "instruction": "the cup S", "text": "[(0.1, 0.2)]"},
    )
    assert asked(recorded, "the cup S") == "[(0.1, 0.2)]"


def test_answers_to_one_prompt_go_to_one_picture_each_in_the_files_order(tmp_path: Path) -> None:
    records = [
        {"task": "t", "seed": seed, "policy": "p", "robot": "r", "prompt": "stack", "answer": f"answer {seed}"}
        for seed in range(2)
    ]
    recorded = of(tmp_path / "a.jsonl", *records)
    assert recorded.ambiguous == 1
    # A repeated query, for example after a lost response, is the same question.
    assert [asked(recorded, "stack", [one]) for one in (RED, RED, GREEN, RED, GREEN)] == [
        "answer 0",
        "answer 0",
        "answer 1",
        "answer 0",
        "answer 1",
    ]
    with pytest.raises(CannotAnswerError, match="all 2 recorded answers"):
        asked(recorded, "stack", [BLUE])


def test_equal_answers_to_one_prompt_have_no_order(tmp_path: Path) -> None:
    entries = [{"question_id": number, "prompt": "stack", "model_prediction": "same"} for number in range(2)]
    recorded = of(tmp_path / "a.jsonl", *entries)
    assert recorded.ambiguous == 0
    assert [asked(recorded, "stack", [one]) for one in (RED, GREEN, BLUE)] == ["same"] * 3


def test_failed_queries_and_superseded_lines_do_not_count(tmp_path: Path) -> None:
    infrastructure = {"stage": "infrastructure", "reason": "server"}
    recorded = of(
        tmp_path / "a.jsonl",
        {"task": "t", "seed": 0, "prompt": "stack", "answer": "", "failure": infrastructure},
        {"task": "t", "seed": 1, "prompt": "stack", "answer": "second", "failure": {"stage": "answer"}},
        {"task": "t", "seed": 0, "prompt": "stack", "answer": "first", "failure": None},
        {"question_id": 5, "prompt": "lift", "model_prediction": "", "error": "timeout"},
    )
    assert [asked(recorded, "stack", [one]) for one in (RED, GREEN)] == ["first", "second"]
    with pytest.raises(CannotAnswerError):
        asked(recorded, "lift")


def test_an_empty_answer_is_an_answer(tmp_path: Path) -> None:
    assert asked(of(tmp_path / "a.jsonl", {"question_id": 1, "prompt": "p", "model_prediction": ""}), "p") == ""


def test_a_line_that_a_kill_cut_short_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"prompt": "p", "answer": "a"}\n{"prompt": "q", "ans')
    assert asked(Recorded.read(path), "p") == "a"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no answers"),
        (b"{}\n", "line 1: needs a text in one of final_prompt, prompt, instruction"),
        (b'{"prompt": "p"}\n', "holds no answers"),
        (b"\n[1]\n\n", "line 2"),
        (b"{\n{}\n", "line 1: not JSON"),
        (b"\xff\xfe\n", "cannot be read"),
        (b'{"prompt": "p", "answer": "a", "queries": [5, {"prompt": 7}], "prompt_tokens": "x"}\n' * 2 + b"[" * 9, None),
    ],
)
def test_a_wrong_file_is_the_users_fault(tmp_path: Path, content: bytes, said: str | None) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    if said is None:
        assert asked(Recorded.read(path), "p") == "a"
    else:
        with pytest.raises(ConfigurationError, match=said):
            Recorded.read(path)


def test_a_file_that_is_not_there_is_the_users_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there\.jsonl: cannot be read \(No such file"):
        Recorded.read(tmp_path / "there.jsonl")
