"""Tests of `python -m tracesim.refspatial`: errors are one line that says what is valid."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracesim.refspatial.__main__ import main


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the error of a command, after checking that it is one line and the exit status is 2."""
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


@pytest.mark.parametrize("words", [["--help"], ["query", "-h"]])
def test_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert "prompt=TEMPLATE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ([], "answers is missing"),
        (["answers=FILE"], "dataset is missing"),
        (["answers=FILE", "dataset=BENCH", "mode=lenient"], "Valid: 'official' or 'mended'"),
        (["answers=FILE", "dataset=BENCH", "mod=mended"], "Did you mean 'mode'?"),
        (["answers=FILE", "dataset=BENCH", "scale=pixels"], "for mode=mended"),
        (["answers=FILE", "dataset=BENCH", "output=/nowhere/x.json"], "no such folder"),
        (["answers=/nowhere", "dataset=BENCH"], "Valid: one of Location.jsonl, Placement.jsonl, Unseen.jsonl"),
        (["answers=FILE", "dataset=/nowhere"], "dataset=/nowhere: there is no such folder"),
        (["answers=FILE", "dataset=."], "holds none of Location/question.json"),
        (["answers=FILE", "dataset=BENCH"], "'tester' holds none of RoboPoint"),
        (["answers=FILE", "dataset=BENCH", "model=Qwen"], "question 0: the published scorer ends with an IndexError"),
        (["query", "dataset=BENCH", "output=OUT"], "policy is missing"),
        (["query", "policy=expert", "dataset=BENCH", "output=OUT"], "needs a simulated scene"),
        (["query", "policy=query", "dataset=BENCH", "output=OUT/x.jsonl"], "not the file of a split"),
        (["query", "policy=query", "dataset=BENCH", "output=OUT", "samples=0"], "samples=0: has to be 1 or more"),
        (["query", "policy=query", "dataset=BENCH", "output=OUT", "prompt={x}"], "Valid fields: {prompt}"),
        (["query", "policy=robotracer", "dataset=BENCH", "output=OUT"], "Valid: RoboTracer, RoboTracer_RGB"),
        (["query", "policy=query", "policy.depth=sent", "dataset=BENCH", "output=OUT"], "Valid: none, estimated"),
        (["query", "policy=query", "dataset=BENCH", "output=FILE"], "holds answers of tester, not of query"),
    ],
)
def test_a_wrong_word_is_said(
    bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], fault: str
) -> None:
    file = tmp_path / "Location.jsonl"
    one = {"question_id": 0, "text": "[(0.3, 0.3)]", "mask_path": "mask/0.png", "model_id": "tester"}
    file.write_text(json.dumps(one) + "\n")
    places = {"BENCH": bench, "FILE": file, "OUT": tmp_path / "out"}
    for name, path in places.items():
        words = [word.replace(f"={name}", f"={path}") for word in words]
    assert fault in refused(words, capsys)


def _without(key: str) -> Callable[[list[dict[str, Any]]], Any]:
    def change(records: list[dict[str, Any]]) -> Any:
        del records[1][key]
        return records

    return change


def _with(**values: Any) -> Callable[[list[dict[str, Any]]], Any]:
    def change(records: list[dict[str, Any]]) -> Any:
        records[1].update(values)
        return records

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_without("mask_path"), "record 1, 'mask_path': field required"),
        (_with(step="two"), "record 1, 'step': input should be a valid integer"),
        (_with(id=0), "the id 0 occurs twice"),
        (_with(mask_path="mask/none.png"), "mask/none.png: cannot be read (No such file or directory)"),
        (_with(mask_path="question.json"), "question.json: is not an image"),
        (lambda records: {"questions": records}, "question.json: input should be a valid array"),
        (lambda records: [*records, 5], "record 6: "),
    ],
)
def test_a_faulty_dataset_names_file_and_field(
    bench: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[list[dict[str, Any]]], Any],
    fault: str,
) -> None:
    questions = bench / "Location" / "question.json"
    questions.write_text(json.dumps(change(json.loads(questions.read_text()))))
    file = tmp_path / "Location.jsonl"
    file.write_text('{"question_id": 1, "text": "[(0.3, 0.3)]"}\n')
    said = refused([f"answers={file}", f"dataset={bench}", "mode=mended"], capsys)
    assert fault in said
    assert str(bench / "Location") in said


def test_no_json_in_the_dataset(bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bench / "Location" / "question.json").write_text("[{")
    file = tmp_path / "Location.jsonl"
    file.write_text('{"question_id": 1, "text": "[(0.3, 0.3)]"}\n')
    assert "question.json: invalid JSON" in refused([f"answers={file}", f"dataset={bench}", "mode=mended"], capsys)


def test_an_empty_file_of_answers(bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "Location.jsonl"
    file.write_text("")
    assert "holds no answers" in refused([f"answers={file}", f"dataset={bench}"], capsys)


def test_points_read_by_the_wrong_scale_are_noticed(
    bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "Location.jsonl"
    file.write_text("".join(f'{{"question_id": {number}, "text": "[(300, 300)]"}}\n' for number in range(6)))
    assert main([f"answers={file}", f"dataset={bench}", "mode=mended"]) == 0
    assert "scale=fractions|thousandths|percent|pixels" in capsys.readouterr().out
