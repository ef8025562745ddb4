"""Tests of gymnasium's vector environments and wrappers: infos stay complete and typed, and seeds count once."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.wrappers import Autoreset, OrderEnforcing, PassiveEnvChecker, RecordEpisodeStatistics, TimeLimit
from gymnasium.wrappers.vector import DictInfoToList
from gymnasium.wrappers.vector import RecordEpisodeStatistics as RecordAllStatistics

from tests.vector_environments import MOTIONS, STAGED, expert, expert_of, maker, padded, rare
from tracesim.episode.followed_trace import KEYPOINTS
from tracesim.errors import ClosedError, ConfigurationError
from tracesim.vector import EpisodeResult, Infos, Observations, evaluate

NOWHERE = np.full((KEYPOINTS, 3), 0.4, np.float32)
NOTHING = np.full((KEYPOINTS, 3), np.nan, np.float32)
SEED = 4

Wrapper = Callable[[gym.Env[Any, Any]], gym.Env[Any, Any]]
WRAPPERS: Mapping[str, Wrapper] = {
    "plain": lambda one: one,
    "RecordEpisodeStatistics": RecordEpisodeStatistics,
    "TimeLimit": lambda one: TimeLimit(one, 10),
    "OrderEnforcing": OrderEnforcing,
    "PassiveEnvChecker": PassiveEnvChecker,
    "Autoreset": Autoreset,
}


def outcomes(environment: gym.Env[Any, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the infos of a reset and of every way in which a first step can end."""
    for name in ("success", "fails", "nothing"):
        _, info = environment.reset(seed=SEED)
        yield f"reset before {name}", info
        action = {"success": padded(expert(environment)), "fails": NOWHERE, "nothing": NOTHING}[name]
        yield name, environment.step(action)[4]


