"""Split files of made-up certificates."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.failure import Failure
from tracesim.results.split import Certificate, Header, SplitFile, Witness

STACK = EpisodeConfiguration("stack", variation=Variation("clean", clutter=0))
HEADER = Header.of(STACK)
FAILURES = {
    "solved": None,
    "missed": Failure("goal", "beside"),
    "nowhere": Failure("arrangement", "no_scene"),
    "broken": Failure("infrastructure", "OSError"),
}
TRACE = [(0.0, 0.0, 0.05), (0.0, 0.0, 0.1), (0.1, 0.1, 0.1)]
OUTCOMES = st.sampled_from(sorted(FAILURES))


def certificate(seed: int, outcome: str = "solved") -> Certificate:
    failure = FAILURES[outcome]
    witnesses = [Witness(instruction=f"Stack {seed}.", trace=TRACE if failure is None else None)]
    return Certificate(seed=seed, start=None, success=failure is None, failure=failure, witnesses=witnesses)


def written(path: Path, *outcomes: tuple[int, str]) -> Path:
    with SplitFile(path, HEADER) as file:
        for seed, outcome in outcomes:
            file.append(certificate(seed, outcome))
    return path
