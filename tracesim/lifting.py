"""Lifting: from keypoints in an image to a trace in the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from tracesim.answers.contact_depth import measure_contact
from tracesim.answers.foot import foot
from tracesim.failure import Failure
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import ImageTrace, Trace

ContactDepth = Literal["measured", "predicted"]
PlaceDepth = Literal["measured", "predicted"]


@dataclass(frozen=True)
class Workspace:
    """The box in which a trace may lie: its low and high corners, metres, world."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]

    def contains(self, points: FloatArray) -> npt.NDArray[np.bool_]:
        """Tell for each point (N, 3) whether it lies in the box."""
        return np.asarray(((points >= self.low) & (points <= self.high)).all(axis=1))


WORKSPACE: Final = Workspace((-0.45, -0.6, -0.1), (0.45, 0.6, 0.7))
"""Over the table, and a little into it: that a trace runs into the table is for the motion to show."""


def lift(
    image_trace: ImageTrace,
    camera: Camera,
    depth: npt.NDArray[np.float32] | None,
    contact_depth: ContactDepth,
    workspace: Workspace = WORKSPACE,
    place_depth: PlaceDepth = "predicted",
) -> Trace | Failure:
    """Return the trace (N, 3) that keypoints in an image mean, or a failure of stage "lift".

    depth: (H, W), metres, camera z, as measured. contact_depth: whether the first keypoint, where the object is
    touched, takes the measured depth (`tracesim.answers.contact_depth`) or the predicted one; all others take the
    predicted one. A trace that begins in mid-air has no contact to measure: pass "predicted". Keypoints without a depth
    take the measured one, all of them. Source: RoboTracer, arXiv 2512.13660, appendices D.4 and E.8.

    place_depth: "predicted" takes the last keypoint as where the touched point ends up, like the others; "measured" as
    what is seen there, onto which the object is to be put: its foot (`tracesim.answers.foot`) comes there, and the
    touched point as far above and beside it as before. That is how pairs of points are meant. It takes a table at z = 0
    on which the object stands at first.

    Reasons: "no_depth" where a measured depth is needed and there is none, "behind_camera", "out_of_workspace".
    """
    pixels = camera.pixels(image_trace)
    count, dimensions = pixels.shape
    predicted_m = pixels[:, 2] if dimensions == 3 else None
    placing = place_depth == "measured" and count > 1
    measuring = np.full(count, predicted_m is None)
    measuring[0] |= contact_depth == "measured"
    measuring[-1] |= placing
    z = np.zeros(count) if predicted_m is None else predicted_m.copy()
    contact = None
    if measuring.any():
        if depth is None:
            return Failure("lift", "no_depth", "a measured depth is needed and no depth image is there")
        z[measuring] = measured_m(depth, pixels[measuring, :2])
        if contact_depth == "measured" or placing:
            contact = measure_contact(depth, pixels[0, :2], None if predicted_m is None else float(predicted_m[0]))
        if contact_depth == "measured":
            z[0] = 0.0 if contact is None else contact.depth_m
        unseen = measuring & ~(np.isfinite(z) & (z > 0.0))
        if unseen.any() or (placing and contact is None):
            return Failure("lift", "no_depth", "nothing is measured at a pixel whose depth is needed")
    if not (z > 0.0).all():
        index = int(np.argmin(z > 0.0))
        return Failure("lift", "behind_camera", f"keypoint {index} has a depth of {z[index]:.3f} m")
    points = camera.lift(np.column_stack([pixels[:, :2], z]))
    if placing and depth is not None and contact is not None:
        points[-1] += points[0] - foot(camera, depth, np.array(contact.pixel, float))
    inside = workspace.contains(points)
    if not inside.all():
        index = int(np.argmin(inside))
        x, y, height = points[index]
        return Failure("lift", "out_of_workspace", f"keypoint {index} lies at ({x:.3f}, {y:.3f}, {height:.3f}) m")
    return Trace(points)


def measured_m(depth: npt.NDArray[np.float32], pixels: FloatArray) -> FloatArray:
    """Return the depths (N,) of an image (H, W) at columns and rows (N, 2): of the pixels they lie in, clamped."""
    height, width = depth.shape
    columns, rows = np.clip(np.floor(pixels), 0, (width - 1, height - 1)).astype(int).T
    return np.asarray(depth[rows, columns], float)
