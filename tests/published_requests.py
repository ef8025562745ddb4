"""Requests of the published clients to a model server, and the refusals they get."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

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
