"""Tests of records for every kind of answer: each episode ends with a stage and a reason, and the next one runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tracesim.configuration import EpisodeConfiguration, PolicyChoice, Variation
from tracesim.episode.episode import Episode, play
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.geometry.trace import Trace
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.policy import Privileged, Reply
from tracesim.results.record import Record
from tracesim.task import Task

CLEAN = EpisodeConfiguration("stack_blocks_two", PolicyChoice("expert"), variation=Variation("clean", clutter=0))


class Says(Privileged):
    """Answers with the same text, whatever it is asked."""

    def __init__(self, text: str) -> None:
        self.text = text

    def answer(self, observation: Observation, question: Question, task: Task, rng: np.random.Generator) -> Reply:
        return Reply(self.text)


def played(text: str) -> Record:
    return Episode(CLEAN, Says(text), 0).play()


def expert_keypoints() -> list[tuple[float, float, float]]:
    record = play(CLEAN, 0, film=None, curves=None)
    assert record.success
    [turn] = record.turns
    assert turn.image_trace is not None
    return [(u, v, d) for u, v, d in turn.image_trace]


def said(keypoints: Sequence[tuple[float, float, float]]) -> str:
    return "[" + ", ".join(f"({u:.0f}, {v:.0f}, {d:.3f})" for u, v, d in keypoints) + "]"


@pytest.mark.parametrize(
    ("text", "stage", "reason"),
    [
        ("", "answer", "empty"),
        ("I cannot help with that.", "answer", "no_points"),
        ("[(nan, 500, 1.0), (500, 500, 1.0)]", "answer", "not_finite"),
        ("[(500, 500, 1.0)]", "answer", "single_point"),
        ("[(500, 500, 1.0), (500, 1500, 1.0)]", "answer", "out_of_image"),
        ("[(500, 500, 1.0), (500, 5", "answer", "truncated"),
        ("[(500, 500, 3.0), (500, 400, 3.0)]", "lift", "out_of_workspace"),
        ("[(500, 500, -1.0), (500, 400, -1.0)]", "lift", "behind_camera"),
        ("[(500, 500, 0.0), (500, 400, 0.0)]", "lift", "behind_camera"),
        ("[(500, 500, 0.700), (500, 400, 0.700)]", "grasp", "no_object"),
    ],
)
def test_an_answer_that_cannot_be_followed_says_why(text: str, stage: str, reason: str) -> None:
    record = played(text)
    assert not record.success
    assert record.failure is not None
    assert (record.failure.stage, record.failure.reason) == (stage, reason)
    assert [turn.answer for turn in record.turns] == [text]


def test_a_trace_through_the_table_is_stopped_by_a_collision() -> None:
    start, *_ = expert_keypoints()
    raised, below = (start[0], start[1] - 60, start[2] - 0.05), (start[0] + 150, start[1], start[2] + 0.08)
    record = played(said([start, raised, below, raised]))
    assert record.failure is not None
    assert record.failure.stage == "collision"
    assert "table" in record.failure.reason


def test_repeated_keypoints_change_nothing() -> None:
    keypoints = expert_keypoints()
    doubled = [keypoint for keypoint in keypoints for _ in range(2)]
    record = played(said(doubled))
    assert record.success


def test_a_thousand_keypoints_are_followed() -> None:
    keypoints = np.array(expert_keypoints())
    at = np.linspace(0.0, len(keypoints) - 1.0, 1000)
    dense = np.column_stack([np.interp(at, np.arange(len(keypoints)), column) for column in keypoints.T])
    record = played(said([(u, v, d) for u, v, d in dense]))
    [turn] = record.turns
    assert turn.trace is not None
    assert len(turn.trace) == 1000
    assert record.success, record.failure


def test_two_equal_points_hold_the_object_and_put_it_back() -> None:
    start, *_ = expert_keypoints()
    record = played(said([start, start]))
    assert record.failure is not None
    assert (record.failure.stage, record.failure.reason) == ("goal", "rests_on")


def test_carrying_the_wrong_object_is_executed_and_judged() -> None:
    configuration = EpisodeConfiguration("water_flowers", variation=Variation("cluttered", 3, clutter_kinds=("block",)))
    episode = SimulatedEpisode(configuration, 0, pixels=False)
    start = episode.task.layout["distractor_0"].position("top")
    outcome = episode.execute(Trace(start + np.array([(0, 0, 0), (0, 0, 0.2), (0, 0, 0.2), (0, 0, 0)], float)))
    assert outcome.executed is not None
    assert outcome.executed.carried == "distractor_0"
    assert not outcome.success
    assert outcome.failure is not None
    assert outcome.predicted_margins["visits"] is not None
    assert outcome.predicted_margins["visits"] < 0.0
