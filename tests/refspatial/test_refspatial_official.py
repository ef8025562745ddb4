"""Tests of the published score, against results of RoboRefer's `Evaluation/summarize_acc.py` (commit d97a995)."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tracesim.errors import ConfigurationError
from tracesim.refspatial import official
from tracesim.refspatial.dataset import Split
from tracesim.refspatial.official import EndsError, parser_of, score

MASK = np.zeros((30, 40), bool)
MASK[6:15, 10:20] = True
ENDS = "ends"

# Results of the published functions for the mask above: a score, None if they leave the answer out, or ENDS if they
# raise an IndexError that is not caught.
FROZEN: list[tuple[str, str | None, float | str | None]] = [
    ("fractions", "[(0.30, 0.30)]", 1.0),
    ("fractions", "[(0.30, 0.30), (0.90, 0.30)]", 0.5),
    ("fractions", "[(12, 9)]", 1.0),
    ("fractions", "[(1, 1)]", 0.0),
    ("fractions", "[(0, 0.3)]", 0.0),
    ("fractions", "[(0.5, 0)]", 0.0),
    ("fractions", "[(1.0, 0.3)]", 0.0),
    ("fractions", "[(-0.02, 0.3)]", 0.0),
    ("fractions", "[(1.4, 0.3), (0.3, 0.3)]", 0.5),
    ("fractions", "[(0.25, 0.2, 0.5, 0.5)]", 1.0),
    ("fractions", "[(0.125, 0.1, 0.5, 0.5)]", 0.5),
    ("fractions", "[(0.5, 0.5, 0.25, 0.2)]", None),
    ("fractions", "[(0.3, 0.3, 0.3, 0.3)]", 0.0),
    ("fractions", "[(0.30, 0.30, 1.2)]", 0.0),
    ("fractions", "( 0.30, 0.30)", 0.0),
    ("fractions", "(0.30 , 0.30)", 0.0),
    ("fractions", "[[0.30, 0.30]]", 0.0),
    ("fractions", "((0.30, 0.30))", 1.0),
    ("fractions", "(.3, .3)", 0.0),
    ("fractions", "(3e-1, 0.3)", 0.0),
    ("fractions", "(0.30,\n0.30)", 1.0),
    ("fractions", "(+0.3, 0.3)", 1.0),
    ("fractions", "", 0.0),
    ("fractions", "Failed: Query Error", 0.0),
    ("fractions", None, None),
    ("fractions", "(12, 99999999999999999999)", ENDS),
    ("fractions", "(0.3, 0.3) (9223372036854775808, 5)", ENDS),
    ("fractions", "(٠.٣, 0.3)", 1.0),
    ("fractions", "(1, 2, 3, 4)", 0.0),
    ("pixels", "[(12, 9)]", 1.0),
    ("pixels", "[(12, 9), (39, 29), (40, 29)]", 0.3333333333333333),
    ("pixels", "[(12.0, 9)]", ENDS),
    ("pixels", "[(0.3, 0.3)]", ENDS),
    ("pixels", "[(10, 6, 20, 15)]", 1.0),
    ("pixels", "[(-5, -5, 20, 15)]", 0.18),
    ("pixels", "[(20, 15, 10, 6)]", None),
    ("pixels", "[(10.0, 6, 20, 15)]", None),
    ("pixels", '```json\n[{"point_2d": [12, 9]}]\n```', 0.0),
    ("percents", '<points x1="30.0" y1="30.0" x2="90" y2="30" alt="a">a</points>', 0.5),
    ("percents", '<point x="30.0" y="30.0" alt="a">a</point>', 0.0),
    ("percents", 'x1="30" y2="30"', 1.0),
    ("percents", 'x1="-1" y1="30"', 0.0),
    ("percents", '<point x1="30"\ny1="30.5">', 1.0),
    ("percents", 'x1="30"y1="30"', 0.0),
    ("percents", None, None),
    ("gemini_json", '```json\n[{"point": [300, 300], "label": "a"}]\n```', 1.0),
    ("gemini_json", '```json\n[{"point": [300, 300]}, {"point": [300, 900]}]\n```', 0.5),
    ("gemini_json", '```json\n[{"point": [300, 300, 1]}]\n```', 0.0),
    ("gemini_json", '```json\n[{"point_2d": [300, 300]}]\n```', 0.0),
    ("gemini_json", "```json\n[[300, 300]]\n```", 0.0),
    ("gemini_json", '```json\n{"point": [300, 300]}\n```', None),
    ("gemini_json", '```json\n[{"point": ["a", 1]}]\n```', None),
    ("gemini_json", '```json\n[{"point": [null, 1]}]\n```', None),
    ("gemini_json", '```json\n[{"point": [NaN, 1]}]\n```', None),
    ("gemini_json", "```json\n[1]\n```", None),
    ("gemini_json", '```json\n[{"point": [300, 300]}\n```', 0.0),
    ("gemini_json", '[{"point": [300, 300]}]', 0.0),
    ("gemini_json", '```json\n[{"point": [300, 300]}]', 0.0),
    ("gemini_json", 'a ```b c``` ```json\n[{"point": [300, 300]}]\n```', 1.0),
    ("gemini_json", '```json\n[]\n``````json\n[{"point": [300, 300]}]\n```', 0.0),
    ("gemini_json", '```json [{"point": [300, 300]}]```', 0.0),
    ("gemini_json", "```json\n[]\n```", 0.0),
    ("gemini_json", '```json\n[{"point": [true, false]}, {"point": [300, 300]}]\n```', 0.5),
    ("gemini_json", '```json\n[{"point": [1e300, 1]}]\n```', ENDS),
    ("gemini_json", '```json\n["a point"]\n```', None),
    ("gemini_json", '```json\n["a"]\n```', 0.0),
    ("gemini_json", "```json\nnull\n```", None),
    ("gemini_json", None, None),
]


@pytest.mark.parametrize(("parser", "text", "expected"), FROZEN)
def test_agrees_with_the_published_scorer(parser: str, text: str | None, expected: float | str | None) -> None:
    try:
        found = score(text, MASK, getattr(official, parser))
    except EndsError:
        assert expected == ENDS
    else:
        assert found == expected


def test_a_fraction_just_left_of_the_image_lies_in_its_first_column() -> None:
    everywhere = np.ones((30, 40), bool)
    assert score("[(-0.02, 0.5)]", everywhere, official.fractions) == 1.0
    assert score("[(-0.03, 0.5)]", everywhere, official.fractions) == 0.0


@pytest.mark.parametrize(
    ("model", "parser"),
    [
        ("RoboRefer-2B-SFT-Depth", official.fractions),
        ("Claude-3.7", official.fractions),
        ("RoboBrain2.5", official.pixels),
        ("Qwen-RoboRefer", official.fractions),  # the first family in the name counts
        ("Molmo-7B", official.percents),
        ("Gemini25Pro", official.gemini_json),
        ("roborefer", official.fractions),
    ],
)
def test_a_model_s_name_decides_how_it_is_read(model: str, parser: official.Parser) -> None:
    assert parser_of(model) is parser


def test_a_name_of_no_family_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'RoboTracer' holds none of RoboPoint"):
        parser_of("RoboTracer")


PARSERS = st.sampled_from([official.fractions, official.pixels, official.percents, official.gemini_json])
NUMBERS = st.one_of(st.integers().map(str), st.floats().map(repr), st.sampled_from(["1.", ".5", "٣", "0" * 5000]))
TUPLES = st.lists(NUMBERS, max_size=5).map(lambda numbers: f"({', '.join(numbers)})")
TEXTS = st.one_of(
    st.text(),
    st.lists(TUPLES, max_size=4).map(", ".join),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("point"), inner),
    ).map(lambda value: f"```json\n{value}\n```".replace("'", '"')),
)


@given(TEXTS, PARSERS)
def test_any_text_has_a_score_or_none_or_ends_the_published_scorer(text: str, parser: official.Parser) -> None:
    try:
        found = score(text, MASK, parser)
    except EndsError:
        return
    assert found is None or 0.0 <= found <= 1.0


@pytest.mark.parametrize(
    "text", ["(" * 50_000, "(1" + ",11" * 50_000, "```" * 50_000, "```\n" + "[" * 50_000 + "```", 'x1="1" ' * 20_000]
)
def test_takes_linear_time(text: str) -> None:
    started = time.process_time()
    for parser in (official.fractions, official.pixels, official.percents, official.gemini_json):
        score(text, MASK, parser)
    assert time.process_time() - started < 2.0


def test_its_expressions_are_the_published_ones_but_for_their_time() -> None:
    published = re.compile(r"\(([-+]?\d+\.?\d*(?:,\s*[-+]?\d+\.?\d*)*?)\)")
    rng = np.random.default_rng(0)
    for _ in range(3000):
        text = "".join(rng.choice(list("((1.5,, )-+[x"), size=rng.integers(1, 14)))
        assert official._TUPLE.findall(text) == published.findall(text)


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA", "LA", "I;16"])
def test_a_mask_may_be_any_kind_of_picture(tmp_path: Path, mode: str) -> None:
    levels = MASK.astype(np.uint16)
    image = Image.fromarray(levels if mode == "I;16" else levels.astype(np.uint8) * 255)
    if mode == "P":
        image = Image.fromarray(levels.astype(np.uint8), "P")
        image.putpalette([9] * 768)
    elif mode != "I;16":
        image = image.convert(mode)
    image.save(tmp_path / "mask.png")
    assert (Split("Location", tmp_path).mask("mask.png") == MASK).all()
