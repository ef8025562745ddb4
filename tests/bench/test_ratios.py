"""Guards against slowness: ratios that are stable within one run, and the floor that one of them is taken over."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import numpy as np
import pytest

from tracesim.bench import targets
from tracesim.bench.kinematics import calls_per_waypoint
from tracesim.bench.observation import over_default
from tracesim.bench.parts import REST, Stopwatch
from tracesim.bench.physics import Motion, compare, positions
from tracesim.bench.scenes import arranged, cluttered, solve
from tracesim.episode.simulated import SimulatedEpisode

TASK = "stack_blocks_two"


@pytest.fixture(scope="module")
def motion() -> Motion:
    configuration = cluttered(TASK)
    return Motion.record(configuration, 1, arranged(configuration, 1))


def test_bare_steps_are_those_of_the_episode(motion: Motion) -> None:
    scene = motion.replay().scene
    np.testing.assert_array_equal(positions(scene), motion.final)
    assert scene.time_s == pytest.approx(motion.simulated_s)
    green = [body.name for body in motion.task.layout].index("green_block")
    moved = motion.final[green] - motion.task.layout["green_block"].body_in_world[:3, 3]
    assert np.linalg.norm(moved[:2]) > 0.1  # it was carried, so that the robot moved


@pytest.mark.timed
def test_execution_over_bare_physics(motion: Motion) -> None:
    times = [compare(motion) for _ in range(3)]
    assert targets.GUARD_EXECUTION_OVER_PHYSICS.holds(median(one.executed / one.moving for one in times))


@pytest.mark.timed
def test_observation_over_the_default_shader(renderer: None) -> None:
    assert targets.GUARD_OBSERVATION_OVER_DEFAULT.holds(over_default(TASK, rounds=5).median)


def test_calls_of_the_inverse_kinematics_per_waypoint() -> None:
    calls = calls_per_waypoint(TASK, 1)
    assert calls >= 1.0
    assert targets.GUARD_KINEMATICS_CALLS.holds(calls)


def test_named_functions_account_for_most_of_an_episode(motion: Motion) -> None:
    watch = Stopwatch()
    with watch.running():
        solve(SimulatedEpisode(motion.configuration, motion.seed))
    spent = watch.spent_s
    idle = [part for part, seconds in spent.items() if seconds == 0.0]
    assert not idle, f"functions of {idle} are not called any more"
    assert spent[REST] < 0.5 * sum(spent.values())


def test_functions_are_given_back_after_timing() -> None:
    method: Callable[..., object] = SimulatedEpisode.execute
    watch = Stopwatch({"all": ("tracesim.episode.simulated:SimulatedEpisode.execute",)})
    with watch.running():
        timed: Callable[..., object] = SimulatedEpisode.execute
    assert timed is not method
    assert SimulatedEpisode.execute is method
