"""TraceSim and ManiSkill side by side, measured in turn."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from tracesim.bench import targets
from tracesim.bench.figure import Figure, ratios
from tracesim.bench.options import Options
from tracesim.bench.peer.maniskill import ManiSkill, prefixed, python
from tracesim.bench.scenes import cluttered, solve
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.errors import InfrastructureError, TraceSimError
from tracesim.machine.children import output_of

ROUNDS = 10

STARTS: Final = 3
"""Processes of each simulator that are started at most, as each takes seconds."""

TASKS: Final = ("stack_blocks_two", "water_flowers")
"""Tasks that are played against the peer's episodes."""

CODE: Final = """\
import json, time
import gymnasium
import tracesim
gymnasium.make("TraceSim-StackBlocksTwo-v1").reset(seed=0)
print(json.dumps({"cpu_s": time.process_time()}))
"""
"""What a process of TraceSim does up to the first picture of an environment."""

Answer = Mapping[str, Any]


def compare(options: Options) -> tuple[dict[str, str], list[Figure]]:
    """Return the versions in the peer's environment, and the figures of both sides.

    Raises:
        ConfigurationError: The peer's environment cannot be installed.
        InfrastructureError: A process failed.
    """
    interpreter, rounds = python(), options.rounds_or(ROUNDS)
    with ManiSkill(interpreter) as peer:
        versions = prefixed(peer.ask("versions"))
        figures = [*_episodes(peer, rounds), *_frames(peer, rounds)]
    return versions, [*figures, *_starts(interpreter, min(rounds, STARTS))]


def _episodes(peer: ManiSkill, rounds: int) -> list[Figure]:
    """Return the real-time factors of episodes without images, one seed a round."""
    works: dict[str, Callable[[int], Answer]] = {
        "peer": lambda seed: peer.ask("planned", seed),
        **{task: partial(_play, task) for task in TASKS},
    }
    answers = _in_turn(works, rounds)
    factors = {name: ratios(_each(some, "simulated_s"), _each(some, "cpu_s")) for name, some in answers.items()}
    figures = [
        Figure("ManiSkill, StackCube-v1, motion-planned: real-time factor", factors["peer"], ""),
        *_details(answers["peer"]),
    ]
    for task in TASKS:
        figures += [
            Figure(f"TraceSim, {task}, cluttered, by the expert: real-time factor", factors[task], ""),
            *_details(answers[task]),
            Figure("  / ManiSkill", ratios(factors[task], factors["peer"]), "", targets.REAL_TIME_OVER_PEER),
        ]
    return figures


def _details(answers: Sequence[Answer]) -> list[Figure]:
    solved = _each(answers, "success")
    return [
        Figure("  simulated time of an episode", _each(answers, "simulated_s"), "s"),
        Figure("  CPU time of an episode", _each(answers, "cpu_s"), "s"),
        Figure.of(f"  solved, of {len(solved)} episodes", sum(solved), ""),
    ]


def _play(task: str, seed: int) -> Answer:
    """Arrange and play an episode without images."""
    started = time.process_time()
    episode = SimulatedEpisode(cluttered(task), seed)
    outcome = solve(episode)
    spent_s = time.process_time() - started
    return {"cpu_s": spent_s, "simulated_s": episode.scene.time_s, "success": float(outcome.success)}


def _frames(peer: ManiSkill, rounds: int) -> list[Figure]:
    """Return the rates of RGB-D observations at 640 x 480, each with the physics of one step of the peer."""
    episode = SimulatedEpisode(cluttered(TASKS[0]), 0, pixels=True)
    step_s = float(peer.ask("one_camera")["simulated_s"])

    def observe(_: int) -> Answer:
        started, until = time.process_time(), episode.scene.time_s + step_s
        while episode.scene.time_s < until:
            episode.scene.step()
        episode.observe(pixels=True)
        return {"cpu_s": time.process_time() - started}

    works: dict[str, Callable[[int], Answer]] = {
        "ours": observe,
        "one": lambda _: peer.ask("one_camera"),
        "two": lambda _: peer.ask("two_cameras"),
    }
    answers = _in_turn(works, rounds)
    rates = {name: tuple(1.0 / one for one in _each(some, "cpu_s")) for name, some in answers.items()}
    cameras = {name: int(answers[name][0]["images"]) for name in ("one", "two")}
    return [
        Figure(f"TraceSim: {step_s:g} s of physics, and RGB-D at 640 x 480", rates["ours"], "/s"),
        Figure(
            f"ManiSkill, StackCube-v1: rgbd step, default robot, {cameras['two']} cameras",
            rates["two"],
            "/s",
        ),
        Figure("  TraceSim / ManiSkill", ratios(rates["ours"], rates["two"]), "", targets.FRAMES_OVER_PEER),
        Figure(f"ManiSkill, StackCube-v1: rgbd step, robot panda, {cameras['one']} camera", rates["one"], "/s"),
        Figure("  TraceSim / ManiSkill", ratios(rates["ours"], rates["one"]), ""),
    ]


def _starts(interpreter: Path, rounds: int) -> list[Figure]:
    """Return the CPU times of new processes up to the first picture of their environment."""

    def peer(_: int) -> Answer:
        with ManiSkill(interpreter) as started:
            return started.ask("first_picture")

    answers = _in_turn({"ours": _our_start, "peer": peer}, rounds)
    ours, theirs = _each(answers["ours"], "cpu_s"), _each(answers["peer"], "cpu_s")
    return [
        Figure("TraceSim: start to the first picture of gym.make and reset", ours, "s"),
        Figure("ManiSkill, StackCube-v1: the same", theirs, "s"),
        Figure("  TraceSim / ManiSkill", ratios(ours, theirs), "", targets.FIRST_PICTURE_OVER_PEER),
    ]


def _our_start(_: int) -> Answer:
    try:
        output = output_of([sys.executable, "-c", CODE])
    except TraceSimError as error:
        raise InfrastructureError(f"A new process could not render: {error}.") from None
    answer: Answer = json.loads(output.splitlines()[-1])
    return answer


def _in_turn(works: Mapping[str, Callable[[int], Answer]], rounds: int) -> dict[str, list[Answer]]:
    """Do works in turn, once to fill caches and then for each round, and return the answers of the rounds."""
    answers: dict[str, list[Answer]] = {name: [] for name in works}
    for number in range(-1, rounds):
        for name, work in works.items():
            answer = work(max(number, 0))
            if number >= 0:
                answers[name].append(answer)
    return answers


def _each(answers: Sequence[Answer], key: str) -> tuple[float, ...]:
    return tuple(float(answer[key]) for answer in answers)
