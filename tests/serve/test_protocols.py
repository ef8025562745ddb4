"""Tests of the protocols: requests of the published clients are answered, all others are refused in one line."""

from __future__ import annotations

import base64
import io
import os
import struct
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.running_server import Repeating, RunningServer
from tracesim.errors import InfrastructureError
from tracesim.serve import app as module
from tracesim.serve import pictures
from tracesim.serve.backend import Answered
from tracesim.serve.recorded import Recorded, Recording

RGB = np.arange(24 * 32 * 3, dtype=np.uint8).reshape(24, 32, 3)
DEPTH_MM = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32)
INTRINSICS = [[30.0, 0.0, 16.0], [0.0, 30.0, 12.0], [0.0, 0.0, 1.0]]
PROMPT = 'Point the 3D object-centric visual trace for the task "gieß die Blumen".'


def png(pixels: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def encoded(pixels: np.ndarray[Any, Any]) -> str:
    """Return an image as the published clients encode it."""
    return base64.b64encode(png(pixels)).decode("utf-8")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Repeating, Path]]:
    folder, backend = tmp_path_factory.mktemp("outside") / "shared", Repeating()
    folder.mkdir()
    with RunningServer(backend, folder) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client, backend, folder


@pytest.fixture
def client(running: tuple[httpx.Client, Repeating, Path]) -> httpx.Client:
    return running[0]


@pytest.fixture
def backend(running: tuple[httpx.Client, Repeating, Path]) -> Repeating:
    running[1].seen.clear()
    return running[1]


@pytest.fixture
def folder(running: tuple[httpx.Client, Repeating, Path]) -> Path:
    """Return a new folder that the server may read, with an image and its depth, and a secret file outside it."""
    folder = running[2]
    for left in folder.iterdir():
        left.unlink()
    (folder / "image.png").write_bytes(png(RGB))
    (folder / "depth.png").write_bytes(png(DEPTH_MM))
    (folder.parent / "secret.png").write_bytes(png(RGB))
    return folder


def by_path(folder: Path, **other: object) -> dict[str, object]:
    """Return a request of RoboTracer's client with intrinsics and depth."""
    body = {
        "image_paths": [str(folder / "image.png")],
        "depth_z_paths": [str(folder / "depth.png")],
        "intrinsics": INTRINSICS,
        "enable_spatial": 1,
        "text": PROMPT,
    }
    return body | other


def by_value(**other: object) -> dict[str, object]:
    """Return a request of RoboRefer's client."""
    return {"image_url": [encoded(RGB)], "depth_url": [], "enable_depth": 0, "text": PROMPT} | other


def by_chat(url: str, **other: object) -> dict[str, object]:
    """Return a request of the published client for hosted models."""
    content = [{"type": "text", "text": PROMPT}, {"type": "image_url", "image_url": {"url": url, "detail": "high"}}]
    body = {
        "model": "gemini-3-pro-preview",
        "messages": [{"role": "user", "content": content}],
        "max_tokens": 65536,
        "n": 1,
        "temperature": 0.0,
        "user": "DMXAPI",
    }
    return body | other


def refusal(response: httpx.Response, status: int) -> str:
    """Return the reason in a refusal, after checking that it is one line of JSON with the given status."""
    assert response.status_code == status, response.text
    assert response.text.count("\n") == 0
    said = response.json()
    assert said["result"] == 0
    assert "Traceback" not in said["error"]
    return str(said["error"])


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


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x.png", "https://example.org/x.png", "file:///etc/passwd", "/etc/passwd", "data:,x", ""]
)
def test_no_url_is_followed(client: httpx.Client, backend: Repeating, url: str) -> None:
    response = client.post("/v1/chat/completions", json=by_chat(url))
    assert response.status_code == 422
    assert "no other URL is followed" in response.json()["error"]["message"]
    assert not backend.seen


def test_no_file_outside_the_folder_is_read(client: httpx.Client, backend: Repeating, folder: Path) -> None:
    outside = folder.parent / "secret.png"
    (folder / "link.png").symlink_to(outside)
    (folder / "up").symlink_to(folder.parent)
    (folder / "loop").symlink_to(folder / "loop")
    beside = folder.parent / "shared_not"
    beside.mkdir()
    (beside / "image.png").write_bytes(png(RGB))
    escapes = [
        outside,
        outside.with_name("there is no such file"),
        folder / ".." / "secret.png",
        folder / "link.png",
        folder / "up" / "secret.png",
        beside / "image.png",
        "image.png",
        "../secret.png",
        "~/image.png",
        "file://" + str(folder / "image.png"),
        "",
        "/etc/passwd",
        "/proc/self/environ",
        "\0",
        "/" + "x" * 5000,
    ]
    said = {
        refusal(client.post("/query", json=by_path(folder, **{field: [str(path)]})), 403)
        for path in escapes
        for field in ("image_paths", "depth_z_paths")
    }
    assert said == {f"only absolute paths of files under {folder.resolve()} are read."}
    assert not backend.seen


def test_a_link_inside_the_folder_is_followed(client: httpx.Client, folder: Path) -> None:
    (folder / "link.png").symlink_to(folder / "image.png")
    assert client.post("/query", json=by_path(folder, image_paths=[str(folder / "link.png")])).status_code == 200


def test_what_is_no_file_is_not_waited_for(client: httpx.Client, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder / "loop")
    for name in ("pipe", "", "missing.png", "loop"):
        path = str(folder / name)
        assert client.post("/query", json=by_path(folder, image_paths=[path])).status_code in (403, 422)


