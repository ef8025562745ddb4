"""Tests of the protocols: requests of the published clients are answered, all others are refused in one line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.published_requests import PROMPT, RGB, by_chat, by_path, by_value, encoded, refusal
from tests.running_server import Repeating
from tracesim.serve import app as module


@pytest.mark.parametrize(
    ("spatial", "intrinsics", "depth"),
    [(0, False, False), (1, False, False), (1, True, False), (1, True, True)],
    ids=["RGB", "plain", "Intrinsics", "Intrinsics_Depth"],
)
def test_robotracers_client_is_answered_in_its_four_variants(
    client: httpx.Client, backend: Repeating, folder: Path, spatial: int, intrinsics: bool, depth: bool
) -> None:
    body = by_path(folder, enable_spatial=spatial)
    body |= {} if intrinsics else {"intrinsics": None}
    body |= {} if depth else {"depth_z_paths": None}
    response = client.post("/query", json=body)
    assert response.status_code == 200
    assert response.json() == {"result": 1, "answer": PROMPT}
    ((prompt, (image,), longest),) = backend.seen
    assert (prompt, longest) == (PROMPT, None)
    assert np.array_equal(np.asarray(image), RGB)


@pytest.mark.parametrize("depth", [{}, {"enable_depth": 1}, {"enable_depth": 1, "depth_url": [encoded(RGB)]}])
def test_roborefers_client_is_answered(client: httpx.Client, backend: Repeating, depth: dict[str, object]) -> None:
    response = client.post("/query", json=by_value(**depth))
    assert response.status_code == 200
    assert response.json() == {"result": 1, "answer": PROMPT}
    assert np.array_equal(np.asarray(backend.seen[0][1][0]), RGB)


def test_roborefers_greeting(client: httpx.Client) -> None:
    assert client.get("/").text == "Hello, World!"


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_the_client_of_hosted_models_is_answered(client: httpx.Client, backend: Repeating, kind: str) -> None:
    # The published client declares every image as JPEG.
    response = client.post("/v1/chat/completions", json=by_chat(f"data:image/{kind};base64,{encoded(RGB)}"))
    assert response.status_code == 200
    completion = response.json()
    assert completion["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": PROMPT},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert completion["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    assert (completion["object"], completion["model"]) == ("chat.completion", "repeating")
    ((prompt, (image,), longest),) = backend.seen
    assert (prompt, longest) == (PROMPT, 65536)
    assert np.array_equal(np.asarray(image), RGB)


def test_a_chat_may_be_plain_text(client: httpx.Client, backend: Repeating) -> None:
    messages = [{"role": "system", "content": "You are a robot."}, {"role": "user", "content": "Hello"}]
    response = client.post("/v1/chat/completions", json={"model": "any", "messages": messages})
    assert response.json()["choices"][0]["message"]["content"] == "You are a robot.\nHello"
    assert backend.seen[0][1:] == ([], None)


def test_models_are_listed(client: httpx.Client) -> None:
    listed = client.get("/v1/models").json()
    assert [model["id"] for model in listed["data"]] == ["repeating"]


def test_a_request_that_is_too_large_is_told_so(client: httpx.Client) -> None:
    large = b'{"text": "' + b"x" * module.LARGEST_REQUEST_BYTES + b'"}'
    assert "32 MiB" in refusal(client.post("/query", content=large), 413)

    def pieces() -> Iterator[bytes]:
        for _ in range(33):
            yield b"x" * 2**20

    assert "32 MiB" in refusal(client.post("/query", content=pieces()), 413)
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"text": NaN}', b'{"text": Infinity}'],
    ids=["empty", "cut off", "not UTF-8", "nested", "NaN", "infinite"],
)
@pytest.mark.parametrize("path", ["/query", "/v1/chat/completions"])
def test_what_is_not_json_is_refused(client: httpx.Client, path: str, body: bytes) -> None:
    response = client.post(path, content=body)
    assert response.status_code == 400
    assert "not JSON" in response.text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": None}, "text"),
        ({"text": ""}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x" * 100_001}, "text"),
        ({"image_url": []}, "image_url"),
        ({"image_url": "abc"}, "image_url"),
        ({"image_url": [5]}, "image_url.0"),
        ({"image_url": ["ä" * 8]}, "not base64"),
        ({"image_url": ["data:image/png;base64," + encoded(RGB)]}, "not base64"),
        ({"image_url": [encoded(RGB)] * 17}, "at most 16"),
        ({"depth_url": [encoded(RGB)] * 2}, "2 depth_url for 1 image_url"),
        ({"enable_depth": 2}, "enable_depth"),
        ({"enable_deth": 1}, "enable_deth"),
        ({"image_paths": ["/x"]}, "either image_paths"),
    ],
)
def test_a_wrong_field_is_named(client: httpx.Client, wrong: dict[str, object], said: str) -> None:
    assert said in refusal(client.post("/query", json=by_value(**wrong)), 422)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"intrinsics": [[1.0, 2.0], [3.0, 4.0]]}, "intrinsics"),
        ({"intrinsics": [["1", 0, 0], [0, 1, 0], [0, 0, 1]]}, "intrinsics.0.0"),
        ({"enable_spatial": True}, "enable_spatial"),
        ({"enable_spatial": "1"}, "enable_spatial"),
        ({"depth_z_paths": []}, "depth_z_paths"),
        ({"depth_z_paths": ["/x", "/y"]}, "2 depth_z_paths for 1 image_paths"),
        ({"image_paths": [{}]}, "image_paths.0"),
    ],
)
def test_a_wrong_field_of_the_path_protocol_is_named(
    client: httpx.Client, folder: Path, wrong: dict[str, object], said: str
) -> None:
    assert said in refusal(client.post("/query", json=by_path(folder, **wrong)), 422)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": [{"type": "video_url"}]}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": " "}]}, "no text"),
        ({"model": None}, "model"),
        ({"n": 2}, "n"),
        ({"stream": True}, "stream"),
        ({"temperature": 3.0}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
    ],
)
def test_a_wrong_field_of_a_chat_is_named(client: httpx.Client, wrong: dict[str, object], said: str) -> None:
    response = client.post("/v1/chat/completions", json=by_chat(f"data:image/png;base64,{encoded(RGB)}", **wrong))
    assert response.status_code == 422
    assert said in response.json()["error"]["message"]


def test_lists_and_unknown_paths_are_refused(client: httpx.Client) -> None:
    assert "either image_paths" in refusal(client.post("/query", json=[1]), 422)
    refusal(client.get("/query"), 405)
    refusal(client.get("/nothing"), 404)
    assert client.get("/v1/nothing").json()["error"]["code"] == 404
