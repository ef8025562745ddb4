"""Small dataset in TraceSpatial-Bench's layout, with good and bad answers.

The only scene has a wall 2 m away, a post in front of it, and a convex disc that has to move past the post.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tracesim.tracespatial.answers import Answered, answer_line
from tracesim.tracespatial.dataset import Dataset, Sample

WIDTH, HEIGHT = 160, 120
INTRINSICS = np.array([[150.0, 0.0, 80.0], [0.0, 150.0, 60.0], [0.0, 0.0, 1.0]])
START = np.array([-0.24, 0.06, 0.9])
END = np.array([0.45, 0.06, 1.5])
TRAJECTORY = np.array([START, [-0.2, -0.15, 0.95], [0.2, -0.3, 1.0], [0.45, -0.25, 1.4], END])

TUPLES_3D = (
    "[(250, 583, 0.9), (303, 303, 0.95), (688, 125, 1.0), (801, 277, 1.4), (781, 550, 1.5)]",  # the true trace
    "[(250, 583, 0.9), (690, 583, 1.25), (781, 550, 1.5)]",  # into the post
    "[(700, 200, 1.8), (781, 550, 1.5)]",  # begins elsewhere
    "[(250, 583, 0.9), (303, 303, 0.95), (400, 250, 1.0)]",  # ends elsewhere
    "",
    "[(250, 583, 0.9)]",
    "[(250, 583), (781, 550)]",
    "[(-300, 583, 0.9), (781, 1550, 150.0)]",
    "[(250, 583, 0.9), (500, 300, -1.0), (781, 550, 1.5)]",
)
TUPLES_2D = (
    "[(250, 583), (303, 303), (688, 125), (801, 277), (781, 550)]",
    "[(250, 583, 0.9), (690, 583, 1.25), (781, 550, 1.5)]",
    "[(700, 200), (781, 550)]",
    "[(250, 583), (303, 303), (400, 250)]",
    "I cannot.",
    "[(250, 583)]",
    "[(250, 583), (250, 583), (781, 550)]",
    "[(-300, 583), (781, 1550)]",
    "[(1000, 1000), (0, 0)]",
)


def fenced(text: str) -> str:
    """Return an answer in parentheses as fenced JSON below prose."""
    return f"From (1, 2, 3) on:\n```json\n{text.replace('(', '[').replace(')', ']')}\n```"


JSON_3D = (*map(fenced, TUPLES_3D[:4]), "no fence", *map(fenced, TUPLES_3D[5:]))
JSON_2D = (*map(fenced, TUPLES_2D[:4]), "```json\n[[1, 2]", *map(fenced, TUPLES_2D[5:]))


def sample(index: int) -> Sample:
    """Return a sample; all samples show the same scene."""
    return Sample(
        id=index,
        image_path="scene/image.png",
        gt_depth_path="scene/gt_depth.png",
        mask_path="scene/mask.png",
        intrinsics=INTRINSICS,
        prompt="move the disc past the post",
        target_object="the disc",
        destination="past the post",
        trajectory=TRAJECTORY,
        bbox_center=END,
        bbox_extent=np.array([0.2, 0.1, 0.2]),
        bbox_rotation=np.array([[0.8, 0.0, -0.6], [0.0, 1.0, 0.0], [0.6, 0.0, 0.8]]),
    )


def pictures() -> tuple[np.ndarray[Any, np.dtype[np.uint16]], np.ndarray[Any, np.dtype[np.uint8]]]:
    """Return the depth image of the scene, millimetres, and the mask of the disc."""
    row, column = np.mgrid[:HEIGHT, :WIDTH]
    depth = 2000.0 + 0.3 * (column - 80) + 0.2 * (row - 60)
    depth[40:, 100:120] = 1250.0
    across = ((column - 40) ** 2 + (row - 70) ** 2) / 12.0**2
    depth[across < 1.0] = 890.0 + 40.0 * across[across < 1.0]
    return np.round(depth).astype(np.uint16), np.where(across < 1.0, 255, 0).astype(np.uint8)


def write(folder: Path) -> Dataset:
    """Create a folder and write the dataset to it."""
    depth, mask = pictures()
    scene = folder / "raw_data" / "scene"
    scene.mkdir(parents=True)
    Image.new("RGB", (WIDTH, HEIGHT)).save(scene / "image.png")
    Image.fromarray(depth).save(scene / "gt_depth.png")
    Image.fromarray(mask).save(scene / "mask.png")
    dataset = Dataset(folder)
    dataset.write(sample(index) for index in range(len(TUPLES_3D)))
    return dataset


def answer_file(path: Path, texts: tuple[str, ...]) -> Path:
    """Write one answer per sample, and return the path of the file."""
    path.write_text("".join(answer_line(Answered(sample(index), text)) for index, text in enumerate(texts)))
    return path


def records(path: Path) -> list[dict[str, Any]]:
    """Return the records of an answer file unchanged."""
    return [json.loads(line) for line in path.read_text().splitlines()]