def test_without_a_folder_no_file_is_read(folder: Path) -> None:
    with RunningServer(Repeating()) as server:
        response = httpx.post(f"{server.url}/query", json=by_path(folder), trust_env=False)
    assert "folder=DIR" in refusal(response, 403)


@pytest.mark.parametrize(
    "bad",
    [b"", b"not a picture", png(RGB)[:100], png(RGB)[:-100], b"GIF89a" + b"\0" * 100, b"%!PS-Adobe-3.0 EPSF-3.0\n"],
    ids=["empty", "text", "cut off", "end missing", "GIF", "EPS"],
)
def test_bytes_that_are_no_picture_are_refused(
    client: httpx.Client, backend: Repeating, folder: Path, bad: bytes
) -> None:
    (folder / "bad.png").write_bytes(bad)
    assert "image 0 is" in refusal(
        client.post("/query", json=by_path(folder, image_paths=[str(folder / "bad.png")])), 422
    )
    assert "image 0 is" in refusal(
        client.post("/query", json=by_value(image_url=[base64.b64encode(bad).decode()])), 422
    )
    assert not backend.seen


@pytest.mark.parametrize("side", [8_000, 12_000, 20_000, 60_000])  # Pillow warns of some, and refuses others
def test_a_picture_that_unpacks_to_too_much_is_refused_before_it_does(client: httpx.Client, side: int) -> None:
    header = b"IHDR" + struct.pack(">II", side, side) + b"\x08\x02\0\0\0"
    bomb = png(RGB)[:12] + header + struct.pack(">I", zlib.crc32(header)) + png(RGB)[33:]
    said = refusal(client.post("/query", json=by_value(image_url=[base64.b64encode(bomb).decode()])), 413)
    assert "megapixels" in said


def test_pictures_count_together(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 2 * RGB.shape[0] * RGB.shape[1])
    assert client.post("/query", json=by_value(image_url=[encoded(RGB)] * 2)).status_code == 200
    assert client.post("/query", json=by_value(image_url=[encoded(RGB)] * 3)).status_code == 413


def test_depth_that_is_not_millimetres_is_refused(client: httpx.Client, folder: Path) -> None:
    body = by_path(folder, depth_z_paths=[str(folder / "image.png")])
    assert "16 bits" in refusal(client.post("/query", json=body), 422)


def test_a_request_that_is_too_large_is_told_so(client: httpx.Client) -> None:
    large = b'{"text": "' + b"x" * module.LARGEST_REQUEST_BYTES + b'"}'
    assert "32 MiB" in refusal(client.post("/query", content=large), 413)

    def pieces() -> Iterator[bytes]:
        for _ in range(33):
            yield b"x" * 2**20

    assert "32 MiB" in refusal(client.post("/query", content=pieces()), 413)
    assert client.get("/").status_code == 200


def test_a_file_that_is_too_large_is_not_read(client: httpx.Client, folder: Path) -> None:
    with (folder / "image.png").open("ab") as file:
        file.truncate(pictures.LARGEST_FILE_BYTES + 1)
    assert "32 MiB" in refusal(client.post("/query", json=by_path(folder)), 413)


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


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (InfrastructureError("the device has no\nmemory left"), "the device has no memory left"),
        (ZeroDivisionError("secret"), "the server failed (ZeroDivisionError); see its terminal."),
    ],
)
def test_a_backend_that_fails_shows_no_traceback(fault: Exception, said: str) -> None:
    with RunningServer(Repeating(fault)) as server:
        response = httpx.post(f"{server.url}/query", json=by_value(), trust_env=False)
    assert refusal(response, 500) == said


def test_an_answer_with_half_a_surrogate_pair_is_sent() -> None:
    recorded = Recorded([Recording((PROMPT,), Answered("\ud83d"))])
    with RunningServer(recorded) as server:
        response = httpx.post(f"{server.url}/query", json=by_value(), trust_env=False)
    assert response.json()["answer"] == "\ud83d"


class Slow(Repeating):
    """Backend that waits for permission to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.told = threading.Event(), threading.Event()

    def answer(self, prompt: str, images: Sequence[Image.Image], longest: int | None = None) -> Answered:
        self.asked.set()
        self.told.wait(30.0)
        return super().answer(prompt, images, longest)


def test_questions_are_answered_in_turn_and_not_for_those_who_have_left() -> None:
    backend = Slow()
    with RunningServer(backend) as server, ThreadPoolExecutor(1) as pool:

        def ask(text: str, timeout_s: float = 30.0) -> httpx.Response:
            return httpx.post(f"{server.url}/query", json=by_value(text=text), timeout=timeout_s, trust_env=False)

        first = pool.submit(ask, "first")
        assert backend.asked.wait(30.0)
        with pytest.raises(httpx.ReadTimeout):
            ask("second", 0.3)
        time.sleep(0.3)  # until the server has noticed that the second client has disconnected
        backend.told.set()
        assert first.result().json()["answer"] == "first"
        assert ask("third").json()["answer"] == "third"
    assert [prompt for prompt, _, _ in backend.seen] == ["first", "third"]


def test_a_server_that_ends_leaves_nobody_waiting() -> None:
    backend = Slow()
    with ThreadPoolExecutor(1) as pool:
        with RunningServer(backend, goodbye_s=1) as server:
            asked = pool.submit(httpx.post, f"{server.url}/query", json=by_value(), timeout=30.0, trust_env=False)
            assert backend.asked.wait(30.0)
        assert not backend.told.is_set()
        backend.told.set()
        assert refusal(asked.result(), 503) == "the server is shutting down."
