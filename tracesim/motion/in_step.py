"""Two arms that follow a trace each, in step: they reach their first keypoints together, then their second ones."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from tracesim.control.controller import SETTLE_S, Controller
from tracesim.control.grasp_planner import GraspPlan, GraspPlanner
from tracesim.control.monitors import Meaning
from tracesim.control.planner import ArmPlanner
from tracesim.failure import EpisodeEnded, Failure, mention
from tracesim.geometry.body_path import STEP_M, BodyPath
from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.contacts import BoolArray, ContactRules, Pair
from tracesim.geometry.curve import Curve
from tracesim.geometry.hulls import HullShape
from tracesim.geometry.rigid import FloatArray, rotation_between, transform
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body, Layout
from tracesim.motion.grasped import GraspMonitor
from tracesim.motion.subtask import Subtask
from tracesim.simulation.robot import Robot
from tracesim.simulation.scene import Scene

ARMS_CLEARANCE_M: Final = 0.02
"""Least clearance of plans between one arm with what it holds and the other."""

GRASPS_TRIED: Final = 6
"""Number of grasps of each arm that are combined with those of the other."""

SPEED_M_S: Final = 0.2
"""Greatest speed of a hand."""

SAMPLE_S: Final = 0.05
"""Time between samples of a prediction while nothing moves."""


@dataclass(frozen=True)
class Share:
    """What one arm has to do: a body to hold, and the trace on which to lead it."""

    body: Body
    """The body, at its pose when the trace begins. Both arms may hold the same one."""

    trace: Trace
    """The trace."""

    subtask: Subtask
    """What the task states about the body and its motion."""

    @property
    def grip_in_world(self) -> FloatArray:
        """Where the trace begins, (3,), metres: the arm takes the body there."""
        grip: FloatArray = self.trace.keypoints[0]
        return grip


class Steps(NamedTuple):
    """Traces in step."""

    moved_m: tuple[FloatArray, ...]
    """By trace, the displacement (M, 3) from its first keypoint, metres; samples belong together."""

    stops: tuple[int, ...]
    """Indices of the samples at the keypoints."""

    keypoints: FloatArray
    """For each sample, the index of the keypoint that it leads to, (M,)."""

    @classmethod
    def of(cls, traces: Sequence[Trace], step_m: float = STEP_M) -> Steps:
        """Return traces in step; one that has fewer keypoints waits at its last one.

        Args:
            traces: The traces.
            step_m: Greatest distance between neighbouring samples.
        """
        count = max(len(trace.keypoints) for trace in traces)
        padded = [np.pad(one.keypoints, ((0, count - len(one.keypoints)), (0, 0)), mode="edge") for one in traces]
        targets = np.array([points - points[0] for points in padded])  # (A, K, 3)
        rows, stops, keypoints = [targets[:, :1]], [0], [0]
        for index in range(1, count):
            before, after = targets[:, index - 1], targets[:, index]
            pieces = max(1, int(np.ceil(np.linalg.norm(after - before, axis=1).max() / step_m - 1e-9)))
            shares = np.arange(1, pieces + 1)[None, :, None] / pieces
            rows.append(before[:, None] + (after - before)[:, None] * shares)
            keypoints += [index] * pieces
            stops.append(stops[-1] + pieces)
        return cls(tuple(np.concatenate(rows, axis=1)), tuple(stops), np.array(keypoints))

    def path(self, number: int, pose: FloatArray) -> BodyPath:
        """Return the path of a body at a pose (4, 4) that is displaced as one of the traces says, without turning."""
        poses = np.repeat(pose[None], len(self.keypoints), axis=0)
        poses[:, :3, 3] += self.moved_m[number]
        return BodyPath(poses, self.stops, np.asarray(self.keypoints, int))


# --- prediction


def body_paths(shares: Sequence[Share], step_m: float = STEP_M) -> tuple[dict[str, FloatArray], Steps]:
    """Return the poses (M, 4, 4) of the bodies that are led if all traces are followed exactly, by name, and the steps.

    A body that two arms hold goes where its two gripped points go: if their distance changes, its middle is between
    theirs, and it turns by as much as the line through them.
    """
    steps = Steps.of([share.trace for share in shares], step_m)
    first, second = shares
    if first.body.name != second.body.name:
        return {
            one.body.name: steps.path(at, one.body.body_in_world).body_in_world for at, one in enumerate(shares)
        }, steps
    ends = np.array([share.grip_in_world + moved for share, moved in zip(shares, steps.moved_m, strict=True)])
    middle, across = ends.mean(axis=0), ends[1] - ends[0]
    poses = np.array(
        [
            transform(translation=at)
            @ transform(rotation_between(across[0], now))
            @ transform(translation=-middle[0])
            @ first.body.body_in_world
            for at, now in zip(middle, across, strict=True)
        ]
    )
    return {first.body.name: poses}, steps


def predicted(layout: Layout, shares: Sequence[Share]) -> Curve:
    """Return the curve on which traces are followed exactly and in step, and nothing else moves."""
    paths, steps = body_paths(shares, step_m=0.005)
    order, times, now = [0], [0.0], 0.0
    for sample in range(1, len(steps.keypoints)):
        far_m = max(float(np.linalg.norm(moved[sample] - moved[sample - 1])) for moved in steps.moved_m)
        now += max(far_m / SPEED_M_S, 1e-3)
        order.append(sample)
        times.append(now)
    for _ in range(int(np.ceil(_rest_s(shares) / SAMPLE_S))):
        now += SAMPLE_S
        order.append(order[-1])
        times.append(now)
    moving = {name: poses[order] for name, poses in paths.items()}
    bodies = {name: np.broadcast_to(pose, (len(times), 4, 4)) for name, pose in layout.poses.items()} | moving
    allowed: dict[Pair, BoolArray] = {}
    for share in shares:
        allowed |= share.subtask.motion.allowed_contacts(share.subtask, share.body.name, moving[share.body.name])
    clearance = np.min(
        [
            ClearanceProbe({name: layout[name].shape}, layout.without(name).shapes).over(bodies, allowed).distance_m
            for name in moving
        ],
        axis=0,
    )
    rules = ContactRules({name: np.ones(len(times), bool) for name in moving}, tuple(layout.shapes), allowed)
    return Curve(np.array(times), bodies, clearance, carried=shares[0].body.name, contact_rules=rules)


def _rest_s(shares: Sequence[Share]) -> float:
    return max(share.subtask.motion.rest_s for share in shares)


# --- plans


def is_feasible(planners: Sequence[ArmPlanner], shares: Sequence[Share]) -> bool:
    """Return whether arms can follow their traces in step without disallowed contact, nor come too near to each other.

    Args:
        planners: The planner of each arm, with the bodies around it, in the order of the shares.
        shares: What each arm has to do.
    """
    return next(_joint_plans(planners, shares), None) is not None


def _joint_plans(planners: Sequence[ArmPlanner], shares: Sequence[Share]) -> Iterator[tuple[GraspPlan, ...]]:
    """Yield plans, one for each arm, along which the arms keep away from everything and from each other."""
    steps = Steps.of([share.trace for share in shares])
    found = []
    for number, (planner, share) in enumerate(zip(planners, shares, strict=True)):
        path = steps.path(number, share.body.body_in_world)
        plans = GraspPlanner(planner.arm, near=share.grip_in_world).plans(share.body, path)
        found.append(list(itertools.islice(plans, GRASPS_TRIED)))
    for pair in sorted(itertools.product(*found), key=lambda pair: -min(plan.dexterity for plan in pair)):
        if _are_apart(planners, shares, pair):
            yield pair


def _are_apart(planners: Sequence[ArmPlanner], shares: Sequence[Share], plans: Sequence[GraspPlan]) -> bool:
    """Return whether the arms keep away from each other: as the second one comes to its body, and in step."""
    first, second = plans
    waiting = np.repeat(first.approach[-1:], len(second.approach), axis=0)
    return _keep_apart(planners, shares, plans, (waiting, second.approach), held=False) and _keep_apart(
        planners, shares, plans, (first.path, second.path), held=True
    )


def _keep_apart(
    planners: Sequence[ArmPlanner],
    shares: Sequence[Share],
    plans: Sequence[GraspPlan],
    paths: Sequence[FloatArray],
    held: bool,
) -> bool:
    """Return whether two arms, with what they hold, keep `ARMS_CLEARANCE_M` from each other on joint paths in step."""
    together = shares[0].body.name == shares[1].body.name
    shapes: list[dict[str, HullShape]] = []
    poses: dict[str, FloatArray] = {}
    for planner, share, plan, path in zip(planners, shares, plans, paths, strict=True):
        planner.arm.open_to(plan.grasp.opened)
        links = planner.arm.links_in_world(path)
        shapes.append({name: planner.robot.shapes[name] for name in planner.robot.moved_links})
        poses |= links
        if held and not together:
            shapes[-1][share.body.name] = share.body.shape
            poses[share.body.name] = plan.body_path.body_in_world
    first, second = shapes
    return ClearanceProbe(first, second).keeps(ARMS_CLEARANCE_M, poses)


# --- execution


def follow(controller: Controller, planners: Sequence[ArmPlanner], shares: Sequence[Share]) -> None:
    """Grasp with both arms, lead what they hold along the traces in step, and hold it at the end.

    Args:
        controller: Moves the robot.
        planners: The planner of each arm, in the order of the shares.
        shares: What each arm has to do.

    Raises:
        EpisodeEnded: a trace cannot be followed, or a monitor ended the episode.
    """
    for planner in planners:
        planner.mirror()
    plans = next(_joint_plans(planners, shares), None) or _separate_plans(planners, shares)
    for planner, plan in zip(planners, plans, strict=True):
        controller.work_with(planner)
        planner.mirror()
        controller.open_to(plan.grasp.opened)
        _end(controller.approach(plan.approach))
    for planner, share, plan in zip(planners, shares, plans, strict=True):
        controller.work_with(planner)
        _end(controller.grasp(controller.body(share.body), plan))
    _lead(controller, planners, shares)


def _separate_plans(planners: Sequence[ArmPlanner], shares: Sequence[Share]) -> tuple[GraspPlan, ...]:
    """Return the plan of each arm by itself: what it touches on its way, the other arm included, is recorded."""
    steps = Steps.of([share.trace for share in shares])
    return tuple(
        GraspPlanner(planner.arm, near=share.grip_in_world).plan(
            share.body, steps.path(number, share.body.body_in_world)
        )
        for number, (planner, share) in enumerate(zip(planners, shares, strict=True))
    )


def _end(failure: Failure | None) -> None:
    if failure is not None:
        raise EpisodeEnded(failure)


def _lead(controller: Controller, planners: Sequence[ArmPlanner], shares: Sequence[Share]) -> None:
    """Lead what the hands hold along the traces in step, and hold it at the end."""
    steps = Steps.of([share.trace for share in shares])
    holders: dict[str, list[str]] = {}
    for planner, share in zip(planners, shares, strict=True):
        holders.setdefault(share.body.name, []).extend(planner.robot.arm.hand.links)
    watched, tools = [], []
    for number, (planner, share) in enumerate(zip(planners, shares, strict=True)):
        body = controller.body(share.body)
        controller.work_with(planner)
        controller.follow(body, (body.name, share.subtask.support))
        held = controller.held_in_tcp(body.name)
        path = steps.path(number, body.body_in_world)
        monitor = GraspMonitor(body, path, share.subtask, tuple(holders[body.name]), held)
        watched.append((monitor, planner.robot))
        tools.append(steps.path(number, planner.robot.tcp_in_world).body_in_world)
    both = _Both(watched)
    for start, stop in itertools.pairwise(steps.stops):
        controller.keypoint = int(steps.keypoints[stop])
        paths = []
        for planner, share, tool, (monitor, _) in zip(planners, shares, tools, watched, strict=True):
            controller.work_with(planner)
            tool[:, :3, 3] += monitor.behind_m(start, controller.body(share.body))
            joints, blocked = controller.trace(tool[start + 1 : stop + 1])
            if blocked:
                detail = f"{mention(share.body.name)} cannot be carried to keypoint {controller.keypoint}"
                raise EpisodeEnded(Failure("reach", blocked, detail))
            paths.append(joints)
        controller.move_in_step(planners, paths, both, SPEED_M_S)
    controller.keypoint = -1
    controller.wait(max(SETTLE_S, _rest_s(shares)), both)


class _Both:
    """Watches what two hands hold.

    Attributes:
        deviation_m: The greater distance of a functional point from its path, metres.
    """

    def __init__(self, watched: Collection[tuple[GraspMonitor, Robot]]) -> None:
        """Combine monitors, each of what one arm of the robot holds."""
        self.deviation_m = 0.0
        self._watched = watched

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Update from the current state of the scene."""
        for monitor, robot in self._watched:
            monitor.look(scene, robot.tcp_in_world)
        self.deviation_m = max(monitor.deviation_m for monitor, _ in self._watched)

    def contact(self, first: str, second: str) -> Meaning | None:
        """Return what a contact means: "disallowed" if it is so for one of the bodies."""
        meanings = [monitor.contact(first, second) for monitor, _ in self._watched]
        known = [meaning for meaning in meanings if meaning is not None]
        return "disallowed" if "disallowed" in known else known[0] if known else None

    def check(self, landed: bool) -> None:
        """Check that nothing has slipped in a hand or strayed from its path."""
        for monitor, _ in self._watched:
            monitor.check(landed)
