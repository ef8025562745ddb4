"""Tests of chat completions, sent whole or as streams: empty ones are answers, incomplete ones are not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.answers.reading import read
from tracesim.models.completion import Completion
from tracesim.models.event_stream import EventStream, decode_body
from tracesim.models.server_error import ErrorInReply
from tracesim.policy import Reply

TRACE = "[(345, 702, 0.890), (339, 661, 0.855)]"
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
text = st.text(st.characters(codec="utf-8"), max_size=12)


def completion(message: object, ended: object = "stop", **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "message": message, "finish_reason": ended}], "usage": USAGE} | fields


def chunk(delta: object = None, ended: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta or {}, "finish_reason": ended}],
        **fields,
    }


def events(chunks: Sequence[object], end: str = "\n\n", done: bool = True) -> bytes:
    body = "".join(f"data: {json.dumps(one)}{end}" for one in chunks) + (f"data: [DONE]{end}" if done else "")
    return body.encode()


def reason(found: Completion) -> str | None:
    """Return why a completion has no trace, or None."""
    reply = Reply(found.text, finish_reason=found.finish_reason, refused=found.refused)
    failure = reply.failure(read(reply.text))
    assert failure is None or failure.stage == "answer"
    return None if failure is None else failure.reason


@pytest.mark.parametrize(
    ("message", "ended", "why"),
    [
        ({"role": "assistant", "content": None, "reasoning_content": "Hmm."}, "length", "truncated"),
        ({"role": "assistant", "content": "", "reasoning": "Hmm."}, "length", "truncated"),
        ({"content": "First I look at", "reasoning": None}, "length", "truncated"),
        ({"content": "<think>First I look at"}, "length", "truncated"),
        ({"content": None}, "MAX_TOKENS", "truncated"),
        ({"content": TRACE}, "length", None),
        ({"content": "[(345, 1702, 0.890), (339, 661, 0.855)]"}, "length", "out_of_image"),
        ({"content": None, "refusal": "I cannot."}, "stop", "refused"),
        ({"content": [{"type": "refusal", "refusal": "I cannot."}]}, "stop", "refused"),
        ({"content": None}, "content_filter", "refused"),
        ({"content": "I can"}, "content_filter", "refused"),
        (None, "content_filter", "refused"),
        (None, "content_filter: PROHIBITED_CONTENT", "refused"),
        ({"content": ""}, "content_filtered", "refused"),
        ({"content": None}, "model_context_window_exceeded", "truncated"),
        ({"content": ""}, "stop_sequence", "empty"),
        ({"content": TRACE, "refusal": None}, "stop", None),
        ({"content": TRACE, "refusal": "I cannot."}, "stop", None),
        ({"content": None, "reasoning_content": TRACE}, "stop", "empty"),
        ({"content": " \n"}, "stop", "empty"),
        ({"content": "<think>Hmm.</think>\n"}, "stop", "empty"),
        ({"content": []}, "stop", "empty"),
        ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": TRACE}]}]}, "stop", "empty"),
        ({"role": "assistant"}, "stop", "empty"),
        ({"content": None, "tool_calls": [{"type": "function", "function": {"name": "f"}}]}, "tool_calls", "empty"),
        ({"content": "I cannot."}, "stop", "no_points"),
        ({"content": [{"type": "text", "text": TRACE[:9]}, {"type": "text", "text": TRACE[9:]}]}, "stop", None),
    ],
)
def test_what_a_model_did_not_say_is_an_answer(message: object, ended: str, why: str | None) -> None:
    found = Completion.of(completion(message, ended))
    assert reason(found) == why
    assert (found.prompt_tokens, found.answer_tokens, found.finish_reason) == (7, 3, ended)


def test_no_choices_at_all_are_an_answer_where_tokens_were_counted() -> None:
    assert reason(Completion.of({"object": "chat.completion", "choices": []})) == "empty"
    assert reason(Completion.of({"choices": [], "usage": USAGE})) == "empty"


def test_of_several_choices_the_first_counts() -> None:
    choices = [{"index": place, "message": {"content": str(place)}, "finish_reason": "stop"} for place in (1, 0)]
    assert Completion.of({"choices": choices}).text == "0"


@pytest.mark.parametrize("count", [True, -1, 2.5, "7", None, 1e300, 10**30])
def test_a_count_of_tokens_that_is_none_is_left_out(count: object) -> None:
    assert Completion.of(completion({"content": "x"}, usage={"prompt_tokens": count})).prompt_tokens is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"choices": None},
        {"choices": []},
        {"choices": [None]},
        {"choices": "none"},
        {"choices": [{"message": None}]},
        {"object": "text_completion", "choices": [{"text": TRACE, "finish_reason": "stop"}]},
        {"choices": [{"message": {"content": 7}}]},
        {"choices": [{"message": {"content": {"text": TRACE}}}]},
        {"choices": [{"message": {"content": [7]}}]},
        {"detail": "not here"},
        EventStream((), done=True),
        EventStream((7,), done=True),
        EventStream(({"choices": [{"delta": 7}]},), done=True),
    ],
)
def test_what_is_no_completion_is_none(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        Completion.of(value)


@given(st.lists(text, max_size=6), st.lists(text, max_size=3), st.sampled_from(["\n\n", "\r\n\r\n", "\r\r", "\n"]))
def test_a_stream_says_what_the_whole_would(said: list[str], thought: list[str], end: str) -> None:
    chunks = [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"reasoning_content": one}) for one in thought),
        *(chunk({"content": one}) for one in said),
        chunk(ended="stop"),
        {"object": "chat.completion.chunk", "choices": [], "usage": USAGE},
    ]
    message = {"content": "".join(said), "reasoning": "".join(thought)}
    whole = Completion.of(completion(message))
    assert Completion.of(decode_body(events(chunks, end))) == whole
    lines = "\n".join(json.dumps(one) for one in chunks).encode()
    assert Completion.of(decode_body(lines)) == whole


@given(st.data())
def test_a_stream_that_was_cut_off_is_no_answer_and_one_that_ended_is(data: st.DataObject) -> None:
    chunks = [chunk({"content": part}) for part in ("[(345, 702, 0.890), ", "(339, 661, 0.855)]")]
    body = events([*chunks, chunk(ended="stop")])
    ended = body.index(b'"finish_reason": "stop"') + len(b'"finish_reason": "stop"}]}')
    cut = data.draw(st.integers(1, len(body)))
    if cut >= ended:
        assert reason(Completion.of(decode_body(body[:cut]))) is None
    else:
        with pytest.raises(ValueError, match=r"."):
            Completion.of(decode_body(body[:cut]))


def test_a_stream_may_hold_comments_names_and_one_whole_completion() -> None:
    body = b": PROCESSING\n\nevent: message\nid: 1\nretry: 10\n" + events([completion({"content": TRACE})])
    assert Completion.of(decode_body(b"\xef\xbb\xbf" + body)) == Completion.of(completion({"content": TRACE}))


def test_an_event_may_take_several_lines() -> None:
    body = "".join(f"data: {line}\n" for line in json.dumps(completion({"content": TRACE}), indent=1).splitlines())
    assert Completion.of(decode_body(f"{body}\ndata: [DONE]\n\n".encode())).text == TRACE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_is_read_in_each_of_its_encodings(encoding: str) -> None:
    body = json.dumps(completion({"content": "gieß 中 \U0001f33b"}), ensure_ascii=False).encode(encoding)
    assert Completion.of(decode_body(body)).text == "gieß 中 \U0001f33b"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"message": "overloaded", "code": 503}, 503),
        ({"message": "no such model", "code": "model_not_found"}, 404),
        ({"message": "wrong", "type": "invalid_request_error", "code": None}, 400),
        ({"message": "wrong", "code": "401"}, 401),
        ("Unexpected endpoint or method. (POST /chat/completions). Returning 200 anyway", 404),
        ("out of memory", 200),
    ],
)
def test_an_error_in_the_body_of_a_success_is_told_by_its_status(error: object, status: int) -> None:
    for body in (json.dumps({"error": error}).encode(), events([chunk({"content": "[("}), {"error": error}])):
        with pytest.raises(ErrorInReply) as raised:
            Completion.of(decode_body(body))
        assert raised.value.error.status == status


@pytest.mark.parametrize(
    "begins", [b"data: {", b"data: [DONE", b"\n", b":", b"{}\n", b'data: {"a": 1}\n', b"[" * 50 + b"\n", b'{"a":']
)
def test_the_longest_bodies_are_read_in_no_time(begins: bytes) -> None:
    body = begins * (2**20 // len(begins))
    with pytest.raises(ValueError, match=r"."):
        Completion.of(decode_body(body))
