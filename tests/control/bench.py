"""A robot at a table with boxes on it, for tests of control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from tracesim.assets.props.block import block
from tracesim.assets.robots import embodiment, panda
from tracesim.control.planner import ArmPlanner
from tracesim.geometry.clearance import bodies_distance
from tracesim.geometry.hulls import HullShape
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.layout.hand import Grasp
from tracesim.layout.layout import Body, Layout, standing
from tracesim.layout.parallel_hand import FINGER_GAP_M, ParallelHand
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw
from tracesim.simulation.scene import Scene


@dataclass(frozen=True)
class Held(Prop):
    """A prop whose grasps a test chooses."""

    grasps: tuple[Grasp, ...] = ()


class Choosing(ParallelHand):
    """A parallel hand that takes the grasps that a test chooses."""

    def grasps(self, prop: Prop) -> tuple[Grasp, ...]:
        return prop.grasps if isinstance(prop, Held) else super().grasps(prop)


HAND: Final = Choosing(**vars(panda.HAND))
OPEN_M: Final = HAND.fingers.open_m
PANDA: Final = replace(embodiment("panda"), arms=(replace(embodiment("panda").arms[0], hand=HAND),))
DOWN: Final = np.diag([1.0, -1.0, -1.0])
"""The rotation of a tool that points straight down, its x axis ahead."""


def cuboid(x: float, y: float, z: float, at: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> FloatArray:
    """Return the corners (8, 3) of a box of a size, the centre of whose underside is at a point."""
    corners = [(i * x / 2, j * y / 2, k * z) for i in (-1, 1) for j in (-1, 1) for k in (0, 1)]
    return np.array(corners) + at


def prop(*hulls: FloatArray) -> Prop:
    """Return a prop that cannot be grasped."""
    return Prop("thing", "thing", "grey", (), hulls, {"base": np.zeros(3)})


def cube(edge_m: float = 0.04) -> Prop:
    """Return a block, which has grasps from above."""
    return block(Draw.of(np.random.default_rng(0)), edge_m=edge_m, color="red")


def with_grasps(thing: Prop, *grasps: Grasp) -> Held:
    """Return a prop that is grasped in chosen ways."""
    values = {one.name: getattr(thing, one.name) for one in fields(Prop) if one.init}
    return Held(**values, grasps=grasps)


def with_width(grasp: Grasp, width_m: float) -> Grasp:
    """Return a grasp of something as wide as that."""
    return replace(grasp, width_m=width_m, opened=np.full(2, min(OPEN_M, width_m / 2 + FINGER_GAP_M)))


def down(*points: npt.ArrayLike) -> FloatArray:
    """Return poses (M, 4, 4) of a tool that points straight down at points (3,)."""
    return np.array([transform(DOWN, point) for point in points])


@dataclass(frozen=True)
class Bench:
    """A scene of named props, each at a pose (4, 4), with the planner of its arm."""

    props: Mapping[str, tuple[Prop, FloatArray]] = field(default_factory=dict)
    raised_m: float = 0.0
    seed: int = 0
    layout: Layout = field(init=False)
    scene: Scene = field(init=False)
    planner: ArmPlanner = field(init=False)

    def __post_init__(self) -> None:
        """Build the scene, and copy it to the planner."""
        bodies = [Body(name, one, pose) for name, (one, pose) in self.props.items()]
        object.__setattr__(self, "layout", Layout.of(bodies))
        object.__setattr__(self, "scene", Scene(self.layout, PANDA, raised_m=self.raised_m))
        object.__setattr__(self, "planner", ArmPlanner(self.scene, self.seed))
        self.planner.mirror()

    def links(self, qpos: npt.ArrayLike, opening_m: float = OPEN_M) -> dict[str, FloatArray]:
        """Return the poses (4, 4) of the links, by name, with the robot itself put at joint positions (7,)."""
        robot = self.scene.robot
        before, full = robot.qpos, robot.qpos
        full[robot.arm_indices], full[robot.finger_indices] = qpos, opening_m
        robot.articulation.set_qpos(full)
        poses = {name: link.entity_pose.to_transformation_matrix().astype(float) for name, link in robot.links.items()}
        robot.articulation.set_qpos(before)
        return poses

    def tool(self, qpos: npt.ArrayLike) -> FloatArray:
        """Return the pose (4, 4) of the tool at joint positions (7,)."""
        return self.links(qpos)[HAND.tcp_link]

    def tools(self, path: FloatArray) -> FloatArray:
        """Return the poses (M, 4, 4) of the tool along a joint path (M, 7)."""
        return np.array([self.tool(qpos) for qpos in path])

    def least_m(
        self,
        moving: Mapping[str, FloatArray],
        others: Mapping[str, FloatArray],
        *excepted: tuple[str, str],
        beyond_m: float = 0.5,
    ) -> float:
        """Return the least distance between bodies or links at poses (4, 4), each pair measured by itself."""
        shapes: dict[str, HullShape] = {**self.layout.shapes, **self.scene.robot.shapes}
        return min(
            bodies_distance(shapes[one], moving[one], shapes[other], others[other], beyond_m)
            for one in moving
            for other in others
            if one in shapes and (one, other) not in excepted
        )


def on_table(x: float, y: float, z: float = 0.0, angle: float = 0.0) -> FloatArray:
    """Return the pose (4, 4) of a body that stands upright."""
    return standing(x, y, angle, z)
