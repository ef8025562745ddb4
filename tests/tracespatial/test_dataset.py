"""Tests of files in the published form: round trips, and errors in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests import small_benchmark
from tracesim.errors import ConfigurationError
from tracesim.tracespatial.answers import Answered, answer_line, read_answers
from tracesim.tracespatial.dataset import Dataset, Sample

DATA = Path(__file__).parent.parent / "data"


@pytest.mark.parametrize("name", ["RoboTracer_Intrinsics_Depth_2D", "RoboTracer_Intrinsics_Depth_3D"])
def test_published_answers_survive_reading_and_writing(name: str) -> None:
    answers = read_answers(DATA / f"{name}.jsonl")
    for answer, record in zip(answers, small_benchmark.records(DATA / f"{name}.jsonl"), strict=True):
        written = json.loads(answer_line(answer))
        record["gt_depth_intrinsics"] = [row[:3] for row in record["gt_depth_intrinsics"][:3]]
        assert written == {"final_prompt": "", **record}


def test_a_dataset_survives_writing_and_reading(tmp_path: Path) -> None:
    dataset = small_benchmark.write(tmp_path / "dataset")
    depth, mask = small_benchmark.pictures()
    samples = dataset.samples()
    assert [sample.as_json() for sample in samples] == [small_benchmark.sample(index).as_json() for index in range(9)]
    np.testing.assert_array_equal(dataset.depth_m(samples[0]), depth / 1000.0)
    np.testing.assert_array_equal(dataset.mask(samples[0]), mask)
    assert dataset.image_size(samples[0]) == (160, 120)


def test_an_answer_that_is_null_stays_null(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text(answer_line(Answered(small_benchmark.sample(0), "", given=False, error="refused")))
    assert json.loads(file.read_text())["model_prediction"] is None
    assert (read_answers(file)[0].model_prediction, read_answers(file)[0].given) == ("", False)


def test_intrinsics_may_be_4x4() -> None:
    record = small_benchmark.sample(0).as_json()
    record["gt_depth_intrinsics"] = np.eye(4).tolist()
    np.testing.assert_array_equal(Sample.of(record).intrinsics, np.eye(3))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"trajectory": None}, "'trajectory' is missing"),
        ({"trajectory": [[1.0, 2.0]]}, "'trajectory' must be Nx3, is 1x2"),
        ({"trajectory": []}, "'trajectory' must be Nx3"),
        ({"trajectory": [[1, 2, "x"]]}, "'trajectory' must hold numbers"),
        ({"bbox_center": [0, 0, float("nan")]}, "'bbox_center' holds a number that is not finite"),
        ({"gt_depth_intrinsics": [[0, 0, 0]] * 3}, "'gt_depth_intrinsics' holds a focal length"),
        ({"gt_depth_intrinsics": [[1, 2]]}, "'gt_depth_intrinsics' must be 3x3 or 4x4"),
        ({"bbox_rotation": [[2, 0, 0], [0, 1, 0], [0, 0, 1]]}, "'bbox_rotation' is not a rotation"),
        ({"prompt": 3}, "'prompt' must be a string"),
        ({"id": True}, "'id' must be a number or a string"),
    ],
)
def test_a_faulty_record_names_file_line_and_fault(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    good = {**small_benchmark.sample(0).as_json(), "model_prediction": ""}
    bad = {key: value for key, value in {**good, **change}.items() if value is not None}
    file = tmp_path / "answers.jsonl"
    file.write_text(json.dumps(good) + "\n\n" + json.dumps(bad) + "\n")
    with pytest.raises(ConfigurationError) as error:
        read_answers(file)
    assert str(error.value).startswith(f"{file}:3: {fault}")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "holds no answers"),
        (b"{\n", "1: not JSON"),
        (b"[]\n", "1: must be an object, is list"),
        (b"[" * 100_000, "1: not JSON"),
        (b"\xff\xfe", "not UTF-8 text"),
    ],
)
def test_what_is_no_answer_file_is_said(tmp_path: Path, content: bytes, fault: str) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=fault):
        read_answers(file)


def test_what_is_missing_from_a_dataset_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such folder"):
        Dataset(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match=r"trajectory_dataset\.json: cannot be read"):
        Dataset(tmp_path).samples()
    dataset = small_benchmark.write(tmp_path / "dataset")
    sample = small_benchmark.sample(0)
    scene = tmp_path / "dataset" / "raw_data" / "scene"
    (scene / "mask.png").write_text("no picture")
    with pytest.raises(ConfigurationError, match=r"mask\.png: is not an image"):
        dataset.mask(sample)
    Image.new("RGB", (4, 4)).save(scene / "gt_depth.png")
    with pytest.raises(ConfigurationError, match="one channel of whole millimetres"):
        dataset.depth_m(sample)
    (scene / "image.png").unlink()
    with pytest.raises(ConfigurationError, match=r"image\.png: cannot be read"):
        dataset.image_size(sample)
    records = [sample.as_json(), sample.as_json()]
    (tmp_path / "dataset" / "trajectory_dataset.json").write_text(json.dumps(records))
    with pytest.raises(ConfigurationError, match="the id 0 occurs twice"):
        dataset.samples()
