"""Two arms in step: which samples belong together, what is predicted, how it is timed, and that the arms keep apart."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracesim  # noqa: F401 - registers the environments
from tests.control.test_arms import Pair
from tests.episodes import Episodes, arranged
from tracesim.answers.arms import format_arms, read_arms
from tracesim.cli.composition import run_configuration
from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.control.planner import timed_in_step
from tracesim.envs import default_robot
from tracesim.episode.replayed import Replayed
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.errors import ConfigurationError
from tracesim.families.bimanual import BimanualTask, with_keypoints
from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.rigid import FloatArray, angle_between, inverse, leans
from tracesim.geometry.trace import Polyline, Trace
from tracesim.motion.in_step.plans import ARMS_CLEARANCE_M
from tracesim.motion.in_step.prediction import body_paths
from tracesim.motion.in_step.steps import Steps
from tracesim.results.record import Record
from tracesim.results.stored_curves import StoredCurves
from tracesim.simulation.recorder import Phase

TASKS = (
    *("lift_pot", "pick_dual_bottles", "handover_block", "place_dual_shoes"),
    *("grab_roller", "pick_diverse_bottles", "handover_mic", "scan_object"),
)
CLEAN = Variation("clean", clutter=0)

number = st.floats(-0.3, 0.3, allow_nan=False)
keypoints = st.lists(st.tuples(number, number, number), min_size=2, max_size=5).map(np.array)


@given(left=keypoints, right=keypoints)
def test_both_are_at_their_keypoints_together_and_the_shorter_waits_at_its_end(
    left: FloatArray, right: FloatArray
) -> None:
    steps = Steps.of([Trace(left), Trace(right)])
    assert len(steps.stops) == max(len(left), len(right))
    for trace, moved in zip((left, right), steps.moved_m, strict=True):
        for index, sample in enumerate(steps.stops):
            expected = trace[min(index, len(trace) - 1)] - trace[0]
            assert moved[sample] == pytest.approx(expected, abs=1e-9)
        assert np.linalg.norm(np.diff(moved, axis=0), axis=1).max(initial=0.0) <= 0.01 + 1e-9


@given(left=keypoints, right=keypoints, turns=st.tuples(number, number))
def test_what_is_turned_is_turned_evenly_along_its_own_trace(
    left: FloatArray, right: FloatArray, turns: tuple[float, float]
) -> None:
    steps = Steps.of([Trace(left), Trace(right)], turns)
    for trace, turned, turn in zip((left, right), steps.turned, turns, strict=True):
        gone = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(trace, axis=0), axis=1))])
        for index, sample in enumerate(steps.stops):
            share = gone[min(index, len(trace) - 1)] / max(gone[-1], 1e-9)
            assert turned[sample] == pytest.approx(turn * share, abs=1e-6)


@given(trace=keypoints, count=st.integers(2, 9))
def test_further_keypoints_do_not_change_the_way(trace: FloatArray, count: int) -> None:
    more = with_keypoints(Trace(trace), count).keypoints
    assert len(more) == max(len(trace), count)
    assert max(map(Polyline(trace).distance_m, more)) < 1e-9
    assert max(map(Polyline(more).distance_m, trace)) < 1e-9


def in_clean_scene(name: str, seed: int = 0) -> BimanualTask:
    task = arranged(name, seed, CLEAN)
    assert isinstance(task, BimanualTask)
    return task


def pot(seed: int = 0) -> BimanualTask:
    return in_clean_scene("lift_pot", seed)


def raised(task: BimanualTask, left_m: float, right_m: float) -> FloatArray:
    """Return the predicted last pose (4, 4) of the pot if its sides are raised so far."""
    traces = {
        one.side: Trace(one.keypoints()[0] + np.array([(0.0, 0.0, 0.0), (0.0, 0.0, by_m)]))
        for one, by_m in zip(task.shares(), (left_m, right_m), strict=True)
    }
    paths, _ = body_paths(task.led(traces))
    return np.asarray(paths["pot"][-1])


@pytest.mark.parametrize(("left_m", "right_m"), [(0.05, 0.05), (0.05, 0.02), (0.0, 0.03)])
def test_a_body_that_both_hold_is_predicted_to_go_and_lean_as_its_gripped_points_do(
    left_m: float, right_m: float
) -> None:
    task = pot()
    body = task.layout["pot"]
    now = raised(task, left_m, right_m)
    grips = {side: now @ np.append(body.prop.points[side], 1.0) for side in ("left", "right")}
    middle = (grips["left"] + grips["right"])[:3] / 2.0
    before = (body.position("left") + body.position("right")) / 2.0
    assert middle - before == pytest.approx((0.0, 0.0, (left_m + right_m) / 2.0), abs=1e-9)
    apart_m = np.linalg.norm(body.position("left") - body.position("right"))
    assert leans(now[None])[0] == pytest.approx(np.arctan2(abs(left_m - right_m), apart_m), abs=1e-6)


def test_one_timing_moves_both_arms_within_the_limits_of_either() -> None:
    pair = Pair()
    start, end = (
        np.concatenate([pair.posture(one, x, one.robot.shoulder_in_world[1, 3], 0.2) for one in pair.planners])
        for x in (-0.2, 0.0)
    )
    share = np.linspace(0.0, 1.0, 30)[:, None]
    path = start + (end - start) * share
    positions, velocities = timed_in_step(pair.planners, path, tool_speed_m_s=0.1)
    limits = np.concatenate([one.robot.arm.per_joint(one.robot.arm.velocity_limit) for one in pair.planners])
    assert (np.abs(velocities) < limits + 1e-3).all()
    assert positions[-1] == pytest.approx(end, abs=1e-6)
    done = (positions - start) / np.where(np.abs(end - start) > 1e-3, end - start, np.nan)
    assert np.nanmax(done, axis=1) == pytest.approx(np.nanmin(done, axis=1), abs=1e-3)  # the same share of the way


@pytest.mark.one_in(4)
@pytest.mark.parametrize("task", TASKS)
def test_arms_keep_apart_along_the_whole_motion_in_step(task: str, episodes: Episodes) -> None:
    path = episodes.record(task, 0, "expert")
    record, stored = Record.model_validate_json(path.read_text()), StoredCurves.read(path.with_suffix(".npz"))
    assert record.turns[0].traces is not None
    assert set(record.turns[0].traces) == {"left", "right"}
    assert record.turns[0].trace is None
    sides = [{n: s for n, s in stored.shapes.items() if n.startswith(side)} for side in ("left_", "right_")]
    poses = {name: stored.motion.poses(name) for side in sides for name in side}
    left, right = sides
    apart_m = ClearanceProbe(left, right, beyond_m=0.3).over(poses).distance_m
    following = stored.motion.during(Phase.FOLLOW)
    assert apart_m[following].min() > ARMS_CLEARANCE_M - 0.002
    assert apart_m.min() > 0.0
    tools = [stored.motion.poses(f"{side}_panda_hand_tcp")[following, :3, 3] for side in ("left", "right")]
    moved = [np.linalg.norm(tool - tool[0], axis=1) for tool in tools]
    assert all(one[-1] > 0.04 for one in moved)
    if task == "lift_pot":  # both go the same way, so at each moment they have gone as far
        assert moved[0] == pytest.approx(moved[1], abs=2e-3)


@pytest.mark.parametrize("seed", range(2))
def test_what_one_hand_gives_the_other_takes(seed: int, episodes: Episodes) -> None:
    path = episodes.record("handover_block", seed, "expert")
    record, stored = Record.model_validate_json(path.read_text()), StoredCurves.read(path.with_suffix(".npz"))
    giver, taker = record.turns[0].words["giver"], record.turns[0].words["taker"]
    block, phases = stored.motion.poses("block"), stored.motion.phases
    follows = stored.motion.during(Phase.FOLLOW)
    changes = np.flatnonzero(np.diff(follows.astype(int)))
    assert len(changes) == 4  # the giver leads, then the taker
    given, taken = slice(changes[0] + 1, changes[1] + 1), slice(changes[2] + 1, changes[3] + 1)
    for arm, window in ((giver, given), (taker, taken)):
        held = inverse(stored.motion.poses(f"{arm}_panda_hand_tcp")[window]) @ block[window]
        assert np.linalg.norm(held[:, :3, 3] - held[0, :3, 3], axis=1).max() < 0.005
        assert max(angle_between(held[0], pose) for pose in held) < np.radians(5.0)
    between = slice(given.stop, taken.start)
    assert [phase for phase in dict.fromkeys(phases[between]) if phase in ("close", "open")] == ["close", "open"]
    assert np.linalg.norm(block[between, :3, 3] - block[given.stop, :3, 3], axis=1).max() < 0.003  # it stays in the air
    away = stored.motion.poses(f"{giver}_panda_hand_tcp")[taken, :3, 3] - block[taken, :3, 3]
    assert np.linalg.norm(away, axis=1).min() > 0.05


@pytest.mark.one_in(2)
@pytest.mark.parametrize("low", [("left",), ("right",), ("left", "right")])
def test_each_hand_puts_down_until_its_own_body_stands(low: tuple[str, ...]) -> None:
    task = in_clean_scene("place_dual_shoes")
    traces = dict(task.traces())
    for side in low:
        keypoints = traces[side].keypoints.copy()
        keypoints[-1, 2] -= 0.008  # into the mat
        traces[side] = Trace(keypoints)
    configuration = EpisodeConfiguration("place_dual_shoes", robot="two_pandas", variation=CLEAN)
    outcome = SimulatedEpisode(configuration, 0, task=task).execute(traces)
    assert outcome.success, outcome.failure


def test_a_prompt_tells_who_acts_first_where_a_thing_is_handed_over() -> None:
    task = in_clean_scene("handover_block")
    giver, taker = (word for _, word in sorted((one.act, one.side) for one in task.shares()))
    asked = task.question.prompt("{instruction}")
    assert f"first the {giver} and then the {taker} one" in asked
    assert "`left: [...]` and `right: [...]`" in asked
    assert "at the same time" not in asked
    assert "at the same time" in in_clean_scene("place_dual_shoes").question.prompt("{instruction}")


def test_an_episode_in_step_is_rebuilt_from_its_record_and_curves(episodes: Episodes) -> None:
    path = episodes.record("pick_dual_bottles", 0, "expert")
    record = Record.model_validate_json(path.read_text())
    replayed = Replayed.of(record, path.with_suffix(".npz"), pixels=False)
    task, outcome = replayed.simulated.task, replayed.outcome
    assert outcome.executed is not None
    assert outcome.predicted is not None
    assert task.margins(outcome.executed) == record.margins
    assert task.margins(outcome.predicted) == record.predicted_margins
    points = outcome.executions[0].functional_points
    assert [point.body for point in points] == ["left", "right"]
    for point, planned in zip(points, outcome.executions[0].planned, strict=True):
        assert outcome.executed.position(point)[-1] == pytest.approx(planned[-1], abs=2e-3)


def test_an_answer_for_one_arm_only_fails_as_an_answer() -> None:
    task = pot()
    left = {"left": task.traces()["left"]}
    text = format_arms({arm: task.camera.see(trace) for arm, trace in left.items()})
    faulty = read_arms(text, task.arms).faulty
    assert faulty is not None
    assert faulty.reason == "missing_arm"


def test_a_robot_with_one_arm_is_refused_in_one_line() -> None:
    said = "robot=panda cannot do lift_pot: it takes a left and a right arm, and the robot has one. Valid: robot=two"
    with pytest.raises(ConfigurationError, match=said):
        SimulatedEpisode(EpisodeConfiguration("lift_pot", robot="panda"), 0)
    with pytest.raises(ConfigurationError, match=said):
        gym.make("TraceSim-LiftPot-v1", robot="panda")
    assert run_configuration(["task=lift_pot"]).robot == default_robot("lift_pot") == "two_pandas"
    assert run_configuration(["task=water_flowers"]).robot == "panda"


def test_an_action_is_a_trace_for_each_arm() -> None:
    env = gym.make("TraceSim-LiftPot-v1", observation=(), variation=CLEAN)
    env.reset(seed=0)
    task = env.unwrapped.episode.task  # type: ignore[attr-defined]
    action = np.stack(
        [np.pad(one.keypoints, ((0, 64 - len(one.keypoints)), (0, 0)), mode="edge") for one in task.traces().values()]
    ).astype(np.float32)
    assert env.action_space.contains(action)
    with pytest.raises(ConfigurationError, match=r"shape \(64, 3\) is not a trace. Valid: \(2, 64, 3\)"):
        env.step(action[0])
    _, reward, terminated, _, info = env.step(action)
    assert (reward, terminated) == (1.0, True), info["failure"]
    env.close()


def test_one_arm_that_lifts_alone_tilts_what_both_hold() -> None:
    task = pot()
    configuration = EpisodeConfiguration("lift_pot", robot="two_pandas", variation=CLEAN)
    outcome = SimulatedEpisode(configuration, 0, task=task).execute({**task.traces(), "right": task.staying()["right"]})
    assert not outcome.success
    assert outcome.failure is not None
    assert outcome.failure.stage == "slip"  # it turns in the hand of the arm that stays
    for margins in (outcome.margins, outcome.predicted_margins):
        assert margins["tilt"] is not None
        assert margins["tilt"] < 0.0
