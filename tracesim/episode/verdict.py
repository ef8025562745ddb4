"""The record of an episode that was played to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from tracesim.configuration import EpisodeConfiguration
from tracesim.constraints import Visiting
from tracesim.episode.outcome import Outcome
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.results.record import Demand, Record
from tracesim.results.turn import Turn


def record_of(
    configuration: EpisodeConfiguration,
    simulated: SimulatedEpisode,
    turns: Sequence[Turn],
    drawn: Mapping[str, str | int | float],
    outcome: Outcome,
) -> Record:
    """Return the record of an episode.

    Args:
        configuration: What determined the episode, except its seed.
        simulated: The episode in physics, at its end.
        turns: Its instructions, with the answers.
        drawn: What was drawn for it; see `tracesim.results.factors`.
        outcome: Its outcome.
    """
    asked = simulated.task.constraints()
    return Record.of(
        configuration,
        simulated.seed,
        instruction=" ".join(turn.instruction for turn in turns),
        turns=_with_arms(turns, simulated, outcome),
        referents=list(simulated.task.referents),
        factors=dict(drawn),
        constraints=[Demand.of(constraint) for constraint in asked],
        best={constraint.name: constraint.ideal for constraint in asked},
        reproducible=simulated.reproducible and configuration.latency != "real",
        timings=simulated.timings,
        **_judged(outcome),
    )


def _with_arms(turns: Sequence[Turn], simulated: SimulatedEpisode, outcome: Outcome) -> list[Turn]:
    """Return the turns, with the arms that followed their traces where the robot has several."""
    if len(simulated.planners) == 1:
        return list(turns)
    arms = [one.arm for one in outcome.executions]
    return [turn.model_copy(update={"arm": arm}) for turn, arm in zip_longest(turns, arms)]


def _judged(outcome: Outcome) -> dict[str, Any]:
    """Return the fields of a record that hold the verdict."""
    verdict = {"success": outcome.success, "failure": outcome.failure}
    if not outcome.executions:
        return verdict
    asked = outcome.executions[-1].task.constraints()
    return {
        **verdict,
        "margins": dict(outcome.margins),
        "predicted_margins": dict(outcome.predicted_margins),
        "predicted_success": outcome.predicted_success,
        "visiting": Visiting.where_asked(asked, outcome.executed),
        "predicted_visiting": Visiting.where_asked(asked, outcome.predicted),
        "robotwin_success": outcome.robotwin_success,
        "deviation_m": outcome.deviation_m,
        "penetration": outcome.penetration,
    }
