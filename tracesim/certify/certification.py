"""Certifies a seed: writes down its start and what the expert does in it; and finds out whether that is so here too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracesim.answers.reading import read
from tracesim.configuration import EpisodeConfiguration
from tracesim.episode.simulated import Outcome, Trial
from tracesim.errors import ConfigurationError, PlacementError
from tracesim.failure import Failure
from tracesim.geometry.trace import Trace
from tracesim.layout.randomness import stream
from tracesim.lifting import lift
from tracesim.policies.expert import Expert
from tracesim.results.split import Certificate, Witness
from tracesim.results.start import Start

MARGIN_TOLERANCE: Final = 0.001
"""Margins of a trace that is followed on two machines differ by at most this, metres, radians or seconds."""

NO_SCENE: Final = "no_scene"
NO_WAY: Final = "no_way"


@dataclass(frozen=True)
class Difference:
    """What is not here as a split says. what: a body, the camera, a constraint and the like."""

    seed: int
    what: str
    how: str


@dataclass(frozen=True)
class Verified:
    """A seed that was made again. start, margin: by how much start states and margins differ at most."""

    seed: int
    differences: tuple[Difference, ...]
    start: float = 0.0
    margin: float = 0.0


def certify(configuration: EpisodeConfiguration, seed: int) -> Certificate:
    """Return a seed's certificate: the expert is asked and followed as in a run, without pixels.

    Raises `ConfigurationError` where no seed of this configuration can be played.
    """
    start: Start | None = None
    witnesses: list[Witness] = []
    try:
        try:
            trial = Trial(configuration, seed, pixels=False)
        except PlacementError as error:
            failure = Failure("arrangement", NO_SCENE, _one_line(error))
            return Certificate(seed=seed, start=None, success=False, failure=failure)
        start = Start.of(trial)
        while True:
            said, answer = trial.task.said, asked(trial)
            if isinstance(answer, Failure):
                witnesses.append(Witness(instruction=said, trace=None))
                return Certificate(seed=seed, start=start, witnesses=witnesses, success=False, failure=answer)
            witnesses.append(Witness(instruction=said, trace=answer.keypoints.tolist()))
            outcome = trial.execute(answer)
            if outcome.over:
                return Certificate(
                    seed=seed,
                    start=start,
                    witnesses=witnesses,
                    success=outcome.success,
                    failure=outcome.failure,
                    margins=dict(outcome.margins),
                    reproducible=trial.planner.reproducible,
                )
    except ConfigurationError:
        raise
    except Exception as error:  # a seed is never dropped: what went wrong is written, and the seed tried again
        failure = Failure("infrastructure", type(error).__name__, _one_line(error))
        return Certificate(seed=seed, start=start, witnesses=witnesses, success=False, failure=failure)


def asked(trial: Trial) -> Trace | Failure:
    """Return the expert's trace for the stage that comes next, as any policy's answer is read and lifted."""
    rng = stream(trial.configuration.task, trial.seed, "policy")
    try:
        reply = Expert().answer(trial.observe(pixels=False), trial.task, rng)
    except PlacementError as error:
        return Failure("answer", NO_WAY, _one_line(error))
    answer = read(reply.text)
    if answer.trace is None:
        assert answer.failure is not None
        return answer.failure
    return lift(answer.trace, trial.camera, None, "predicted")


def verify(configuration: EpisodeConfiguration, certificate: Certificate, replay: bool) -> Verified:
    """Make a seed again and compare it with its certificate; with `replay` its traces are followed again.

    Raises `ConfigurationError` where no seed of this configuration can be played.
    """
    seed = certificate.seed
    if certificate.is_infrastructure:
        return _differs(seed, "certificate", "the seed was not judged; certify it again")
    try:
        trial = Trial(configuration, seed, pixels=False)
    except PlacementError as error:
        if certificate.start is None:
            return Verified(seed, ())
        return _differs(seed, "arrangement", f"none was found here: {_one_line(error)}")
    start = Start.of(trial)
    if certificate.start is None:
        return _differs(seed, "arrangement", "none was found there, one was found here")
    found = [Difference(seed, *one) for one in certificate.start.differences(start)]
    margin = 0.0
    if replay:
        outcome, said = _replayed(trial, certificate)
        found += [Difference(seed, *one) for one in said]
        if outcome is not None:
            found += [Difference(seed, *one) for one in _verdict_differences(certificate, outcome)]
            margin = _margin_distance(certificate, outcome)
    return Verified(seed, tuple(found), certificate.start.distance(start), margin)


def _differs(seed: int, what: str, how: str) -> Verified:
    return Verified(seed, (Difference(seed, what, how),))


def _replayed(trial: Trial, certificate: Certificate) -> tuple[Outcome | None, list[tuple[str, str]]]:
    """Follow a certificate's traces; return what came of them where that is to be judged, and what differs on the way.

    Where the expert had no trace it must have none here.
    """
    outcome: Outcome | None = None
    for number, witness in enumerate(certificate.witnesses):
        stage = f"stage {number}"
        if trial.task.said != witness.instruction:
            return None, [(stage, f"instruction {witness.instruction!r} there, {trial.task.said!r} here")]
        if witness.trace is None:
            answer, failure = asked(trial), certificate.failure
            same = isinstance(answer, Failure) and _named(answer) == _named(failure)
            return None, [] if same else [(stage, f"the expert's {_named(failure)} there is none here")]
        outcome = trial.execute(Trace(np.array(witness.trace)))
        if outcome.over and number + 1 < len(certificate.witnesses):
            return None, [(stage, f"{len(certificate.witnesses)} stages there, {_named(outcome.failure)} here")]
    if outcome is None or not outcome.over:
        return None, [("stages", f"{len(certificate.witnesses)} there, another one here")]
    return outcome, []


def _verdict_differences(certificate: Certificate, outcome: Outcome) -> Iterator[tuple[str, str]]:
    if _named(certificate.failure) != _named(outcome.failure):
        yield "verdict", f"{_named(certificate.failure)} there, {_named(outcome.failure)} here"
    for name in {**certificate.margins, **outcome.margins}:
        there, here = certificate.margins.get(name), outcome.margins.get(name)
        if there is None and here is None:
            continue
        if there is None or here is None or abs(there - here) > MARGIN_TOLERANCE:
            yield name, f"margin {_shown(there)} there, {_shown(here)} here"


def _margin_distance(certificate: Certificate, outcome: Outcome) -> float:
    pairs = [(certificate.margins.get(name), margin) for name, margin in outcome.margins.items()]
    return max((abs(one - another) for one, another in pairs if one is not None and another is not None), default=0.0)


def _named(failure: Failure | None) -> str:
    return "success" if failure is None else f"{failure.stage}: {failure.reason}"


def _shown(margin: float | None) -> str:
    return "not applicable" if margin is None else f"{margin:+.5f}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
