"""Plays one episode: a policy answers once, the robot follows the answer, a record says what came of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tracesim.answers import read
from tracesim.arrangement import stream
from tracesim.configuration import ContactDepth, EpisodeConfiguration
from tracesim.errors import PlacementError
from tracesim.failure import Failure
from tracesim.lifting import lift
from tracesim.policies import make_policy
from tracesim.policy import Policy, Reply
from tracesim.results import Record
from tracesim.trace import Trace
from tracesim.trial import Outcome, Trial


def play(configuration: EpisodeConfiguration, seed: int, *, film: Path | None, curves: Path | None) -> Record:
    """Return the record of one seed.

    film, curves: where the film and the recorded motion are written, None when they are not wanted. Raises
    `ConfigurationError` for a name or an option that is wrong, `RendererError` when pixels are needed and cannot be had.
    """
    policy = make_policy(configuration.policy.kind, configuration.policy.options)
    needs_pixels = isinstance(policy, Policy) or configuration.contact_depth == "measured"
    trial = Trial(configuration, seed, pixels=needs_pixels or film is not None)
    observation = trial.observe(pixels=needs_pixels or film is not None)
    started = time.perf_counter()
    if isinstance(policy, Policy):
        reply = policy.answer(observation, trial.task.said)
    else:
        reply = policy.answer(observation, trial.task, stream(configuration.task, seed, "policy"))
    latency_s = reply.latency_s if reply.latency_s is not None else time.perf_counter() - started
    ...
