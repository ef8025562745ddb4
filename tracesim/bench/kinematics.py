"""Inverse kinematics and collision checks along densified paths."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

from mplib.pymp.kinematics.pinocchio import PinocchioModel

from tracesim.bench import targets
from tracesim.bench.figure import Figure
from tracesim.bench.options import Options
from tracesim.bench.scenes import cluttered
from tracesim.bench.timing import cpu_ms
from tracesim.control.grasp_planner import GraspPlan, GraspPlanner
from tracesim.control.kinematics import PLANNING_CLEARANCE_M, Arm
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.geometry.rigid import inverse

SEEDS = 10


@dataclass
class Calls:
    """Calls of the inverse kinematics."""

    count: int = field(default=0)
    """Their number so far."""

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count the calls in the context."""
        solver = PinocchioModel.compute_IK_CLIK

        def counting(*values: Any, **named: Any) -> Any:
            self.count += 1
            return solver(*values, **named)

        with patch.object(PinocchioModel, "compute_IK_CLIK", counting):
            yield


def waypoints(episode: SimulatedEpisode) -> int:
    """Return the number of waypoints of the densified expert's trace of an episode's current subtask."""
    trace, task = episode.task.expert(), episode.task
    body = task.body(trace.keypoints[0])
    return len(task.subtask.motion.path(trace, body).body_in_world)


def calls_per_waypoint(task: str, seed: int) -> float:
    """Return the calls in the execution of the expert's first trace, for each waypoint of it when densified."""
    episode, calls = SimulatedEpisode(cluttered(task), seed), Calls()
    trace, count = episode.task.expert(), waypoints(episode)
    with calls.counted():
        episode.execute(trace)
    return calls.count / count


def measure(options: Options) -> list[Figure]:
    """Measure the paths of consecutive seeds in clutter, each with the grasp that is planned for it."""
    solving: list[float] = []
    checking: list[float] = []
    for seed in options.seeds_or(SEEDS):
        episode = SimulatedEpisode(cluttered(options.task), seed)
        episode.planner.mirror()
        trace = episode.task.expert()
        body = episode.task.body(trace.keypoints[0])
        arm, path = episode.planner.arm, episode.task.subtask.motion.path(trace, body)
        plan = GraspPlanner(arm).plan(body, path)
        count = len(path.body_in_world)
        solving.append(cpu_ms(partial(_solve, arm, plan)) / count)
        checking.append(cpu_ms(partial(_check, arm, plan, body.name)) / count)
    both = tuple(first + second for first, second in zip(solving, checking, strict=True))
    calls = tuple(calls_per_waypoint(options.task, seed) for seed in options.seeds_or(SEEDS)[:3])
    return [
        Figure(f"{options.task}: inverse kinematics per waypoint", tuple(solving)),
        Figure("collision checks per waypoint", tuple(checking)),
        Figure("both", both, target=targets.KINEMATICS_MS),
        Figure("calls of the inverse kinematics in an execution, per waypoint", calls, ""),
    ]


def _solve(arm: Arm, plan: GraspPlan) -> None:
    arm.trace(plan.body_path.body_in_world @ plan.grasp.tcp_in_prop, plan.approach[-1])


def _check(arm: Arm, plan: GraspPlan, body: str) -> None:
    arm.keeps(PLANNING_CLEARANCE_M, plan.path[2:-2], body, inverse(plan.grasp.tcp_in_prop))
