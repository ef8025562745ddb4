"""Tests of asking policies: each image once, with the published prompt, and at most one answer lost by a crash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.faulty_server import Fault, FaultyServer
from tests.running_server import RunningServer
from tracesim.errors import ConfigurationError, InfrastructureError
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.policy import Policy, Reply
from tracesim.refspatial.__main__ import main
from tracesim.refspatial.dataset import open_splits
from tracesim.refspatial.query import Prompt, query
from tracesim.serve.backend import Answered

SUFFIX = "Your answer should be a list of tuples, between 0 and 1."


class Fake(Policy):
    """Policy that answers with a point, and fails for the images in `down`."""

    def __init__(self, down: Sequence[str] = ()) -> None:
        self.down = down
        self.asked: list[tuple[Observation, Question]] = []

    def answer(self, observation: Observation, question: Question) -> Reply:
        self.asked.append((observation, question))
        if question.id in self.down:
            raise InfrastructureError("nobody there")
        return Reply("[(0.3, 0.3)]", prompt=question.instruction)


class Pointing:
    """Model that points at the mask, and calls `before` at each question with the number of earlier questions."""

    name = "pointing"

    def __init__(self, before: Callable[[int], None] = lambda count: None) -> None:
        self.before = before
        self.prompts: list[str] = []

    def answer(self, prompt: str, images: Sequence[Image.Image], longest: int | None = None) -> Answered:
        self.prompts.append(prompt)
        self.before(len(self.prompts) - 1)
        return Answered("[(0.3, 0.3)]", 7, 3)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_policy_is_asked_as_published_and_answers_are_written_so(bench: Path, tmp_path: Path) -> None:
    policy, path = Fake(), tmp_path / "Location.jsonl"
    query(policy, open_splits(bench)["Location"], path, "RoboRefer-2B-SFT", samples=2)
    observation, question = policy.asked[1]
    assert question == Question(
        f"Point out mug 1 of Location. {SUFFIX}", object_name="mug 1", id="1", setting="refspatial"
    )
    assert observation.rgb is not None
    assert observation.rgb.shape == (30, 40, 3)
    assert (observation.rgb == (200, 100, 10)).all()
    assert observation.size == (40, 30)
    assert observation.depth is None
    assert np.isnan(observation.camera.intrinsics).all()
    assert lines(path)[1] == {
        "question_id": 1,
        "prompt": "Point out mug 1 of Location.",
        "object_name": "mug 1",
        "suffix": SUFFIX,
        "instruction": f"Point out mug 1 of Location. {SUFFIX}",
        "text": "[(0.3, 0.3)]",
        "model_id": "RoboRefer-2B-SFT",
        "rgb_path": "image/1.png",
        "mask_path": "mask/1.png",
        "category": "location",
        "step": 2,
    }


def test_what_failed_is_filed_as_published_and_asked_again(bench: Path, tmp_path: Path) -> None:
    split, path = open_splits(bench)["Unseen"], tmp_path / "Unseen.jsonl"
    assert query(Fake(down=["1"]), split, path, "m").failed == 1
    assert lines(path)[1]["text"] is None
    assert lines(path)[1]["error"] == "nobody there"
    again = Fake()
    tally = query(again, split, path, "m")
    assert (tally.before, tally.answered, tally.failed) == (2, 1, 0)
    assert [question.id for _, question in again.asked] == ["1"]
    assert "error" not in lines(path)[1]


def test_a_file_has_the_answers_of_one_model(bench: Path, tmp_path: Path) -> None:
    split, path = open_splits(bench)["Unseen"], tmp_path / "Unseen.jsonl"
    query(Fake(), split, path, "one", samples=1)
    with pytest.raises(ConfigurationError, match="holds answers of one, not of another"):
        query(Fake(), split, path, "another")


def test_other_prompts_are_templates(bench: Path) -> None:
    sample = open_splits(bench)["Location"].samples[2]
    assert Prompt("Locate one point of {object}.").of(sample) == "Locate one point of mug 2."
    assert Prompt("{prompt} {{x}}").of(sample) == "Point out mug 2 of Location. {x}"
    for wrong in ("{object", "{target}", "{}"):
        with pytest.raises(ConfigurationError, match=r"Valid fields: \{prompt\}, \{suffix\}, \{object\}"):
            Prompt(wrong)


def test_the_whole_way_from_a_server_to_a_score(
    bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, output = Pointing(), tmp_path / "answers"
    with RunningServer(model) as server:
        words = ["query", "policy=roborefer", f"policy.url={server.url}", f"dataset={bench}", f"output={output}"]
        assert main(words) == 0
        assert main(words) == 0
    assert len(model.prompts) == 13
    assert model.prompts[0].endswith(f"of Location. {SUFFIX}")
    assert "answers/Unseen.jsonl   3 of 3 answered" in capsys.readouterr().out
    for mode in ("official", "mended"):
        result = tmp_path / f"{mode}.json"
        assert main([f"answers={output}", f"dataset={bench}", f"mode={mode}", f"output={result}"]) == 0
        assert json.loads(result.read_text())["all"]["mean"] == 1.0
        table = capsys.readouterr().out
        assert "read as fractions" in table
        assert "Placement" in table


def test_a_server_that_is_down_leaves_the_exit_status_and_the_reason(
    bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "Unseen.jsonl"
    words = ["policy=query", "policy.url=http://127.0.0.1:9", "policy.retries=0", f"dataset={bench}"]
    assert main(["query", *words, f"output={output}"]) == 3
    assert "3 questions could not be asked" in capsys.readouterr().out
    assert "127.0.0.1:9" in lines(output)[0]["error"]
    assert main([f"answers={output}", f"dataset={bench}", "mode=mended"]) == 0
    assert "ask again before you compare" in capsys.readouterr().out


def test_a_server_that_refuses_is_asked_once_and_nothing_is_left(
    bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faults: dict[str, Fault] = {"refusal": lambda it, answer: it.reply(401, b'{"error": "wrong key"}')}
    with FaultyServer(share=1.0, faults=faults) as server:
        words = ["policy=query", f"policy.url={server.url}", "policy.in_flight=1"]
        assert main(["query", *words, f"dataset={bench}", f"output={tmp_path / 'answers'}"]) == 2
        assert len(server.requests) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "wrong key" in said.err
    assert not list(tmp_path.glob("answers/*"))


def test_a_killed_query_goes_on_where_it_was(bench: Path, tmp_path: Path) -> None:
    reached, release = threading.Event(), threading.Event()

    def wait_at_the_third(count: int) -> None:
        if count == 2:
            reached.set()
            release.wait(60)

    output = tmp_path / "Location.jsonl"
    model = Pointing(wait_at_the_third)
    with RunningServer(model) as server:
        words = ["query", "policy=query", f"policy.url={server.url}", "policy.in_flight=1"]
        words += [f"dataset={bench}", f"output={output}"]
        process = subprocess.Popen([sys.executable, "-m", "tracesim.refspatial", *words])
        try:
            assert reached.wait(60)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            release.set()
        assert [line["question_id"] for line in lines(output)] == [0, 1]
        with output.open("a") as file:
            file.write('{"question_id": 2, "te')  # a line that was cut short by a crash
        assert main(words) == 0
    assert [line["question_id"] for line in lines(output)] == list(range(6))
    assert len(model.prompts) == 3 + 4
