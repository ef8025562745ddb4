"""Tests of the words in which failures speak of bodies and links."""

from __future__ import annotations

import numpy as np
import pytest

from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.control.monitors import Collision
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.episode.spoken_names import SpokenNames
from tracesim.failure import Failure
from tracesim.geometry.contacts import DisallowedContact
from tracesim.geometry.trace import Trace


@pytest.fixture(scope="module")
def episode() -> SimulatedEpisode:
    return SimulatedEpisode(EpisodeConfiguration("hotdog_beside_peach", variation=Variation("clean")), 0)


@pytest.mark.parametrize(
    ("moving", "other", "detail"),
    [
        ("panda_hand", "leftmost_peach", "the hand touched the leftmost peach"),
        ("panda_leftfinger", "other_peach", "a finger touched the rightmost peach"),
        ("panda_link5", "table", "the arm touched the table"),
        ("hot_dog", "panda_link0", "the hot dog touched the robot's base"),
    ],
)
def test_a_collision_speaks_of_things_as_the_instruction_does(
    moving: str, other: str, detail: str, episode: SimulatedEpisode
) -> None:
    failure = Collision(DisallowedContact(1.0, moving, other, (0.0, 0.0, 0.0))).failure
    spoken = failure.in_words(SpokenNames(episode.task, episode.scene.robot).of)
    assert spoken == Failure("collision", f"{moving}-{other}", detail)


def test_an_episode_that_ends_early_is_told_in_words(episode: SimulatedEpisode) -> None:
    start, up = episode.task.keypoints()[0], np.array([0.0, 0.0, 1.0])
    outcome = episode.execute(Trace(np.array([start, start + 0.05 * up, start + 2.0 * up])))
    assert outcome.failure is not None
    assert outcome.failure.stage == "reach"
    assert outcome.failure.detail == "the hot dog cannot be carried to keypoint 2"
