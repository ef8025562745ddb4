"""A policy that is asked again: after failures, on events, at a rate, with latency, and what is recorded of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tracesim.answers.arms import format_answer
from tracesim.arrangement.explicit import explicit, of_gripper
from tracesim.configuration import ROBOT, EpisodeConfiguration, PolicyChoice, Variation
from tracesim.episode.asking import Asking
from tracesim.episode.episode import Episode, play
from tracesim.episode.moved import MOVING_S
from tracesim.episode.rollout import rollout
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.errors import ConfigurationError
from tracesim.failure import Failure
from tracesim.geometry.rigid import angle_between
from tracesim.geometry.trace import Trace
from tracesim.language.question import Question
from tracesim.layout.displacement import PERSON, SHIFT, Moving
from tracesim.observation import Observation
from tracesim.policies.noisy_expert import NoisyExpert
from tracesim.policy import Privileged, Reply
from tracesim.results.record import Record
from tracesim.results.stored_curves import StoredCurves
from tracesim.task import Task

STACK = EpisodeConfiguration("stack_blocks_two", variation=Variation("cluttered", clutter=2))
MOVED = replace(STACK, task="place_empty_cup", variation=Variation("cluttered", clutter=2, moving="target"))


class Beside(Privileged):
    """Answers beside every object the first time, and like the expert from then on; keeps the questions."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def answer(self, observation: Observation, question: Question, task: Task, rng: np.random.Generator) -> Reply:
        self.asked.append(question)
        trace = task.expert()
        if len(self.asked) == 1:
            trace = Trace(trace.keypoints + np.array([0.0, 0.0, 0.3]))
        return Reply(format_answer(observation.camera.see_all(trace)))


def became(record: Record) -> list[tuple[str, str]]:
    return [(one.because, one.became) for turn in record.turns for one in turn.answers]


def test_an_answer_that_fails_ends_the_episode_unless_the_policy_is_asked_again() -> None:
    once, again = Beside(), Beside()
    failed = Episode(STACK, once, 0).play()
    assert failed.failure is not None
    assert (failed.failure.reason, failed.calls) == ("no_object", 1)
    record = Episode(replace(STACK, replan="event"), again, 0).play()
    assert record.success
    assert became(record) == [("", "grasp: no_object"), ("grasp: no_object", "followed")]
    assert record.calls == 2
    first, second = again.asked
    assert (first.feedback, first.last_answer) == ("", "")
    assert "no object lies within 2 cm" in second.feedback
    assert second.last_answer == record.turns[0].answer


def test_the_budget_of_calls_is_kept() -> None:
    record = Episode(replace(STACK, replan="event", max_calls=1), Beside(), 0).play()
    assert record.calls == 1
    assert record.failure is not None
    assert record.failure.reason == "no_object"


def test_answers_at_a_rate_that_say_the_same_change_nothing() -> None:
    once = play(STACK, 1)
    asked = play(replace(STACK, replan="2hz"), 1)
    assert asked.margins == once.margins
    assert asked.turns[0].became == "followed"
    assert {one.became for one in asked.turns[0].later} <= {"unchanged", "answer: no_way"}
    times = [one.asked_s for one in asked.turns[0].answers if one.asked_s is not None]
    assert np.diff(times).min() >= 0.5 - 1e-6
    assert len(times) > 10


def test_a_target_that_is_moved_is_missed_by_one_answer_and_met_by_a_second(tmp_path: Path) -> None:
    missed = play(MOVED, 0)
    assert missed.failure is not None
    assert (missed.failure.stage, missed.failure.reason) == ("goal", "rests_on")
    record = play(replace(MOVED, replan="event"), 0, curves=tmp_path / "curves.npz")
    assert record.success
    assert became(record) == [("", "interrupted"), ("moved", "followed")]
    # The coaster was moved far, and by nobody but the person: only what the robot adds counts.
    motion = StoredCurves.read(tmp_path / "curves.npz").motion
    shift = motion.poses(SHIFT)[:, :3, 3]
    coaster = motion.poses("coaster")[:, :3, 3]
    assert np.linalg.norm(shift[-1]) >= 0.08
    assert np.abs((coaster - coaster[0]) - (shift - shift[0])).max() < 0.005
    assert PERSON in motion.names


def test_a_target_on_a_belt_is_noticed_again_and_again() -> None:
    belt = Variation("cluttered", clutter=2, moving="target", moved_by="belt")
    moved = replace(STACK, task="click_bell", variation=belt, replan="event")
    missed = play(replace(moved, replan="never"), 0)
    assert missed.failure is not None
    assert (missed.failure.stage, missed.failure.reason) == ("constraint", "touches")
    record = play(moved, 0)
    assert record.success
    times = [one.asked_s for one in record.turns[0].later if one.because == "moved" and one.asked_s is not None]
    assert len(times) >= 3
    assert np.diff(times[:-1]).min() >= MOVING_S - 1e-6  # the last time it is at rest


