"""Tests of episodes played with a model: its answers are followed, and failing servers change no verdict."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.faulty_server import FaultyServer
from tests.knowing import Knowing, point_pair
from tests.noting import OBSERVATION, QUESTION, Noting
from tests.tiny_checkpoint import make
from tracesim.cli.composition import policy_choice
from tracesim.cli.series import execute
from tracesim.configuration import EpisodeConfiguration, PolicyChoice, RunConfiguration, Variation
from tracesim.policies import make_policy
from tracesim.policy import Policy
from tracesim.results.record import Record
from tracesim.results.store import RecordStore, read_records
from tracesim.results.summary import summarise
from tracesim.results.tables import sweep_table, table

CLEAN = Variation("clean", clutter=0)
PATIENT = ("policy.backoff_s=0.001", "policy.longest_wait_s=0.01", "policy.timeout_s=0.5", "policy.retries=8")


def played(
    folder: Path, task: str, server: FaultyServer, *words: str, episodes: int = 1, seed: int = 0
) -> list[Record]:
    choice = policy_choice([*words, f"policy.url={server.url}{'/v1' if 'policy=vlm' in words else ''}", *PATIENT])
    configuration = RunConfiguration(task, choice, variation=CLEAN, episodes=episodes, video=False)
    execute(configuration, folder)
    return read_records(folder / RecordStore.FILE)


@pytest.fixture(scope="module")
def knowing() -> Knowing:
    knows = Knowing()
    for seed in range(6):
        knows.learn(EpisodeConfiguration("stack_blocks_two", variation=CLEAN), seed)
    return knows


TASKS = ("water_flowers", "place_empty_cup", "stack_blocks_two")
POLICIES = ("policy=robotracer", "policy=qwen3_vl_query", "policy=vlm")


@pytest.mark.parametrize("policy", POLICIES)
def test_an_answer_is_played_and_the_record_says_how_it_came(tmp_path: Path, knowing: Knowing, policy: str) -> None:
    with FaultyServer(knowing, share=0.0) as server:
        [record] = played(tmp_path, "stack_blocks_two", server, policy)
    assert record.success, record.failure
    [turn] = record.turns
    assert turn.prompt == (knowing.bodies[-1].get("text") or knowing.bodies[-1]["messages"][0]["content"][0]["text"])
    assert record.instruction in turn.prompt
    assert turn.answer.startswith("[(")
    assert turn.image_trace is not None
    assert record.turns[0].contact_depth == "measured"
    assert turn.latency_s is not None
    if policy == "policy=vlm":
        assert (turn.prompt_tokens, turn.answer_tokens) == (321, len(turn.answer))


@pytest.mark.parametrize(
    ("text", "words", "lacks_depth"),
    [
        ("[(500, 500), (500, 400)]", (), True),
        ('[{"point_2d": [500, 500], "depth_m": 0.9}, {"point_2d": [500, 400], "depth_m": 0.9}]', (), False),
        ("[(500, 500), (500, 400)]", ("policy.dimensions=2",), False),
        ("I see a cup.", (), False),
    ],
)
def test_a_2d_answer_is_told_apart_where_a_3d_one_was_asked_for(
    tmp_path: Path, text: str, words: tuple[str, ...], lacks_depth: bool
) -> None:
    with FaultyServer(Noting(text), share=0.0) as server:
        records = played(tmp_path, "stack_blocks_two", server, "policy=robotracer", *words)
    [turn] = records[0].turns
    assert turn.depth_asked == (not words)
    assert turn.lacks_depth == lacks_depth
    summary = summarise(records)
    assert summary.without_depth == lacks_depth
    console = Console(file=io.StringIO(), width=100)
    for shown in (table(summary), sweep_table([summary])):
        console.print(shown)
        assert isinstance(console.file, io.StringIO)
        assert ("where 3D was asked" in console.file.getvalue()) == lacks_depth
        console.file.seek(0)
        console.file.truncate()
    replayed = make_policy("replay", {"answers": str(tmp_path / RecordStore.FILE)})
    assert isinstance(replayed, Policy)
    again = replayed.answer(OBSERVATION, replace(QUESTION, instruction=turn.instruction, id="stack_blocks_two-0"))
    assert (again.text, again.depth_asked) == (text, turn.depth_asked)


def test_a_server_that_fails_in_every_way_changes_no_verdict(tmp_path: Path, knowing: Knowing) -> None:
    with FaultyServer(knowing, share=0.0) as healthy:
        expected = played(tmp_path / "healthy", "stack_blocks_two", healthy, "policy=robotracer", episodes=6)
    with FaultyServer(knowing, share=0.3) as faulty:
        found = played(tmp_path / "faulty", "stack_blocks_two", faulty, "policy=robotracer", episodes=6)
    assert [one.record_hash for one in found] == [one.record_hash for one in expected]
    assert not any(one.is_infrastructure for one in found)


def test_a_pair_of_points_is_played_with_detours_and_the_record_says_so(tmp_path: Path) -> None:
    knowing = Knowing(point_pair)
    for seed in range(3):
        knowing.learn(EpisodeConfiguration("stack_blocks_two", variation=CLEAN), seed)
    with FaultyServer(knowing, share=0.0) as server:
        records = played(tmp_path, "stack_blocks_two", server, "policy=roborefer", episodes=3)
    assert all(record.success for record in records), [record.failure for record in records]
    for record in records:
        assert record.repair
        said = [query.prompt.split(".")[0] for query in record.turns[0].queries]
        assert said == ["Point out the green block", "Point out the red block"]


@pytest.mark.slow
@pytest.mark.parametrize("policy", [*POLICIES, "policy=roborefer"])
@pytest.mark.parametrize("task", TASKS)
def test_five_episodes_of_each_task_are_played_through_each_protocol(tmp_path: Path, task: str, policy: str) -> None:
    knowing = Knowing(point_pair if policy == "policy=roborefer" else None)
    for seed in range(5):
        knowing.learn(EpisodeConfiguration(task, variation=CLEAN), seed)
    with FaultyServer(knowing, share=0.0) as server:
        records = played(tmp_path, task, server, policy, episodes=5)
    assert [record.seed for record in records] == list(range(5))
    for record in records:
        assert not record.is_infrastructure, record.failure
        [turn] = record.turns
        assert turn.instruction == record.instruction
        assert turn.prompt
        assert turn.answer
        assert turn.image_trace is not None
        assert turn.latency_s is not None
        assert record.margins or record.failure is not None
        # Two points cannot describe how to water flowers.
        assert record.success or (task, policy) == ("water_flowers", "policy=roborefer"), record.failure


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_five_episodes_of_each_task_are_played_with_a_checkpoint_in_this_process(tmp_path: Path, task: str) -> None:
    make(tmp_path / "checkpoint")
    choice = policy_choice(
        ["policy=transformers", f"policy.checkpoint={tmp_path / 'checkpoint'}", "policy.constrained=true"]
    )
    execute(RunConfiguration(task, choice, variation=CLEAN, episodes=5, video=False), tmp_path / "run")
    records = read_records(tmp_path / "run" / RecordStore.FILE)
    assert [record.seed for record in records] == list(range(5))
    for record in records:
        # With random weights, only the form of its trace is right.
        assert not record.is_infrastructure, record.failure
        turn = record.turns[0]
        assert turn.image_trace is not None
        assert (turn.prompt_tokens or 0) > 0
        assert (turn.answer_tokens or 0) > 0


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_five_episodes_of_each_task_are_replayed_from_their_records(tmp_path: Path, task: str) -> None:
    first = RunConfiguration(task, PolicyChoice("expert"), variation=CLEAN, episodes=5, video=False)
    execute(first, tmp_path / "first")
    answers = tmp_path / "first" / RecordStore.FILE
    execute(replace(first, policy=PolicyChoice("replay", options={"answers": str(answers)})), tmp_path / "again")
    records = read_records(tmp_path / "again" / RecordStore.FILE)
    assert [record.seed for record in records if record.success] == list(range(5))
