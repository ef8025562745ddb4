"""Tests of the official mode against results of the published scorer.

Expected numbers for RoboTracer's answers, the small dataset and the unit scene were computed by the published scorer
(RoboTracer's public repository, commit 11f09e1, with Open3D 0.19) from the same files.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests import small_benchmark
from tracesim.tracespatial import official, reading
from tracesim.tracespatial.answers import Answered
from tracesim.tracespatial.evaluation import Request, evaluate
from tracesim.tracespatial.fusion import Fusion, Obstacles
from tracesim.tracespatial.report import Report
from tracesim.tracespatial.view import Pixels, SampleView

DATA = Path(__file__).parent.parent / "data"
ERRORS = ("frechet", "hausdorff", "rmse", "mae")


@pytest.fixture(scope="module")
def fusion() -> Fusion:
    loaded = Fusion.load()
    assert isinstance(loaded, Fusion), loaded
    return loaded


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Report]:
    folder = tmp_path_factory.mktemp("small")
    dataset = small_benchmark.write(folder / "dataset")
    texts = {
        "tuples 3D": small_benchmark.TUPLES_3D,
        "tuples 2D": small_benchmark.TUPLES_2D,
        "json 3D": small_benchmark.JSON_3D,
        "json 2D": small_benchmark.JSON_2D,
    }
    files = {name: small_benchmark.answer_file(folder / f"{name}.jsonl", these) for name, these in texts.items()}
    return {name: evaluate(Request(file, dataset.folder)) for name, file in files.items()}


def assert_means(report: Report, **expected: float) -> None:
    found = {name: report.score.means[name].mean for name in expected}
    assert found == pytest.approx(expected, abs=1e-4)


def assert_counts(report: Report, **expected: tuple[int, int]) -> None:
    assert {name: (report.score.rates[name].count, report.score.rates[name].n) for name in expected} == expected


def path(prefix: str, unit: str, *values: float) -> dict[str, float]:
    return {f"{prefix}_{name}{unit}": value for name, value in zip(ERRORS, values, strict=True)}


def test_robotracers_3d_answers() -> None:
    report = evaluate(Request(DATA / "RoboTracer_Intrinsics_Depth_3D.jsonl"))
    assert (report.dimension, report.parser, report.score.answers) == ("3D", "tuples", 100)
    assert_means(report, **path("path_3d", "_m", 0.4736, 0.4595, 0.3576, 0.1700))
    assert_means(report, **path("path_2d", "", 0.2219, 0.2148, 0.1648, 0.0963), end_m=0.2242)
    assert_counts(report, end_3d=(57, 100), end_in_box=(21, 100), true_start_3d=(64, 100), end_in_rectangle=(40, 100))
    assert "success" not in report.score.rates
    assert "overall" in report.left_out[0]


def test_robotracers_2d_answers() -> None:
    report = evaluate(Request(DATA / "RoboTracer_Intrinsics_Depth_2D.jsonl"))
    assert (report.dimension, report.parser) == ("2D", "tuples")
    assert_means(report, **path("path_2d", "", 0.2228, 0.2148, 0.1608, 0.0945))
    assert_counts(report, end_in_rectangle=(43, 100))


@pytest.mark.parametrize(("form", "counted"), [("tuples", 7), ("json", 8)])
def test_good_and_bad_3d_answers(reports: Mapping[str, Report], form: str, counted: int) -> None:
    report = reports[f"{form} 3D"]
    assert (report.dimension, report.parser) == ("3D", form)
    assert_means(report, **path("path_3d", "_m", 0.86973, 0.82198, 0.56377, 0.23918))
    assert_means(report, **path("path_2d", "", 5.52989, 5.52042, 1.03590, 0.34647), start_m=0.2292, end_m=28.7266)
    assert_counts(report, start_in_mask=(5, counted), end_in_rectangle=(4, counted), start_3d=(5, counted))
    assert_counts(report, end_3d=(4, counted), no_collision=(counted - 1, counted), success=(2, 9))


@pytest.mark.parametrize("form", ["tuples", "json"])
def test_good_and_bad_2d_answers(reports: Mapping[str, Report], form: str) -> None:
    report = reports[f"{form} 2D"]
    assert (report.dimension, report.parser) == ("2D", form)
    assert_means(report, **path("path_2d", "", 0.63179, 0.56662, 0.45317, 0.27231))
    assert_counts(report, start_in_mask=(5, 9), end_in_rectangle=(4, 9))


def test_each_fault_of_the_published_scorer_shows_in_its_verdicts(reports: Mapping[str, Report]) -> None:
    in_brackets, fenced = reports["tuples 3D"].verdicts, reports["json 3D"].verdicts
    assert [one.collision for one in in_brackets[:4]] == [False, True, False, False]
    assert [one.counted for one in in_brackets] == [True] * 4 + [False, True, False, True, True]
    assert (fenced[4].fault, fenced[4].counted, fenced[4].collision) == ("no_points", True, False)
    assert fenced[4].path_3d is None  # no answer, so no error
    assert in_brackets[7].path_3d is None  # so far off that the published scorer drops it
    assert reports["tuples 2D"].verdicts[6].path_2d is None  # two equal points at the start


@pytest.fixture(scope="module")
def unit_scene() -> SampleView:
    row, column = np.mgrid[:480, :640]
    depth = 2000.0 + 0.3 * (column - 320) + 0.2 * (row - 240)
    mask = np.zeros((480, 640), np.uint8)
    depth[200:300, 300:360], mask[200:300, 300:360] = 1003.0, 255
    sample = small_benchmark.sample(0)
    sample = type(sample)(
        **{**sample.__dict__, "intrinsics": np.array([[600.0, 0.0, 320.0], [0.0, 600.0, 240.0], [0.0, 0.0, 1.0]])}
    )
    return SampleView(sample, (640, 480), Pixels(depth / 1000.0, mask))


def test_the_unit_scene_has_the_published_cloud_and_voxels(fusion: Fusion, unit_scene: SampleView) -> None:
    assert unit_scene.pixels is not None
    cloud = official.object_cloud(unit_scene, fusion)
    obstacles = fusion.obstacles(unit_scene.sample, unit_scene.pixels)
    assert obstacles is not None
    assert len(cloud) == 160
    assert len(obstacles.occupied) == 8274
    np.testing.assert_allclose(obstacles.origin, [-1.04, -0.82, 1.84892], atol=1e-5)
    keypoints = np.array([[0.0, 0.0, 0.0], *([0.4, 0.0, dz] for dz in (1.0, 1.02, 1.03, 1.04, 1.05))])
    np.testing.assert_array_equal(obstacles.shares(cloud, keypoints), [0, 0, 0.0125, 0.9875, 0.9875, 0])


def test_without_open3d_the_object_is_found_all_the_same(fusion: Fusion, unit_scene: SampleView) -> None:
    ours, theirs = official.object_cloud(unit_scene, None), official.object_cloud(unit_scene, fusion)
    assert len(ours) == len(theirs)
    assert ours.mean(axis=0) == pytest.approx(theirs.mean(axis=0))


def test_cells_before_the_grid_are_cut_off_towards_zero() -> None:
    obstacles = Obstacles.of(np.array([[0.0, 0.0, 0.0], [0.1, 0.1, 0.1]]))
    still = np.zeros((1, 3))
    for place, share in ((-0.029, 1.0), (-0.031, 0.0), (0.009, 1.0), (0.011, 0.0), (0.109, 1.0), (0.111, 0.0)):
        np.testing.assert_array_equal(obstacles.shares(np.full((1, 3), place), still), [share])
    assert obstacles.shares(np.zeros((1, 3)), np.full((1, 3), np.nan)) == [0.0]


@pytest.mark.parametrize("present", ["0.20.0", None])
def test_collision_is_left_out_without_the_right_open3d(
    present: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Library:
        __version__ = present
        __file__ = "open3d/__init__.py"

    def load(name: str) -> type[Library]:
        if present is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return Library

    monkeypatch.setattr(importlib, "import_module", load)
    dataset = small_benchmark.write(tmp_path / "dataset")
    file = small_benchmark.answer_file(tmp_path / "answers.jsonl", small_benchmark.TUPLES_3D)
    report = evaluate(Request(file, dataset.folder))
    assert "collision, overall" in report.left_out[0]
    assert (present or "needs open3d") in report.left_out[0]
    assert "pip install 'tracesim[open3d]'" in report.left_out[0]
    assert_counts(report, start_3d=(5, 7), end_3d=(4, 7))
    assert not {"no_collision", "success"} & set(report.score.rates)


@pytest.mark.parametrize(
    "text",
    [
        "[(1, 2, 1.0), (3, 4), (500, 600, 1.1)]",
        "[(500, 500), (600, 600, 1.2)]",
        f"[({'9' * 400}, 2, 1.0), (5, 6, 1.0)]",
    ],
)
def test_what_is_not_a_number_is_wrong_and_has_no_path_error(text: str, fusion: Fusion, unit_scene: SampleView) -> None:
    said = reading.read_published(Answered(unit_scene.sample, text), "3D", "tuples")
    with np.errstate(over="ignore", invalid="ignore"):
        verdict = official.verdict_3d(unit_scene, said.keypoints, said.fault, fusion)
    assert (verdict.path_3d, verdict.path_2d, verdict.success) == (None, None, False)
    assert verdict.as_json()["start_m"] is None or np.isfinite(verdict.as_json()["start_m"])
