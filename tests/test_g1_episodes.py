"""Episodes of the G1: its fingers hold what they carry, and a waist that two arms share does not lead them astray."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tracesim.arrangement.feasibility import check_able
from tracesim.configuration import EpisodeConfiguration, PolicyChoice, Variation
from tracesim.episode.episode import play
from tracesim.errors import NeverAppliesError
from tracesim.results.stored_curves import StoredCurves

STACK = EpisodeConfiguration("stack_blocks_two", robot="g1", variation=Variation(clutter=0))


def test_a_block_is_stacked_with_one_hand_and_the_other_stays_where_the_waist_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "curves.npz"
    record = play(STACK, 0, curves=path)
    assert record.success
    assert record.deviation_m is not None
    assert record.deviation_m[0] < 2e-3
    [turn] = record.turns
    [other] = {"left", "right"} - {turn.arm}
    motion = StoredCurves.read(path).motion
    shoulder, hand = (motion.poses(f"{other}_{link}_link") for link in ("shoulder_pitch", "hand_palm"))
    between_m = np.linalg.norm(hand[:, :3, 3] - shoulder[:, :3, 3], axis=1)
    assert np.ptp(hand[:, :3, 3], axis=0).max() > 0.05
    assert np.ptp(between_m) < 2e-3


def test_flowers_are_watered_with_a_hand_around_the_can() -> None:
    record = play(EpisodeConfiguration("water_flowers", robot="g1", variation=Variation(clutter=0)), 0)
    assert record.success
    assert record.deviation_m is not None
    assert record.deviation_m[0] < 2e-3


@pytest.mark.parametrize(
    ("task", "seed"),
    [
        pytest.param("place_bread_skillet", 138, id="as it opens within a skillet"),
        pytest.param("pull_object", 115, id="as it passes a cup"),
    ],
)
def test_the_thumb_has_room(task: str, seed: int) -> None:
    assert play(EpisodeConfiguration(task, robot="g1"), seed).success


def test_a_negative_control_fails() -> None:
    record = play(EpisodeConfiguration("stack_blocks_two", PolicyChoice("noop"), robot="g1"), 0)
    assert not record.success


def test_what_its_hands_cannot_do_is_refused_with_the_reason() -> None:
    with pytest.raises(NeverAppliesError, match="robot=g1 cannot do place_fan: the fan is narrower than the 4 cm"):
        check_able("place_fan", "g1")
