"""Small RefSpatial-Bench with images of 40 x 30 pixels and masks that cover columns 10-19 and rows 6-14."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

SUFFIX = "Your answer should be a list of tuples, between 0 and 1."
COUNTS = {"Location": 6, "Placement": 4, "Unseen": 3}


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """Folder of the dataset; sample i of a split has i + 1 reasoning steps and an image with a blue channel of 10 i."""
    folder = tmp_path / "RefSpatial-Bench"
    mask = np.zeros((30, 40), np.uint8)
    mask[6:15, 10:20] = 255
    for split, count in COUNTS.items():
        (folder / split / "image").mkdir(parents=True)
        (folder / split / "mask").mkdir()
        records: list[dict[str, Any]] = []
        for number in range(count):
            rgb = np.full((30, 40, 3), (200, 100, 10 * number), np.uint8)
            Image.fromarray(rgb).save(folder / split / "image" / f"{number}.png")
            Image.fromarray(mask).save(folder / split / "mask" / f"{number}.png")
            records.append(
                {
                    "id": number,
                    "object": f"mug {number}",
                    "prompt": f"Point out mug {number} of {split}.",
                    "suffix": SUFFIX,
                    "rgb_path": f"image/{number}.png",
                    "mask_path": f"mask/{number}.png",
                    "category": split.lower(),
                    "step": number + 1,
                }
            )
        (folder / split / "question.json").write_text(json.dumps(records))
    return folder
