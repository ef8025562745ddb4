"""Tests of servers that refuse: a run ends at the first refusal of every request, and names the option to set."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.faulty_server import Fault, FaultyServer
from tests.knowing import Knowing
from tests.noting import OBSERVATION, QUESTION
from tests.playing import Playing
from tests.runs import seeds_in
from tests.tracespatial.test_query import SIZE, sample
from tracesim.answers.reading import read
from tracesim.cli.composition import policy_choice
from tracesim.cli.stored_runs import read_configuration
from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.errors import InfrastructureError, RequestRefusedError
from tracesim.models.prompting import ModelPolicy
from tracesim.policies import make_policy
from tracesim.policy import Reply
from tracesim.results.record import Record
from tracesim.results.store import RecordStore, read_records
from tracesim.run import main
from tracesim.tracespatial import query as tracespatial
from tracesim.tracespatial.dataset import Dataset

pytestmark = pytest.mark.usefixtures("somewhere_else")

SWIFT = ("policy.backoff_s=0.001", "policy.longest_wait_s=0.01", "policy.timeout_s=20")
EPISODES = ("task=stack_blocks_two", "variation=clean", "video=false", "policy.retries=4", *SWIFT)
MAX_TOKENS = {
    "error": {
        "message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
        "instead.",
        "type": "invalid_request_error",
        "param": "max_tokens",
        "code": "unsupported_parameter",
    }
}
FILTERED = {
    "error": {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        "param": "prompt",
        "code": "content_filter",
        "innererror": {"code": "ResponsibleAIPolicyViolation"},
    }
}
TOO_LONG = {"error": {"message": "This model's maximum context length is 4096 tokens.", "code": 400}}
SPENT = {
    "choices": [
        {"message": {"role": "assistant", "content": None, "reasoning_content": "Hm"}, "finish_reason": "length"}
    ],
    "usage": {"prompt_tokens": 5, "completion_tokens": 64},
}


class Saying:
    """Server that sends given statuses and bodies one after the other, and repeats the last one."""

    def __init__(self, *told: tuple[int, object]) -> None:
        self.told = list(told)
        self.bodies: list[dict[str, Any]] = []

    def next(self, body: bytes) -> tuple[int, bytes]:
        self.bodies.append(json.loads(body))
        status, told = self.told.pop(0) if len(self.told) > 1 else self.told[0]
        if callable(told):
            told = told("/v1/chat/completions", self.bodies[-1])
        return status, told if isinstance(told, bytes) else json.dumps(told).encode()


@pytest.fixture
def serve() -> Callable[..., FaultyServer]:
    def made(*told: tuple[int, object]) -> FaultyServer:
        saying = Saying(*told)
        faults: dict[str, Fault] = {"told": lambda it, body: it.reply(*saying.next(body))}
        server = FaultyServer(lambda path, body: json.dumps(body).encode(), share=1.0, faults=faults, in_a_row=10**9)
        server.saying = saying  # type: ignore[attr-defined]
        return server

    return made


def ask(server: FaultyServer, *words: str, policy: str = "vlm") -> Reply:
    path = "/v1" if policy == "vlm" else ""
    name = "qwen3_vl_query" if policy == "query" else policy
    choice = policy_choice([f"policy={name}", f"policy.url={server.url}{path}", *SWIFT, *words])
    made = make_policy(choice.kind, choice.arguments)
    assert isinstance(made, ModelPolicy)
    with closing(made):
        return made.answer(OBSERVATION, QUESTION)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Return stderr, after checking that it is one line."""
    err = capsys.readouterr().err
    assert re.fullmatch(r"error: [^\n]+\n", err), err
    assert len(err) < 900
    return err


# --- completions without text are answers