def types(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return the types of an info's values, including those in nested dicts."""
    return {name: types(value) if isinstance(value, dict) else type(value) for name, value in info.items()}


@pytest.fixture(scope="module", params=[*MOTIONS.values(), STAGED])
def infos(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    """The infos of an environment of each motion, for each outcome."""
    environment = maker(request.param)()
    found = dict(outcomes(environment))
    environment.close()
    return found


def test_every_key_has_one_type_whatever_comes_of_a_step(infos: dict[str, dict[str, Any]]) -> None:
    ended = {name: info for name, info in infos.items() if not name.startswith("reset")}
    assert len({tuple(info) for info in ended.values()}) == 1
    for info in ended.values():
        assert types(info) | {"margins": 0, "predicted_margins": 0} == {
            "instruction": str,
            "seed": int,
            "success": bool,
            "is_success": bool,
            "failure": {"stage": str, "reason": str, "detail": str},
            "margins": 0,
            "predicted_margins": 0,
        }
        for margins in (info["margins"], info["predicted_margins"]):
            assert all(type(margin) is float and np.isfinite(margin) for margin in margins.values())
    assert ended["success"]["failure"] == {"stage": "", "reason": "", "detail": ""}
    assert all(types(info) == {"instruction": str, "seed": int} for name, info in infos.items() if name not in ended)


class Told(gym.Env[npt.NDArray[np.float32], int]):
    """An environment whose single step repeats the info of another environment."""

    observation_space = gym.spaces.Box(0.0, 1.0, (1,))
    action_space = gym.spaces.Discrete(2)  # type: ignore[assignment]

    def __init__(self, at_reset: dict[str, Any], at_step: dict[str, Any]) -> None:
        self._at_reset, self._at_step = at_reset, at_step

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        return np.zeros(1, np.float32), self._at_reset

    def step(self, action: int) -> tuple[npt.NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        return np.zeros(1, np.float32), 0.0, True, False, self._at_step


def leaves(infos: Mapping[str, Any]) -> Iterator[tuple[str, npt.NDArray[Any], npt.NDArray[np.bool_]]]:
    """Yield the path, the values and the mask of each array in merged infos."""
    for name, value in infos.items():
        assert isinstance(name, str)
        if name.startswith("_"):
            continue
        if isinstance(value, Mapping):
            yield from ((f"{name}.{path}", array, mask) for path, array, mask in leaves(value))
        elif name != "final_obs":
            yield name, value, infos[f"_{name}"]


@pytest.mark.parametrize("mode", AutoresetMode)
def test_infos_merge_whatever_comes_first(infos: dict[str, dict[str, Any]], mode: AutoresetMode) -> None:
    reset = infos["reset before success"]
    ended = [info for name, info in infos.items() if not name.startswith("reset")]
    for told in itertools.permutations(ended):
        made = SyncVectorEnv([partial(Told, reset, one) for one in told], autoreset_mode=mode)
        made.reset()
        merged = made.step(np.zeros(len(told), int))[4]
        merged = merged.get("final_info", merged)
        for path, values, mask in leaves(merged):
            kind = "O" if path.startswith(("instruction", "failure")) else {"seed": "i"}.get(path, "f")
            assert values.dtype.kind == ("b" if path.endswith("success") else kind), path
            for index, one in enumerate(told):
                value: Any = one
                for name in path.split("."):
                    value = value.get(name) if value is not None else None
                assert mask[index] == (value is not None)
                assert value is None or values[index] == value
        listed = DictInfoToList(made)._convert_info_to_list(merged)
        assert listed == list(told)


class Answers:
    """A policy that answers as the expert for even seeds and nothing for odd ones, and counts its questions."""

    def __init__(self, environments: Sequence[gym.Env[Any, Any]]) -> None:
        self._environments = environments
        self.asked: Counter[int] = Counter()

    def __call__(self, observations: Observations, infos: Infos) -> list[npt.ArrayLike]:
        assert all(len(values) == len(infos) for values in observations.values())
        self.asked.update(info["seed"] for info in infos)
        return [[] if info["seed"] % 2 else expert_of(self._environments, info["seed"]) for info in infos]


def check(results: Sequence[EpisodeResult], asked: Mapping[int, int], seeds: Sequence[int], stages: int = 1) -> None:
    assert [result.seed for result in results] == list(seeds)
    for result in results:
        assert result.is_judged
        if result.seed % 2:
            assert (result.success, result.reward, result.steps) == (False, 0.0, 1)
            assert result.failure is not None
            assert (result.failure.stage, result.failure.reason) == ("answer", "no_points")
        else:
            assert result.failure is None, result.failure
            assert (result.success, result.reward, result.steps) == (True, 1.0, stages)
    assert asked == {result.seed: result.steps for result in results}


def played(task: str, mode: AutoresetMode, wrapper: Wrapper, seeds: Sequence[int], stages: int = 1) -> None:
    make = maker(task)
    environments = SyncVectorEnv([lambda: wrapper(make())] * 2, autoreset_mode=mode)
    answers = Answers(environments.envs)
    check(evaluate(environments, answers, seeds), answers.asked, seeds, stages)
    environments.close()


@pytest.mark.parametrize(
    ("motion", "mode", "wrapper"),
    # every motion, mode and wrapper once; their combinations are below, and slow
    [*itertools.islice(zip(itertools.cycle(MOTIONS), itertools.cycle(AutoresetMode), WRAPPERS, strict=False), 6)],
)
def test_each_seed_counts_once(motion: str, mode: AutoresetMode, wrapper: str) -> None:
    played(MOTIONS[motion], mode, WRAPPERS[wrapper], (4, 5, 7))


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("mode", AutoresetMode)
@pytest.mark.parametrize("motion", MOTIONS)
def test_each_seed_counts_once_in_every_combination(motion: str, mode: AutoresetMode, wrapper: str) -> None:
    played(MOTIONS[motion], mode, WRAPPERS[wrapper], range(4, 7))


@pytest.mark.parametrize(
    "mode",
    [
        AutoresetMode.NEXT_STEP,
        pytest.param(AutoresetMode.SAME_STEP, marks=pytest.mark.slow),
        pytest.param(AutoresetMode.DISABLED, marks=pytest.mark.slow),
    ],
)
def test_episodes_of_different_lengths_do_not_disturb_each_other(mode: AutoresetMode) -> None:
    played(STAGED, mode, WRAPPERS["plain"], (4, 5), stages=2)


def test_an_episode_cut_short_is_no_success() -> None:
    make = maker(STAGED)
    environments = SyncVectorEnv([lambda: TimeLimit(make(), 1)])
    [result] = evaluate(environments, Answers(environments.envs), [4])
    assert (result.success, result.reward, result.steps, result.failure) == (False, 0.0, 1, None)


@pytest.mark.parametrize("wrapper", [DictInfoToList, RecordAllStatistics])
def test_wrappers_of_vector_environments_change_nothing(
    wrapper: Callable[[VectorEnv[Any, Any, Any]], VectorEnv[Any, Any, Any]],
) -> None:
    inner = gym.make_vec("TraceSim-StackBlocksTwo-v1", 2, "sync", observation=(), variation="clean")
    assert isinstance(inner.unwrapped, SyncVectorEnv)
    answers = Answers(inner.unwrapped.envs)
    check(evaluate(wrapper(inner), answers, range(4, 6)), answers.asked, range(4, 6))


@pytest.mark.parametrize(
    "mode",
    [
        AutoresetMode.DISABLED,
        pytest.param(AutoresetMode.NEXT_STEP, marks=pytest.mark.slow),
        pytest.param(AutoresetMode.SAME_STEP, marks=pytest.mark.slow),
    ],
)
def test_processes_play_what_one_process_plays(mode: AutoresetMode, rare_tasks: None) -> None:
    environments = AsyncVectorEnv([rare, rare], context="spawn", autoreset_mode=mode)
    alone, traces = rare(), {}
    for seed in (4, 6):
        alone.reset(seed=seed)
        traces[seed] = expert(alone)
    traces[4] += (0.0, 0.0, 0.3)
    results = evaluate(environments, lambda _, infos: [traces[info["seed"]] for info in infos], range(4, 7))
    environments.close()
    assert [(result.seed, result.is_judged, result.success) for result in results] == [
        (4, True, False),
        (5, False, False),
        (6, True, True),
    ]
    assert alone.step(padded(traces[6]))[4]["margins"] == results[2].margins


@pytest.mark.parametrize("mode", AutoresetMode)
def test_a_seed_without_a_scene_is_counted_and_not_judged(mode: AutoresetMode, rare_tasks: None) -> None:
    environments = SyncVectorEnv([rare, rare], autoreset_mode=mode)
    results = evaluate(environments, lambda _, infos: [[] for _ in infos], range(1, 6))
    assert [result.seed for result in results] == [1, 2, 3, 4, 5]
    assert [result.is_judged for result in results] == [False, True, False, True, False]
    assert [result.steps for result in results] == [0, 1, 0, 1, 0]
    assert results[0].failure is not None
    assert (results[0].failure.stage, results[0].failure.reason) == ("arrangement", "no_scene")
    assert "1 is odd" in results[0].failure.detail


def test_a_recorded_video_survives_environments_without_work(tmp_path: Path, renderer: None) -> None:
    pytest.importorskip("moviepy")
    wrappers = pytest.importorskip("gymnasium.wrappers.vector")
    inner = gym.make_vec("TraceSim-ClickBell-v1", 2, "sync", render_mode="rgb_array", observation=())
    environments = wrappers.RecordVideo(inner, str(tmp_path), episode_trigger=lambda _: True)
    evaluate(environments, lambda _, infos: [[] for _ in infos], range(3))
    environments.close()
    assert list(tmp_path.glob("*.mp4"))


def vector(**arguments: Any) -> VectorEnv[Any, Any, Any]:
    return SyncVectorEnv([maker("StackBlocksTwo")], **arguments)


def test_a_policy_may_say_nothing() -> None:
    silences: list[Any] = [None, [], np.zeros((0, 3))]
    for nothing in silences:
        [result] = evaluate(vector(), partial(lambda said, *_: [said], nothing), [4])
        assert result.failure is not None
        assert (result.failure.stage, result.failure.reason) == ("answer", "no_points")


def test_no_seeds_are_no_episodes() -> None:
    assert evaluate(vector(), lambda *_: [], []) == []


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (lambda *_: [], "0 traces for 1 environments"),
        (lambda *_: [np.zeros((3, 2))], r"shape \(3, 2\)"),
        (lambda *_: None, "None. Valid: a list"),
        (lambda *_: ["[(1, 2, 0.5)]"], "str, which is not an array"),
        (lambda *_: [[[1, 2, 3], [4, 5]]], "list, which is not an array"),
        (lambda *_: [np.random.default_rng(0).uniform(0.0, 0.3, (200, 3))], "keypoints"),
    ],
)
def test_a_policy_that_returns_no_traces_is_told(policy: Any, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        evaluate(vector(), policy, [4])


def test_what_cannot_be_evaluated_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="twice"):
        evaluate(vector(), lambda *_: [], [3, 4, 3])
    with pytest.raises(ConfigurationError, match=r"range\(3\)"):
        evaluate(vector(), lambda *_: [], 3)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="not a vector environment"):
        evaluate(maker("StackBlocksTwo")(), lambda *_: [], [3])  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="action space"):
        evaluate(SyncVectorEnv([lambda: Told({}, {})]), lambda *_: [], [3])
    closed = vector()
    closed.close()
    with pytest.raises(ClosedError, match="closed"):
        evaluate(closed, lambda *_: [], [3])
