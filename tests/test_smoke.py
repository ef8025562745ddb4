"""Smoke trials: what works, what fails and what is not there, and the exit status."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from tests.running_server import Repeating, RunningServer
from tests.test_film import needs_pixels
from tracesim.assets.robots import ROBOTS
from tracesim.cli.composition import policy_names
from tracesim.cli.levels import levels
from tracesim.envs import TASKS
from tracesim.smoke.__main__ import _trials, main
from tracesim.smoke.trials import Trial, try_out


def test_everything_is_tried_unless_something_is_named() -> None:
    every = list(_trials({}, [], []))
    assert (
        len(every)
        == len({(one.kind, one.name) for one in every})
        == len(TASKS) + len(policy_names()) + len(levels()) + len(ROBOTS)
    )
    named = list(_trials({"task": ["stack", "click_bell"], "policy": ["noop", "expert"]}, [], []))
    assert [(one.kind, one.name) for one in named] == [
        ("task", "stack"),
        ("task", "click_bell"),
        *(("policy", f"{policy} on {task}") for policy in ("noop", "expert") for task in ("stack", "click_bell")),
    ]


def test_what_works_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["task=click_bell", "policy=expert,noop,straight_line", "variation=fixed", "workers=1"]) == 0
    said = capsys.readouterr().out
    assert len(re.findall(r"^\[\d/5\] .*: works", said, re.MULTILINE)) == 5
    assert "5 of 5 work." in said
    assert "What does not work" not in said


def test_task_without_scenes_fails_and_its_process_may_die(
    rare_tasks: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.rare import RARE

    tried = {name: try_out(Trial("task", name, (f"task={name}",))) for name in RARE}
    assert "fails" in {one.state for one in tried.values()}
    assert all(one.why for one in tried.values() if one.state == "fails")


@needs_pixels
def test_policy_is_unavailable_while_its_server_is_down(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        words = ["task=click_bell", "policy=robotracer", f"policy.url=http://127.0.0.1:{bound.getsockname()[1]}"]
        assert main([*words, "workers=1"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert re.search(r"policy robotracer unavailable http://127\S+ cannot connect .* tried once", said)
    assert "1 of 2 work." in said


@needs_pixels
def test_policy_whose_answers_cannot_be_read_fails(capsys: pytest.CaptureFixture[str]) -> None:
    with RunningServer(Repeating()) as server:
        words = ["policy=vlm", f"policy.url={server.url}/v1", "policy.model=repeating", "policy.prompt='no points'"]
        assert main([*words, "workers=1"]) == 1
    assert "answer: " in capsys.readouterr().out


def test_policy_that_lacks_a_setting_is_unavailable() -> None:
    tried = try_out(Trial("policy", "transformers", ("task=click_bell", "policy=transformers")))
    assert (tried.state, tried.why) == ("unavailable", "policy.checkpoint is missing: give policy.checkpoint=... .")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["task=stak"], "Unknown task 'stak'. Did you mean 'stack'?"),
        (["policy=exprt"], "Did you mean 'expert'?"),
        (["suite=papr"], "Did you mean 'paper'?"),
        (["tasks=stack"], "Did you mean 'task'?"),
        (["workers=0"], "workers=0: at least 1"),
        (["policy.url=http://here"], "of which policy?"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert said in out.err
