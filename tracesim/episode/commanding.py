"""The loop of an episode that a policy controls by commands: ask for a chunk, follow it, and ask again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tracesim.configuration import canonical_json
from tracesim.episode.outcome import Outcome
from tracesim.episode.stepped import SteppedEpisode
from tracesim.episode.stories import Look
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.rigid import FloatArray
from tracesim.language.question import question_id
from tracesim.models.calls import about
from tracesim.observation import Observation
from tracesim.policy import CommandPolicy, Reply
from tracesim.results.turn import Turn
from tracesim.task import Task

DECIMALS = 6
"""Decimals to which commands are rounded before they are followed, so that records hold what was followed."""


class Commanding:
    """Plays an episode by the commands of a policy.

    Attributes:
        looks: What the policy saw at the beginning of each instruction.
    """

    def __init__(self, episode: SteppedEpisode, policy: CommandPolicy) -> None:
        """Prepare to play an episode that has just been arranged, with images."""
        self._episode = episode
        self._policy = policy
        self._observed = episode.observe(pixels=True)
        self.looks: list[list[Look]] = []
        self._turns: list[Turn] = []

    def turns(self, outcome: Outcome) -> list[Turn]:
        """Return what the policy commanded for each instruction of an episode that is over."""
        return self._turns

    def play(self) -> Outcome:
        """Play the episode to its end, and return its outcome.

        Raises:
            InfrastructureError: The policy cannot be reached.
        """
        observation = self._observed
        while not (outcome := self._carry_out(observation)).over:
            observation = self._episode.observe(pixels=True)
        return outcome

    def _carry_out(self, observation: Observation) -> Outcome:
        """Follow the commands for the current instruction until it is over."""
        episode, task = self._episode, self._episode.task
        self.looks.append([Look(observation)])
        question = replace(task.question, id=question_id(episode.configuration.task, episode.seed, task.done))
        given: list[list[float]] = []
        outcome, latency_s = None, 0.0
        while outcome is None:
            if given:
                observation = episode.observe(pixels=True)
            started = time.perf_counter()
            try:
                with about(episode.seed, task.done):
                    chunk = checked(self._policy.commands(observation, episode.state, question), episode.size)
            except EpisodeEnded as ended:
                outcome, chunk = episode.give_up(ended.failure), np.zeros((0, episode.size))
            latency_s += time.perf_counter() - started
            for values in chunk[: self._policy.horizon]:
                given.append(values.tolist())
                outcome = episode.step(values)
                if outcome is not None:
                    break
        self._turns.append(turn_of(task, given, latency_s))
        return outcome


def turn_of(task: Task, given: Sequence[Sequence[float]], latency_s: float | None = None) -> Turn:
    """Return an instruction as carried out by commands.

    Args:
        task: The task, at the instruction.
        given: The commands, in their order.
        latency_s: Total time that the policy took, seconds; None if it is not known.
    """
    reply = Reply(canonical_json(given), task.question.instruction, latency_s)
    return Turn.of(task.said, task.spoken, reply, None, None)


def checked(chunk: object, size: int) -> FloatArray:
    """Return a chunk of commands (N, D), rounded to `DECIMALS`.

    Args:
        chunk: What a policy gave.
        size: Number of numbers in a command.

    Raises:
        EpisodeEnded: It is not an array (N, `size`) of at least one command, or a number in it is not finite.
    """
    what = "nothing that is an array of numbers"
    if isinstance(chunk, list | tuple | np.ndarray):
        try:
            values = np.asarray(chunk).astype(float, casting="same_kind")
        except (TypeError, ValueError):
            pass
        else:
            if values.ndim == 2 and values.shape[1] == size and len(values):
                if not np.isfinite(values).all():
                    raise EpisodeEnded(Failure("answer", "not_finite", "a number of a command is not finite"))
                return np.round(values, DECIMALS)
            what = f"an array of shape {values.shape}"
    valid = f"valid: (N, {size}), one command a row"
    raise EpisodeEnded(Failure("answer", "wrong_shape", f"the policy gave {what} for a chunk of commands; {valid}"))
