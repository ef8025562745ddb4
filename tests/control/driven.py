"""A robot that a controller moves and records, and a monitor that notes what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from tests.control.bench import PANDA, Bench, down
from tests.control.test_grasp_planner import UP_AND_OVER, path_of
from tracesim.control.controller import Controller
from tracesim.control.grasp_planner import GraspPlan, GraspPlanner
from tracesim.control.monitors import Meaning
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import Prop
from tracesim.simulation.recorder import Recorder, Recording
from tracesim.simulation.robot import sapien_pose
from tracesim.simulation.scene import Scene

ARM = PANDA.arms[0]
SAMPLE_S = 0.02
LEFT = tuple((-0.05, y, 0.2) for y in np.linspace(-0.1, 0.1, 21))


@dataclass
class Watching:
    """A monitor that says of every contact what it is told to, and keeps what it is asked."""

    meaning: Callable[[str, str], Meaning | None] = lambda first, second: None
    deviation_m: float = 0.0
    looked: list[FloatArray] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    landed: list[bool] = field(default_factory=list)

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        self.looked.append(tcp_in_world)
        self.times_s.append(scene.time_s)
        self.deviation_m += 0.001

    def contact(self, first: str, second: str) -> Meaning | None:
        return self.meaning(first, second)

    def check(self, landed: bool) -> None:
        self.landed.append(landed)


class Driven:
    """A bench whose robot a controller moves and records."""

    def __init__(self, **bodies: tuple[Prop, FloatArray]) -> None:
        self.bench = Bench(bodies)
        self.scene = self.bench.scene
        self.recorder = Recorder(self.scene)
        self.controller = Controller(self.scene, self.bench.planner, self.recorder)

    @property
    def recording(self) -> Recording:
        return self.recorder.recording()

    @property
    def phases(self) -> list[tuple[str, int]]:
        """The phases one after another, each with its number of samples."""
        return [(str(phase), len(list(group))) for phase, group in groupby(self.recording.phases)]

    def put(self, name: str, pose: FloatArray) -> None:
        """Put a body at a pose."""
        self.scene.entities[name].set_pose(sapien_pose(pose))

    def plan(self) -> GraspPlan:
        body = self.bench.layout["held"]
        return GraspPlanner(self.bench.planner.arm).plan(body, path_of(body, *UP_AND_OVER))

    def reach(self) -> GraspPlan:
        """Put the open hand around the body, and return the plan."""
        plan = self.plan()
        self.controller.open_to(plan.grasp.opened)
        assert self.controller.approach(plan.approach) is None
        return plan

    def hold(self) -> GraspPlan:
        """Grasp the body, and return the plan."""
        plan = self.reach()
        assert self.controller.grasp(self.bench.layout["held"], plan) is None
        return plan


def joints_along(driven: Driven, *points: tuple[float, float, float]) -> FloatArray:
    """Return joint positions at which the tool points down at points, one after another."""
    arm = driven.bench.planner.arm
    poses = down(*points)
    start = next(arm.postures(poses[0]))
    path = arm.trace(poses, start)
    assert not path.blocked
    return np.asarray(path.qpos)


LEFT = tuple((-0.05, y, 0.2) for y in np.linspace(-0.1, 0.1, 21))
