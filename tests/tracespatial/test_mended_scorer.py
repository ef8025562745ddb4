"""Tests of the corrected scorer: no sample is skipped, and no fault is rewarded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import small_benchmark
from tracesim.tracespatial import mended, reading
from tracesim.tracespatial.answers import Answered, answer_line
from tracesim.tracespatial.dataset import Dataset
from tracesim.tracespatial.evaluation import Request, evaluate
from tracesim.tracespatial.report import Report
from tracesim.tracespatial.verdict import Verdict
from tracesim.tracespatial.view import Pixels, SampleView

WIDE = (small_benchmark.WIDTH, small_benchmark.HEIGHT)
DEPTH, MASK = small_benchmark.pictures()
VIEW = SampleView(small_benchmark.sample(0), WIDE, Pixels(DEPTH / 1000.0, MASK))
TRUE = "[(250, 583, 0.9), (303, 303, 0.95), (688, 125, 1.0), (801, 277, 1.4), (781, 550, 1.5)]"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return small_benchmark.write(tmp_path_factory.mktemp("small") / "dataset")


def scored(dataset: Dataset, texts: tuple[str, ...], dimension: reading.Dimension = "3D") -> Report:
    file = small_benchmark.answer_file(dataset.folder / "answers.jsonl", texts)
    return evaluate(Request(file, dataset.folder, mode="mended", dimension=dimension))


def verdict(text: str) -> Verdict:
    said = reading.read_tolerant(Answered(VIEW.sample, text), "3D", "tolerant")
    return mended.verdict_3d(VIEW, said.keypoints, said.fault)


def test_the_truth_succeeds_and_a_shortcut_through_the_post_collides() -> None:
    assert verdict(TRUE).success
    # Both keypoints are free, so the published scorer finds no collision.
    through = verdict("[(250, 583, 0.9), (781, 550, 1.5)]")
    assert (through.start, through.end, through.collision, through.success) == (True, True, True, False)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no_points"),
        ("```json\n[[68", "truncated"),
        ("[(250, 583, 0.9)]", "single_point"),
        ("[(250, 583), (781, 550)]", "no_depth"),
        ("[(250, 583, 0.9), (781, 550)]", "mixed_dimensions"),
        ("[(250, 583, 0.9), (781, 550, 0.0)]", "not_ahead"),
        ("[(250, 583, 0.9), (1781, 550, 1.0)]", "out_of_image"),
    ],
)
def test_what_is_no_trace_scores_worst_everywhere(text: str, fault: str) -> None:
    found = verdict(text)
    assert found.fault == fault
    assert found == mended.worst_verdict(VIEW, fault, depth=True)
    assert (found.success, found.collision, found.start_in_mask, found.end_in_rectangle) == (False, True, False, False)


def test_tags_and_actions_are_scored_where_the_options_say_what_they_are(dataset: Dataset) -> None:
    points = [(250, 583, 0.9), (303, 303, 0.95), (688, 125, 1.0), (801, 277, 1.4), (781, 550, 1.5)]
    tags = "".join(f'<point x="{u / 10}" y="{v / 10}" depth_m="{depth}"/>' for u, v, depth in points)
    pixels = [(round(u / 1000 * WIDE[0], 3), round(v / 1000 * WIDE[1], 3), depth) for u, v, depth in points]
    actions = f"<ans>{pixels}</ans>".replace("), (", "), <action>Close Gripper</action>, (", 1)
    file = small_benchmark.answer_file(dataset.folder / "forms.jsonl", (tags,))
    request = Request(file, mode="mended", dimension="3D")
    assert evaluate(request).score.unreadable == {"unread_form": 1}
    read = evaluate(replace(request, parser="tags", scale="percent"))
    file = small_benchmark.answer_file(dataset.folder / "forms.jsonl", (actions,))
    also_read = evaluate(Request(file, dataset.folder, mode="mended", parser="actions", scale="pixels"))
    assert read.score.unreadable == {}
    assert [one.success for one in also_read.verdicts].count(True) == 1


POINTS = st.tuples(st.integers(0, 1000), st.integers(0, 1000), st.floats(0.001, 1e6))


@settings(max_examples=20)
@given(st.lists(POINTS, min_size=2, max_size=5))
def test_no_trace_scores_worse_than_none(points: list[tuple[int, int, float]]) -> None:
    found = mended.verdict_3d(VIEW, np.array(points, float), None)
    none = mended.worst_verdict(VIEW, "no_points", depth=True).as_json()
    for name, value in found.as_json().items():
        if isinstance(value, dict):
            assert all(0.0 <= value[key] <= none[name][key] for key in value)
        elif isinstance(value, float):
            assert 0.0 <= value <= none[name]


def test_every_sample_counts_once_whatever_was_answered(dataset: Dataset) -> None:
    few = scored(dataset, (TRUE, ""))
    assert few.score.unreadable == {"missing": 7, "no_points": 1}
    assert {rate.n for rate in few.score.rates.values()} == {9}
    assert {mean.n for mean in few.score.means.values()} == {9}
    assert few.score.rates["success"].count == 1
    assert few.score.means["path_3d_frechet_m"].mean == pytest.approx(8 / 9 * 5.0, abs=0.01)


def test_of_two_answers_to_a_sample_the_last_counts(dataset: Dataset, tmp_path: Path) -> None:
    answers = [Answered(small_benchmark.sample(0), text) for text in ("", TRUE)]
    file = tmp_path / "answers.jsonl"
    file.write_text("".join(map(answer_line, answers)))
    verdicts = evaluate(Request(file, dataset.folder, mode="mended")).verdicts
    assert [one.fault for one in verdicts] == [None] + 8 * ["missing"]


def test_failed_queries_are_counted_and_said(dataset: Dataset, tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text(answer_line(Answered(small_benchmark.sample(0), "", error="refused")))
    report = evaluate(Request(file, mode="mended"))
    assert report.score.unreadable == {"failed_query": 1}
    assert any("1 queries failed" in note for note in report.notes)


def test_2d_answers(dataset: Dataset) -> None:
    report = scored(dataset, small_benchmark.TUPLES_2D, "2D")
    first = report.verdicts[0]
    assert first.path_2d is not None
    assert first.path_2d.frechet < 0.01
    assert (first.start_in_mask, first.end_in_rectangle, first.success) == (True, True, None)
    faults: Mapping[int, str] = {4: "no_points", 5: "single_point", 7: "out_of_image"}
    assert {index: one.fault for index, one in enumerate(report.verdicts) if one.fault} == faults
    assert {rate.n for rate in report.score.rates.values()} == {9}


def test_the_last_pixel_holds_the_images_edge() -> None:
    mask = np.zeros_like(MASK)
    mask[-1, -1] = 255
    view = SampleView(VIEW.sample, WIDE, Pixels(DEPTH / 1000.0, mask))
    assert mended.verdict_2d(view, np.array([[1000.0, 1000.0], [0.0, 0.0]]), None).start_in_mask