def test_tokens_that_were_thought_away_are_an_answer_and_are_not_asked_for_again(
    serve: Callable[..., FaultyServer], tmp_path: Path
) -> None:
    with serve((200, SPENT)) as server:
        words = [*EPISODES, "policy=vlm", "policy.max_tokens=64", f"policy.url={server.url}/v1", "episodes=1"]
        assert main([*words, "hydra.run.dir=run"]) == 0
        assert main(["resume=run"]) == 0
        assert len(server.requests) == 1
    [record] = read_records(tmp_path / "run" / RecordStore.FILE)
    assert record.failure is not None
    assert (record.failure.stage, record.failure.reason) == ("answer", "truncated")
    assert "policy.max_tokens, which is 64" in record.failure.detail
    [turn] = record.turns
    assert (turn.finish_reason, turn.prompt_tokens, turn.answer_tokens, turn.answer) == ("length", 5, 64, "")


@pytest.mark.parametrize(
    ("policy", "status", "told", "why"),
    [
        ("vlm", 400, FILTERED, "refused"),
        ("vlm", 200, FILTERED, "refused"),
        ("vlm", 403, {"error": {"code": 403, "message": "Your input was flagged.", "metadata": {}}}, "refused"),
        ("vlm", 200, {"choices": [{"message": {"content": None}, "finish_reason": "content_filter"}]}, "refused"),
        ("vlm", 200, {"choices": [{"message": {"content": None}, "finish_reason": "stop"}]}, "empty"),
        ("query", 200, {"result": 1, "answer": ""}, "empty"),
        ("query", 200, {"result": 1, "answer": None}, "empty"),
        ("robotracer", 200, {"result": 1, "answer": None}, "empty"),
    ],
)
def test_refusals_of_a_model_and_silence_are_answers(
    serve: Callable[..., FaultyServer], policy: str, status: int, told: object, why: str
) -> None:
    with serve((status, told)) as server:
        reply = ask(server, policy=policy)
    failure = reply.failure(read(reply.text))
    assert failure is not None
    assert (failure.stage, failure.reason) == ("answer", why)
    assert len(server.requests) == 1
    if why == "refused" and status != 200:
        assert f"HTTP {status}" in failure.detail


@pytest.mark.parametrize("told", [{"result": 0, "error": "out of memory"}, {"result": 1}, {"result": 1, "answer": 7}])
def test_a_server_that_says_that_it_failed_has_not_answered(serve: Callable[..., FaultyServer], told: object) -> None:
    with serve((200, told), (200, {"result": 1, "answer": "well"})) as server:
        assert ask(server, policy="query").text == "well"


def test_an_event_stream_is_read_and_one_that_breaks_off_is_asked_for_again(
    serve: Callable[..., FaultyServer],
) -> None:
    first = {"choices": [{"index": 0, "delta": {"content": "[(1, 2, "}, "finish_reason": None}]}
    last = {"choices": [{"index": 0, "delta": {"content": "0.5)]"}, "finish_reason": "stop"}], "usage": SPENT["usage"]}
    begun, ended = (f"data: {json.dumps(one)}\n\n".encode() for one in (first, last))
    with serve((200, begun), (200, begun + ended + b"data: [DONE]\n\n")) as server:
        reply = ask(server)
        saying: Saying = server.saying  # type: ignore[attr-defined]
    assert len(server.requests) == 2
    assert (reply.text, reply.finish_reason, reply.answer_tokens) == ("[(1, 2, 0.5)]", "stop", 64)
    assert all(body["stream"] is False for body in saying.bodies)


def test_a_stream_that_stays_open_after_its_end_has_ended() -> None:
    chunk = {"choices": [{"index": 0, "delta": {"content": "[(1, 2, 0.5)]"}, "finish_reason": "stop"}]}

    def stay(it: Any, answer: bytes) -> None:
        it.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        it.wfile.write(f"data: {json.dumps(chunk)}\n\ndata: [DO".encode())
        it.wfile.write(b"NE]\n\n")
        it.be_silent()

    with FaultyServer(lambda path, body: {}, share=1.0, faults={"stays open": stay}) as server:
        assert ask(server, "policy.retries=0", "policy.timeout_s=10").text == "[(1, 2, 0.5)]"


