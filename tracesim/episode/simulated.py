"""One seed of one task on one robot: look at it, execute a trace in it, judge what happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tracesim.answers.reading import REASONS
from tracesim.arrangement.arrangement import arrange
from tracesim.assets.embodiments import embodiment
from tracesim.configuration import EpisodeConfiguration
from tracesim.control.controller import Controller
from tracesim.control.monitors import Collision
from tracesim.control.planner import ArmPlanner
from tracesim.envs import task_class
from tracesim.errors import ResetNeededError
from tracesim.failure import EpisodeEnded, Failure
from tracesim.film.film import film_camera
from tracesim.geometry.contacts import DisallowedContact
from tracesim.geometry.curve import Curve, joined
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body
from tracesim.layout.randomness import stream
from tracesim.motion.execution import executed
from tracesim.observation import Observation
from tracesim.simulation.recorder import Recorder, Recording
from tracesim.simulation.renderer import View, render_system
from tracesim.simulation.scene import Scene
from tracesim.task import Task

KEYPOINTS = 64
"""More keypoints than these are simplified, within a millimetre, before they are followed."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Act:
    """A stage as it was played.

    task: as it stood when the stage began. begun: the number of the first sample of the motion that belongs to it.
    """

    task: Task
    begun: int
    executed: Curve
    predicted: Curve | None


@dataclass(frozen=True)
class Outcome:
    """What came of a trace.

    over: whether the episode is; else another stage comes. success: it is, every constraint held and nothing failed
    before. margins, predicted_margins: by constraint, on the executed
    and on the predicted curve. deviation_m: mean and greatest distance of the functional point from its path while it
    was carried, None when it never was. motion: what was recorded.
    """

    over: bool
    success: bool
    failure: Failure | None
    margins: Mapping[str, float | None]
    predicted_margins: Mapping[str, float | None]
    robotwin_success: bool | None
    deviation_m: tuple[float, float] | None
    acts: tuple[Act, ...]
    motion: Recording

    @property
    def executed(self) -> Curve:
        """What happened so far."""
        return joined([act.executed for act in self.acts])

    @property
    def stopped_by(self) -> DisallowedContact | None:
        """The contact that ended the episode, where one did."""
        contacts = self.acts[-1].executed.contacts
        return contacts[-1] if contacts else None

    @property
    def predicted(self) -> Curve | None:
        """What the traces so far asked for, where they asked for anything."""
        curves = [act.predicted for act in self.acts if act.predicted is not None]
        return joined(curves) if curves else None

    @property
    def predicted_success(self) -> bool | None:
        """Whether the predicted trace holds every constraint that applies to it; None where there is no such curve."""
        if self.predicted is None:
            return None
        return all(margin is None or margin >= 0.0 for margin in self.predicted_margins.values())


