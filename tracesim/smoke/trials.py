"""Trials: one episode each, or its beginning, in which everything that a run needs is used once."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final, Literal

from tracesim.cli.composition import policy_names, run_configuration
from tracesim.configuration import EpisodeConfiguration
from tracesim.errors import (
    ConfigurationError,
    DoesNotApplyError,
    InfrastructureError,
    NeverAppliesError,
    PlacementError,
    RendererError,
    TraceSimError,
)
from tracesim.failure import Failure
from tracesim.models.patience import Patience
from tracesim.negative_control import NEGATIVE_CONTROLS
from tracesim.policies import POLICIES
from tracesim.policy import CommandPolicy

Kind = Literal["task", "policy", "variation", "robot"]
State = Literal["works", "fails", "unavailable"]

SEEDS: Final = range(5)
"""Seeds of which the first one that has a scene is tried."""

TIMEOUT_S: Final = 30.0
"""How long a policy's server may take to answer."""


@dataclass(frozen=True)
class Trial:
    """Something to try."""

    kind: Kind
    """What it is about."""

    name: str
    """Name of the task, policy, level of variation or robot."""

    words: tuple[str, ...]
    """The words of a run that uses it."""


@dataclass(frozen=True)
class Tried:
    """What came of a trial."""

    trial: Trial
    """The trial."""

    state: State
    """Whether it works, fails, or cannot be tried because a server, a setting or a package is missing."""

    why: str = ""
    """What failed or is missing, or how the episode ended."""

    seconds: float = 0.0
    """How long it took."""


def try_out(trial: Trial) -> Tried:
    """Try something, and return what came of it; errors are never raised."""
    started = time.perf_counter()
    state, why = _judged(trial)
    return Tried(trial, state, " ".join(why.split()), time.perf_counter() - started)


def died(trial: Trial, how: str) -> Tried:
    """Return what came of a trial of which the process died."""
    return Tried(trial, "fails", f"the process died ({how})")


def _judged(trial: Trial) -> tuple[State, str]:
    about_policy = trial.kind == "policy"
    try:
        configuration = run_configuration(_with_little_patience(trial)).episode
        return _first_scene(configuration, _play if trial.kind in ("policy", "robot") else _answer)
    except (DoesNotApplyError, NeverAppliesError) as error:
        return "works", f"has nothing to do in this scene: {error}"
    except (InfrastructureError, RendererError) as error:
        return ("unavailable" if about_policy else "fails"), str(error)
    except ConfigurationError as error:  # a setting is missing, such as a key, or a package
        return ("unavailable" if about_policy else "fails"), str(error)
    except TraceSimError as error:
        return "fails", str(error)
    except Exception as error:  # the others are still to be tried
        return "fails", f"{type(error).__name__}: {error}"


def _with_little_patience(trial: Trial) -> tuple[str, ...]:
    """Return the words of a trial; if its policy asks a server, each question is asked once.

    A policy that sends commands is given a kind of control.
    """
    keys = {word.partition("=")[0] for word in trial.words}
    name = next((word.partition("=")[2] for word in trial.words if word.startswith("policy=")), "expert")
    made = POLICIES[_kind(trial.words)] if name in policy_names() else None
    if made is None or not issubclass(made, Patience):
        return trial.words
    brief = {"policy.retries": "0", "policy.timeout_s": str(TIMEOUT_S)}
    if issubclass(made, CommandPolicy):
        brief["control"] = "ee_pose"
    return (*trial.words, *(f"{key}={value}" for key, value in brief.items() if key not in keys))


def _kind(words: tuple[str, ...]) -> str:
    from tracesim.cli.composition import policy_choice

    chosen = [word for word in words if word.startswith(("policy=", "--config-dir"))]
    return policy_choice(chosen).kind


def _first_scene(
    configuration: EpisodeConfiguration, work: Callable[[EpisodeConfiguration, int], tuple[State, str]]
) -> tuple[State, str]:
    """Return what comes of the first seed that has a scene."""
    for seed in SEEDS:
        try:
            return work(configuration, seed)
        except PlacementError as error:
            last = error
    return "fails", f"none of the first {len(SEEDS)} seeds has a scene: {last}"


def _answer(configuration: EpisodeConfiguration, seed: int) -> tuple[State, str]:
    """Arrange and draw a scene, and read the expert's first answer."""
    from tracesim.episode.answering import ask, interpret
    from tracesim.episode.simulated import SimulatedEpisode
    from tracesim.policies.expert import Expert
    from tracesim.simulation.renderer import available

    pixels, expert = available(), Expert()
    episode = SimulatedEpisode(configuration, seed, pixels=pixels)
    observation = episode.observe(pixels=pixels)
    answer = interpret(ask(expert, episode, observation), expert, episode.task, observation, "predicted").answer
    if isinstance(answer, Failure):
        return "fails", _said(answer)
    return "works", "" if pixels else "without pictures: nothing can draw here"


def _play(configuration: EpisodeConfiguration, seed: int) -> tuple[State, str]:
    """Play an episode."""
    from tracesim.episode.episode import Player

    with closing(Player(configuration)) as player:
        record = player.begin(seed, film=None, curves=None).play()
    kind, failure = configuration.policy.kind, record.failure
    if failure is None:
        return ("fails", "a negative control succeeded") if kind in NEGATIVE_CONTROLS else ("works", "success")
    right = kind != "expert" and failure.stage not in ("answer", "lift", "infrastructure")
    return ("works" if right else "fails"), _said(failure)


def _said(failure: Failure) -> str:
    return f"{failure.stage}: {failure.reason}" + (f" ({failure.detail})" if failure.detail else "")