def test_too_many_requests_may_pass_even_where_the_server_speaks_of_billing(
    serve: Callable[..., FaultyServer],
) -> None:
    told = {"error": {"message": "Rate limit reached. Add a payment method at /account/billing.", "code": "rate_limit"}}
    with serve((429, told), (200, {"choices": [{"message": {"content": "well"}}]})) as server:
        assert ask(server).text == "well"


# --- advice


@pytest.mark.parametrize(
    ("status", "told", "words", "advice", "resumable"),
    [
        (400, MAX_TOKENS, (), "policy.max_completion_tokens=2048", False),
        (400, {"error": {"message": "Unrecognized request argument supplied: max_completion_tokens"}},
            ("policy.max_completion_tokens=9",), "policy.max_completion_tokens=null", False),
        (400, {"error": {"message": "max_tokens is too large: 65536 > 16384."}}, (), "policy.max_tokens to", False),
        (400, {"error": {"message": "Unsupported value: 'temperature' does not support 0.0 with this model.",
                         "param": "temperature"}}, (), "policy.temperature=null", False),
        (422, {"detail": [{"loc": ["body", "structured_outputs"], "msg": "Extra inputs are not permitted"}]},
            ("policy.structured=regex",), "policy.structured=none", False),
        (400, {"error": {"message": "This model only support stream mode"}}, (), "policy.extra.stream=true", False),
        (400, {"error": {"message": "Unsupported parameter: 'seed'"}}, ("policy.extra.seed=1",),
            "policy.extra.seed=null", False),
        (400, {"error": {"message": "m is not a multimodal model"}}, (), "policy.model to one that sees", False),
        (404, {"error": {"message": "The model `m` does not exist."}}, (), "policy.model", False),
        (404, {"detail": "Not Found"}, (), "policy.url", True),
        (405, {"detail": "Method Not Allowed"}, (), "policy.url", True),
        (501, b"Unsupported method ('POST')", (), "policy.url", True),
        (200, {"error": "Unexpected endpoint or method."}, (), "policy.url", True),
        (401, {"error": {"message": "no key"}}, (), "policy.api_key_env=NAME", True),
        (403, {"error": {"message": "wrong key"}}, ("policy.api_key_env=MY_KEY",), "variable MY_KEY", True),
        (400, {"error": {"message": "API key not valid."}}, ("policy.api_key_env=MY_KEY",), "variable MY_KEY", True),
        (402, {"error": {"message": "Insufficient balance"}}, (), "Add credit to the account", True),
        (429, {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}, (), "Add credit", True),
        (400, [{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}], (),
            "policy.api_key_env", True),
        (422, {"error": {"message": "no recorded answer belongs to this prompt."}}, (), "from a file", True),
        (413, b"<html>Request Entity Too Large</html>", (), "larger requests", True),
        (415, {"detail": "no JSON here"}, (), "--help", False),
        (418, {"detail": "I am a teapot"}, (), "teapot", True),
        (500, {"error": {"message": "image input is not supported - hint: you may need to provide the mmproj"}}, (),
            "policy.model to one that sees", False),
        (500, {"error": {"message": "this model is missing data required for image input"}}, (),
            "policy.model to one that sees", False),
        (404, {"error": {"message": "No endpoints found that support image input", "code": 404}}, (),
            "policy.model to one that sees", False),
        (400, {"error": {"message": "At most 0 image(s) may be provided in one prompt."}}, (),
            "policy.model to one that sees", False),
        (404, {"error": {"message": "No endpoints found matching your data policy."}}, (), "policy.model to a", False),
        (400, {"error": {"message": "The model `m` has been decommissioned."}}, (), "policy.model to a name", False),
        (400, {"error": {"message": "Range of max_tokens should be [1, 8192]"}}, (), "policy.max_tokens to", False),
        (400, {"error": {"message": "Provider returned error", "code": 400,
                         "metadata": {"raw": json.dumps(MAX_TOKENS)}}}, (), "policy.max_completion_tokens=2048", False),
        (200, {"object": "error", "message": "The model `m` does not exist.", "code": 404}, (), "policy.model", False),
        (200, b'data: {"object": "error", "message": "no such model: m", "code": 404}\n\n', (), "policy.model", False),
        (400, TOO_LONG, (), "Lower policy.max_tokens", False),
    ],
)  # fmt: skip
def test_a_refusal_says_what_to_set(
    serve: Callable[..., FaultyServer],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    told: object,
    words: tuple[str, ...],
    advice: str,
    resumable: bool,
) -> None:
    monkeypatch.setenv("MY_KEY", "sk-0123456789")
    with serve((status, told)) as server, pytest.raises(RequestRefusedError, match=re.escape(advice)) as raised:
        ask(server, *words)
    assert len(server.requests) == 1
    assert raised.value.resumable is resumable
    assert "\n" not in str(raised.value)
    assert "sk-0123456789" not in str(raised.value)
    assert isinstance(told, bytes) or re.search(r': ".', str(raised.value))


