"""Fuzz tests of server responses: each gives a trace, a reason or a documented error."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

import httpx
import pytest

from tests.noting import OBSERVATION, QUESTION
from tracesim.answers.reading import REASONS, read
from tracesim.errors import InfrastructureError, RequestRefusedError
from tracesim.models.served import ServedModel
from tracesim.policies import make_policy
from tracesim.results.turn import Turn

SECRET: Final = "sk-0123456789abcdef"
STATUSES: Final = (*(200,) * 120, 201, 204, 299, 301, 307, 400, 401, 402, 403, 404, 405, 407, 408, 409, 413, 415, 418)
STATUSES_TOO: Final = (422, 425, 429, 451, 499, 500, 501, 502, 503, 504, 505, 529, 599)
TEXTS: Final = (
    *("", " \n", "I cannot help with that.", "<think>Hmm.", "<think>Hmm.</think>", "[(345, 702, 0.890), (339, "),
    *("[(345, 702, 0.890), (339, 661, 0.855)]",) * 4,
    *("[[1, 2], [3, 4]]", "gieß \u4e2d \U0001f33b", "\ud83c", "\x00\u2028"),
    *("[DONE]", "data: [DONE]\n\n", "content_filter", f"wrong key: {SECRET}", "maximum context length", "9" * 400),
)
NUMBERS: Final = (0, 1, -1, 7, 0.5, 1e300, 10**30, 10**400, True, float("nan"), float("inf"), 2**53, -0.0)
WORDS: Final = (
    *("stop", "length", "content_filter", "tool_calls", "MAX_TOKENS", "error", "x" * 99, "model_not_found"),
    *("insufficient_quota", "invalid_request_error", "401", "503", "chat.completion", "chat.completion.chunk", "text"),
    *("refusal", "thinking"),
)
KEYS: Final = (
    *("choices", "message", "delta", "content", "refusal", "reasoning_content", "reasoning", "finish_reason", "index"),
    *("usage", "prompt_tokens", "completion_tokens", "error", "code", "type", "param", "object", "detail", "loc"),
    *("msg", "result", "answer", "text", "metadata", "tool_calls"),
)
PIECES: Final = (
    *('"', "\\", "{", "}", "[", "]", ",", ":", "\n", "\r\n", "\n\n", "\r", "data:", "data: [DONE]\n\n", "event: x\n"),
    *(
        ": ping\n\n",
        "null",
        "NaN",
        "1e999",
        "9" * 5000,
        "[" * 3000,
        '{"a":' * 3000,
        "\ufeff",
        "\x00",
        "\u2028",
        "\\ud83c",
    ),
    *("<html>", "\udcff", "\x85", " " * 99),
)
ENCODINGS: Final = ("utf-16", "utf-16-be", "utf-32", "latin-1", "cp037", "utf-7")


def value(rng: random.Random, depth: int = 0) -> Any:
    """Return a random JSON value as it occurs in responses."""
    kind = rng.random()
    if kind < 0.25 or depth > 4:
        return rng.choice(TEXTS)
    if kind < 0.4:
        return rng.choice(WORDS)
    if kind < 0.5:
        return rng.choice(NUMBERS)
    if kind < 0.6:
        return None
    if kind < 0.75:
        return [value(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    return {rng.choice(KEYS): value(rng, depth + 1) for _ in range(rng.randint(0, 4))}


def reply(rng: random.Random, chunk: bool = False) -> Any:
    """Return a completion, a chunk, a `/query` response or an error, with occasional faults in each part."""

    def or_else(expected: Any) -> Any:
        return value(rng) if rng.random() < 0.08 else expected

    text = or_else(rng.choice(TEXTS))
    content = or_else(rng.choice((text, None, [{"type": or_else("text"), "text": text}, {"type": "refusal"}])))
    message = {"content": content, "refusal": or_else(None), "reasoning_content": or_else(rng.choice(TEXTS))}
    for name in tuple(message):
        if rng.random() < 0.2:
            del message[name]
    ended = or_else(rng.choice((None, *WORDS[:5])))
    choice = {"index": or_else(rng.choice((0, 0, 1))), "delta" if chunk else "message": message, "finish_reason": ended}
    kind = rng.random()
    if kind < 0.7:
        made = {"choices": or_else([choice])}
    elif kind < 0.85:
        made = {"result": or_else(rng.choice((0, 1, 1))), "answer": or_else(text)}
    else:
        said = {"message": text, "code": or_else(rng.choice(WORDS)), "type": or_else(None), "param": or_else("model")}
        made = {rng.choice(("error", "error", "detail", "message")): or_else(rng.choice((said, [said], text)))}
    if rng.random() < 0.5:
        made["usage"] = or_else({"prompt_tokens": or_else(7), "completion_tokens": or_else(3)})
    return or_else(made)


def body(rng: random.Random) -> bytes:
    """Return the body of a response: JSON, an event stream, JSON Lines or other bytes, sometimes cut or mutated."""
    form = rng.random()
    if form < 0.5:
        text = json.dumps(reply(rng), ensure_ascii=rng.random() < 0.5)
    else:
        lines = [json.dumps(reply(rng, chunk=rng.random() < 0.9)) for _ in range(rng.randint(0, 5))]
        end = rng.choice(("\n\n", "\r\n\r\n", "\r\r", "\n"))
        text = "".join(f"data: {line}{end}" for line in lines) if form < 0.85 else "\n".join(lines)
        if form < 0.8:
            text += f"data: [DONE]{end}"
    while rng.random() < 0.4:
        begin = rng.randint(0, len(text))
        stop = min(len(text), begin + rng.choice((0, 0, 1, 5, 50)))
        text = text[:begin] + rng.choice(("", rng.choice(PIECES), text[begin:stop] * 2)) + text[stop:]
    if rng.random() < 0.1:
        text = text[: rng.randint(0, len(text))]
    encoding = rng.choice(ENCODINGS) if rng.random() < 0.05 else "utf-8"
    sent = text.encode(encoding, "surrogatepass" if encoding.startswith("utf") and encoding != "utf-7" else "replace")
    return rng.randbytes(rng.randint(0, 40)) if rng.random() < 0.02 else sent


def outcomes(seed: int, count: int) -> Counter[str]:
    """Return the number of each outcome for `count` responses."""
    rng = random.Random(seed)
    result: Counter[str] = Counter()

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {}
        if rng.random() < 0.1:
            headers = {"Retry-After": rng.choice(("1", "-1", "soon", "9" * 99)), "Location": f"/?key={SECRET}"}
        return httpx.Response(rng.choice(STATUSES + STATUSES_TOO), headers=headers, content=body(rng))

    common = {"url": f"http://127.0.0.1:9/v1?key={SECRET}", "retries": 0, "prompt": "Go!"}
    policies: list[ServedModel] = []
    for policy in (make_policy("vlm", common | {"extra": {"seed": 1}}), make_policy("query", common)):
        assert isinstance(policy, ServedModel)
        policies.append(policy)
        policy.client._http.close()
        policy.client._http = httpx.Client(transport=httpx.MockTransport(answer))  # no sockets: 100 times as many
    with closing(policies[0]), closing(policies[1]):
        for _ in range(count):
            result[outcome(policies[rng.random() < 0.2])] += 1
    return result


def outcome(policy: ServedModel) -> str:
    """Ask a question, and return "trace", the reason why there is none, or the name of the error."""
    try:
        found = policy.answer(OBSERVATION, QUESTION)
    except InfrastructureError as error:
        said = str(error)
        assert said.isprintable()
        assert len(said) < 900
        assert SECRET not in said
        return type(error).__name__
    answer = read(found.text)
    failure = found.failure(answer)
    turn = Turn.of("", {}, found, answer.trace, None)
    assert Turn.model_validate_json(turn.model_dump_json()) == turn
    if failure is None:
        assert answer.trace is not None
        return "trace"
    assert failure.stage == "answer"
    assert failure.detail.startswith(REASONS[failure.reason])
    return failure.reason


def expected(found: Counter[str]) -> bool:
    said = {"trace", "truncated", "refused", "empty", "no_points"}
    return said | {InfrastructureError.__name__, RequestRefusedError.__name__} <= found.keys()


def test_ten_thousand_replies() -> None:
    assert expected(outcomes(seed=0, count=10_000))


@pytest.mark.slow
def test_a_million_replies() -> None:
    parts = 100
    work: Sequence[tuple[int, int]] = [(1 + part, 1_000_000 // parts) for part in range(parts)]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        counted = pool.starmap(outcomes, work)
    assert sum(sum(part.values()) for part in counted) == 1_000_000
    assert all(expected(part) for part in counted)
