"""The curves file of an episode: all that its margins can be computed from again, without this package."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tracesim.files.whole_file import whole
from tracesim.geometry.curve import Curve
from tracesim.layout.gripper import GRIPPER
from tracesim.simulation.recorder import Recording
from tracesim.task import Task


def write(path: Path, motion: Recording, task: Task, executed: Curve | None) -> None:
    """Write a compressed NPZ file, all of it or nothing.

    It holds the fields of the motion, T samples of B bodies and links; `camera_in_world` (4, 4) of the policy's camera,
    OpenCV axes; and of all that stands on the table, in one order, `things`, `kinds`, `nouns` and `colors`, (N,) texts.
    Their convex hulls are `hull_points` (V, 3), metres, the thing's own frame, each with the numbers (V,) of its thing
    and of its hull, `hull_things` and `hulls`. Where something was executed there is `clearance_m` (T,), too, as it was
    judged, contacts that are allowed left out; and `tip_in_world` (T, 3), metres, of a gripper that is led itself.
    """
    bodies = list(task.layout)
    more: dict[str, npt.NDArray[np.generic]] = {
        "camera_in_world": task.camera.camera_in_world,
        "things": np.array([body.name for body in bodies]),
        "kinds": np.array([body.prop.kind for body in bodies]),
        "nouns": np.array([body.prop.noun for body in bodies]),
        "colors": np.array([body.prop.color for body in bodies]),
    }
    parts = [(thing, hull) for thing, body in enumerate(bodies) for hull in body.prop.hulls]
    counts = [len(hull) for _, hull in parts]
    more["hull_points"] = np.concatenate([hull for _, hull in parts]).astype(np.float32)
    more["hull_things"] = np.repeat([thing for thing, _ in parts], counts)
    more["hulls"] = np.repeat(np.arange(len(parts)), counts)
    if executed is not None:
        if executed.clearance_m is not None:
            more["clearance_m"] = executed.clearance_m
        if GRIPPER in executed.bodies:
            more["tip_in_world"] = executed.bodies[GRIPPER][:, :3, 3]
    content = io.BytesIO()  # a ZIP file that the disk refuses complains again when it is collected
    np.savez_compressed(content, **{**motion.__dict__, "names": np.array(motion.names)}, **more)
    with whole(path) as partial:
        partial.write_bytes(content.getbuffer())
