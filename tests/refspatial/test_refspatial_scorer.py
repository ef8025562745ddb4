"""Tests of the corrected score: cases computed by hand, answers without a score, and intervals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from tracesim.answers.reading import THOUSANDTHS, Convention, Scale
from tracesim.errors import ConfigurationError
from tracesim.refspatial.dataset import open_splits
from tracesim.refspatial.scorer import Mean, Mode, Result, answer_files, model_of, score, share_inside

MASK = np.zeros((30, 40), bool)
MASK[6:15, 10:20] = True
FRACTIONS = Convention("fractions")
PIXELS = Convention("pixels")


@pytest.mark.parametrize(
    ("text", "convention", "expected", "reason"),
    [
        ("[(0.30, 0.30)]", FRACTIONS, 1.0, None),
        ("[(0.30, 0.30), (0.90, 0.30)]", FRACTIONS, 0.5, None),
        ("It stands there: [(0.30, 0.30)].", FRACTIONS, 1.0, None),
        ("<think>[(0.9, 0.9)]</think><answer>[(0.3, 0.3)]</answer>", FRACTIONS, 1.0, None),
        ("(0.30, 0.30)", FRACTIONS, 1.0, None),
        ("[0.30, 0.30]", FRACTIONS, 1.0, None),
        ("[(0.30, 0.30, 1.234)]", FRACTIONS, 1.0, None),
        ("[(0.25, 0.2), (0.4999, 0.4999)]", FRACTIONS, 1.0, None),
        ("[(0.2499, 0.2), (0.5, 0.4999)]", FRACTIONS, 0.0, None),
        ("[(0.3, 0.3), (1.4, 0.3)]", FRACTIONS, 0.5, None),
        ("[(0.3, 0.3), (nan, 0.3)]", FRACTIONS, 0.5, None),
        ("[(-0.001, 0.3)]", FRACTIONS, 0.0, "out_of_image"),
        ("[(300, 300)]", FRACTIONS, 0.0, "out_of_image"),
        ("[(300, 300)]", THOUSANDTHS, 1.0, None),
        ("[(300, 400)]", Convention(order="yx"), 1.0, None),
        ('```json\n[{"point": [300, 400], "label": "mug"}]\n```', Convention(order="yx"), 1.0, None),
        ('```json\n[{"point_2d": [12, 9], "label": "mug"}]\n```', PIXELS, 1.0, None),
        ("[(12.5, 9.5)]", PIXELS, 1.0, None),
        ('<point x="30.0" y="30.0" alt="mug">mug</point>', FRACTIONS, 1.0, None),
        ('<points x1="30" y1="30" x2="90.5" y2="30" alt="mugs">mugs</points>', FRACTIONS, 0.5, None),
        ('<points x1="12" y1="9" x2="39" y2="9" alt="mugs">mugs</points>', PIXELS, 0.5, None),
        ('[{"point_2d": [12, 9], "depth_px": 3}]', PIXELS, 1.0, None),
        ("<ans>[(0.3, 0.3), <action>Close Gripper</action>]</ans>", FRACTIONS, 0.0, "unread_form"),
        ("The mug is at 0.3, 0.3.", FRACTIONS, 0.0, "no_points"),
        ("[(0.30, 0.3", FRACTIONS, 0.0, "truncated"),
        ("", FRACTIONS, 0.0, "no_points"),
    ],
)
def test_hand_computed_shares(text: str, convention: Convention, expected: float, reason: str | None) -> None:
    assert share_inside(text, MASK, convention) == (expected, reason)


@given(st.integers(0, 39), st.integers(0, 29), st.sampled_from(["fractions", "thousandths", "pixels"]))
def test_every_pixel_is_found_again_from_its_corner(column: int, row: int, scale: Scale) -> None:
    one = np.zeros((30, 40), bool)
    one[row, column] = True
    across, down = {"fractions": (1.0, 1.0), "thousandths": (1e3, 1e3), "pixels": (40.0, 30.0)}[scale]
    text = f"[({column / 40 * across:.12f}, {row / 30 * down:.12f})]"
    assert share_inside(text, one, Convention(scale)) == (1.0, None)


def test_the_image_s_far_edges_belong_to_it() -> None:
    corner = np.zeros((30, 40), bool)
    corner[29, 39] = True
    assert share_inside("[(1.0, 1.0)]", corner, FRACTIONS) == (1.0, None)


@given(st.text() | st.lists(st.floats()).map(repr), st.sampled_from([FRACTIONS, PIXELS, Convention(order="yx")]))
def test_any_text_has_a_score(text: str, convention: Convention) -> None:
    share, _ = share_inside(text, MASK, convention)
    assert 0.0 <= share <= 1.0


def write(path: Path, *entries: dict[str, Any]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


def entry(number: int, text: str | None, **more: Any) -> dict[str, Any]:
    known = {"question_id": number, "mask_path": f"mask/{number}.png", "step": number + 1, "model_id": "RoboRefer-2B"}
    return known | {"text": text} | more


def scored(bench: Path, files: Path, mode: Mode, **options: Any) -> Result:
    return score(answer_files(files), open_splits(bench), mode, **options)


def test_both_modes_by_hand(bench: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    write(
        answers / "Location.jsonl",
        entry(0, "[(0.3, 0.3)]"),
        entry(1, "[(0.3, 0.3), (0.9, 0.9)]"),
        entry(2, "( 0.3, 0.3 )"),  # the published parser accepts no blank after the parenthesis
        entry(3, "I see no mug."),
        entry(4, "[(0.5, 0.5, 0.25, 0.2)]"),  # and fails for an inverted box
        entry(5, None, error="connection refused"),
    )
    write(answers / "Unseen.jsonl", entry(0, "[(0.9, 0.9)]"), entry(0, "[(0.3, 0.3)]"), entry(1, "[(0.3, 0.3)]"))
    official, mended = scored(bench, answers, "official"), scored(bench, answers, "mended")
    assert official.splits == mended.splits == ["Location", "Unseen"]
    assert (official.mean("Location").mean, official.mean("Location").n) == (1.5 / 4, 4)
    assert official.reasons("Location") == {"left_out": 2}
    assert official.mean("Unseen").mean == pytest.approx(2 / 3)  # a question that is answered twice counts twice
    assert (mended.mean("Location").mean, mended.mean("Location").n) == (2.5 / 6, 6)
    assert mended.reasons("Location") == {"no_points": 2, "failed_query": 1}
    assert (mended.mean("Unseen").mean, mended.mean("Unseen").n) == (2 / 3, 3)
    assert mended.reasons("Unseen") == {"missing": 1}
    assert mended.mean().mean == pytest.approx(4.5 / 9)
    assert [mended.mean(None, step).mean for step in mended.steps] == [1.0, 0.75, 0.5, 0.0, 0.0, 0.0]
    numbers = mended.as_json()
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    assert numbers["splits"]["Location"]["steps"]["2"]["mean"] == 0.5
    assert numbers["all"]["total"] == 9


@pytest.mark.parametrize(
    ("model", "instruction", "text"),
    [
        ("Gemini25Pro", "Locate one point of mug 0.", "[[300, 400]]"),
        ("Qwen3-VL-8B", "Locate mug 0 in this image.", "[[300, 300]]"),
        ("Qwen2.5-VL", "Locate mug 0 in this image.", "[[12, 9]]"),
        ("RoboBrain-7B", "Point out mug 0. Please provide its 2D coordinates.", "[(12, 9)]"),
        ("Gemini25Pro", "Point. Your answer should be a list of tuples, between 0 and 1.", "[(0.3, 0.3)]"),
        ("anything", "", "[(0.3, 0.3)]"),
    ],
)
def test_points_mean_what_was_asked_for_or_what_the_model_writes(
    bench: Path, tmp_path: Path, model: str, instruction: str, text: str
) -> None:
    one = entry(0, text, model_id=model, instruction=instruction)
    path = write(tmp_path / "answers" / "Location.jsonl", one)
    assert scored(bench, path, "mended").answers[0].score == 1.0
    write(path, one | {"text": "[(12, 9)]"})
    assert scored(bench, path, "mended", scale="pixels", order="xy").answers[0].score == 1.0


def test_a_file_of_several_models_has_no_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="several models: a, b"):
        model_of([{"model_id": "a"}, {"model_id": "b"}], tmp_path)
    assert model_of([{}], tmp_path / "RoboRefer-2B" / "Location.jsonl") == "RoboRefer-2B"


def test_an_answer_to_no_question_is_refused(bench: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "answers" / "Location.jsonl", entry(77, "[(0.3, 0.3)]"))
    with pytest.raises(ConfigurationError, match="answers question 77"):
        scored(bench, path, "mended")


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_the_interval_of_zeros_and_ones_is_exact(pair: tuple[int, int]) -> None:
    n, count = pair
    mean = Mean.of([1.0] * count + [0.0] * (n - count))
    interval = binomtest(count, n).proportion_ci(0.95, method="exact")
    assert mean.mean == pytest.approx(count / n)
    assert (mean.low, mean.high) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_the_interval_covers_means_of_fractions() -> None:
    rng = np.random.default_rng(7)
    true, covered = 0.5 * 0.4 + 0.2, 0
    for _ in range(1000):
        scores = np.where(rng.random(40) < 0.2, 1.0, np.where(rng.random(40) < 0.5, 0.5, 0.0))
        mean = Mean.of(list(scores))
        assert mean.low is not None
        assert mean.high is not None
        covered += mean.low <= true <= mean.high
    assert covered >= 950


def test_nothing_has_no_mean() -> None:
    assert Mean.of([]) == Mean(0, None, None, None)