def test_a_file_that_a_server_does_not_see_is_a_matter_of_the_folder(serve: Callable[..., FaultyServer]) -> None:
    told = {"result": 0, "error": "only absolute paths of files under /srv are read."}
    with serve((403, told)) as server, pytest.raises(RequestRefusedError, match=r"Set policy\.scratch") as raised:
        ask(server, policy="robotracer")
    assert raised.value.resumable


def test_what_to_set_helps(serve: Callable[..., FaultyServer]) -> None:
    with serve((200, SPENT)) as server:
        ask(server, "policy.max_completion_tokens=99", "policy.temperature=null", "policy.extra.stream=null")
        reply = ask(server, "policy.max_completion_tokens=99", "policy.extra.stream=true")
        saying: Saying = server.saying  # type: ignore[attr-defined]
    assert set(saying.bodies[0]) == {"model", "messages", "max_completion_tokens"}
    assert (saying.bodies[1]["max_completion_tokens"], saying.bodies[1]["stream"]) == (99, True)
    assert "raise policy.max_completion_tokens, which is 99" in reply.note


def test_a_prompt_that_is_too_long_is_not_the_fault_of_others(serve: Callable[..., FaultyServer]) -> None:
    with serve((200, SPENT), (400, TOO_LONG), (400, MAX_TOKENS)) as server:
        choice = policy_choice(["policy=vlm", f"policy.url={server.url}/v1"])
        policy = make_policy(choice.kind, choice.arguments)
        assert isinstance(policy, ModelPolicy)
        with closing(policy):
            policy.answer(OBSERVATION, QUESTION)
            with pytest.raises(InfrastructureError, match="maximum context length") as raised:
                policy.answer(OBSERVATION, QUESTION)
            assert not isinstance(raised.value, RequestRefusedError)
            with pytest.raises(RequestRefusedError):
                policy.answer(OBSERVATION, QUESTION)


# --- end of the run


@pytest.mark.parametrize("in_flight", [1, 3])
def test_a_run_ends_at_the_first_refusal(
    serve: Callable[..., FaultyServer], tmp_path: Path, capsys: pytest.CaptureFixture[str], in_flight: int
) -> None:
    with serve((400, MAX_TOKENS)) as server:
        words = [*EPISODES, "policy=vlm", f"policy.url={server.url}/v1", f"policy.in_flight={in_flight}", "episodes=9"]
        assert main([*words, "hydra.run.dir=run"]) == 2
        assert len(server.requests) <= in_flight
    line = said(capsys)
    assert "Use 'max_completion_tokens' instead" in line
    assert "Set policy.max_completion_tokens=2048" in line
    assert "resume" not in line
    assert not (tmp_path / "run").exists()


