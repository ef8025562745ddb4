"""RoboTracer behind its own server, which reads images from a folder that both sides can access."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Literal

import numpy as np

from tracesim.errors import ConfigurationError
from tracesim.models.served import ServedModel, query_completion
from tracesim.models.server_error import Advice, ServerError
from tracesim.observation import Observation
from tracesim.policy import Reply

Variant = Literal["RoboTracer_RGB", "RoboTracer", "RoboTracer_Intrinsics", "RoboTracer_Intrinsics_Depth"]

SPATIAL: Final[Mapping[Variant, tuple[int, bool, bool]]] = {
    "RoboTracer_RGB": (0, False, False),
    "RoboTracer": (1, False, False),
    "RoboTracer_Intrinsics": (1, True, False),
    "RoboTracer_Intrinsics_Depth": (1, True, True),
}
"""Variant -> input besides the image: `enable_spatial`, whether with intrinsics, whether with depth."""


@dataclass(kw_only=True)
class RoboTracer(ServedModel):
    """Asks RoboTracer by `POST /query` with the paths of images.

    Source: RoboTracer's public repository at commit 11f09e1.
    """

    server_options: ClassVar[frozenset[str]] = ServedModel.server_options | {"scratch"}
    file_options: ClassVar[frozenset[str]] = frozenset({"scratch"})

    url: str = "http://127.0.0.1:25547"
    """Address of the server."""

    variant: Variant = "RoboTracer_Intrinsics_Depth"
    """Input of the model besides the image, by the authors' names of their variants."""

    scratch: str = ""
    """Folder for images that the server can access under the same path; a temporary folder of this machine if empty."""

    def __post_init__(self) -> None:
        """Check the options."""
        super().__post_init__()
        if self.scratch and not Path(self.scratch).is_dir():
            raise ConfigurationError(
                f"policy.scratch={self.scratch}: no such folder. Give a folder that the server can access too."
            )

    def ask(self, observation: Observation, prompt: str) -> Reply:
        """Return the server's answer."""
        spatial, with_intrinsics, with_depth = SPATIAL[self.variant]
        unknown = with_depth and observation.depth is None
        if unknown or (with_intrinsics and not np.isfinite(observation.camera.intrinsics).all()):
            raise ConfigurationError(
                f"policy.variant={self.variant}: there are only images, without depth and intrinsics. "
                "Valid: RoboTracer, RoboTracer_RGB."
            )
        with self._files(observation, with_depth) as (image, depth):
            body = {
                "image_paths": [str(image)],
                "depth_z_paths": [str(depth)] if with_depth else None,
                "intrinsics": observation.camera.intrinsics.tolist() if with_intrinsics else None,
                "enable_spatial": spatial,
                "text": prompt,
            }
            return self.post("/query", body, prompt, query_completion)

    def advice(self, error: ServerError) -> Advice:
        """Return what the user can do about a refusal; usually the server cannot access the images."""
        if error.status in (403, 422) and re.search(r"\b(files?|paths?|folder|read)\b", error.text):
            return Advice("Set policy.scratch to a folder that the server can access under the same path.")
        return super().advice(error)

    @contextmanager
    def _files(self, observation: Observation, with_depth: bool) -> Iterator[tuple[Path, Path]]:
        """Write the images for the server, yield their paths, and delete them on exit."""
        with tempfile.TemporaryDirectory(prefix="tracesim-", dir=self.scratch or None) as folder:
            # The server may run as another user.
            Path(folder).chmod(0o755)
            image, depth = Path(folder).resolve() / "image.png", Path(folder).resolve() / "depth.png"
            image.write_bytes(observation.rgb_png)
            if with_depth:
                depth.write_bytes(observation.depth_png)
            yield image, depth
