"""Tests of exported samples: surfaces, traces, boxes and projections agree with the simulated scene."""

from __future__ import annotations

import json
import os
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.spatial import cKDTree
from trimesh import Trimesh

from tracesim.answers.reading import read
from tracesim.arrangement.arrangement import arrange
from tracesim.configuration import RunConfiguration, Variation
from tracesim.envs import task_class
from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray, apply, inverse
from tracesim.geometry.trace import distance_to_segment
from tracesim.layout.layout import Body
from tracesim.layout.policy_camera import policy_camera
from tracesim.task import Task
from tracesim.tracespatial.answers import read_answers
from tracesim.tracespatial.dataset import Dataset, Sample
from tracesim.tracespatial.export import Origin, export, main
from tracesim.tracespatial.still import KEYPOINTS, SLACK_M, shorten

CAMERA = policy_camera()
CLEAN = Variation("clean", clutter=0)
TASKS = ("stack_blocks_two", "place_empty_cup")


def asked(task: str, episodes: int = 1) -> RunConfiguration:
    return RunConfiguration(task, variation=CLEAN, episodes=episodes)


@pytest.fixture(scope="session")
def folder(renderer: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a dataset with one scene of each of two tasks."""
    made = tmp_path_factory.mktemp("tracespatial")
    for task in TASKS:
        export(asked(task), made)
    return made


@cache
def scene(task: str) -> Task:
    return arrange(task, task_class(task), 0, CLEAN, CAMERA)


def sample_of(folder: Path, task: str) -> Sample:
    return next(sample for sample in Dataset(folder).samples() if sample.id == f"{task}-0")


def origin_of(folder: Path, task: str) -> Origin:
    return Origin.model_validate_json((folder / "raw_data" / f"{task}-0" / "origin.json").read_bytes())


def surface(body: Body) -> cKDTree:
    """Return points on the whole surface of a body, camera frame, about half a millimetre apart."""
    meshes = [Trimesh(one.vertices, one.faces, process=False) for one in body.prop.surfaces]
    points = np.concatenate([mesh.sample(int(4e6 * mesh.area) + 1, seed=0) for mesh in meshes])
    return cKDTree(apply(inverse(CAMERA.camera_in_world) @ body.body_in_world, points))


@pytest.mark.parametrize("task", TASKS)
def test_pictures_have_the_published_form(folder: Path, task: str) -> None:
    sample = sample_of(folder, task)
    for path, kind in ((sample.image_path, "RGB"), (sample.gt_depth_path, "I;16"), (sample.mask_path, "L")):
        with Image.open(folder / "raw_data" / path) as image:
            assert (image.format, image.mode, image.size) == ("PNG", kind, (640, 480))
    assert set(np.unique(Dataset(folder).mask(sample))) == {0, 255}
    assert sample.prompt == scene(task).said
    assert (folder / "pictures" / f"{sample.id}.png").is_file()


@pytest.mark.parametrize("task", TASKS)
def test_depth_under_the_mask_lies_on_the_object_and_the_mask_is_all_of_it(folder: Path, task: str) -> None:
    sample, placed = sample_of(folder, task), scene(task)
    dataset = Dataset(folder)
    depth, mask = dataset.depth_m(sample), dataset.mask(sample) > 0
    rows, columns = np.indices(depth.shape)
    rays = np.stack([columns + 0.5, rows + 0.5, np.ones(depth.shape)], axis=-1) @ np.linalg.inv(sample.intrinsics).T
    points = rays * depth[..., None]
    tree = surface(placed.layout[placed.carried])
    assert mask.sum() > 400
    assert tree.query(points[mask])[0].max() < 0.003
    beside = ~mask & (depth > 0)
    # nothing else is within the bounds of the object: the table is below it
    near = tree.query(points[beside], distance_upper_bound=0.003)[0] < 0.003
    in_world = apply(CAMERA.camera_in_world, points[beside][near])
    assert (in_world[:, 2] < 0.004).all()


@pytest.mark.parametrize("task", TASKS)
def test_the_trajectory_starts_on_the_object_and_ends_in_the_box_around_it(folder: Path, task: str) -> None:
    sample, placed = sample_of(folder, task), scene(task)
    body = placed.layout[placed.carried]
    assert surface(body).query(sample.trajectory[0])[0] < 0.003
    assert 2 <= len(sample.trajectory) <= KEYPOINTS

    np.testing.assert_allclose(sample.bbox_rotation @ sample.bbox_rotation.T, np.eye(3), atol=1e-12)
    moved = sample.trajectory[-1] - sample.trajectory[0]
    in_camera = inverse(CAMERA.camera_in_world) @ body.body_in_world
    vertices = np.concatenate([apply(in_camera, one.vertices) for one in body.prop.surfaces]) + moved

    def in_box(points: FloatArray) -> FloatArray:
        return np.asarray(np.abs((points - sample.bbox_center) @ sample.bbox_rotation) - sample.bbox_extent / 2)

    assert in_box(sample.trajectory[-1]).max() <= -SLACK_M + 0.003
    # the object fills the box except for the margin on each side
    np.testing.assert_allclose(in_box(vertices).max(axis=0), -SLACK_M, atol=1e-9)


@pytest.mark.parametrize("task", TASKS)
def test_the_written_intrinsics_project_as_the_policy_camera_sees(folder: Path, task: str) -> None:
    sample, origin = sample_of(folder, task), origin_of(folder, task)
    trace = scene(task).expert()
    np.testing.assert_array_equal(origin.camera_in_world, CAMERA.camera_in_world)
    np.testing.assert_allclose(apply(CAMERA.camera_in_world, sample.trajectory[[0, -1]]), trace.keypoints[[0, -1]])
    homogeneous = sample.trajectory @ sample.intrinsics.T
    projected = homogeneous / homogeneous[:, 2:]
    thousandths = np.column_stack([projected[:, :2] / (640, 480) * 1000, sample.trajectory[:, 2]])
    answer = read(origin.answer).trace
    assert answer is not None
    np.testing.assert_array_equal(answer.keypoints, CAMERA.see(trace).keypoints)
    assert np.abs(thousandths[[0, -1]] - answer.keypoints[[0, -1]]).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("count", [7, KEYPOINTS, 64])
def test_a_shortened_truth_stays_near_the_expert_and_holds_every_constraint(count: int) -> None:
    placed = scene("water_flowers")
    trace = placed.expert()
    shortened, tolerance_m = shorten(placed, trace, count)
    kept = [np.flatnonzero((trace.keypoints == one).all(axis=1)) for one in shortened.keypoints]
    assert all(len(places) for places in kept)
    assert len(shortened.keypoints) <= count or len(shortened.keypoints) == len(trace.keypoints)
    for one in placed.keypoints():
        assert np.linalg.norm(shortened.keypoints - one, axis=1).min() < 1e-6
    legs = list(pairwise(shortened.keypoints))
    strays = np.min([distance_to_segment(trace.keypoints, start, end) for start, end in legs], axis=0)
    assert strays.max() <= tolerance_m + 1e-9
    assert all(margin is None or margin >= 0.0 for margin in placed.margins(placed.predicted(shortened)).values())


def test_what_is_there_stays_and_what_is_missing_is_made_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = TASKS[0]
    kept = {path: path.stat().st_mtime_ns for path in (folder / "raw_data").rglob("*.png")}
    listed = (folder / "trajectory_dataset.json").read_bytes()
    _, origins = export(asked(task), folder)
    assert capsys.readouterr().out == ""
    assert origins == [origin_of(folder, task)]
    assert {path: path.stat().st_mtime_ns for path in kept} == kept

    # as after a crash before the list was written, or in the middle of a sample
    pictures = {path.name: path.read_bytes() for path in (folder / "raw_data" / f"{task}-0").iterdir()}
    others = [record for record in json.loads(listed) if record["id"] != f"{task}-0"]
    (folder / "trajectory_dataset.json").write_text(json.dumps(others))
    half = folder / "raw_data" / f".{task}-0.partial"
    half.mkdir()
    (half / "image.png").write_bytes(b"half")
    export(asked(task), folder)
    assert (folder / "trajectory_dataset.json").read_bytes() == listed
    assert {path.name: path.read_bytes() for path in (folder / "raw_data" / f"{task}-0").iterdir()} == pictures
    assert sorted(os.listdir(folder)) == ["pictures", "raw_data", "trajectory_dataset.json"]
    assert sorted(os.listdir(folder / "raw_data")) == sorted(f"{one}-0" for one in TASKS)


def test_another_scene_under_the_same_name_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"clutter=0.*output=DIR"):
        export(RunConfiguration(TASKS[0], variation=Variation(), episodes=1), folder)


def test_the_command_writes_the_experts_answers_beside_the_samples(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / "answers.jsonl"
    words = [f"task={TASKS[1]}", "episodes=1", "variation=clean", f"output={folder}", f"answers={answers}"]
    assert main(words) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"  {answers}   1 answers"
    (answered,) = read_answers(answers)
    assert answered.sample.id == f"{TASKS[1]}-0"
    assert answered.model_prediction == origin_of(folder, TASKS[1]).answer


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["episodes=1"], "task is missing"),
        (["task=water_flower"], "Did you mean 'water_flowers'"),
        (["task=water_flowers", "policy=noop"], "Unknown option 'policy'"),
        (["task=water_flowers", "episodes=none"], "episodes=none"),
        (["task=water_flowers", "variation=messy"], "messy"),
        (["task=water_flowers", "output=a", "output=b"], "given twice"),
        (["task=water_flowers", "--multirun"], "--multirun"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_leaves_nothing(
    words: list[str],
    fault: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    said = capsys.readouterr().err
    assert fault in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())
