"""Tests of the published parsers, against results of the published code for texts that exercise each of its rules."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from tracesim.answers import published as official

DATA = Path(__file__).parent / "data"
NAN, INF = float("nan"), float("inf")

TUPLES = [
    ("", (0, 2), []),
    ("  \n", (0, 2), []),
    ("no points", (0, 2), []),
    ("[(726, 624, 1.533), (738, 574, 1.499)]", (2, 3), [[0.726, 0.624, 1.533], [0.738, 0.574, 1.499]]),
    ("[(1, 2), (3, 4)]", (2, 2), [[0.001, 0.002], [0.003, 0.004]]),
    ("from (1,2) to (3,4)", (2, 2), [[0.001, 0.002], [0.003, 0.004]]),
    ("<think>(9, 9)</think>(1, 2)", (2, 2), [[0.009, 0.009], [0.001, 0.002]]),
    ("(1,2)(3,4,5)", (2, 3), [[0.001, 0.002, NAN], [0.003, 0.004, 5.0]]),
    ("(1,2,3,4)", (1, 3), [[0.001, 0.002, 3.0]]),
    ("(1,2,3,4,5), (6,7)", (2, 3), [[0.001, 0.002, 3.0], [0.006, 0.007, NAN]]),
    ("(1)", (0, 2), []),
    ("( 1,2)", (0, 2), []),
    ("(1 ,2)", (0, 2), []),
    ("(1, 2 )", (0, 2), []),
    ("(1,\n2)", (1, 2), [[0.001, 0.002]]),
    ("(1,\t\u2003 2)", (1, 2), [[0.001, 0.002]]),
    ("(1,\x1c2)", (1, 2), [[0.001, 0.002]]),
    ("(.5,1)", (0, 2), []),
    ("(1.,2)", (1, 2), [[0.001, 0.002]]),
    ("(1e3,2)", (0, 2), []),
    ("(-1,+2)", (1, 2), [[-0.001, 0.002]]),
    ("(--1,2)", (0, 2), []),
    ("(1,2,)", (0, 2), []),
    ("(1,,2)", (0, 2), []),
    ("((1,2))", (1, 2), [[0.001, 0.002]]),
    ("(1,2", (0, 2), []),
    ("1,2)", (0, 2), []),
    ("[1,2]", (0, 2), []),
    ("(nan,1)", (0, 2), []),
    ("(0001,2)", (1, 2), [[0.001, 0.002]]),
    ("(1.2.3,4)", (0, 2), []),
    ("(12345678901,2000)", (1, 2), [[12345679.0, 2.0]]),
    ("(\u0663,\u0664)", (1, 2), [[0.003, 0.004]]),
    ("(\uff11,2)", (1, 2), [[0.001, 0.002]]),
    ("(\xb2,3)", (0, 2), []),
    ("(726.4567894,1,2.123456789)", (1, 3), [[0.726457, 0.001, 2.1234567]]),
    ("(1,\u22122)", (0, 2), []),
    ("(1_0,2)", (0, 2), []),
    ("(1, 2, 3m)", (0, 2), []),
    ("x(1,2)y", (1, 2), [[0.001, 0.002]]),
    ("(1,2\x00)", (0, 2), []),
    ("\ud800(1,2)", (1, 2), [[0.001, 0.002]]),
    ("(999999999999999999999999999999999999999999999999999999999999,1)", (1, 2), [[INF, 0.001]]),
]
JSON = [
    ("", (0, 3), []),
    ("[[1, 2]]", (0, 3), []),
    ("```json\n[[372, 238, 1.82], [372, 210, 1.8]]\n```", (2, 3), [[0.372, 0.238, 1.82], [0.372, 0.21, 1.8]]),
    ("```json\n[[1, 2], [3, 4]]\n```", (2, 2), [[0.001, 0.002], [0.003, 0.004]]),
    ("```json\n[1, 2]\n```", (1, 2), [[0.001, 0.002]]),
    ("```json\n[1, 2, 3]\n```", (1, 3), [[0.001, 0.002, 3.0]]),
    ("```json\n[[1, 2], [3, 4, 5]]\n```", None, []),
    ("```json\n5\n```", (0,), []),
    ("```json\n[]\n```", (0,), []),
    ("```json\nnull\n```", (0,), []),
    ('```json\n"[[1, 2]]"\n```', (0,), []),
    ("```json\n[[1, 2, 3, 4]]\n```", (0,), []),
    ("```json\n[[1], [2, 3]]\n```", (1, 2), [[0.002, 0.003]]),
    ("```json\n[[1, 2, null]]\n```", (0,), []),
    ("```json\n[[true, false]]\n```", (1, 2), [[0.001, 0.0]]),
    ("```json\n[[1, 2, true]]\n```", (1, 3), [[0.001, 0.002, 1.0]]),
    ("```json\n[[NaN, 1]]\n```", (1, 2), [[NAN, 0.001]]),
    ("```json\n[[1, 2, -Infinity]]\n```", (1, 3), [[0.001, 0.002, -INF]]),
    ("```json\n[[1e999, 1]]\n```", (1, 2), [[INF, 0.001]]),
    ("```json\n[[-0, 1.0e1]]\n```", (1, 2), [[0.0, 0.01]]),
    ("```json\n[[01, 1]]\n```", (0, 3), []),
    ("```json\n[[.5, 1]]\n```", (0, 3), []),
    ("```json\n[[1, 2],]\n```", (0, 3), []),
    ("```json\n[(1, 2)]\n```", (0, 3), []),
    ("```json\n[[1, 2]\n```", (0, 3), []),
    ("```json\n[[1, 2]] done\n```", (0, 3), []),
    ('```json\n[{"point_2d": [1, 2], "label": "cup"}, {"bbox_2d": [1, 2, 3, 4]}]\n```', (1, 2), [[0.001, 0.002]]),
    ('```json\n{"a": [1, 2], "a": [3, 4], "b": {"c": [[5, 6]]}}\n```', (2, 2), [[0.003, 0.004], [0.005, 0.006]]),
    ('```json\n[{"size": [640, 480]}, [[1, 2]]]\n```', (2, 2), [[0.64, 0.48], [0.001, 0.002]]),
    ("```json\n[[2000, -1]]\n```", (1, 2), [[2.0, -0.001]]),
    ("```json\n[[0.1234567, 999.9999999, 1.23456789]]\n```", (1, 3), [[0.000123, 1.0, 1.23456789]]),
    ("```json\n[[0.1235, 0.1235]]\n```", (1, 2), [[0.000123, 0.000123]]),
    ("```json\n[[[1, 2], [3, 4]], [[5, 6]]]\n```", (3, 2), [[0.001, 0.002], [0.003, 0.004], [0.005, 0.006]]),
    ("```json\n[[1, [2, 3]], 4]\n```", (1, 2), [[0.002, 0.003]]),
    ("```json\n\ufeff[[1, 2]]\n```", (0, 3), []),
    ("```json\n[[1, 2]]\x00\n```", (0, 3), []),
    ('```json\n["\ud800", [1, 2]]\n```', (1, 2), [[0.001, 0.002]]),
    ("```json\n[[9999999999999999999999999999999999999999, 1]]\n```", (1, 2), [[1.0000000000000001e37, 0.001]]),
    ("```\n[[1, 2]]```", (1, 2), [[0.001, 0.002]]),
    ("```json [[1, 2]]```", (0, 3), []),
    ("```json\r\n[[1, 2]]```", (0, 3), []),
    ("```js-on\n[[1, 2]]```", (0, 3), []),
    ("````json\n[[1, 2]]\n````", (1, 2), [[0.001, 0.002]]),
    ("```\xe9_1\n[[1, 2]]```", (1, 2), [[0.001, 0.002]]),
    ("``` \n[[1, 2]]```", (0, 3), []),
    ("```json\n[[1, 2]]", (0, 3), []),
    ("```a\nb```\n[[1, 2]]\n```", (0, 3), []),
    ("```json\n[[1, 2]]```\n```json\n[[3, 4]]```", (1, 2), [[0.001, 0.002]]),
    ("```json\nx\n```\n```json\n[[3, 4]]\n```", (0, 3), []),
    ("<think>```\n[[9, 9]]\n```</think>```\n[[1, 2]]\n```", (1, 2), [[0.009, 0.009]]),
    ("```json\n\n \n[[1, 2]]\t\n```", (1, 2), [[0.001, 0.002]]),
    ("```\n[[" + "9" * 400 + ", 1]]\n```", None, []),
    ("```\n[[" + "9" * 5000 + ", 1]]\n```", None, []),
]


@pytest.mark.parametrize(("text", "shape", "points"), TUPLES)
def test_tuples_are_those_that_the_published_parser_returns(
    text: str, shape: tuple[int, ...], points: list[list[float]]
) -> None:
    found = official.tuples(text)
    assert found.dtype == np.float32
    assert found.shape == shape
    np.testing.assert_array_equal(found, np.array(points, np.float32).reshape(shape))


@pytest.mark.parametrize(("text", "shape", "points"), JSON)
def test_json_points_are_those_that_the_published_parser_returns(
    text: str, shape: tuple[int, ...] | None, points: list[list[float]]
) -> None:
    if shape is None:
        with pytest.raises(official.UnreadableError, match=r"^some points have a depth|too large|4300 digits"):
            official.json_points(text)
    else:
        found = official.json_points(text)
        assert found.dtype == np.float64
        assert found.shape == shape
        np.testing.assert_array_equal(found, np.array(points, float).reshape(shape))


def test_nesting_that_exhausts_the_published_parser_is_unreadable() -> None:
    for depth in (1_000, 100_000):
        with pytest.raises(official.UnreadableError, match="recursion"):
            official.json_points(nested(depth))


def test_nesting_is_limited_also_where_the_stack_is_large() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(3_000)
    try:
        np.testing.assert_array_equal(official.json_points(nested(990)), [[0.001, 0.002]])
        with pytest.raises(official.UnreadableError, match="more than 990 nested brackets"):
            official.json_points(nested(991))
    finally:
        sys.setrecursionlimit(limit)


def test_rows_are_what_the_text_says() -> None:
    assert official.tuple_rows("[(726, 624, 1.533), (738, 574)] (1)") == [(726, 624, 1.533), (738, 574)]
    assert official.json_rows(fenced('{"a": [726, 624, 1.533], "b": [[738, 574]]}')) == [(726, 624, 1.533), (738, 574)]
    assert official.json_rows(fenced("null")) == []
    assert official.json_rows("[[1, 2]]") is None


def test_every_published_answer_is_read() -> None:
    for dimensions in (2, 3):
        lines = (DATA / f"RoboTracer_Intrinsics_Depth_{dimensions}D.jsonl").read_text().splitlines()
        for line in lines:
            text = json.loads(line)["model_prediction"]
            points = official.tuples(text)
            assert points.shape == (text.count("("), dimensions)
            assert np.isfinite(points).all()


def nested(depth: int) -> str:
    return fenced("[" * depth + "1, 2" + "]" * depth)


def fenced(text: str) -> str:
    return f"```json\n{text}\n```"
