"""The loop of an episode: ask for a trace, follow it, and ask again while subtasks are left."""

from __future__ import annotations

from collections.abc import Callable

from tracesim.episode.outcome import Outcome
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.failure import Failure
from tracesim.geometry.trace import Traces

Ask = Callable[[SimulatedEpisode], Traces | Failure]
"""A function that returns the trace for the current subtask, or that of each arm, or why there is none."""


def rollout(episode: SimulatedEpisode, ask: Ask) -> Outcome:
    """Play an episode to its end: follow one trace after the other until it is over.

    Args:
        episode: An episode that has just been arranged, or that waits for its next trace.
        ask: Returns the trace for the current subtask, or why there is none, which ends the episode.
    """
    while not (outcome := episode.execute(ask(episode))).over:
        pass
    return outcome
