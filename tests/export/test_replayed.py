"""Episodes that are rebuilt from records and curves: what is drawn and judged is what was played."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tracesim.configuration import EpisodeConfiguration
from tracesim.episode.replayed import Replayed
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.errors import ConfigurationError
from tracesim.results.collection import Collection, Stored
from tracesim.results.stored_curves import StoredCurves


def rebuilt(stored: Stored, pixels: bool = False) -> Replayed:
    assert stored.curves_file is not None
    return Replayed.of(stored.record, stored.curves_file, pixels)


def test_margins_of_the_rebuilt_curve_are_those_of_the_record(run: Path) -> None:
    for stored in Collection.read([run]).episodes:
        replayed = rebuilt(stored)
        executed = replayed.outcome.executed
        assert executed is not None
        assert replayed.outcome.executions[-1].task.margins(executed) == stored.record.margins
        predicted = replayed.outcome.predicted
        assert predicted is not None
        assert replayed.outcome.executions[-1].task.margins(predicted) == stored.record.predicted_margins


def test_the_first_picture_is_the_one_that_the_policy_saw(run: Path, renderer: None) -> None:
    stored = Collection.read([run]).episodes[0]
    configuration = EpisodeConfiguration(stored.record.task, variation=stored.record.variation)
    seen = SimulatedEpisode(configuration, stored.record.seed, pixels=True).observe(pixels=True)
    replayed = rebuilt(stored, pixels=True)
    replayed.replay.pose_at(len(replayed.outcome.recording) - 1)
    moved = replayed.simulated.observe(pixels=True)
    assert moved.rgb_png != seen.rgb_png
    replayed.replay.pose_at(replayed.observed[0])
    again = replayed.simulated.observe(pixels=True)
    for now, then in ((again.rgb, seen.rgb), (again.depth, seen.depth)):
        assert now is not None
        assert then is not None
        np.testing.assert_array_equal(now, then)
    np.testing.assert_array_equal(again.qpos, seen.qpos)


def test_links_of_the_replayed_robot_are_where_they_were_recorded(run: Path) -> None:
    replayed = rebuilt(Collection.read([run]).episodes[0])
    motion = replayed.outcome.recording
    for sample in (0, len(motion) // 3, len(motion) // 2, len(motion) - 1):
        replayed.replay.pose_at(sample)
        for name, link in replayed.simulated.scene.robot.links.items():
            np.testing.assert_allclose(
                link.entity.pose.p, motion.positions[sample, motion.names.index(name)], atol=1e-5
            )


def test_a_motion_from_another_scene_is_refused(run: Path, tmp_path: Path) -> None:
    stored = Collection.read([run]).episodes[0]
    assert stored.curves_file is not None
    with np.load(stored.curves_file) as file:
        arrays = dict(file)
    arrays["positions"] = arrays["positions"] + 0.001
    np.savez(tmp_path / "moved.npz", **arrays)
    with pytest.raises(ConfigurationError, match=r"the scene of seed 0 of place_empty_cup differs .* by 0.001 m"):
        Replayed.of(stored.record, tmp_path / "moved.npz", pixels=False)


def test_curves_of_an_earlier_version_are_refused(run: Path, tmp_path: Path) -> None:
    stored = Collection.read([run]).episodes[0]
    assert stored.curves_file is not None
    with np.load(stored.curves_file) as file:
        arrays = {name: values for name, values in file.items() if not name.startswith("followed")}
    np.savez(tmp_path / "old.npz", **arrays)
    with pytest.raises(ConfigurationError, match=r"an earlier version of TraceSim wrote it\. Play the episode again"):
        Replayed.of(stored.record, tmp_path / "old.npz", pixels=False)


def test_a_motion_between_its_samples(run: Path) -> None:
    stored = Collection.read([run]).episodes[0]
    assert stored.curves_file is not None
    motion = StoredCurves.read(stored.curves_file).motion
    again = motion.at(motion.times_s)
    for name in ("positions", "quaternions", "qpos", "phases", "keypoints"):
        np.testing.assert_array_equal(getattr(again, name), getattr(motion, name))
    middle = (motion.times_s[:-1] + motion.times_s[1:]) / 2.0
    between = motion.at(middle)
    np.testing.assert_allclose(between.positions, (motion.positions[:-1] + motion.positions[1:]) / 2.0, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(between.quaternions, axis=-1), 1.0, atol=1e-12)
    flipped = replace(
        motion, quaternions=motion.quaternions * np.where(np.arange(len(motion)) % 2, 1, -1)[:, None, None]
    )
    alike = np.abs((flipped.at(middle).quaternions * between.quaternions).sum(axis=-1))
    np.testing.assert_allclose(alike, 1.0, atol=1e-9)


def test_a_run_may_be_moved(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "elsewhere")
    assert rebuilt(Collection.read([tmp_path / "elsewhere"]).episodes[1]).record.task == "click_bell"
