"""A fake model server that records its requests, with an observation and a question for tests to send."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tracesim.geometry.camera import Camera
from tracesim.language.question import Question
from tracesim.observation import Observation

RGB = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
DEPTH = np.random.default_rng(1).uniform(0.5, 1.5, (48, 64)).astype(np.float32)
CAMERA = Camera.looking_at((-0.7, 0.0, 0.8), (0.0, 0.0, 0.0), width=64, height=48)
OBSERVATION = Observation(CAMERA, np.zeros(9), np.eye(4), RGB, DEPTH)
QUESTION = Question("Put the cup on the plate.", "object-centric", "the cup", "the plate", "any-0")


class Noting:
    """Server that answers each request with the next of given texts, and keeps the contents of files named by path."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.bodies: list[dict[str, Any]] = []
        self.files: list[bytes] = []

    def __call__(self, path: str, body: Any) -> object:
        self.bodies.append(body)
        self.files += [
            Path(one).read_bytes() for one in [*body.get("image_paths", ()), *(body.get("depth_z_paths") or ())]
        ]
        text = self.texts.pop(0)
        return {"result": 1, "answer": text, "choices": [{"message": {"content": text}}]}
