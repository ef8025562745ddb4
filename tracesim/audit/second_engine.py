"""Motions that were simulated in PhysX, simulated again in MuJoCo."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import mujoco
import numpy as np

from tracesim.audit.findings import Compared
from tracesim.audit.mjcf import TIMESTEP_S, command, model_of
from tracesim.episode.outcome import Execution, Outcome
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.geometry.curve import join_curves
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.beads import groups
from tracesim.layout.layout import TABLE
from tracesim.motion.execution import Led, executed
from tracesim.motion.hang import LONGEST_S, LOOK_S, LOOKS, Hang, swings
from tracesim.simulation.recorder import Recording

SAMPLE_S: Final = 0.02
"""Time between two samples."""

_SAMPLED = ("times_s", "positions", "quaternions", "qpos", "phases", "keypoints")


@dataclass
class Commands:
    """The targets of a robot's drives while an episode is played, sample by sample.

    Attributes:
        episode: The episode, arranged and settled, but not played yet.
        model: Its scene as a MuJoCo model, at the start.
        controls: The controls (U,) of the model's actuators at each sample since the commands are watched.
    """

    episode: SimulatedEpisode
    model: mujoco.MjSpec = field(init=False)
    controls: list[FloatArray] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Make the model, and watch what is commanded from now on."""
        self.model = model_of(self.episode.scene)
        at_rest = command(self.episode.scene.robot)
        self.controls = [at_rest] * len(self.episode.recorder)
        self.episode.recorder.watch = lambda: self.controls.append(command(self.episode.scene.robot))

    def write(self, path: Path, times_s: FloatArray) -> None:
        """Write the model as MJCF and the commands beside it.

        `PATH.xml` opens in MuJoCo's viewer. `PATH.npz` holds `times_s` (T,), seconds, and `controls` (T, U), which go
        from one to the next in a straight line.

        Args:
            path: The path, without an extension.
            times_s: The times of the commands, (T,), seconds.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".xml").write_text(self.model.to_xml(), encoding="utf-8")
        np.savez_compressed(path.with_suffix(".npz"), times_s=times_s, controls=np.array(self.controls))


def replay(commands: Commands, recording: Recording, hung: str | None = None) -> Recording:
    """Return the motion in MuJoCo of a scene whose robot is commanded as in a recording of its motion in PhysX.

    Bodies begin where they were placed, and settle; nothing of the recorded motion but its commands, times and phases
    is used. Beads are left out: they are so light that nothing else feels them.

    Args:
        commands: What was commanded.
        recording: The recording, with as many samples.
        hung: Name of a body that is hung up: as in PhysX, the robot waits at the end until it swings no more.
    """
    model = commands.model.compile()
    beads = {index for indices in groups(recording.names).values() for index in indices}
    names = tuple(name for index, name in enumerate(recording.names) if index not in beads)
    data = mujoco.MjData(model)
    robot = commands.episode.scene.robot
    order = [model.joint(joint.name).qposadr[0] for joint in robot.articulation.active_joints]
    data.qpos[order] = recording.qpos[0]
    data.ctrl = commands.controls[0]
    mujoco.mj_forward(model, data)
    bodies = [0 if name == TABLE else model.body(name).id for name in names]
    places: dict[str, list[FloatArray]] = {"positions": [], "quaternions": [], "qpos": []}

    def sample() -> None:
        mujoco.mj_kinematics(model, data)
        places["positions"].append(data.xpos[bodies].copy())
        places["quaternions"].append(data.xquat[bodies].copy())
        places["qpos"].append(data.qpos[order].copy())

    before_s, before = 0.0, commands.controls[0]
    for time_s, after in zip(recording.times_s, commands.controls, strict=True):
        while data.time < time_s - TIMESTEP_S / 2.0:
            share = min(1.0, (data.time + TIMESTEP_S - before_s) / (time_s - before_s))
            data.ctrl = before + share * (after - before)
            mujoco.mj_step(model, data)
        sample()
        before_s, before = time_s, after
    if hung is not None:
        index = names.index(hung)
        for _ in range(round(LONGEST_S / SAMPLE_S)):
            last = slice(-round(LOOKS * LOOK_S / SAMPLE_S), None)
            seen = zip(places["positions"][last], places["quaternions"][last], strict=True)
            if not swings([np.concatenate([position[index], attitude[index]]) for position, attitude in seen]):
                break
            mujoco.mj_step(model, data, round(SAMPLE_S / TIMESTEP_S))
            sample()
    return replace(
        _longer(recording, len(places["qpos"])),
        names=names,
        positions=np.array(places["positions"]),
        quaternions=np.array(places["quaternions"]),
        qpos=np.array(places["qpos"]),
    )


def _longer(recording: Recording, count: int) -> Recording:
    """Return the times, phases and keypoints of a recording of which the last sample lasts until there are enough."""
    more = count - len(recording)
    times_s = recording.times_s[-1] + SAMPLE_S * np.arange(1, more + 1)
    return replace(
        recording,
        times_s=np.concatenate([recording.times_s, times_s]),
        phases=np.append(recording.phases, np.repeat(recording.phases[-1:], more)),
        keypoints=np.append(recording.keypoints, np.repeat(recording.keypoints[-1:], more)),
    )


def compare(commands: Commands, outcome: Outcome) -> Compared:
    """Return the margins of an episode's motion in PhysX and in MuJoCo.

    Args:
        commands: What was commanded.
        outcome: The outcome of the episode in PhysX.
    """
    subtask = outcome.executions[-1].task.subtask
    again = replay(commands, outcome.recording, subtask.carried if isinstance(subtask.motion, Hang) else None)
    curves, begins = [], [*(one.begun for one in outcome.executions), len(again)]
    for one, begun, end in zip(outcome.executions, begins, begins[1:], strict=False):
        part = replace(again, **{name: getattr(again, name)[begun:end] for name in _SAMPLED})
        curves.append(executed(one.task.layout, _led(one, commands.episode), part))
    task = outcome.executions[-1].task
    carried = outcome.executions[-1].functional_point.body
    moves = carried if carried in again.names else commands.episode.scene.robot.arm.hand.tcp_link
    there, here = (one.positions[:, one.names.index(moves)] for one in (again, outcome.recording))
    apart_m = np.linalg.norm(
        there - np.append(here, np.repeat(here[-1:], len(there) - len(here), axis=0), axis=0), axis=1
    )
    return Compared(
        first=dict(outcome.margins),
        second=task.margins(join_curves(curves)),
        units={one.name: one.unit for one in task.constraints()},
        apart_m=float(apart_m[-1]),
        farthest_m=float(apart_m.max()),
        at_s=float(again.times_s[int(apart_m.argmax())]),
    )


def _led(execution: Execution, episode: SimulatedEpisode) -> list[Led]:
    """Return what each arm moved in an execution."""
    robots = episode.scene.robot.by_arm
    if execution.task.arms:
        pairs = zip(robots, execution.task.shares(), strict=True)
        return [Led(robot, one.subtask.carried, one.subtask) for robot, one in pairs]
    robot = next(one for one in robots if one.arm.name == execution.arm)
    return [Led(robot, execution.executed.carried, execution.task.subtask)]
