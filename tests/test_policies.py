"""Tests of the experts and controls, which answer in the form of a model and are lifted like a model's answers."""

from __future__ import annotations

import numpy as np
import pytest

from tracesim.answers.reading import read
from tracesim.configuration import EpisodeConfiguration, PolicyChoice, Variation
from tracesim.episode.episode import play
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import ImageTrace
from tracesim.layout.randomness import stream
from tracesim.negative_control import NEGATIVE_CONTROLS
from tracesim.observation import Observation
from tracesim.policies import POLICIES, make_policy
from tracesim.policy import Privileged

CLEAN = EpisodeConfiguration("stack_blocks_two", variation=Variation("clean", clutter=0))


@pytest.fixture(scope="module")
def episode() -> SimulatedEpisode:
    return SimulatedEpisode(CLEAN, 3, pixels=False)


def answered(episode: SimulatedEpisode, kind: str, **options: float) -> FloatArray:
    policy = make_policy(kind, options)
    assert isinstance(policy, Privileged)
    observation = Observation(episode.camera, episode.scene.robot.qpos, episode.scene.robot.tcp_in_world)
    trace = read(policy.answer(observation, episode.task.question, episode.task, stream("any", 0, "policy")).text).trace
    assert trace is not None
    return trace.keypoints


def test_every_control_is_a_policy() -> None:
    assert set(NEGATIVE_CONTROLS) <= set(POLICIES)


def test_the_experts_answer_lifts_to_its_trace_within_the_rounding_of_the_form(episode: SimulatedEpisode) -> None:
    lifted = episode.camera.lift(episode.camera.pixels(ImageTrace(answered(episode, "expert"))))
    assert np.linalg.norm(lifted - episode.task.expert().keypoints, axis=1).max() < 0.0015


def test_without_noise_the_noisy_expert_is_the_expert(episode: SimulatedEpisode) -> None:
    quiet = answered(episode, "noisy_expert", pixel_noise_px=0.0, depth_noise_m=0.0)
    assert np.array_equal(quiet, answered(episode, "expert"))


def test_noise_is_as_large_as_asked_for(episode: SimulatedEpisode) -> None:
    exact = answered(episode, "expert")
    noisy = [
        make_policy("noisy_expert", {"pixel_noise_px": 5.0, "depth_noise_m": 0.02, "depth_scale": 1.1})
        for _ in range(200)
    ]
    observation = Observation(episode.camera, episode.scene.robot.qpos, episode.scene.robot.tcp_in_world)
    rng = np.random.default_rng(0)
    differences = []
    for policy in noisy:
        assert isinstance(policy, Privileged)
        trace = read(policy.answer(observation, episode.task.question, episode.task, rng).text).trace
        assert trace is not None
        differences.append(trace.keypoints - exact * (1.0, 1.0, 1.1))
    spread = np.array(differences).reshape(-1, 3).std(axis=0)
    assert spread == pytest.approx([5.0 / 640 * 1000, 5.0 / 480 * 1000, 0.02 * 1.1], rel=0.1)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("exprt", {}),
        ("noisy_expert", {"pixel_noise_px": -1.0}),
        ("noisy_expert", {"pixle_noise": 1.0}),
        ("noop", {"a": 1}),
    ],
)
def test_a_wrong_name_or_option_is_refused(kind: str, options: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        make_policy(kind, options)


def test_a_measured_contact_is_where_the_object_is(renderer: None) -> None:
    predicted = play(CLEAN, 3, film=None, curves=None)
    measured = play(
        EpisodeConfiguration(CLEAN.task, PolicyChoice("expert"), variation=CLEAN.variation, contact_depth="measured"),
        3,
        film=None,
        curves=None,
    )
    assert (predicted.turns[0].contact_depth, measured.turns[0].contact_depth) == ("predicted", "measured")
    [answered], [other] = measured.turns, predicted.turns
    assert answered.trace is not None
    assert other.trace is not None
    assert np.linalg.norm(np.subtract(answered.trace[0], other.trace[0])) < 0.005
    assert answered.trace[1:] == other.trace[1:]
    assert measured.success
