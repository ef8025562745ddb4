"""Calls of models as they are recorded: attempts, answers and pictures, and never a key."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faulty_server import FAULTS, FaultyServer
from tests.test_client import SECRET, SWIFT, ask
from tests.test_film import needs_pixels
from tracesim.errors import InfrastructureError
from tracesim.models.calls import RecordedCall, about, recorded
from tracesim.models.client import Client
from tracesim.results.call_store import CallStore, read_calls
from tracesim.results.store import RecordStore, read_records
from tracesim.run import main

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 20


def chat(path: str, body: Any) -> object:
    """Return the answer of a chat server, which gives its prompt away."""
    return {"choices": [{"message": {"content": "[(500, 500, 0.9), (520, 480, 0.8)]"}, "finish_reason": "stop"}]}


def tell_the_key(it: Any, answer: bytes) -> None:
    """Fail, and answer with the key as it came: plain, and in the server's JSON."""
    key = it.headers["Authorization"]
    it.reply(
        500, json.dumps({"error": {"message": f"Incorrect key: {key}", "headers": {"Authorization": key}}}).encode()
    )


@needs_pixels
@pytest.mark.parametrize("workers", [1, 2])
def test_every_attempt_of_a_run_is_recorded_and_no_key(
    workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", SECRET)
    monkeypatch.chdir(tmp_path)
    words = ["task=blocks_ranking_rgb", "variation=clean", "episodes=2", "video=false", f"workers={workers}"]
    words += [
        "policy=vlm",
        "policy.model=m",
        "policy.api_key_env=MY_KEY",
        "policy.backoff_s=0.001",
        "hydra.run.dir=run",
    ]
    faults = {"tells the key": tell_the_key, "truncated JSON": FAULTS["truncated JSON"], "hang-up": FAULTS["hang-up"]}
    with FaultyServer(chat, share=1.0, in_a_row=3, faults=faults) as server:
        assert main([*words, f"policy.url='{server.url}/v1?key={SECRET}'"]) == 0
    folder = tmp_path / "run"
    calls = read_calls(folder / CallStore.FILE)
    assert len(calls) == len(server.requests)
    questions = {(call.seed, call.turn) for call in calls}
    assert questions >= {(0, 0), (1, 0)}
    for question in questions:
        attempts = [call for call in calls if (call.seed, call.turn) == question]
        assert [call.attempt for call in attempts] == [1, 2, 3, 4]
        assert [call.error is None for call in attempts] == [False, False, False, True]
        assert attempts[-1].answered == json.dumps(chat("", None))
        assert attempts[-1].status == 200
    met = sorted(fault for _, fault in server.requests)
    for call in calls:
        assert call.address == f"{server.url}/v1/chat/completions"
    assert sum("Incorrect key: ***" in (call.answered or "") for call in calls) == met.count("tells the key") > 0
    assert sum(call.status is None for call in calls) == met.count("hang-up") > 0
    _pictures_are_those_that_were_sent(folder, server)
    # the address as it was given has to be known when the run is resumed
    telling = [path.name for path in folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert telling == ["configuration.yaml"]
    assert len(read_records(folder / RecordStore.FILE)) == 2


def _pictures_are_those_that_were_sent(folder: Path, server: FaultyServer) -> None:
    sent = set()
    for body, _ in server.requests:
        _, picture = json.loads(body)["messages"][0]["content"]
        sent.add(picture["image_url"]["url"].partition(",")[2])
    stored = {path.stem: path.read_bytes() for path in (folder / "pictures").iterdir()}
    assert {b64encode(content).decode() for content in stored.values()} == sent
    assert all(hashlib.sha256(content).hexdigest() == name for name, content in stored.items())
    for call in read_calls(folder / CallStore.FILE):
        assert isinstance(call.sent, dict)
        url = call.sent["messages"][0]["content"][1]["image_url"]["url"]  # type: ignore[index, call-overload]
        assert (folder / str(url)).is_file()


def test_pictures_are_taken_out_in_whatever_form_they_are_sent(tmp_path: Path) -> None:
    file = tmp_path / "image.png"
    file.write_bytes(PNG)
    found: list[RecordedCall] = []
    body = {
        "text": "what",
        "images": [b64encode(PNG).decode(), f"data:image/png;base64,{b64encode(PNG).decode()}", str(file)],
        "others": ["/no/such.png", "A" * 100, "data:image/png;base64,?", 3, None, {"deep": [str(file)]}],
    }
    with FaultyServer(share=0.0) as server, Client(server.url, SWIFT) as client, recorded(found.append):
        client.post("/query", body, lambda answer: answer)
        with about(7, 2):
            client.post("/query", {"text": "again"}, lambda answer: answer)
    first, second = found
    path = f"pictures/{hashlib.sha256(PNG).hexdigest()}.png"
    assert first.pictures == {path: PNG}
    assert first.call.sent == {**body, "images": [path] * 3, "others": [*body["others"][:5], {"deep": [path]}]}
    assert (first.call.seed, second.call.seed, second.call.turn) == (None, 7, 2)


def test_what_fails_for_good_is_recorded_to_its_last_attempt() -> None:
    found: list[RecordedCall] = []
    url = f"http://me:{SECRET}@127.0.0.1:9/?key={SECRET}"
    with Client(url, SWIFT, {"X-Key": SECRET}) as client, recorded(found.append), pytest.raises(InfrastructureError):
        ask(client, f"the key is {SECRET}")
    assert [one.call.attempt for one in found] == [1, 2, 3, 4, 5]
    assert all("cannot connect" in str(one.call.error) for one in found)
    assert SECRET not in "".join(one.call.model_dump_json() for one in found)


def test_nothing_is_recorded_that_nobody_wants() -> None:
    with FaultyServer(share=0.0) as server, Client(server.url, SWIFT) as client:
        assert ask(client, "what") == "what?"
    assert httpx.URL(server.url).host == "127.0.0.1"
