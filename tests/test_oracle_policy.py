"""The oracle: recorded answers in which exactly one part is the expert's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.runs import answers
from tracesim.answers.reading import read
from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.episode.answering import ask
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray
from tracesim.observation import Observation
from tracesim.policies import make_policy
from tracesim.policy import Privileged

CLEAN = EpisodeConfiguration("stack_blocks_two", variation=Variation("clean", clutter=0))
ANSWER = "[(300, 500, 1.5), (400, 400, 1.4), (600, 450, 1.6)]"


@pytest.fixture(scope="module")
def episode() -> SimulatedEpisode:
    return SimulatedEpisode(CLEAN, 3, pixels=False)


def answered(episode: SimulatedEpisode, folder: Path, perfect: str, text: str = ANSWER) -> FloatArray | None:
    file = answers(folder / "answers.jsonl", {"task": "stack_blocks_two", "seed": 3, "turns": [{"answer": text}]})
    policy = make_policy("oracle", {"answers": str(file), "perfect": perfect})
    assert isinstance(policy, Privileged)
    policy.prepare(CLEAN, [3])
    observation = Observation(episode.camera, episode.scene.robot.qpos, episode.scene.robot.tcp_in_world)
    trace = read(ask(policy, episode, observation).text).trace
    return None if trace is None else trace.keypoints


def recorded() -> FloatArray:
    trace = read(ANSWER).trace
    assert trace is not None
    return trace.keypoints


def test_only_the_part_that_is_to_be_perfect_is_the_experts(episode: SimulatedEpisode, tmp_path: Path) -> None:
    ideal = episode.camera.see(episode.task.expert()).keypoints
    nothing, depth, grasp, whole = (
        answered(episode, tmp_path, perfect) for perfect in ("nothing", "depth", "grasp", "answer")
    )
    assert nothing is not None
    assert depth is not None
    assert grasp is not None
    assert whole is not None
    assert np.array_equal(nothing, recorded())
    assert np.array_equal(depth[:, :2], recorded()[:, :2])
    assert depth[[0, -1], 2] == pytest.approx(ideal[[0, -1], 2], abs=6e-4)
    assert ideal[:, 2].min() - 1e-3 <= depth[1, 2] <= ideal[:, 2].max() + 1e-3
    assert np.array_equal(grasp, np.vstack([ideal[:1], recorded()[1:]]))
    assert np.array_equal(whole, ideal)


def test_the_expert_s_own_answer_stays_as_it_is(episode: SimulatedEpisode, tmp_path: Path) -> None:
    ideal = episode.camera.see(episode.task.expert()).keypoints
    text = "[" + ", ".join(f"({u:.0f}, {v:.0f}, {d:.3f})" for u, v, d in ideal) + "]"
    for perfect in ("nothing", "depth", "grasp", "answer"):
        assert answered(episode, tmp_path, perfect, text) == pytest.approx(ideal, abs=1e-9)


def test_an_answer_without_depth_gets_one_and_one_that_cannot_be_read_stays_so(
    episode: SimulatedEpisode, tmp_path: Path
) -> None:
    flat = answered(episode, tmp_path, "depth", "[(300, 500), (600, 450)]")
    assert flat is not None
    assert flat.shape == (2, 3)
    assert answered(episode, tmp_path, "grasp", "I cannot see it.") is None
    assert answered(episode, tmp_path, "answer", "I cannot see it.") is not None


def test_a_part_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"perfect=luck.* Valid: 'nothing', 'depth', 'grasp' or 'answer'"):
        make_policy("oracle", {"answers": str(answers(tmp_path / "answers.jsonl")), "perfect": "luck"})
