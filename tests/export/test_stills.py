"""Stills in Parquet: the reader returns what was rendered, and the published scorer finds the expert perfect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.runs import refused
from tracesim.configuration import RunConfiguration, Variation
from tracesim.export.__main__ import main
from tracesim.tracespatial.dataset import Dataset
from tracesim.tracespatial.evaluation import Request, evaluate
from tracesim.tracespatial.export import export
from tracesim.tracespatial.parquet import write

CLEAN = Variation("clean", clutter=0)
DATA = "data/train-00000-of-00001.parquet"


@pytest.fixture(scope="module")
def exported(run: Path, renderer: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("stills") / "out"
    assert main([str(run), "form=stills", f"output={output}"]) == 0
    return output


def test_rows_are_those_of_the_same_scene_in_a_folder(exported: Path, tmp_path: Path) -> None:
    there, _ = export(RunConfiguration("place_empty_cup", variation=CLEAN, episodes=1), tmp_path / "folder")
    [expected] = there.samples()
    for path in (exported, exported / DATA):
        here = Dataset(path)
        [sample] = here.samples()  # both policies in one scene, and none that moves the gripper alone
        assert (sample.prompt, sample.target_object, sample.destination) == (
            expected.prompt,
            expected.target_object,
            expected.destination,
        )
        for name in ("trajectory", "intrinsics", "bbox_center", "bbox_extent", "bbox_rotation"):
            np.testing.assert_allclose(getattr(sample, name), getattr(expected, name), rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(here.rgb(sample), there.rgb(expected))
        np.testing.assert_array_equal(here.depth_m(sample), there.depth_m(expected))
        np.testing.assert_array_equal(here.mask(sample), there.mask(expected))
        assert here.image_size(sample) == (640, 480)


@pytest.mark.parametrize("mode", ["official", "mended"])
def test_the_scorer_finds_the_expert_perfect(exported: Path, mode: str) -> None:
    report = evaluate(Request(exported / "expert.jsonl", exported, mode=mode))  # type: ignore[arg-type]
    [verdict] = report.verdicts
    assert (verdict.start, verdict.end, verdict.collision, verdict.success) == (True, True, False, True)
    assert (verdict.start_in_mask, verdict.end_in_rectangle) == (True, True)


def test_answers_are_kept_by_policy(exported: Path) -> None:
    assert {path.name for path in exported.glob("*.jsonl")} == {
        "expert.jsonl",
        "answers_expert.jsonl",
        "answers_noop.jsonl",
    }


def test_a_file_without_the_columns_is_refused(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tracesim.tracespatial.__main__ import main as score

    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing PAR1")
    assert score([f"answers={exported / 'expert.jsonl'}", f"dataset={tmp_path / 'broken.parquet'}"]) == 2
    assert "not a Parquet file of the benchmark" in refused(capsys)


def test_an_empty_data_set_has_no_samples(tmp_path: Path) -> None:
    write(tmp_path / "none.parquet", [])
    assert Dataset(tmp_path / "none.parquet").samples() == []
