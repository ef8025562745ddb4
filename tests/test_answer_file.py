"""Tests of answer files: a crash loses at most one answer, and a new answer replaces a failed query."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.errors import BudgetSpentError, ConfigurationError, InfrastructureError
from tracesim.geometry.camera import Camera
from tracesim.language.question import Question
from tracesim.models.answer_file import AnswerFile, Asking, Entry, Tally, ask_all, read_entries
from tracesim.observation import Observation
from tracesim.policy import Policy, Reply

IDS = [str(number) for number in range(12)]
CAMERA = Camera(4, 3, np.eye(3), np.eye(4))


def observe() -> Observation:
    return Observation(CAMERA, np.zeros(0), np.eye(4))


def asking(name: str) -> Asking:
    def entry(reply: Reply | None) -> Entry:
        return {"question_id": int(name), "text": None if reply is None else reply.text}

    return Asking(Question("", id=name), observe, entry)


class Fake(Policy):
    """Policy that answers with the id of the question, but fails for those in `down` and raises the given errors."""

    def __init__(self, down: Sequence[str] = (), raises: dict[str, BaseException] | None = None) -> None:
        self.down = down
        self.raises = raises or {}
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    def answer(self, observation: Observation, question: Question) -> Reply:
        with self.lock:
            self.asked.append(question.id)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if question.id in self.down:
                raise InfrastructureError("connection\nrefused")
            if question.id in self.raises:
                raise self.raises[question.id]
            return Reply(f"answer {question.id}", prompt_tokens=7, before=(Reply("first", "p"),))
        finally:
            with self.lock:
                self.at_once -= 1


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_answers_are_kept_with_what_is_known_of_them(tmp_path: Path) -> None:
    path = tmp_path / "new" / "answers.jsonl"
    with AnswerFile(path, IDS) as file:
        assert ask_all(Fake(), map(asking, IDS[:2]), file) == Tally(before=0, answered=2, failed=0)
    known = {"prompt_tokens": 7, "before": [{"prompt": "p", "text": "first"}]}
    assert lines(path) == [{"question_id": number, "text": f"answer {number}", **known} for number in range(2)]


def test_what_failed_is_asked_again_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with AnswerFile(path, IDS) as file:
        assert ask_all(Fake(down=["1"]), map(asking, IDS), file).failed == 1
    assert lines(path)[1] == {"question_id": 1, "text": None, "error": "connection refused"}
    again = Fake()
    with AnswerFile(path, IDS) as file:
        assert ask_all(again, map(asking, IDS), file) == Tally(before=11, answered=1, failed=0)
    assert again.asked == ["1"]
    assert [line["text"] for line in lines(path)] == [f"answer {name}" for name in IDS]


@given(cut=st.integers(0, 200))
def test_whatever_a_kill_leaves_is_completed(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("killed") / "answers.jsonl"
    with AnswerFile(path, IDS) as file:
        ask_all(Fake(), map(asking, IDS[:3]), file)
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    resumed = Fake()
    with AnswerFile(path, IDS) as file:
        ask_all(resumed, map(asking, IDS[:3]), file)
    assert path.read_bytes() == whole
    finished = whole[:cut].count(b"\n")
    # a complete answer without a line break counts too
    assert len(resumed.asked) in (3 - finished, 2 - finished)


@pytest.mark.parametrize("in_flight", [2, 5, 50])
def test_several_at_once_end_in_the_dataset_s_order(tmp_path: Path, in_flight: int) -> None:
    path = tmp_path / "answers.jsonl"
    policy = Fake(down=["3", "4"])
    with AnswerFile(path, IDS) as file:
        ask_all(policy, map(asking, reversed(IDS)), file, in_flight)
    assert [line["question_id"] for line in lines(path)] == list(range(12))
    assert sorted(policy.asked, key=int) == IDS
    assert policy.most_at_once <= in_flight


def test_several_are_really_on_their_way_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(3, timeout=20)

    class Waits(Policy):
        def answer(self, observation: Observation, question: Question) -> Reply:
            together.wait()
            return Reply("")

    with AnswerFile(tmp_path / "answers.jsonl", IDS) as file:
        assert ask_all(Waits(), map(asking, IDS), file, in_flight=3).answered == 12


@pytest.mark.parametrize("in_flight", [1, 3])
@pytest.mark.parametrize("error", [BudgetSpentError("spent"), ConfigurationError("wrong"), KeyboardInterrupt()])
def test_what_ends_a_run_keeps_the_answers_before_it(tmp_path: Path, in_flight: int, error: BaseException) -> None:
    path = tmp_path / "answers.jsonl"
    policy = Fake(raises={"5": error})
    with AnswerFile(path, IDS) as file, pytest.raises(type(error)):
        ask_all(policy, map(asking, IDS), file, in_flight)
    assert [line["question_id"] for line in lines(path)][:5] == [0, 1, 2, 3, 4]
    assert len(policy.asked) <= 5 + in_flight
    assert all("error" not in line for line in lines(path))


def test_an_entry_is_in_the_file_before_the_next_question(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"

    class Looks(Policy):
        def answer(self, observation: Observation, question: Question) -> Reply:
            assert len(read_entries(path)) == int(question.id)
            return Reply("")

    with AnswerFile(path, IDS) as file:
        ask_all(Looks(), map(asking, IDS), file)


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with AnswerFile(path, IDS), pytest.raises(ConfigurationError, match="another process"):
        AnswerFile(path, IDS).__enter__()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "line 2: not JSON"),
        ("[1]", "line 2: not an object"),
        ("{}", "line 2: question_id is missing"),
        ('{"question_id": 1.5}', "line 2: question_id is neither"),
        ('{"question_id": true}', "line 2: question_id is neither"),
        ('{"question_id": 99}', "'99' is not one of the dataset's 12"),
    ],
)
def test_a_line_that_is_no_entry_is_named_and_kept(tmp_path: Path, line: str, fault: str) -> None:
    path = tmp_path / "answers.jsonl"
    content = f'{{"question_id": 1}}\n{line}\n'
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=fault):
        AnswerFile(path, IDS).__enter__()
    assert path.read_text() == content
