"""Scenes and episodes that are shared by several tests, each computed once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final
from unittest.mock import patch

from tracesim.arrangement.arrangement import arrange
from tracesim.arrangement.controls import controls
from tracesim.configuration import EpisodeConfiguration, PolicyChoice, Variation
from tracesim.envs import default_robot, task_class
from tracesim.episode.episode import play
from tracesim.geometry.camera import Camera
from tracesim.layout.policy_camera import policy_camera
from tracesim.negative_control import NegativeControl, Violates
from tracesim.results.record import Record
from tracesim.task import Task

CLUTTERED: Final = Variation("cluttered", clutter=4)


@lru_cache(maxsize=512)
def arranged(task: str, seed: int, variation: Variation = CLUTTERED) -> Task:
    """Return a task arranged for a seed."""
    return arrange(task, task_class(task), seed, variation, policy_camera(), robot=default_robot(task))


@lru_cache(maxsize=512)
def controls_of(task: str, seed: int) -> Mapping[str, NegativeControl]:
    """Return the negative controls of a task in the scene of a seed."""
    return controls(arranged(task, seed), default_robot(task))


def first_seed(task: str, control: str) -> int:
    """Return the first seed in whose scene a negative control applies."""
    return next(seed for seed in range(20) if isinstance(controls_of(task, seed)[control], Violates))


def _as_arranged(
    name: str,
    kind: type[Task],
    seed: int,
    variation: Variation,
    camera: Camera,
    raised_m: float,
    robot: str,
    props: None,
) -> Task:
    assert (raised_m, robot, props) == (0.0, default_robot(name), None)
    return arranged(name, seed, variation)


@dataclass(frozen=True)
class Episodes:
    """Episodes in cluttered scenes, played by the first process that asks; records and curves are kept in a folder."""

    folder: Path

    def record(self, task: str, seed: int, policy: str) -> Path:
        """Return the file of an episode's record, a line of JSON, with its curves beside it.

        An exception that is raised while the episode is played is raised here.
        """
        name = f"{task}_{seed}_{policy}"
        file = self.folder / f"{name}.json"
        if not file.exists():
            configuration = EpisodeConfiguration(task, PolicyChoice(policy), default_robot(task), CLUTTERED)
            # Other processes see an episode completely or not at all.
            curves = self.folder / f"{name}_{os.getpid()}.npz"
            with patch("tracesim.episode.simulated.arrange", _as_arranged):
                record = play(configuration, seed, film=None, curves=curves)
            curves.replace(file.with_suffix(".npz"))
            written = curves.with_suffix(".json")
            written.write_text(record.line())
            written.replace(file)
        return file

    def replayed(self, task: str, seed: int) -> Record:
        """Return the record of an episode whose answers are the expert's, given as if by a model."""
        policy = PolicyChoice("replay", options={"answers": str(self.record(task, seed, "expert"))})
        configuration = EpisodeConfiguration(task, policy, default_robot(task), CLUTTERED)
        with patch("tracesim.episode.simulated.arrange", _as_arranged):
            return play(configuration, seed, film=None, curves=None)

    def played(self, task: str, seed: int, policy: str) -> Record:
        """Return an episode's record."""
        return Record.model_validate_json(self.record(task, seed, policy).read_text())
