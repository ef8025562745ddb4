"""Episodes that measures play: seeds of a task among a number of distractors, solved by the expert."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tracesim.arrangement.arrangement import arrange
from tracesim.configuration import EpisodeConfiguration
from tracesim.envs import default_robot, task_class
from tracesim.episode.outcome import Outcome
from tracesim.episode.rollout import rollout
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.layout.randomness import stream
from tracesim.task import Task


def cluttered(task: str, distractors: int | None = None) -> EpisodeConfiguration:
    """Return the configuration of a task in clutter, with the usual number of distractors or another one."""
    configuration = EpisodeConfiguration(task, robot=default_robot(task))
    if distractors is None:
        return configuration
    return replace(configuration, variation=replace(configuration.variation, clutter=distractors))


def arranged(configuration: EpisodeConfiguration, seed: int) -> Task:
    """Return the arranged task of a seed; raises `PlacementError` if it has none."""
    name, variation = configuration.task, configuration.variation
    setting = variation.setting(partial(stream, name, seed))
    return arrange(name, task_class(name), seed, variation, setting.camera, setting.raised_m, configuration.robot)


def solve(episode: SimulatedEpisode) -> Outcome:
    """Play an episode to its end by the expert, and return its outcome."""
    return rollout(episode, lambda waiting: waiting.task.expert())
