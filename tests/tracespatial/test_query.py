"""Tests of asking a policy: each sample once, with the images of the files, and answers in the published form."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tracesim.errors import InfrastructureError
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.policy import Policy, Reply
from tracesim.tracespatial.answers import read_answers
from tracesim.tracespatial.dataset import Dataset, Sample
from tracesim.tracespatial.query import main, query

SIZE = (8, 6)


def intrinsics(index: int) -> list[list[float]]:
    return [[10.0 + index, 0.0, 4.0], [0.0, 11.0, 3.0], [0.0, 0.0, 1.0]]


def sample(index: int) -> Sample:
    return Sample.of(
        {
            "id": index if index % 2 else f"named-{index}",
            "image_path": f"{index}/image.png",
            "gt_depth_path": f"{index}/gt_depth.png",
            "mask_path": f"{index}/mask.png",
            "gt_depth_intrinsics": intrinsics(index),
            "prompt": f"move thing {index}",
            "target_object": f"thing {index}",
            "destination|direction": f"place {index}",
            "trajectory": [[0, 0, 1], [1, 0, 1]],
            "bbox_center": [1, 0, 1],
            "bbox_extent": [1, 1, 1],
            "bbox_rotation": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        }
    )


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    made = Dataset(tmp_path)
    made.write([sample(index) for index in range(6)])
    for index in range(6):
        folder = tmp_path / "raw_data" / str(index)
        folder.mkdir(parents=True)
        Image.new("RGB", SIZE, (index, 100, 200)).save(folder / "image.png")
        Image.fromarray(np.full(SIZE[::-1], 1000 + index, np.uint16)).save(folder / "gt_depth.png")
    return made


class Says(Policy):
    """Policy that answers with its input, and fails for given samples."""

    def __init__(self, failing: tuple[str, ...] = (), in_flight: int = 1) -> None:
        self.failing = failing
        self.in_flight = in_flight
        self.asked: list[str] = []
        self.together = threading.Barrier(in_flight)

    def answer(self, observation: Observation, question: Question) -> Reply:
        self.asked.append(question.id)
        self.together.wait(10)
        if question.id in self.failing:
            raise InfrastructureError("the server is down")
        assert observation.rgb is not None
        assert observation.depth is not None
        camera = observation.camera
        shown = [
            int(observation.rgb[3, 3, 0]),
            round(float(observation.depth[3, 3]), 6),
            float(camera.intrinsics[0, 0]),
        ]
        asked = [question.instruction, question.object_name, question.destination, question.setting]
        assert (camera.width, camera.height) == SIZE
        np.testing.assert_array_equal(camera.camera_in_world, np.eye(4))
        return Reply(json.dumps([*shown, *asked]), prompt=f"please {question.instruction}")


def test_the_policy_sees_what_the_files_hold_and_the_answers_are_in_the_datasets_order(
    dataset: Dataset, tmp_path: Path
) -> None:
    path = tmp_path / "answers.jsonl"
    policy = Says(in_flight=3)
    tally = query(policy, dataset, path)
    assert (tally.before, tally.answered, tally.failed) == (0, 6, 0)
    assert sorted(policy.asked) == sorted(str(sample(index).id) for index in range(6))
    for index, answered in enumerate(read_answers(path)):
        assert answered.sample.id == sample(index).id
        assert answered.final_prompt == f"please move thing {index}"
        assert answered.error is None
        assert json.loads(answered.model_prediction) == [
            *(index, 1.0 + index / 1000, 10.0 + index),
            *(f"move thing {index}", f"thing {index}", f"place {index}", "tracespatial"),
        ]
    first = json.loads(path.read_text().splitlines()[0])
    assert {"question_id", "final_prompt", "model_prediction", "trajectory", "destination|direction"} <= first.keys()


def test_what_has_an_answer_is_not_asked_again_and_what_failed_is(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    query(Says(failing=("1",)), dataset, path, count=3)
    assert [answered.error for answered in read_answers(path)] == [None, "the server is down", None]

    # as after a crash during writing
    path.write_text(path.read_text() + '{"question_id": 3, "final')
    again = Says()
    tally = query(again, dataset, path)
    assert again.asked == ["1", "3", "named-4", "5"]
    assert (tally.before, tally.answered, tally.failed) == (2, 4, 0)
    assert [answered.sample.id for answered in read_answers(path)] == [sample(index).id for index in range(6)]


def test_the_command_asks_any_policy_by_name(
    dataset: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = tmp_path / "recorded.jsonl"
    query(Says(failing=("3",)), dataset, recorded)
    output = tmp_path / "answers.jsonl"
    words = ["policy=replay", f"policy.answers={recorded}", f"dataset={dataset.folder}", f"output={output}"]
    assert main([*words, "samples=3"]) == 0
    assert main(words) == 3
    assert "5 of 6 samples answered" in capsys.readouterr().out
    answers, expected = read_answers(output), read_answers(recorded)
    assert [one.model_prediction for one in answers] == [one.model_prediction for one in expected]
    assert [one.sample.id for one in answers if one.error] == [3]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ([], "policy is missing"),
        (["policy=expert"], "needs a simulated scene"),
        (["policy=replai"], "Did you mean 'replay'"),
        (["policy=replay", "policy.answer=x"], "Did you mean 'answers'"),
        (["policy=replay", "policy.answers=none.jsonl"], "none.jsonl"),
        (["policy=replay", "samples=0"], "samples=0"),
        (["policy=replay", "seed=0"], "Unknown option 'seed'"),
        (["policy=replay", "config_dir=nowhere"], "nowhere"),
    ],
)
def test_a_wrong_command_line_is_one_line(
    words: list[str], fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, f"dataset={tmp_path}", f"output={tmp_path / 'a.jsonl'}"]) == 2
    said = capsys.readouterr().err
    assert fault in said
    assert said.count("\n") == 1
    assert not (tmp_path / "a.jsonl").exists()