class Trial:
    """Arranges a seed, shows it to a policy, executes one trace a stage.

    over: whether the episode is; it then takes no further trace.
    """

    def __init__(self, configuration: EpisodeConfiguration, seed: int, pixels: bool) -> None:
        """Arrange the scene and let it settle; with `pixels` it can be drawn.

        Raises:
            ConfigurationError: a name is not known.
            PlacementError: no arrangement of the seed was found that can be seen and solved.
            RendererError: `pixels` are asked for, and this process cannot draw.
        """
        started = time.perf_counter()
        self.configuration = configuration
        self.seed = seed
        name, variation = configuration.task, configuration.variation
        robot = embodiment(configuration.robot)
        if pixels:
            render_system()
        setting = variation.setting(partial(stream, name, seed))
        self.camera = setting.camera
        self.task = arrange(name, task_class(name), seed, variation, self.camera, setting.raised_m)
        self.timings = {"arrange": time.perf_counter() - started}
        started = time.perf_counter()
        room = setting.room() if pixels else None
        self.scene = Scene(self.task.layout, robot, room, setting.light, setting.raised_m)
        self.recorder = Recorder(self.scene)
        self.planner = ArmPlanner(self.scene, seed)
        self.controller = Controller(self.scene, self.planner, self.recorder, configuration.controller.repair)
        self._acts: list[Act] = []
        self._begun = 0
        self.over = False
        self.timings["build"] = time.perf_counter() - started
        self._timed("settle", self.controller.settle)

    def observe(self, pixels: bool) -> Observation:
        """Return what a policy is shown; pictures with `pixels`, which takes a trial that can be drawn."""
        robot = self.scene.robot
        if not pixels:
            return Observation(self.camera, robot.qpos, robot.tcp_in_world)
        image = self._timed("observe", self._view.capture)
        return Observation(self.camera, robot.qpos, robot.tcp_in_world, image.rgb, image.depth)

    @cached_property
    def _view(self) -> View:
        return View(self.scene.sapien, self.camera, "observation")

    def picture(self) -> npt.NDArray[np.uint8]:
        """Return a third-person picture of the scene as it stands, (H, W, 3) uint8; takes a trial that can be drawn."""
        return self._spectator.rgb()

    @cached_property
    def _spectator(self) -> View:
        return View(self.scene.sapien, film_camera(), "film")

    def execute(self, trace: Trace) -> Outcome:
        """Follow the trace of a stage to its end, or until it must not be followed any further, and judge it.

        Where the stage was done and another one comes, `task` is then the task at that stage.

        Raises:
            ResetNeededError: the episode is over, or an earlier trace was interrupted by an exception.
        """
        if self.over:
            raise ResetNeededError(
                "The episode is over and its verdict stands: an episode takes one trace a stage. Call reset() first."
            )
        self.over = True  # also where an exception leaves a trace half followed
        task, subtask = self.task, self.task.subtask
        failure, predicted = _unfit(trace), None
        contacts: tuple[DisallowedContact, ...] = ()
        if failure is None:
            trace = trace.deduplicated()
            if len(trace.keypoints) > KEYPOINTS:
                trace = trace.simplified()
        body: Body | None = None
        if failure is None:
            body = subtask.motion.touched(task.layout, trace.keypoints[0])
        try:
            if failure is not None:
                raise EpisodeEnded(failure)
            if body is None:
                raise EpisodeEnded(Failure("grasp", "no_object", "no object lies within 2 cm of the first keypoint"))
            predicted = self._timed("predict", lambda: task.predicted(trace, body.name))
            self._timed("execute", lambda: subtask.motion.follow(self.controller, body, trace, subtask))
        except EpisodeEnded as ended:
            failure = ended.failure
            contacts = (ended.contact,) if isinstance(ended, Collision) else ()
        motion = self.recorder.recording()
        if len(motion) == self._begun:  # a later stage whose trace was never begun: it is judged on standing still
            self.controller.stand()
            motion = self.recorder.recording()
        curve = self._timed(
            "judge",
            lambda: executed(
                task.layout, self.scene.robot, motion.since(self._begun), body.name if body else None, subtask, contacts
            ),
        )
        self._acts.append(Act(task, self._begun, curve, predicted))
        self.over = over = failure is not None or task.is_last
        if not over:
            self._begun = len(motion)
            self.task = task.after(
                task.layout.moved({one.name: self.scene.body_in_world(one.name) for one in task.layout})
            )
        return self._judged(over, failure, motion)

    def _judged(self, over: bool, failure: Failure | None, motion: Recording) -> Outcome:
        task, deviation = self.task, self.controller.deviations_m
        curve = joined([act.executed for act in self._acts])
        planned = [act.predicted for act in self._acts if act.predicted is not None]
        margins = task.margins(curve)
        if over and failure is None:
            failure = self._violated(margins)
        return Outcome(
            over=over,
            success=over and failure is None,
            failure=failure,
            margins=margins,
            predicted_margins=task.margins(joined(planned)) if planned else {},
            robotwin_success=task.robotwin_success(curve),
            deviation_m=(float(np.mean(deviation)), float(np.max(deviation))) if deviation else None,
            acts=tuple(self._acts),
            motion=motion,
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


def _unfit(trace: Trace) -> Failure | None:
    """Return why a trace says nothing: texts are read and lifted with such checks, arrays are not."""
    if np.isnan(trace.keypoints).all():  # of an array of fixed size that is how to say nothing
        return Failure("answer", "no_points", REASONS["no_points"])
    if not np.isfinite(trace.keypoints).all():
        return Failure("answer", "not_finite", REASONS["not_finite"])
    return None