def test_what_was_recorded_is_kept_and_a_new_key_goes_on(
    serve: Callable[..., FaultyServer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OLD_KEY", "old-key-1234")
    monkeypatch.setenv("NEW_KEY", "new-key-1234")
    knowing = Knowing()
    for seed in range(3):
        knowing.learn(EpisodeConfiguration("stack_blocks_two", variation=Variation("clean", clutter=0)), seed)
    with serve((200, knowing), (401, {"error": {"message": "This key has expired."}}), (200, knowing)) as server:
        words = [*EPISODES, "policy=vlm", f"policy.url={server.url}/v1", "policy.in_flight=1", "episodes=3"]
        assert main([*words, "variation.clutter=0", "policy.api_key_env=OLD_KEY", "hydra.run.dir=run"]) == 2
        line = said(capsys)
        assert "This key has expired." in line
        assert "variable OLD_KEY" in line
        assert "Then resume the run: python -m tracesim.run resume=run" in line
        assert seeds_in(tmp_path / "run") == [0]
        monkeypatch.delenv("OLD_KEY")
        assert main(["resume=run"]) == 2
        assert "OLD_KEY is not set" in said(capsys)
        assert main(["resume=run", "policy.api_key_env=NEW_KEY"]) == 0
        assert len(server.requests) == 4
    assert [record.success for record in read_records(tmp_path / "run" / RecordStore.FILE)] == [True] * 3


def test_a_refusal_that_needs_another_option_says_that_this_is_another_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    play = Playing(raises={2: RequestRefusedError("HTTP 400. Set policy.temperature=null.")})
    assert main(["task=water_flowers", "episodes=9", "hydra.run.dir=run"], play) == 2
    assert play.seeds == [0, 1, 2]
    assert seeds_in(tmp_path / "run") == [0, 1]
    assert "start a new run in another folder; run is kept" in said(capsys)
    assert read_configuration(tmp_path / "run").episodes == 9


def test_a_resumed_run_gets_past_a_prompt_that_is_too_long(tmp_path: Path) -> None:
    class Turned(Playing):
        def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> Any:
            episode = super().begin(seed, film=film, curves=curves)
            fields = json.loads(episode.record().line()) | {"turns": [{}], "record_hash": ""}
            episode.record = lambda: Record.model_validate_json(json.dumps(fields))  # type: ignore[method-assign]
            return episode

    refusal = RequestRefusedError("HTTP 400: maximum context length", about_prompt=True)
    play = Turned(raises={1: InfrastructureError("maximum context length")})
    assert main(["task=water_flowers", "episodes=3", "hydra.run.dir=run"], play) == 3
    play.raises[1] = refusal
    assert main(["resume=run"], play) == 3
    assert main(["resume=run"], play) == 0


@pytest.mark.parametrize("in_flight", [1, 2])
def test_a_dataset_is_left_alone_at_the_first_refusal(
    serve: Callable[..., FaultyServer], tmp_path: Path, capsys: pytest.CaptureFixture[str], in_flight: int
) -> None:
    dataset = Dataset(tmp_path)
    dataset.write([sample(index) for index in range(6)])
    for index in range(6):
        folder = tmp_path / "raw_data" / str(index)
        folder.mkdir(parents=True)
        Image.new("RGB", SIZE).save(folder / "image.png")
        Image.fromarray(np.full(SIZE[::-1], 1000, np.uint16)).save(folder / "gt_depth.png")
    output = tmp_path / "answers.jsonl"
    with serve((401, {"error": {"message": "wrong key"}})) as server:
        words = ["policy=vlm", f"policy.url={server.url}/v1", f"policy.in_flight={in_flight}"]
        assert tracespatial.main([*words, f"dataset={tmp_path}", f"output={output}"]) == 2
        assert len(server.requests) <= in_flight
    assert "wrong key" in said(capsys)
    assert not output.exists()
    with serve((200, SPENT), (401, {"error": {"message": "wrong key"}})) as server:
        words = ["policy=vlm", f"policy.url={server.url}/v1", "policy.in_flight=1"]
        assert tracespatial.main([*words, f"dataset={tmp_path}", f"output={output}"]) == 2
        assert len(server.requests) == 2
    [entry] = [json.loads(line) for line in output.read_text().splitlines()]
    assert (entry["model_prediction"], entry["finish_reason"]) == ("", "length")
