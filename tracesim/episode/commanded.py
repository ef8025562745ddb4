"""Episodes that another program controls command by command, from the first observation to the record."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tracesim.configuration import EpisodeConfiguration
from tracesim.episode.commanding import checked, turn_of
from tracesim.episode.outcome import Outcome
from tracesim.episode.stepped import SteppedEpisode
from tracesim.episode.verdict import record_of
from tracesim.errors import ConfigurationError, ResetNeededError
from tracesim.geometry.rigid import FloatArray
from tracesim.observation import Observation
from tracesim.results.factors import factors
from tracesim.results.record import Record
from tracesim.results.turn import Turn


class CommandedEpisode:
    """One seed that takes one command after another and is judged like any other episode.

    It is for evaluation harnesses that run the loop between policy and simulator themselves; see
    `tracesim.integrations`. The record is that of `python -m tracesim.run` for the same commands.
    """

    def __init__(self, configuration: EpisodeConfiguration, seed: int, max_steps: int | None = None) -> None:
        """Arrange the scene and let it settle.

        Args:
            configuration: What determines the episode, except its seed; its `control` is not "trace".
            seed: The seed.
            max_steps: The number of commands after which the episode ends; None for no limit but the time.

        Raises:
            ConfigurationError: The configuration asks for traces, or the robot cannot do the task.
            PlacementError: No arrangement of the seed was found.
            RendererError: This process cannot render.
        """
        if configuration.control == "trace":
            raise ConfigurationError("control=trace is not a command. Valid: ee_pose, ee_delta, joint_position.")
        self._configuration = configuration
        self._simulated = SteppedEpisode(configuration, seed, configuration.control, pixels=True, max_steps=max_steps)
        self._drawn = factors(self._simulated.task, self._simulated.start, self._simulated.setting)
        self._outcome: Outcome | None = None
        self._turns: list[Turn] = []
        self._given: list[list[float]] = []

    @property
    def instruction(self) -> str:
        """The current instruction."""
        return self._simulated.task.said

    @property
    def state(self) -> FloatArray:
        """The state of the arm and the hand, (D,); see `SteppedEpisode.state`."""
        return self._simulated.state

    @property
    def arm_qpos(self) -> FloatArray:
        """The joint positions of the arm, (J,), radians."""
        return self._simulated.scene.robot.arm_qpos

    @property
    def over(self) -> bool:
        """Whether the episode is over."""
        return self._simulated.over

    @property
    def truncated(self) -> bool:
        """Whether it is over because the time or the commands ran out."""
        return self._simulated.truncated

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of the episode; None as long as it is not over."""
        return self._outcome

    def observe(self) -> Observation:
        """Return what the policy camera sees now."""
        return self._simulated.observe(pixels=True)

    def picture(self) -> npt.NDArray[np.uint8]:
        """Return a third-person image of the scene, (H, W, 3) uint8."""
        return self._simulated.picture()

    def step(self, values: FloatArray) -> bool:
        """Follow a command for a twentieth of a second, and return whether the episode is over.

        Args:
            values: The command, (D,), followed by the opening of the hand.

        Raises:
            EpisodeEnded: The command has another shape, or a number in it is not finite.
            ResetNeededError: The episode is over.
        """
        task = self._simulated.task
        (command,) = checked(np.asarray(values)[None], self._simulated.size)
        self._given.append(command.tolist())
        outcome = self._simulated.step(command)
        if outcome is not None:
            self._turns.append(turn_of(task, self._given))
            self._given = []
            self._outcome = outcome if outcome.over else None
        return self.over

    def record(self) -> Record:
        """Return the record of the episode.

        Raises:
            ResetNeededError: The episode is not over.
        """
        if self._outcome is None:
            raise ResetNeededError("The episode is not over: there is no record yet.")
        return record_of(self._configuration, self._simulated, self._turns, self._drawn, self._outcome)
