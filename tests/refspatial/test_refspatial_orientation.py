"""Tests of questions about images with an EXIF orientation, and of their scores."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.oriented import opposite, picture_file
from tracesim.refspatial.dataset import Split
from tracesim.refspatial.query import observation
from tracesim.refspatial.scorer import answer_files, score


@pytest.mark.parametrize("tag", [1, 3, 6, 8])
@pytest.mark.parametrize("along", [False, True])
def test_pointing_is_asked_and_scored_the_right_way_up(bench: Path, tag: int, along: bool) -> None:
    split = Split("Location", bench / "Location")
    sample = split.samples[0]
    rgb = np.random.default_rng(2).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    mask = split.mask(sample.mask_path)
    (split.folder / sample.rgb_path).write_bytes(picture_file(rgb, tag))
    if along and tag >= 5:
        kept = np.ascontiguousarray(opposite(tag).turned(mask))
        Image.fromarray(kept).save(split.folder / sample.mask_path)
    seen = observation(split, sample)
    assert seen.rgb is not None
    np.testing.assert_array_equal(seen.rgb, rgb)
    assert seen.size == (40, 30)
    file = bench / "answers" / "Location.jsonl"
    file.parent.mkdir()
    texts = ["[(0.3, 0.3)]", "[(0.9, 0.3)]"]
    for text, expected in zip(texts, (1.0, 0.0), strict=True):
        file.write_text(json.dumps({"question_id": 0, "text": text, "model_id": "any", "instruction": "p"}) + "\n")
        result = score(answer_files(file), {"Location": split}, "mended", scale="fractions")
        assert result.answers[0].score == expected
