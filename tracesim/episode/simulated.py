"""Simulated episodes: a scene in physics that can be observed, a robot that follows traces, and the verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tracesim.arrangement.arrangement import arrange
from tracesim.arrangement.feasibility import check_able
from tracesim.assets.robots import embodiment
from tracesim.configuration import EpisodeConfiguration
from tracesim.control.controller import Controller
from tracesim.control.monitors import Collision, Interrupted
from tracesim.control.planner import ArmPlanner
from tracesim.envs import task_class
from tracesim.episode.followed_trace import as_followed, unfit
from tracesim.episode.outcome import Execution, Outcome
from tracesim.episode.spoken_names import SpokenNames
from tracesim.episode.supervisor import Supervisor
from tracesim.errors import ResetNeededError
from tracesim.failure import EpisodeEnded, Failure, mention
from tracesim.families.bimanual import BimanualTask
from tracesim.film.film import film_camera
from tracesim.geometry.contacts import DisallowedContact
from tracesim.geometry.curve import Curve, join_curves
from tracesim.geometry.trace import Trace, Traces
from tracesim.imported.folder import imported_props
from tracesim.layout.layout import Body
from tracesim.layout.randomness import stream
from tracesim.layout.sensor import IDEAL
from tracesim.motion import in_step
from tracesim.motion.execution import Led, executed
from tracesim.motion.in_step import Share
from tracesim.motion.reach import able, by_distance
from tracesim.observation import Observation
from tracesim.results.start import Start
from tracesim.simulation.recorder import Recorder, Recording
from tracesim.simulation.renderer import SceneCamera, render_system
from tracesim.simulation.scene import Scene
from tracesim.task import Task

Result = TypeVar("Result")


class SimulatedEpisode:
    """One seed in physics: a scene that can be observed, and a robot that follows one trace per subtask.

    Attributes:
        configuration: What determines the episode, except its seed.
        seed: The seed.
        task: The task, at the current subtask.
        setting: What surrounds the objects of the task.
        camera: The policy camera.
        scene: The simulated scene.
        planners: The planner of each arm of the robot.
        recorder: The recorder of everything that moves.
        controller: The controller of the robot.
        over: Whether the episode is over and takes no further trace.
        seen: The task at the current subtask with the bodies as they were seen last, which traces are followed by.
        waits_s: How long the robot waits before it follows the next trace, seconds.
        timings: Time spent on each activity, by its name, seconds.
    """

    def __init__(
        self, configuration: EpisodeConfiguration, seed: int, pixels: bool = False, task: Task | None = None
    ) -> None:
        """Arrange the scene and let it settle.

        Args:
            configuration: What determines the episode, except its seed.
            seed: The seed.
            pixels: Whether the scene can be rendered.
            task: The task, if it was arranged before for the same configuration and seed.

        Raises:
            ConfigurationError: a name is not known, or the robot cannot do the task.
            PlacementError: no arrangement of the seed was found that can be seen and solved.
            RendererError: `pixels` is set, and this process cannot render.
        """
        started = time.perf_counter()
        self.configuration = configuration
        self.seed = seed
        name, variation = configuration.task, configuration.variation
        for one in dict.fromkeys((configuration.robot, configuration.scene_robot)):
            check_able(name, one)
        robot = embodiment(configuration.robot)
        if pixels:
            render_system()
        self.setting = setting = variation.setting(partial(stream, name, seed))
        self.camera = setting.camera
        self._sensor_rng = stream(name, seed, "sensor")
        self.task = task or arrange(
            name,
            task_class(name),
            seed,
            variation,
            self.camera,
            setting.raised_m,
            configuration.scene_robot,
            imported_props(configuration.props, configuration.props_hash),
        )
        if not configuration.assist:
            self.task = replace(self.task, assisted=False)
        self.timings = {"arrange": time.perf_counter() - started}
        started = time.perf_counter()
        room = setting.room() if pixels else None
        self.scene = Scene(
            self.task.layout,
            robot,
            room,
            setting.light,
            setting.raised_m,
            self.task.displacement,
            self.task.beads(),
        )
        self.recorder = Recorder(self.scene)
        self.planners = tuple(ArmPlanner(self.scene, seed, one) for one in self.scene.robot.by_arm)
        self.controller = Controller(self.scene, self.planners[0], self.recorder, configuration.controller.repair)
        self.over = False
        self.seen = self.task
        self.waits_s = 0.0
        self._supervisor: Supervisor | None = None
        self._moved_body: str | None = None
        self._predicted: Curve | None = None
        self._executions: list[Execution] = []
        self._begun = 0
        self.timings["build"] = time.perf_counter() - started
        self._timed("settle", self.controller.settle)

    @property
    def planner(self) -> ArmPlanner:
        """The planner of the arm that moves, or that moved last."""
        return self.controller.planner

    @property
    def reproducible(self) -> bool:
        """Whether no plan reached its time limit, as on another machine it might not have."""
        return all(planner.reproducible for planner in self.planners)

    @property
    def start(self) -> Start:
        """The state of an episode that has not moved yet."""
        return Start.of(self.task, self.scene, self.camera)

    def observe(self, pixels: bool) -> Observation:
        """Return what a policy is shown; `pixels` adds images, and takes an episode that can be rendered."""
        robot = self.scene.robot
        if not pixels:
            return Observation(self.camera, robot.observed_qpos, robot.tools_in_world)
        rgb, depth = self._timed("observe", self._sensed)
        return Observation(self.camera, robot.observed_qpos, robot.tools_in_world, rgb, depth)

    def _sensed(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
        """Return the colour and the depth image of the policy camera, with the errors of its sensor."""
        image, sensor = self._view.capture(), self.setting.sensor
        if sensor == IDEAL:
            return image.rgb, image.depth
        return sensor.measure(image.rgb, image.depth, float(self.camera.intrinsics[0, 0]), self._sensor_rng)

    @cached_property
    def _view(self) -> SceneCamera:
        return SceneCamera(self.scene.sapien, self.camera, "observation")

    def picture(self) -> npt.NDArray[np.uint8]:
        """Return a third-person image of the scene, (H, W, 3) uint8; takes an episode that can be rendered."""
        return self._spectator.rgb()

    @cached_property
    def _spectator(self) -> SceneCamera:
        return SceneCamera(self.scene.sapien, film_camera(), "film")

    def supervise(self, supervisor: Supervisor) -> None:
        """Let a supervisor interrupt traces from now on, and go on after failures."""
        self._supervisor = supervisor
        self.controller.interrupts = supervisor.interrupts

    def look(self) -> Task:
        """Return the task at the current subtask with the bodies as they are now; see `Task.going_on`."""
        now = {one.name: self.scene.body_in_world(one.name) for one in self.task.layout}
        return self.task.going_on(self.task.layout.moved(now))

    def execute(self, answer: Traces | Failure) -> Outcome:
        """Follow the trace of the current subtask, or that of each arm, to its end or until a failure, and judge it.

        If the subtask was done and another one follows, `task` then stands at that subtask. If a supervisor interrupted
        the trace, or goes on after its failure, the subtask takes another trace.

        Args:
            answer: The trace, or why there is none, which ends the episode.

        Raises:
            ResetNeededError: the episode is over, or an earlier trace was interrupted by an exception.
        """
        if self.over:
            raise ResetNeededError(
                "The episode is over and its verdict stands: it takes one trace per subtask. Call reset() first."
            )
        self.over = True  # also where an exception leaves a trace half followed
        if isinstance(answer, Failure):
            return self._unfollowed(answer)
        if isinstance(answer, Trace):
            return self._follow(answer)
        return self._concluded(*self._follow_in_step(answer))

    def _unfollowed(self, failure: Failure) -> Outcome:
        """Return the outcome where there is no trace to follow."""
        if self._goes_on(failure):
            return self._waiting()
        recording = self.recorder.recording()
        if self._moved_body is not None:
            led = Led(self.controller.robot, self._moved_body, self.task.subtask)
            self._judge(recording, [led], (), self._predicted)
        return self._judged(failure, recording)

    def _goes_on(self, failure: Failure) -> bool:
        return self._supervisor is not None and self._supervisor.goes_on(failure)

    def _waiting(self) -> Outcome:
        """Return the outcome while the current subtask waits for another trace; what moved is judged at its end."""
        self.over = False
        return self._judged(None, self.recorder.recording())

    def _concluded(self, failure: Failure | None, recording: Recording) -> Outcome:
        """Return the outcome once a subtask has ended, and stand at the next one if there is any."""
        self.over = failure is not None or self.task.is_last
        outcome = self._judged(failure, recording)
        if not self.over:
            self._begun = len(recording)
            self._moved_body = self._predicted = None
            at_rest = {one.name: self.scene.body_in_world(one.name) for one in self.task.layout}
            self.task = self.seen = self.task.after(self.task.layout.moved(at_rest))
        return outcome

    @property
    def led(self) -> str | None:
        """Name of the body that the robot is leading along a trace now; None if there is none."""
        held = self.controller.held
        if held is not None:
            return held.body
        return self.task.subtask.carried if self.controller.is_following else None

    def touched(self, trace: Trace, seen: Task) -> Body | Failure:
        """Return the body that a trace moves, or why it cannot be followed.

        Args:
            trace: The trace.
            seen: The task with the bodies as they were seen when the trace was asked for.
        """
        failure = unfit(trace)
        if failure is not None:
            return failure
        trace = as_followed(trace, seen.subtask.motion)
        body, held = seen.subtask.motion.touched(seen.layout, trace.taken_from), self.controller.held
        if body is None:
            closes = f"keypoint {trace.taken_at}, where the gripper closes"
            where = closes if trace.is_of_gripper else "the first keypoint"
            return Failure("grasp", "no_object", f"no object lies within 2 cm of {where}")
        if held is not None and held.body != body.name and self._supervisor is not None:
            failure = Failure("grasp", "other_object", f"the hand holds {mention(held.body)}, not {mention(body.name)}")
            return failure.in_words(self._spoken)
        return body

    def _follow(self, trace: Trace) -> Outcome:
        """Follow a trace and return the outcome."""
        task, moved, predicted = self.task, self._moved_body, self._predicted
        failure: Failure | None = None
        contacts: tuple[DisallowedContact, ...] = ()
        is_interrupted = False
        body = self.touched(trace, self.seen)
        if isinstance(body, Failure):
            failure = body
        else:
            trace, moved = as_followed(trace, task.subtask.motion), body.name
            predicted = self._timed("predict", partial(self.seen.predicted, trace, body.name))
            try:
                self._timed("execute", partial(self._move, body, trace))
            except Interrupted:
                is_interrupted = True
            except EpisodeEnded as ended:
                failure, contacts = self._explained(ended)
        if is_interrupted or (failure is not None and self._goes_on(failure)):
            try:
                self._timed("execute", self.controller.recover)
            except EpisodeEnded as ended:
                failure, contacts = self._explained(ended)
            else:
                self._moved_body, self._predicted = moved, predicted
                return self._waiting()
        recording = self._moved()
        self._judge(recording, [Led(self.controller.robot, moved, task.subtask)], contacts, predicted)
        return self._concluded(failure, recording)

    def _explained(self, ended: EpisodeEnded) -> tuple[Failure, tuple[DisallowedContact, ...]]:
        """Return the failure that ended a motion, in words, and the contact that did, if one did."""
        contacts = (ended.contact,) if isinstance(ended, Collision) else ()
        return ended.failure.in_words(self._spoken), contacts

    @property
    def _spoken(self) -> Callable[[str], str]:
        return SpokenNames(self.task, self.scene.robot).of

    def _follow_in_step(self, traces: Mapping[str, Trace]) -> tuple[Failure | None, Recording]:
        """Follow a trace with each arm; return the failure that ended it, or None, and everything recorded so far."""
        task = self.task
        assert isinstance(task, BimanualTask)
        failure = next((fault for trace in traces.values() if (fault := unfit(trace)) is not None), None)
        shares: list[Share] | None = None
        predicted: Curve | None = None
        contacts: tuple[DisallowedContact, ...] = ()
        if failure is None:
            shares = task.touched(traces)
            if shares is None:
                failure = Failure("grasp", "no_object", "no object lies within 2 cm of a first keypoint")
        if shares is not None:
            predicted = self._timed("predict", partial(in_step.predicted, task.layout, shares))
            try:
                self._timed("execute", partial(in_step.follow, self.controller, self.planners, shares))
            except EpisodeEnded as ended:
                failure, contacts = self._explained(ended)
        recording = self._moved()
        led = [
            Led(planner.robot, shares[number].body.name if shares else None, one.subtask)
            for number, (planner, one) in enumerate(zip(self.planners, task.shares(), strict=True))
        ]
        self._judge(recording, led, contacts, predicted)
        return failure, recording

    def _moved(self) -> Recording:
        """Return everything recorded so far; if nothing moved, a trace is judged on one sample of the robot at rest."""
        recording = self.recorder.recording()
        if len(recording) == self._begun:
            self.controller.stand()
            recording = self.recorder.recording()
        return recording

    def _move(self, body: Body, trace: Trace) -> None:
        """Move a body along a trace with the nearest arm that can follow all of it, or with the nearest if none can."""
        subtask = self.task.subtask
        self.controller.pause(self.waits_s)
        self.waits_s = 0.0
        if len(self.planners) > 1 and self.controller.held is None:
            for planner in self.planners:
                planner.mirror()
            chosen = able(self.planners, body, trace, subtask)
            self.controller.work_with(chosen or by_distance(self.planners, trace)[0])
        subtask.motion.follow(self.controller, body, trace, subtask)

    def _judge(
        self,
        recording: Recording,
        led: Sequence[Led],
        contacts: tuple[DisallowedContact, ...],
        predicted: Curve | None = None,
    ) -> None:
        """Add the execution of the current subtask, in which some arms moved something."""
        displaced = self.task.displacement.body if self.task.displacement else None
        judged = partial(executed, self.task.layout, led, recording.since(self._begun), contacts, displaced)
        arm = led[0].robot.arm.name
        self._executions.append(Execution(self.task, self._begun, self._timed("judge", judged), predicted, arm))

    def _judged(self, failure: Failure | None, recording: Recording) -> Outcome:
        task, deviations = self.task, self.controller.deviations_m
        curve, predicted = (
            join_curves(curves) if curves else None
            for curves in (
                [one.executed for one in self._executions],
                [one.predicted for one in self._executions if one.predicted is not None],
            )
        )
        margins = {} if curve is None else task.margins(curve)
        if self.over and failure is None:
            failure = self._violated(margins)
        return Outcome(
            over=self.over,
            success=self.over and failure is None,
            failure=failure,
            margins=margins,
            predicted_margins={} if predicted is None else task.margins(predicted),
            robotwin_success=None if curve is None else task.robotwin_success(curve),
            deviation_m=(float(np.mean(deviations)), float(np.max(deviations))) if deviations else None,
            penetration=self.recorder.penetration,
            executions=tuple(self._executions),
            recording=recording,
        )

    def _violated(self, margins: Mapping[str, float | None]) -> Failure | None:
        asked = {constraint.name: constraint for constraint in self.task.constraints()}
        for name, margin in margins.items():
            if margin is not None and margin < 0.0:
                stage = "goal" if asked[name].final else "constraint"
                return Failure(stage, name, asked[name].describe(margin))
        return None

    def _timed(self, name: str, work: Callable[[], Result]) -> Result:
        started = time.perf_counter()
        result = work()
        self.timings[name] = self.timings.get(name, 0.0) + time.perf_counter() - started
        return result
