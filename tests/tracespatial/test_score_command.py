"""Tests of `python -m tracesim.tracespatial`: detection of answer forms, its output, and errors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import small_benchmark
from tracesim.files.json_file import write_json
from tracesim.tracespatial import evaluation, export, query, reading
from tracesim.tracespatial.__main__ import HELP, main
from tracesim.tracespatial.answers import Answered

DATA = Path(__file__).parent.parent / "data"
ANSWERS_3D = DATA / "RoboTracer_Intrinsics_Depth_3D.jsonl"


def recognised(*texts: str) -> tuple[str, str]:
    answers = [Answered(small_benchmark.sample(index), text) for index, text in enumerate(texts)]
    parser = reading.detect_parser(answers)
    return parser, reading.detect_dimension(answers, parser)


def test_the_form_of_answers_is_what_more_of_them_have() -> None:
    deep, flat = "[(1, 2, 0.5), (3, 4, 0.5)]", "[(1, 2), (3, 4)]"
    assert recognised(deep, flat, deep) == ("tuples", "3D")
    assert recognised(flat, flat, deep, "") == ("tuples", "2D")
    # Prose around fenced JSON also contains parentheses.
    assert recognised(
        small_benchmark.fenced(flat), small_benchmark.fenced(deep), flat, small_benchmark.fenced(flat)
    ) == (
        "json",
        "2D",
    )
    assert recognised("", "no") == ("tuples", "3D")


def test_a_table_is_printed_and_finite_json_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "new" / "scores.json"
    assert main([f"answers={ANSWERS_3D}", f"output={output}"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"3D path: discrete Frechet distance, m +0\.4736 +0\.\d+ to 0\.\d+ +100\n", printed)
    assert "Left out: 2D start, 3D start, collision, overall" in printed
    written = json.loads(output.read_text(), parse_constant=pytest.fail)
    assert written["score"]["means"]["path_3d_mae_m"]["mean"] == pytest.approx(0.1700, abs=1e-4)
    assert written["score"]["rates"]["end_3d"]["low"] == pytest.approx(0.4671, abs=1e-4)
    assert [verdict["id"] for verdict in written["verdicts"]] == list(range(100))
    assert not list(output.parent.glob("*.partial"))


def test_the_same_answers_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (tmp_path / name for name in ("one.json", "two.json"))
    for output in (one, two):
        report = evaluation.evaluate(evaluation.Request(ANSWERS_3D, mode="mended"))
        write_json(report.as_json(), output)
    assert one.read_bytes() == two.read_bytes()


def test_all_answers_of_robotracer_are_read_in_both_modes() -> None:
    for dimension in ("2D", "3D"):
        for mode in ("official", "mended"):
            request = evaluation.Request(DATA / f"RoboTracer_Intrinsics_Depth_{dimension}.jsonl", mode=mode)
            report = evaluation.evaluate(request)
            assert (report.dimension, report.score.answers, report.score.unreadable) == (dimension, 100, {})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "answers is missing"),
        (["answers=nowhere.jsonl"], "nowhere.jsonl: cannot be read (No such file"),
        ([f"answers={ANSWERS_3D}", "mode=best"], "mode=best. Valid: 'official' or 'mended'"),
        ([f"answers={ANSWERS_3D}", "parser=tolerant"], "parser=tolerant. Valid: 'auto', 'tuples', 'json'"),
        ([f"answers={ANSWERS_3D}", "parser=tags"], "parser=tags is only for mode=mended. Valid: auto, tuples, json."),
        ([f"answers={ANSWERS_3D}", "scale=pixels"], "scale and order are only for mode=mended"),
        ([f"answers={ANSWERS_3D}", "datset=x"], "Did you mean 'dataset'?"),
        ([f"answers={ANSWERS_3D}", "dataset=nowhere"], "nowhere: there is no such folder"),
    ],
)
def test_what_is_wrong_is_one_line_and_status_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_disk_that_refuses_is_infrastructure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main([f"answers={ANSWERS_3D}", f"output={tmp_path}/file/scores.json"]) == 3
    assert "cannot be written" in capsys.readouterr().err


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert capsys.readouterr().out == HELP
    for option in evaluation.Request.__dataclass_fields__:
        assert f"  {option}=" in HELP
    assert max(map(len, HELP.splitlines())) <= 120


@pytest.mark.parametrize(("word", "module"), [("query", query), ("export", export)])
def test_other_words_are_passed_on(word: str, module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "main", lambda words: len(words) + 40)
    assert main([word, "a=1", "b=2"]) == 42