def test_what_is_to_be_carried_may_be_moved_before_the_hand_closes() -> None:
    moved = replace(STACK, variation=replace(STACK.variation, moving="carried"))
    missed = play(moved, 0)
    assert missed.failure is not None
    assert (missed.failure.stage, missed.failure.reason) == ("grasp", "missed")
    assert play(replace(moved, replan="event"), 0).success


def played(closed: EpisodeConfiguration, pixels: bool) -> tuple[bytes, list[dict[str, object]]]:
    """Return what moved in an episode of a noisy expert, and what was answered."""
    episode = SimulatedEpisode(closed, 2, pixels)
    asking = Asking(episode, NoisyExpert(pixel_noise_px=6.0), "predicted", pixels)
    outcome = rollout(episode, asking)
    return outcome.recording.positions.tobytes(), [turn.hashed() for turn in asking.turns(outcome)]


def test_closed_loops_are_the_same_again() -> None:
    closed = replace(MOVED, replan="1.5hz", latency=0.3)
    assert played(closed, pixels=False) == played(closed, pixels=False)


def test_closed_loops_are_the_same_with_a_renderer(renderer: None) -> None:
    closed = replace(MOVED, replan="event")
    assert played(closed, pixels=False) == played(closed, pixels=True)


def test_the_world_goes_on_while_a_policy_thinks() -> None:
    def arrived(latency: float) -> float:
        record = play(replace(MOVED, replan="event", latency=latency), 0)
        assert record.success
        [second] = record.turns[0].later
        assert second.asked_s is not None
        return second.asked_s

    assert arrived(0.4) - arrived(0.0) == pytest.approx(0.4, abs=0.03)  # the first answer is waited for


def test_real_latency_is_recorded_as_not_reproducible() -> None:
    record = play(replace(STACK, replan="event", latency="real"), 1)
    assert not record.reproducible
    assert record.success


@pytest.mark.one_in(3)
@pytest.mark.parametrize("path", ["bare", "object", "gripper"])
@pytest.mark.parametrize("task", ["water_flowers", "place_fan"])
def test_a_body_that_is_turned_goes_on_from_where_it_is(task: str, path: str) -> None:
    variation = Variation("cluttered", clutter=2)
    simulated = SimulatedEpisode(EpisodeConfiguration(task, variation=variation, assist=path == "bare"), 1)
    carried = simulated.task.subtask.carried
    stood = simulated.scene.body_in_world(carried)

    def answer(seen: Task) -> Trace:
        if path == "bare":
            return seen.expert()
        seen = replace(seen, assisted=True)
        trace = explicit(seen, seen.expert())
        return trace if path == "object" else of_gripper(seen, trace, ROBOT)

    class Once:
        """Interrupts once, as soon as the body is turned."""

        def __init__(self) -> None:
            self.turned_rad = 0.0

        def interrupts(self) -> bool:
            turned_rad = angle_between(stood, simulated.scene.body_in_world(carried))
            if self.turned_rad or turned_rad < 0.2:
                return False
            self.turned_rad = turned_rad
            return True

        def goes_on(self, failure: Failure) -> bool:
            return False

    once = Once()
    simulated.supervise(once)
    assert not simulated.execute(answer(simulated.task)).over
    assert once.turned_rad > 0.2
    simulated.seen = simulated.look()
    outcome = simulated.execute(answer(simulated.seen))
    assert outcome.success, outcome.failure
    assert min(margin for margin in outcome.predicted_margins.values() if margin is not None) >= 0.0


@pytest.mark.parametrize("moving", ["target", "carried"])
@pytest.mark.parametrize("path", ["object", "gripper"])
def test_answers_that_say_more_are_asked_for_again(path: str, moving: Moving) -> None:
    policy = PolicyChoice("waypoint_expert", options={"path": path})
    moved = replace(MOVED, policy=policy, variation=replace(MOVED.variation, moving=moving), assist=False)
    assert not play(moved, 0).success
    record = play(replace(moved, replan="event"), 0)
    assert record.success, record.failure
    assert record.calls > 1
    assert all(one.cues for one in record.turns[0].answers)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"replan": "2"}, "Valid: never, event, or a rate such as 1.5hz"),
        ({"replan": "0hz"}, "Valid: never, event, or a rate such as 1.5hz"),
        ({"latency": -1.0}, "Valid: none, real, or a number of seconds"),
        ({"latency": "slow"}, "Valid: none, real, or a number of seconds"),
        ({"max_calls": 0}, "at least 1"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        replace(STACK, **options)  # type: ignore[arg-type]
