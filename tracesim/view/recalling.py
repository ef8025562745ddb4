"""Finished episodes of a run: their scenes, motions and answers, without physics."""

from __future__ import annotations

import dataclasses

import numpy as np

from tracesim.answers.arms import format_answer
from tracesim.episode.replayed import Replayed
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.errors import ConfigurationError
from tracesim.geometry.trace import ImageTrace
from tracesim.lifting import ContactDepth
from tracesim.results.record import Record
from tracesim.results.store import RecordStore, latest, read_records
from tracesim.results.turn import Turn
from tracesim.view.followed import MotionPart, Recalled, RecalledTurn
from tracesim.view.following import of_outcome
from tracesim.view.jobs import Place, Recall
from tracesim.view.judging import Situation
from tracesim.view.showing import show


def recall(job: Recall) -> tuple[Recalled, Situation, SimulatedEpisode]:
    """Return a finished episode, with its first instruction and its scene, in which nothing has moved.

    Raises:
        ConfigurationError: The run has no such episode, or this version cannot show it.
    """
    record = _record(job)
    if record.curves_file is None:
        raise ConfigurationError(f"Seed {record.seed} has no curves file, so its motion cannot be shown.")
    replayed = Replayed.of(record, job.run / record.curves_file, pixels=True)
    episode = replayed.simulated
    measured = all(turn.contact_depth != "predicted" for turn in record.turns)
    depth: ContactDepth = "measured" if measured else "predicted"
    place = Place(dataclasses.replace(episode.configuration, contact_depth=depth), record.seed)
    observation = episode.observe(pixels=True)
    shown = show(place, episode, observation)
    begun = len(episode.recorder) - 1
    recording = replayed.outcome.recording.since(begun)
    motion = MotionPart(
        recording.times_s[::2],
        recording.names,
        recording.positions[::2],
        recording.quaternions[::2],
        tuple(recording.phases[::2].tolist()),
    )
    followed = of_outcome(episode, replayed.outcome, since=min(begun, _first(replayed)))
    turns = tuple(RecalledTurn(one.instruction, one.prompt, one.answer, _text(one)) for one in record.turns)
    return Recalled(shown, turns, motion, followed), Situation(episode.task, observation, measured), episode


def _record(job: Recall) -> Record:
    for record in latest(read_records(job.run / RecordStore.FILE)):
        if record.seed == job.seed and record.configuration_hash == job.configuration_hash:
            return record
    raise ConfigurationError(f"The run has no episode of seed {job.seed} any more.")


def _first(replayed: Replayed) -> int:
    executions = replayed.outcome.executions
    return executions[0].begun if executions else 0


def _text(turn: Turn) -> str:
    """Return the trace that was read from an answer, in the form of the page; empty if there is none."""
    if turn.image_traces is not None:
        return format_answer({arm: ImageTrace(np.array(points)) for arm, points in turn.image_traces.items()})
    if turn.image_trace is None:
        return ""
    return format_answer(ImageTrace(np.array(turn.image_trace), tuple(one.cue for one in turn.cues or ())))
