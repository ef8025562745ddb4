"""Nothing goes into what it touches: episodes in which a finger, or what it held, once went in by more than 1 mm."""

from __future__ import annotations

import pytest

from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.episode.episode import play


@pytest.mark.parametrize(
    ("robot", "task", "seed"),
    [
        ("panda", "move_stapler_pad", 144),
        ("ur5", "place_fan", 142),
        ("ur5", "place_mouse_pad", 142),
        pytest.param("so101", "stamp_seal", 131, marks=pytest.mark.slow),
        ("g1", "place_empty_cup", 104),
        pytest.param("g1", "hover_above_bowl", 101, marks=pytest.mark.slow),
    ],
)
def test_no_two_bodies_overlap_by_more_than_a_millimetre(robot: str, task: str, seed: int) -> None:
    record = play(EpisodeConfiguration(task, robot=robot, variation=Variation("cluttered", clutter=4)), seed)
    assert record.success
    assert record.penetration is not None
    assert record.penetration.depth_m < 1e-3
