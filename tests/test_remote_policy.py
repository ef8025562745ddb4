"""Policies behind openpi's websocket protocol: what they are sent, what they command, and how their servers fail."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.policy_server import PolicyServer, Scripted
from tests.runs import refused
from tracesim.cli.levels import level
from tracesim.configuration import EpisodeConfiguration, PolicyChoice, RunConfiguration
from tracesim.episode.replayed import Replayed
from tracesim.geometry.rigid import FloatArray
from tracesim.results.record import Record
from tracesim.results.store import read_records
from tracesim.run import main
from tracesim.smoke.trials import Trial, try_out
from tracesim.submit.reproduction import reproduce

pytestmark = pytest.mark.usefixtures("somewhere_else", "renderer")

CLEAN = {"variation": "clean", "video": "false", "hydra.run.dir": "run"}
BRIEF = {"policy.retries": "1", "policy.backoff_s": "0.01"}


def words(server: PolicyServer | str, *more: str, task: str = "place_empty_cup", control: str = "ee_pose") -> list[str]:
    """Return a command line that asks a server; `more` replaces options of the same keys."""
    url = server if isinstance(server, str) else server.url
    chosen = {"task": task, "control": control, "policy": "remote", "policy.url": url, **CLEAN, **BRIEF}
    chosen |= dict(word.split("=", 1) for word in more)
    return [f"{key}={value}" for key, value in chosen.items()]


def records() -> list[Record]:
    return read_records(Path("run") / "episodes.jsonl")


def still(observation: Mapping[str, Any]) -> dict[str, Any]:
    """Return a chunk that leaves the arm where it is."""
    return {"actions": np.tile(observation["observation/state"], (16, 1))}


@pytest.mark.parametrize("task", ["place_empty_cup", "stack_blocks_two"])
def test_scripted_policy_passes_through_a_server(task: str) -> None:
    configuration = EpisodeConfiguration(task, variation=level("clean"))
    with PolicyServer(Scripted(configuration, 0, chunk=16, horizon=10)) as server:
        assert main(words(server, "episodes=2", "video=first", task=task)) == 0
        assert isinstance(server.infer, Scripted)
        seen = server.infer.observations
        assert server.connections == 1
    found = records()
    assert [(one.success, one.failure) for one in found] == [(True, None)] * 2
    image, state = seen[0]["observation/image"], seen[0]["observation/state"]
    assert (image.dtype, image.shape, state.dtype, state.shape) == (np.uint8, (224, 224, 3), np.float32, (8,))
    assert not image[0].any()  # 640 x 480 fits with black above and below
    assert image[112].any()
    for one in found:
        (turn,) = one.turns
        commands = np.array(json.loads(turn.answer))
        assert commands.shape[1] == 8
        assert turn.prompt == one.instruction == turn.instruction
        assert turn.latency_s is not None
        assert (one.control, one.policy_kind, one.predicted_success) == ("ee_pose", "remote", None)
        assert one.curves_file is not None
        _is_replayed_and_reproduced(one, task)
    assert (Path("run") / "videos").is_dir()
    calls = [json.loads(line) for line in (Path("run") / "calls.jsonl").read_text().splitlines()]
    assert len(calls) == len(seen)
    assert calls[0]["sent"]["observation/image"] == "uint8 (224, 224, 3)"
    assert len(json.loads(calls[0]["answered"])["actions"]) == 16


def _is_replayed_and_reproduced(record: Record, task: str) -> None:
    assert record.curves_file is not None
    replayed = Replayed.of(record, Path("run") / record.curves_file, pixels=False)
    carried = replayed.simulated.task.subtask.carried
    assert [one.executed.carried for one in replayed.outcome.executions] == [carried]
    choice = PolicyChoice("remote", options=record.policy_options)
    again = reproduce(RunConfiguration(task, choice, variation=record.variation, control="ee_pose"), record)
    assert again.differences == ()
    assert again.same_hash


def test_state_is_the_command_that_leaves_the_arm_where_it_is() -> None:
    states: list[FloatArray] = []

    def watching(observation: Mapping[str, Any]) -> dict[str, Any]:
        states.append(observation["observation/state"])
        return {"actions": np.tile(states[0] if command is None else command, (10, 1))}

    with PolicyServer(watching) as server:
        for control in ("ee_pose", "joint_position", "ee_delta"):
            command = np.eye(7)[6] if control == "ee_delta" else None  # no change, the hand open
            more = ("policy.max_steps=30", "episodes=1", f"hydra.run.dir={control}")
            states.clear()
            assert main(words(server, *more, control=control)) == 0
            assert [len(one) for one in states] == [8] * 3
            assert np.ptp(states, axis=0).max() < 2e-3
            assert states[0][-1] == pytest.approx(1.0, abs=0.01)
            (record,) = read_records(Path(control) / "episodes.jsonl")
            assert record.failure is not None
            assert record.failure.stage == "goal"
            assert len(json.loads(record.turns[0].answer)) == 30


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        ({"actions": np.full((10, 8), np.nan)}, "not_finite", "not finite"),
        (
            {"actions": np.zeros((10, 7))},
            "wrong_shape",
            "of shape (10, 7) for a chunk of commands; valid: (N, 8)",
        ),
        ({"actions": np.zeros(8)}, "wrong_shape", "an array of shape (8,)"),
        ({"actions": np.zeros((0, 8))}, "wrong_shape", "an array of shape (0, 8)"),
        ({"actions": "up"}, "wrong_shape", "nothing that is an array of numbers"),
        ({"actions": [["up"] * 8]}, "wrong_shape", "nothing that is an array of numbers"),
        ({"action": np.zeros((10, 8))}, "no_actions", "no 'actions'; it has the keys action"),
        ([1, 2], "no_actions", "it has nothing"),
    ],
)
def test_what_is_no_chunk_of_commands_fails_the_policy(answer: object, reason: str, detail: str) -> None:
    with PolicyServer(lambda observation: answer) as server:
        assert main(words(server, "episodes=1")) == 0
    (record,) = records()
    assert record.failure is not None
    assert (record.failure.stage, record.failure.reason) == ("answer", reason)
    assert detail in record.failure.detail
    assert record.turns[0].answer == "[]"


def test_chunk_that_goes_wrong_later_ends_the_episode_where_it_was() -> None:
    asked = 0

    def failing(observation: Mapping[str, Any]) -> object:
        nonlocal asked
        asked += 1
        return still(observation) if asked < 3 else {"actions": np.full((10, 8), np.inf)}

    with PolicyServer(failing) as server:
        assert main(words(server, "episodes=1", "policy.horizon=4")) == 0
    (record,) = records()
    assert record.failure is not None
    assert (record.failure.stage, record.failure.reason) == ("answer", "not_finite")
    assert len(json.loads(record.turns[0].answer)) == 8
    assert record.margins


def test_server_that_is_down_is_infrastructure_and_the_run_is_resumed(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert main(words(f"ws://127.0.0.1:{port}", "episodes=2", "policy.max_steps=10")) == 3
    failures = [one.failure for one in records()]
    assert [one and (one.stage, one.reason) for one in failures] == [("infrastructure", "InfrastructureError")] * 2
    assert failures[0] is not None
    assert f"ws://127.0.0.1:{port}: cannot connect" in failures[0].detail
    assert "tried 2 times" in failures[0].detail
    assert "Traceback" not in capsys.readouterr().err
    with PolicyServer(still) as server:
        assert main(["resume=run", f"policy.url={server.url}"]) == 0
    assert [one.failure and one.failure.stage for one in records()][-2:] == ["goal", "goal"]


def test_server_that_stops_is_asked_again_and_then_given_up() -> None:
    asked = 0

    def stopping(observation: Mapping[str, Any]) -> object:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise ConnectionError("out of memory")
        return still(observation)

    with PolicyServer(stopping) as server:
        assert main(words(server, "episodes=2", "policy.max_steps=20")) == 3
    first, second = records()
    assert first.failure is not None
    assert first.failure.stage == "infrastructure"
    assert 'the server failed with "ConnectionError: out of memory"' in first.failure.detail
    assert second.failure is not None
    assert second.failure.stage == "goal"


def test_server_that_fails_at_once_ends_the_run_with_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    with PolicyServer(lambda observation: observation["observation/wrist_image"]) as server:
        assert main(words(server, "episodes=2")) == 2
    said = refused(capsys)
    assert "KeyError: 'observation/wrist_image'" in said
    assert "policy.image_key" in said


@pytest.mark.parametrize("first", ["hello", b"\xc1", [1, 2]])
def test_server_of_another_kind_is_refused(first: object, capsys: pytest.CaptureFixture[str]) -> None:
    with PolicyServer(still, metadata=first) as server:
        assert main(words(server, "episodes=2")) == 2
    assert "no policy server that speaks openpi's protocol" in refused(capsys)


def test_server_that_refuses_the_connection_ends_the_run_unless_it_may_be_temporary(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROBOT_KEY", "secret-1")
    with PolicyServer(still, status=401) as server:
        assert main(words(server, "policy.api_key_env=ROBOT_KEY", "episodes=2")) == 2
        assert server.keys == ["Api-Key secret-1"]
        said = refused(capsys)
        assert "HTTP 401 Unauthorized" in said
        assert "Set an API key" in said
        assert "secret-1" not in said
    with PolicyServer(still, status=503) as server:
        assert main(words(server, "episodes=1")) == 3
        assert len(server.keys) == 2
    (record,) = records()
    assert record.failure is not None
    assert "HTTP 503 Service Unavailable, tried 2 times" in record.failure.detail


def test_slow_server_is_given_up_after_the_time_limit() -> None:
    def slow(observation: Mapping[str, Any]) -> object:
        time.sleep(1.0)
        return still(observation)

    with PolicyServer(slow) as server:
        assert main(words(server, "episodes=1", "policy.timeout_s=0.2", "policy.retries=0")) == 3
    (record,) = records()
    assert record.failure is not None
    assert "no answer within 0.2 s" in record.failure.detail


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["control=trace"], "policy remote sends commands, and control=trace takes a trace. Valid: control=ee_pose"),
        (["policy=expert"], "control=ee_pose takes commands, and policy expert answers with a trace"),
        (["control=torque"], "control=torque. Valid: 'trace', 'ee_pose'"),
        (["policy.url=http://localhost:8000"], "Valid: ws://HOST:PORT"),
        (["policy.url=ws://localhost:99999"], "Valid: ws://HOST:PORT"),
        (["policy.horizon=0"], "policy.horizon=0: has to be 1 or more"),
        (["policy.image_key=prompt"], "they have to differ"),
        (["policy.api_key_env=NO_SUCH_KEY"], "NO_SUCH_KEY is not set"),
    ],
)
def test_options_that_do_not_fit_are_refused(more: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = words("ws://127.0.0.1:9", *more, "episodes=1")
    if "policy=expert" in more:
        command = [word for word in command if not word.startswith("policy.")]
    assert main(command) == 2
    assert said in refused(capsys)


def test_smoke_tries_a_policy_server_with_commands() -> None:
    with PolicyServer(still) as server:
        words = ("task=place_empty_cup", "variation=clean", "policy=remote", f"policy.url={server.url}")
        tried = try_out(Trial("policy", "remote", (*words, "policy.max_steps=20")))
    assert (tried.state, tried.why[:4]) == ("works", "goal")
    again = try_out(Trial("policy", "remote", words))
    assert again.state == "unavailable"
    assert "cannot connect" in again.why
