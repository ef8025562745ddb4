"""Tests of the time in which answers are read: linear in their length, whatever they hold."""

from __future__ import annotations

import ast
import gc
import json
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.answer_texts import keypoints, published
from tracesim.answers.reading import Parser, read


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Disable the garbage collector while time is measured, since its work depends on the other tests."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.timed
@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("parser", ["tolerant", "tuples", "json"])
def test_the_length_of_a_text_sets_the_time(parser: Parser) -> None:
    """The text is made eight times longer; quadratic time would grow by a factor of 64."""
    pieces = ["[", "(", "{", "[(", "[ ", "[(1", "[1,", "[(1,1),", "[[1,2],", "([1,2])", "[[1,2]] ", "[]", "[1\"[1'"]
    pieces += ['{"a":', '{"a":[', '["', '[\\"', '"\\', "[1,#", "[1,//", "[*", "9", "1,", " ", "\n", "e", "1e", "\u2212"]
    pieces += ["\\", "\\[", "\\]", "\\(", "$", "\\\\", "\\boxed{", "\\text{", "\\text{a}", "\\left", "}", "\\[(1,1),"]
    pieces += [
        "<points ",
        "<points x=",
        "<points '",
        "<point>",
        '<point x="1" y="2">',
        "<point>1 2<",
        "&lt;point",
        "<loc1>",
    ]
    pieces += [
        "<action>",
        "<action>close</action>,",
        "(1,1),<action>close</action>,",
        "'open',",
        '{"depth_m":',
        "depth_",
    ]
    pieces += [
        "<",
        "<answer>",
        "</answer>",
        "<think>",
        "</think>",
        "<think></think>",
        "```",
        "```\n",
        "```json\n[[1,2]]\n```",
    ]
    begins = ["", "[[1,2],[", '{"a":[', "```json\n[", "(11,11", "<think>", "\\[", '<points x1="1" y1="2" alt="']
    check_linear(pieces, begins, parser)


@pytest.mark.timed
@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("parser", ["waypoints", "poses"])
def test_the_length_of_a_list_of_waypoints_sets_the_time(parser: Parser) -> None:
    pieces = ["[{", "{", "[", '"yaw":', '"yaw":1,', '{"point_2d":[1,2]},', '{"point_2d":[1,2],"yaw":1},', '{"yaw":[1,']
    pieces += [
        '[{"point_2d":',
        '[{"position":[1,1,1],"dwell":1},',
        "(1,1),<action>close</action>,",
        '{"gripper":"open"',
        "9",
    ]
    check_linear(pieces, ["", '[{"point_2d":[1,2],', '[{"position":[1,1,1],"quaternion":['], parser)


def check_linear(pieces: list[str], begins: list[str], parser: Parser) -> None:
    """Check that the time to read a text of many equal pieces grows with their number."""
    for piece in pieces:
        for begin in begins:
            seconds = {}
            for count in (500, 4_000):
                text = begin + piece * count
                started = time.process_time()
                read(text, parser=parser)
                seconds[count] = time.process_time() - started
            assert seconds[4_000] < 32 * seconds[500] + 0.05, (begin, piece, seconds)


@pytest.mark.timed
@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("parser", ["tolerant", "tuples", "json"])
@pytest.mark.parametrize(
    "text",
    ["[" * 30_000 + "]" * 30_000, '{"a":' * 30_000 + "1" + "}" * 30_000, "[[" + "9" * 1_000_000 + ",1],[1,2]]"],
)
def test_neither_depth_nor_length_ends_reading(parser: Parser, text: str) -> None:
    for whole in (text, f"```json\n{text}\n```"):
        assert read(whole, parser=parser).reason in ("no_points", "not_finite", "malformed", "truncated")


@pytest.mark.timed
@pytest.mark.usefixtures("no_collector")
def test_reading_an_answer_takes_no_longer_than_twice_what_python_takes_for_its_numbers() -> None:
    fenced = [
        "On `[1, 2]`, then:\n```json\n" + json.dumps(keypoints(read(text)), indent=2) + "\n```" for text in published(3)
    ]
    texts = [*published(2), *published(3), *fenced]
    numbers = [repr(keypoints(read(text))) for text in texts]
    assert least_s(read, texts) < 2.0 * least_s(ast.literal_eval, numbers)


def least_s(reader: Callable[[str], object], texts: Sequence[str]) -> float:
    """Return the processor time in which all texts are read, the best of five, since other programs run too."""
    taken = []
    for _ in range(5):
        started = time.process_time()
        for text in texts:
            reader(text)
        taken.append(time.process_time() - started)
    return min(taken)
