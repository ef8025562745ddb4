"""Models behind a `/query` server that receives the image itself, such as those of RoboRefer and Qwen3-VL."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tracesim.errors import ConfigurationError
from tracesim.models.served import ServedModel, query_completion
from tracesim.observation import Observation, png
from tracesim.policy import Reply


@dataclass(kw_only=True)
class Query(ServedModel):
    """Asks a model by `POST /query` with images in base64.

    Source: the public repositories of RoboRefer, and of RoboTracer (11f09e1) for Qwen3-VL.
    """

    url: str = "http://127.0.0.1:25557"
    """Address of the server."""

    depth: Literal["none", "estimated", "sent"] = "none"
    """Depth image for the model: none, estimated by the server from the image, or sent."""

    def ask(self, observation: Observation, prompt: str) -> Reply:
        """Return the server's answer."""
        if self.depth == "sent" and observation.depth is None:
            raise ConfigurationError("policy.depth=sent: there are no depth images. Valid: none, estimated.")
        body = {
            "image_url": [b64encode(observation.rgb_png).decode()],
            "depth_url": [b64encode(relative_depth(observation)).decode()] if self.depth == "sent" else [],
            "enable_depth": int(self.depth != "none"),
            "text": prompt,
        }
        return self.post("/query", body, prompt, query_completion)


def relative_depth(observation: Observation) -> bytes:
    """Return the depth image in the form of RoboRefer's server, as a PNG file: 8 bits, three channels, near is bright.

    Args:
        observation: Observation with a depth image.
    """
    assert observation.depth is not None
    seen = observation.depth > 0.0
    nearness = np.zeros_like(observation.depth)
    nearness[seen] = 1.0 / observation.depth[seen]
    if seen.any():
        low, high = nearness[seen].min(), nearness[seen].max()
        nearness[seen] = (nearness[seen] - low) / max(high - low, 1e-9)
    return png(np.repeat((nearness * 255.0).astype(np.uint8)[:, :, None], 3, axis=2))
