"""Tests of `python -m tracesim.serve`: its address, its end by Ctrl-C, and errors in one line."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.running_server import RunningServer
from tests.tiny_checkpoint import make
from tracesim.errors import InfrastructureError
from tracesim.models.client import Client
from tracesim.models.patience import Patience
from tracesim.models.served import query_answer
from tracesim.observation import png
from tracesim.serve.__main__ import Serving, main

RGB = np.full((48, 64, 3), 128, np.uint8)


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"question_id": 0, "prompt": "lift the cup", "model_prediction": "[(1, 2, 0.5)]"}))
    return path


@contextmanager
def started(*words: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Start a server as users do; yield its process, its URL and its output so far."""
    command = [sys.executable, "-m", "tracesim.serve", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if found := re.search(r"answers at (http://\S+);", line):
                    yield process, found[1], said
                    return
            raise AssertionError(f"it ended: {process.communicate()}")
        finally:
            process.kill()


def test_it_answers_until_ctrl_c(answers: Path, tmp_path: Path) -> None:
    (tmp_path / "image.png").write_bytes(png(RGB))
    query = {"image_paths": [str(tmp_path / "image.png")], "text": "Please lift the cup."}
    with started(f"answers={answers}", "port=0", f"folder={tmp_path}") as (process, url, said):
        assert said == f"Files: {tmp_path.resolve()}.\nanswers answers at {url}; Ctrl-C ends it.\n"
        assert url.startswith("http://127.0.0.1:")
        with Client(url) as client:
            assert client.post("/query", query, query_answer)[0] == "[(1, 2, 0.5)]"
            with pytest.raises(InfrastructureError, match=r"HTTP 422 .*no recorded answer"):
                client.post("/query", query | {"text": "drop it"}, query_answer)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")


def test_all_the_world_is_let_in_only_when_told(answers: Path) -> None:
    with started(f"answers={answers}", "port=0", "host=0.0.0.0") as (_, _, said):
        assert said.startswith(
            "Everyone who can reach 0.0.0.0 may use this server: there is no password.\nFiles: none are read"
        )
    assert Serving(answers=answers).host == "127.0.0.1"


def test_a_port_in_use_is_said_in_one_line(answers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main([f"answers={answers}", f"port={port}"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(
        rf"error: host=127.0.0.1 port={port}: Address already in use\. Give another port=.*\n", said.err
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Give either answers=FILE.jsonl or checkpoint=DIR_OR_NAME."),
        (["answers=a.jsonl", "checkpoint=b"], "Give either"),
        (["answers=nowhere.jsonl", "port=0"], "nowhere.jsonl: cannot be read"),
        (["checkpoint=./nowhere", "port=0"], "nowhere"),
        (["answers=a.jsonl", "port=70000"], "port=70000"),
        (["answers=a.jsonl", "port=http"], "port=http"),
        (["answers=a.jsonl", "folder=/nowhere"], "folder=/nowhere"),
        (["answers=a.jsonl", "hots=x"], "Did you mean 'host'?"),
        (["answers=a.jsonl", "host=256.0.0.1"], "host=256.0.0.1"),
    ],
)
def test_the_users_faults_are_said_in_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"{name}=" in said for name in Serving.__dataclass_fields__)


def test_a_checkpoint_answers(tmp_path: Path) -> None:
    make(tmp_path / "tiny")
    serving = Serving(checkpoint=str(tmp_path / "tiny"), device="cpu", max_new_tokens=12, folder=tmp_path)
    (tmp_path / "image.png").write_bytes(png(RGB))
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64encode(png(RGB)).decode()}"}}
    text = {"type": "text", "text": "lift the cup"}
    with (
        RunningServer(serving.backend(), serving.folder) as server,
        Client(server.url, Patience(timeout_s=300.0)) as client,
    ):
        query = {"image_paths": [str(tmp_path / "image.png")], "text": "lift the cup"}
        first, _ = client.post("/query", query, query_answer)
        chat = {"model": "tiny", "messages": [{"role": "user", "content": [text, picture]}]}
        whole, _ = client.post("/v1/chat/completions", chat, dict)
        short, _ = client.post("/v1/chat/completions", chat | {"max_tokens": 2}, dict)
        with pytest.raises(InfrastructureError, match=r"HTTP 422 .*exactly one"):
            client.post("/v1/chat/completions", chat | {"messages": [{"role": "user", "content": [text]}]}, dict)
    assert whole["model"] == "tiny"
    assert whole["choices"][0]["message"]["content"] == first
    assert 0 < whole["usage"]["completion_tokens"] <= 12 < whole["usage"]["prompt_tokens"]
    assert short["usage"]["completion_tokens"] == 2
    assert short["choices"][0]["finish_reason"] == "length"
