"""Episodes that were played before, rebuilt from their records and curves files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from tracesim.configuration import ControllerOptions, EpisodeConfiguration, PolicyChoice
from tracesim.episode.followed_trace import as_followed
from tracesim.episode.outcome import Execution, Outcome
from tracesim.episode.replay import Replay
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.errors import ConfigurationError
from tracesim.families.bimanual import BimanualTask
from tracesim.geometry.curve import Curve
from tracesim.geometry.trace import Trace
from tracesim.motion import in_step
from tracesim.results.record import Record
from tracesim.results.start import SAME
from tracesim.results.stored_curves import StoredCurves
from tracesim.results.turn import Turn
from tracesim.simulation.recorder import Recording
from tracesim.task import Task


@dataclass(frozen=True)
class Replayed:
    """An episode that was played before: its scene is built again, and moves as it was recorded.

    No policy is asked and no physics decides anything: poses, margins and verdict are those of the record and of its
    curves file.
    """

    record: Record
    """The record of the episode."""

    simulated: SimulatedEpisode
    """The scene of the episode, with the task at its first subtask."""

    outcome: Outcome
    """The outcome of the episode, with the recorded motion and its curves."""

    @classmethod
    def of(cls, record: Record, curves: Path, pixels: bool) -> Self:
        """Build the scene of an episode again.

        Args:
            record: The record of the episode.
            curves: Its curves file.
            pixels: Whether the scene can be rendered.

        Raises:
            ConfigurationError: The curves file is faulty, or this version arranges another scene for the seed.
            PlacementError: This version finds no scene for the seed.
            RendererError: `pixels` is set, and this process cannot render.
        """
        stored = StoredCurves.read(curves)
        if stored.executed is not None and not stored.followed:
            raise ConfigurationError(f"{curves}: an earlier version of TraceSim wrote it. Play the episode again.")
        configuration = EpisodeConfiguration(
            record.task,
            PolicyChoice(record.policy, record.policy_kind),
            record.robot,
            record.variation,
            controller=ControllerOptions(record.repair),
            assist=record.assist,
            arranged_for=record.arranged_for,
            replan=record.replan,
            latency=record.latency,
            max_calls=record.max_calls,
            props=record.props,
            props_hash=record.props_hash,
        )
        simulated = SimulatedEpisode(configuration, record.seed, pixels)
        _check_same(record, simulated, stored.motion, curves)
        return cls(record, simulated, _outcome(record, simulated, stored))

    @property
    def observed(self) -> tuple[int, ...]:
        """The index of the sample at which the policy was shown the scene, for each turn."""
        begins = [one.begun for one in self.outcome.executions]
        later = [begin - 1 for begin in begins[1:]]
        unfollowed = len(self.outcome.recording) - 1
        return tuple([self._settled, *later, unfollowed][: max(1, len(self.record.turns))])

    @property
    def replay(self) -> Replay:
        """Sets the scene to the states of the recorded motion."""
        return Replay(self.simulated.scene, self.outcome.recording)

    @property
    def _settled(self) -> int:
        return len(self.simulated.recorder.recording()) - 1


def _check_same(record: Record, simulated: SimulatedEpisode, motion: Recording, curves: Path) -> None:
    """Raise `ConfigurationError` if the scene is not the one in which a motion was recorded."""
    here, names = simulated.recorder.recording(), motion.names
    if here.names != names:
        how = f"it has {len(names)} bodies and links, {len(here.names)} here"
    else:
        apart_m = np.abs(here.positions[-1] - motion.positions[len(here) - 1]).max(axis=1)
        if apart_m.max() <= SAME:
            return
        how = f"{names[int(apart_m.argmax())]} by {apart_m.max():.2g} m"
    raise ConfigurationError(
        f"{curves}: the scene of seed {record.seed} of {record.task} differs from the one that was played: {how}. Use "
        f"the versions that played it (tracesim {record.versions.get('tracesim', 'unknown')}); its record lists them."
    )


def _outcome(record: Record, simulated: SimulatedEpisode, stored: StoredCurves) -> Outcome:
    executions: list[Execution] = []
    task, followed = simulated.task, {one.begun: one for one in reversed(stored.followed)}
    begins = sorted(followed)
    for turn, begun, end in zip(record.turns, begins, [*begins[1:], len(stored.motion)], strict=False):
        if executions:
            at_rest = {one.name: stored.motion.poses(one.name)[begun - 1] for one in task.layout}
            task = task.after(task.layout.moved(at_rest))
        assert stored.executed is not None
        arm = turn.arm or simulated.scene.robot.arm.name
        if record.control != "trace":  # without a trace, nothing is predicted
            curve = replace(stored.executed[begun:end], carried=followed[begun].point.body)
            executions.append(Execution(task, begun, curve, None, arm))
            continue
        carried, predicted = _predicted(task, turn)
        curve = replace(stored.executed[begun:end], carried=carried)
        executions.append(Execution(task, begun, curve, predicted, arm))
    return Outcome(
        over=True,
        success=record.success,
        failure=record.failure,
        margins=record.margins,
        predicted_margins=record.predicted_margins,
        robotwin_success=record.robotwin_success,
        deviation_m=record.deviation_m,
        penetration=record.penetration,
        executions=tuple(executions),
        recording=stored.motion,
    )


def _predicted(task: Task, turn: Turn) -> tuple[str | None, Curve | None]:
    """Return the name of the body that a turn's trace moves, or the first of its traces, and the predicted curve."""
    traces = turn.lifted
    assert traces is not None, "a trace that was followed is in the record"
    if isinstance(traces, Trace):
        trace = as_followed(traces, task.subtask.motion)
        body = task.subtask.motion.touched(task.layout, trace.taken_from)
        return (body.name, task.predicted(trace, body.name)) if body else (None, None)
    assert isinstance(task, BimanualTask)
    shares = task.touched(traces)
    return (shares[0].body.name, in_step.predicted(task.layout, shares)) if shares else (None, None)
