"""Answers of models: traces written in every form, and the published ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from tracesim.answers.reading import THOUSANDTHS, Answer, Convention, Parser, read

DATA = Path(__file__).parent / "data"

UV = st.integers(0, 1000)
DEPTHS = st.integers(-500, 5000).map(lambda millimetres: millimetres / 1000)
TRACES_3D = st.lists(st.tuples(UV, UV, DEPTHS), min_size=2, max_size=12)
TRACES_2D = st.lists(st.tuples(UV, UV), min_size=2, max_size=12)
TRACES = st.one_of(TRACES_3D, TRACES_2D)

Points = list[tuple[float, ...]]
Form = Callable[[Points], str]

FLAT: Points = [(345, 702), (339, 661)]
TRACE: Points = [(345, 702, 0.89), (339, 661, 0.855)]


def published(dimensions: int) -> list[str]:
    lines = (DATA / f"RoboTracer_Intrinsics_Depth_{dimensions}D.jsonl").read_text().splitlines()
    return [json.loads(line)["model_prediction"] for line in lines]


def keypoints(answer: Answer) -> list[list[float]]:
    assert answer.trace is not None, answer.reason
    return [list(keypoint) for keypoint in answer.trace.keypoints]


# Forms: how a model may write a list of points [[a, b], ...] or [[a, b, depth], ...].


def as_tuples(points: Points) -> str:
    return repr([tuple(point) for point in points])


def as_lists(points: Points) -> str:
    return json.dumps(points)


def as_spread_lists(points: Points) -> str:
    return json.dumps(points, indent=2)


def as_objects(points: Points) -> str:
    return json.dumps([{f"point_{len(point)}d": point, "label": "the cup [1, 2]"} for point in points])


def with_depths_apart(points: Points) -> str:
    named = [{"point": point[:2], **({"depth": point[2]} if len(point) > 2 else {})} for point in points]
    return json.dumps(named, indent=1)


def in_an_object(points: Points) -> str:
    return json.dumps({"object": "cup", "box_2d": [1, 2, 3, 4], "trace": points, "start": points[0]})


def in_python(points: Points) -> str:
    return f"{{'points': {[tuple(point) for point in points]!r},}}"


def with_depths_in_centimetres(points: Points) -> str:
    named = [{"point_2d": point[:2], **({"Depth (cm)": 100 * point[2]} if len(point) > 2 else {})} for point in points]
    return json.dumps(named)


FORMS = (
    *(as_tuples, as_lists, as_spread_lists, as_objects),
    *(with_depths_apart, with_depths_in_centimetres, in_an_object, in_python),
)


def check(text: str, expected: Points | str, parser: Parser = "tolerant", convention: Convention = THOUSANDTHS) -> None:
    """Check that a text is read as keypoints in thousandths and metres, or fails for a reason."""
    answer = read(text, convention, parser, size=(640, 480))
    if isinstance(expected, str):
        assert (answer.trace, answer.reason) == (None, expected)
        if expected == "unknown_depth":
            assert answer.points is not None
            assert answer.points.shape[1] == 3
    else:
        assert answer.trace is not None, answer.reason
        assert answer.trace.keypoints.shape == np.shape(expected)
        np.testing.assert_allclose(answer.trace.keypoints, expected)
