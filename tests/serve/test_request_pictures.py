"""Tests of the pictures in requests: no other file is read, no URL is followed, and their size is limited."""

from __future__ import annotations

import base64
import os
import struct
import zlib
from pathlib import Path

import httpx
import pytest

from tests.published_requests import RGB, by_chat, by_path, by_value, encoded, png, refusal
from tests.running_server import Repeating, RunningServer
from tracesim.serve import pictures


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


def test_a_file_that_is_too_large_is_not_read(client: httpx.Client, folder: Path) -> None:
    with (folder / "image.png").open("ab") as file:
        file.truncate(pictures.LARGEST_FILE_BYTES + 1)
    assert "32 MiB" in refusal(client.post("/query", json=by_path(folder)), 413)
