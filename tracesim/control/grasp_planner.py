"""Grasp plans, whose approach, whole path and retreat are checked before the hand closes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import numpy as np

from tracesim.control.answered_grasp import AnsweredGrasp
from tracesim.control.detours import CLEARANCES_M, Detours
from tracesim.control.grasp_memory import memory_of
from tracesim.control.kinematics import PLANNING_CLEARANCE_M, Arm
from tracesim.failure import EpisodeEnded, Failure, mention
from tracesim.geometry.body_path import BodyPath
from tracesim.geometry.rigid import FloatArray, inverse
from tracesim.layout.hand import Grasp
from tracesim.layout.layout import Body

BACK_OFF_M: Final = 0.08
"""Distance from the grasp at which the straight approach begins, and to which the hand retreats."""

BESIDE_M: Final = 0.001
"""Clearance of the open hand from the body that it is about to hold, which it approaches slowly and straight."""

POSTURES: Final = 5
"""Number of arm postures that are tried for a grasp."""

EASY: Final = 0.05
"""A path is easy to follow if its dexterity is at least this; nearer to a singularity, small corrections may fail."""

NEAR_M: Final = 0.05
"""Greatest distance of the tool from where a body is to be held, if that is stated."""

CHECKED_POSES: Final = 2
"""Stride in the poses of a path that are checked: one every two centimetres."""


REACHED_M: Final = 0.001
"""Greatest distance by which inverse kinematics misses any part of the hand."""


@dataclass(frozen=True)
class GraspPlan:
    """A plan for grasping a body and moving it along a path, possibly only along a part of it."""

    grasp: Grasp
    """The grasp."""

    approach: FloatArray
    """Joint positions (M, J), radians, up to the grasp."""

    body_path: BodyPath
    """The path of the body."""

    path: FloatArray
    """Joint positions (M, J), radians, along the path of the body."""

    retreat: FloatArray
    """Joint positions (M, J), radians, away from its end."""

    coming: BodyPath | None = field(default=None, kw_only=True)
    """The path of the tool of which `approach` is made, if the answer says it."""

    dexterity: float
    """Least dexterity along the path; see `Arm.dexterity`."""

    blocked: str = ""
    """Why the path cannot be followed to its end; empty if it can."""


class GraspPlanner:
    """Searches for a grasp with which an arm can move a body among others."""

    def __init__(
        self,
        arm: Arm,
        over: str | None = None,
        tried: Sequence[Grasp] = (),
        near: FloatArray | None = None,
        answered: AnsweredGrasp | None = None,
    ) -> None:
        """Plan for an arm.

        Args:
            arm: The arm, with the bodies around it.
            over: Name of the body that the held one is dragged over, None if it is lifted.
            tried: Grasps to leave out.
            near: Point (3,), metres, world, within `NEAR_M` of which the body is to be held, None if anywhere.
            answered: Where the answer says that the hand closes, None if it leaves that to the planner.
        """
        self._arm = arm
        self._answered = answered
        self._over = over
        self._tried = tried
        self._near = near

    def plan(self, body: Body, body_path: BodyPath) -> GraspPlan:
        """Return the first plan whose whole path is collision-free and easy to follow.

        If none is easy, it is the easiest of the collision-free ones; if none is collision-free, the first that reaches
        the end. Where the body itself collides on its path, no grasp helps, and plans count as collision-free. A trace
        is followed as answered, and what the robot then touches is recorded.

        Args:
            body: The body to grasp.
            body_path: The path of the body.

        Raises:
            EpisodeEnded: the body cannot be approached (stage grasp), or no grasp carries it to the end of the path
                (stage reach).
        """
        # If the body itself collides on its path, it does so with every grasp: no plan needs to be checked.
        poses = body_path.body_in_world[2:-2]
        may_be_free = self._arm.body_keeps(PLANNING_CLEARANCE_M, body.name, poses, self._over)
        if may_be_free:
            easiest = _easiest(self.plans(body, body_path), lambda plan: True)
            if easiest is not None:
                return easiest
        plans, approaches = [], 0

        def free_plans() -> Iterator[GraspPlan]:
            nonlocal approaches
            for grasp, approach in self._attempts(body):
                approaches += 1
                if self._comes_free(body, grasp, approach):
                    plans.append(self._plan(body_path, grasp, approach))
                    yield plans[-1]

        easiest = _easiest(free_plans(), lambda plan: not may_be_free or self._is_free(body, plan))
        if easiest is not None:
            return easiest
        for plan in plans:
            if not plan.blocked:
                return plan
        if not plans and self._answered is not None:
            plans = [self._plan(body_path, grasp, approach) for grasp, approach in self._reached(body)]
            unblocked = [plan for plan in plans if not plan.blocked]
            if unblocked:
                return unblocked[0]
        if not plans:
            raise self._no_approach(body, approaches)
        farthest = max(plans, key=lambda plan: len(plan.path))
        keypoint = int(body_path.keypoints[len(farthest.path)])
        detail = f"{mention(body.name)} cannot be carried to keypoint {keypoint}"
        raise EpisodeEnded(Failure("reach", farthest.blocked, detail))

    def can(self, body: Body, body_path: BodyPath) -> bool:
        """Return whether there is a grasp with which the whole path can be followed without a collision."""
        if self._answered is not None:
            return next(self.plans(body, body_path), None) is not None
        found = self._found_before(body, body_path) or next(self.plans(body, body_path), None)
        if found is not None:
            memory_of(self._arm).plans[body.shape] = found
        return found is not None

    def _found_before(self, body: Body, body_path: BodyPath) -> GraspPlan | None:
        """Return the plan that was found for the same path, among other bodies, if it is free among those of now."""
        plan = memory_of(self._arm).plans.get(body.shape)
        if plan is None or not np.array_equal(plan.body_path.body_in_world, body_path.body_in_world):
            return None
        self._arm.open_to(plan.grasp.opened)
        return plan if self._comes_free(body, plan.grasp, plan.approach) and self._is_free(body, plan) else None

    def plans(self, body: Body, body_path: BodyPath) -> Iterator[GraspPlan]:
        """Yield plans whose whole path can be followed without a collision."""
        is_worth = partial(self._may_be_free, body, body_path)
        return (plan for plan in self.followable(body, body_path, is_worth) if self._is_free(body, plan))

    def followable(
        self, body: Body, body_path: BodyPath, is_worth: Callable[[Grasp], bool] = lambda grasp: True
    ) -> Iterator[GraspPlan]:
        """Yield plans whose whole path can be followed, whatever is touched after the approach.

        Args:
            body: The body to grasp.
            body_path: The path of the body.
            is_worth: Returns whether a grasp is worth a plan.
        """
        for grasp, approach in self._attempts(body, is_worth):
            if self._comes_free(body, grasp, approach):
                plan = self._plan(body_path, grasp, approach)
                if not plan.blocked:
                    yield plan

    def plan_around(self, body: Body, detours: Detours) -> GraspPlan:
        """Return the first plan for a collision-free detour that is easy to follow, or else the easiest.

        Args:
            body: The body to grasp.
            detours: The search for detours.

        Raises:
            EpisodeEnded: the body cannot be approached (stage grasp), or no grasp allows a detour (stage reach).
        """
        for clearance_m in CLEARANCES_M:
            plan = _easiest(self._detour_plans(body, detours, clearance_m), lambda plan: self._is_free(body, plan))
            if plan is not None:
                return plan
        free = [self._comes_free(body, grasp, approach) for grasp, approach in self._attempts(body)]
        if not any(free):
            raise self._no_approach(body, len(free))
        detail = f"no path was found that carries {mention(body.name)} free of contact"
        raise EpisodeEnded(Failure("reach", "no_detour", detail))

    def _detour_plans(self, body: Body, detours: Detours, clearance_m: float) -> Iterator[GraspPlan]:
        for grasp, approach in self._attempts(body):
            if self._comes_free(body, grasp, approach):
                path = detours.path(grasp, clearance_m)
                if path is not None:
                    yield self._plan(path, grasp, approach)

    def _may_be_free(self, body: Body, body_path: BodyPath, grasp: Grasp) -> bool:
        """Return whether the hand by itself has room on the whole way, which no posture of the arm would change.

        This check takes no inverse kinematics, and rules out most grasps among clutter.
        """
        if self._arm.misses_heading:
            return True
        tcp_in_world = body_path.body_in_world @ grasp.tcp_in_prop
        if not all(self._arm.may_reach(tcp_in_world[stop]) for stop in body_path.stops):
            return False
        # Few poses come first; a hand that opens where something is put down has the least room.
        ways = (
            *((fingers, _around(tcp_in_world[-1], grasp.gives_m)) for fingers in (grasp.released, *grasp.parted)),
            (grasp.opened, np.concatenate([tcp_in_world[:1], self._back(tcp_in_world[0])])),
            (grasp.held, tcp_in_world[2:-2:CHECKED_POSES]),
        )
        for fingers, way in ways:
            self._arm.open_to(fingers)
            if len(way) and not self._arm.hand_keeps_off(PLANNING_CLEARANCE_M - REACHED_M, way, body.name):
                return False
        return True

    def _attempts(
        self, body: Body, is_worth: Callable[[Grasp], bool] = lambda grasp: True
    ) -> Iterator[tuple[Grasp, FloatArray]]:
        """Yield grasps with joint positions (M, J) of an approach, up to `POSTURES` for each grasp.

        Args:
            body: The body to grasp.
            is_worth: Returns whether a grasp is worth a search by inverse kinematics.
        """
        for grasp in self._grasps(body):
            if any(np.array_equal(grasp.tcp_in_prop, one.tcp_in_prop) for one in self._tried):
                continue
            if not self._is_near(body, grasp):
                continue
            tcp_in_world = body.body_in_world @ grasp.tcp_in_prop
            if not (self._arm.may_reach(tcp_in_world) and is_worth(grasp) and self._has_room(body, grasp)):
                continue
            for approach in itertools.islice(self._approaches(tcp_in_world, grasp), POSTURES):
                taken = self._as_reached(body, grasp, approach[-1])
                if taken is grasp or self._has_room(body, taken):
                    yield taken, approach

    def _grasps(self, body: Body) -> Sequence[Grasp]:
        """Return the grasps to try, the preferred one first."""
        known = self._arm.hand.grasps(body.prop)
        if self._answered is None:
            return known
        if self._answered.attitude is not None and self._tried:
            return ()  # the answered pose has been tried
        return self._answered.grasps(known, body)

    def _reached(self, body: Body) -> Iterator[tuple[Grasp, FloatArray]]:
        """Yield grasps with approaches (M, J) that can be followed, whatever is touched on them."""
        for grasp in self._grasps(body):
            tcp_in_world = body.body_in_world @ grasp.tcp_in_prop
            if self._is_near(body, grasp) and self._arm.may_reach(tcp_in_world):
                for approach in itertools.islice(self._approaches(tcp_in_world, grasp), POSTURES):
                    yield grasp, approach

    def _back(self, tcp_in_world: FloatArray) -> FloatArray:
        """Return the poses (M, 4, 4) of the tool back from a grasp, the nearest first: as answered, or straight."""
        coming = None if self._answered is None else self._answered.coming(tcp_in_world)
        return backing_off(tcp_in_world) if coming is None else coming.body_in_world[-2::-1]

    def _away(self, tcp_in_world: FloatArray) -> FloatArray:
        """Return the poses (M, 4, 4) of the tool away from where it opens: as answered, or straight back."""
        leaving = None if self._answered is None else self._answered.leaving(tcp_in_world)
        return backing_off(tcp_in_world) if leaving is None else leaving.body_in_world[1:]

    def _as_reached(self, body: Body, grasp: Grasp, posture: FloatArray) -> Grasp:
        """Return a grasp as the arm reaches it: an arm that cannot choose the heading misses that a little."""
        if not self._arm.misses_heading:
            return grasp
        tcp_in_world = self._arm.tool_in_world(posture[None])[0]
        return replace(grasp, tcp_in_prop=inverse(body.body_in_world) @ tcp_in_world)

    def _is_near(self, body: Body, grasp: Grasp) -> bool:
        """Return whether a grasp is near to where the body is to be held."""
        if self._near is None:
            return True
        tcp_in_world = body.body_in_world @ grasp.tcp_in_prop
        return bool(np.linalg.norm(tcp_in_world[:3, 3] - self._near) < NEAR_M)

    def _has_room(self, body: Body, grasp: Grasp) -> bool:
        """Return whether the open hand reaches the grasp without touching the body."""
        known = memory_of(self._arm).room(body.shape)
        if grasp not in known:
            self._arm.open_to(grasp.opened)
            poses = np.concatenate([grasp.tcp_in_prop[None], backing_off(grasp.tcp_in_prop)])
            known[grasp] = self._arm.hand_keeps(BESIDE_M, body.name, poses)
        return known[grasp]

    def _approaches(self, tcp_in_world: FloatArray, grasp: Grasp) -> Iterator[FloatArray]:
        """Yield joint positions (M, J) of a straight approach, for each arm posture that reaches the grasp."""
        self._arm.open_to(grasp.opened)
        for posture in self._arm.postures(tcp_in_world):
            back = self._arm.trace(self._back(tcp_in_world), posture)
            if not back.blocked:
                yield np.concatenate([back.qpos[::-1], [posture]])

    def _comes_free(self, body: Body, grasp: Grasp, approach: FloatArray) -> bool:
        """Return whether arm and hand have room on the approach (M, J) and as the hand closes at its end."""
        return self._arm.keeps(PLANNING_CLEARANCE_M, approach, body.name) and self._closes_free(
            body, grasp, approach[-1:]
        )

    def _closes_free(self, body: Body, grasp: Grasp, there: FloatArray) -> bool:
        """Return whether the hand has room to close on a body or to open, with the arm at joint positions (1, J)."""
        free = True
        for fingers in grasp.passed:
            self._arm.open_to(fingers)
            free = free and self._arm.keeps(PLANNING_CLEARANCE_M, there, body.name)
        self._arm.open_to(grasp.opened)
        return free

    def _plan(self, body_path: BodyPath, grasp: Grasp, approach: FloatArray) -> GraspPlan:
        tcp_in_world = body_path.body_in_world @ grasp.tcp_in_prop
        path = self._arm.trace(tcp_in_world, approach[-1], held_in_tcp=inverse(grasp.tcp_in_prop))
        if path.blocked:
            return GraspPlan(grasp, approach, body_path, path.qpos, path.qpos[:0], 0.0, path.blocked)
        retreat = self._arm.trace(self._away(tcp_in_world[-1]), path.qpos[-1])
        dexterity = self._arm.dexterity(path.qpos[::CHECKED_POSES])
        coming = None if self._answered is None else self._answered.coming(tcp_in_world[0])
        return GraspPlan(grasp, approach, body_path, path.qpos, retreat.qpos, dexterity, coming=coming)

    def _is_free(self, body: Body, plan: GraspPlan) -> bool:
        """Return whether arm and body have room on the path, except at its ends, and the open hand on the retreat."""
        on_the_way = plan.path[2:-2:CHECKED_POSES]
        leaving = np.concatenate([plan.path[-1:], plan.retreat])
        held_in_tcp = inverse(plan.grasp.tcp_in_prop)
        self._arm.open_to(plan.grasp.held)
        free = self._arm.keeps(PLANNING_CLEARANCE_M, on_the_way, body.name, held_in_tcp, self._over)
        self._arm.open_to(plan.grasp.released)
        free = free and self._arm.keeps(PLANNING_CLEARANCE_M, leaving, body.name)
        return free and self._closes_free(body, plan.grasp, plan.path[-1:])

    def _no_approach(self, body: Body, approaches: int) -> EpisodeEnded:
        grasps = self._arm.hand.grasps(body.prop)
        in_the_way = approaches or (grasps and not any(self._has_room(body, grasp) for grasp in grasps))
        reason = "no_free_approach" if in_the_way else "no_reachable_grasp"
        return EpisodeEnded(Failure("grasp", reason, f"no grasp of {mention(body.name)} can be approached"))


def _easiest(plans: Iterable[GraspPlan], is_free: Callable[[GraspPlan], bool]) -> GraspPlan | None:
    """Return the first collision-free plan that is easy to follow, else the easiest of the collision-free ones."""
    easiest: GraspPlan | None = None
    for plan in plans:
        if plan.blocked or (easiest is not None and plan.dexterity <= easiest.dexterity):
            continue
        if is_free(plan):
            easiest = plan
            if plan.dexterity >= EASY:
                return plan
    return easiest


def _around(tcp_in_world: FloatArray, aside_m: float) -> FloatArray:
    """Return a pose (4, 4) of the tool, and those to which it is moved aside across its approach, (M, 4, 4)."""
    if not aside_m:
        return tcp_in_world[None]
    aside = aside_m * np.array([(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)])
    poses = np.repeat(tcp_in_world[None], len(aside), axis=0)
    poses[:, :3, 3] += aside @ tcp_in_world[:3, :2].T
    return poses


def backing_off(tcp_in_world: FloatArray, step_m: float = 0.01) -> FloatArray:
    """Return the poses (M, 4, 4) along which the hand retreats from a pose (4, 4), not including that pose."""
    poses = np.repeat(tcp_in_world[None], round(BACK_OFF_M / step_m), axis=0)
    poses[:, :3, 3] -= step_m * np.arange(1, len(poses) + 1)[:, None] * tcp_in_world[:3, 2]
    return poses
