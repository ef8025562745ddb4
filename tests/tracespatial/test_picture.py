"""Tests of drawings: colours at the positions given by geometry, and captions that fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tracesim.answers.reading import read
from tracesim.geometry.rigid import rotation_about
from tracesim.tracespatial import picture as module
from tracesim.tracespatial.answers import Answered, answer_line
from tracesim.tracespatial.dataset import Dataset, Sample
from tracesim.tracespatial.picture import ANSWERED, BOX, TARGET, TRUTH, Color, picture

GREY = 96
RGB = np.full((480, 640, 3), GREY, np.uint8)
MASK = np.zeros((480, 640), np.uint8)
MASK[300:400, 120:200] = 255
SAMPLE = Sample(
    id=3,
    image_path="3/image.png",
    gt_depth_path="3/gt_depth.png",
    mask_path="3/mask.png",
    intrinsics=np.array([[600.0, 0.0, 320.0], [0.0, 600.0, 240.0], [0.0, 0.0, 1.0]]),
    prompt="put the cup on the coaster",
    target_object="the cup",
    destination="the coaster",
    trajectory=np.array([[-0.25, 0.2, 1.0], [0.0, -0.2, 1.0], [0.3, 0.1, 1.0]]),
    bbox_center=np.array([0.3, 0.1, 1.0]),
    bbox_extent=np.array([0.2, 0.2, 0.2]),
    bbox_rotation=rotation_about((1.0, 2.0, 3.0), 0.4),
)


def drawn(sample: Sample = SAMPLE, text: str | None = None) -> npt.NDArray[np.int_]:
    answer = None if text is None else read(text)
    return np.asarray(picture(RGB, MASK, sample, answer)).astype(int)


def towards(pixels: npt.NDArray[np.int_], color: Color) -> bool:
    """Return whether pixels are a mix of grey and one colour."""
    mixed = pixels - GREY
    whole = np.array(color) - GREY
    share = float((mixed @ whole) / (whole @ whole))
    return share > 0.1 and bool(np.abs(mixed - share * whole).max() <= 1.0)


def test_the_object_is_yellow_and_what_nothing_is_drawn_on_stays_as_it_was() -> None:
    pixels = drawn()
    assert towards(pixels[380, 180], TARGET)
    np.testing.assert_array_equal(pixels[:80, :240], GREY)


def test_the_end_box_is_pink_within_its_corners_alone() -> None:
    still = Sample(**{**SAMPLE.__dict__, "trajectory": SAMPLE.trajectory[:1]})
    pixels = drawn(still)
    assert towards(pixels[300, 500], BOX)  # its centre is at column 500, row 300
    reach = 600 * 0.1 * np.sqrt(3) / 0.8 + 3
    columns, rows = np.meshgrid(np.arange(640), np.arange(480))
    outside = (np.hypot(columns - 500, rows - 300) > reach) & (np.hypot(columns - 170, rows - 360) > 40) & (MASK == 0)
    np.testing.assert_array_equal(pixels[:480][outside], GREY)


def test_the_trace_runs_from_light_to_dark() -> None:
    pixels = drawn()
    # on its two segments, shortly after the start and shortly before the end
    columns = [170 + 0.2 * 150, 320 + 0.6 * 180]
    rows = [360 - 0.2 * 240, 120 + 0.6 * 180]
    early, late = (pixels[round(row), round(column)] for column, row in zip(columns, rows, strict=True))
    assert early.sum() > late.sum() + 150
    light, dark = np.array(TRUTH)
    for color in (early, late):
        share = (color - light) @ (dark - light) / ((dark - light) @ (dark - light))
        assert 0.0 <= share <= 1.0
        np.testing.assert_allclose(color, light + share * (dark - light), atol=3)


def test_an_answer_is_drawn_beside_the_truth_and_one_that_says_nothing_is_called_so() -> None:
    high, low = (drawn(text=f"[(100, {v}, 1.0), (900, {v}, 1.0)]") for v in (100, 200))
    dark = np.array(ANSWERED[1])
    assert np.abs(high[48, 570] - dark).max() < 40
    changed = np.flatnonzero((high != low).any(axis=(1, 2)))
    np.testing.assert_allclose(changed, np.where(changed < 72, 48, 96), atol=8)
    truth = drawn()
    # the caption has one more entry
    for text in ("[(100, 100, 1.0), (900, 100, 1.0)]", "no idea"):
        assert (drawn(text=text)[480:] != truth[480:]).any()


@pytest.mark.parametrize(
    "changes",
    [
        {"bbox_center": np.array([0.0, 0.0, -1.0])},
        {"bbox_extent": np.array([0.0, 0.0, 0.0])},
        {"trajectory": np.array([[0.0, 0.0, -1.0], [0.0, 0.0, -2.0]])},
        {"trajectory": np.array([[1e6, 0.0, 0.1], [0.0, 1e6, 0.1]])},
        {"trajectory": np.array([[0.1, 0.0, 1.0], [0.1, 0.0, 1.0]])},
        {"prompt": "put " + "an unforeseen quantity of words " * 20},
        {"prompt": "w" * 400},
        {"prompt": ""},
    ],
)
def test_odd_samples_are_drawn_as_far_as_they_go(changes: dict[str, object]) -> None:
    pixels = drawn(Sample(**{**SAMPLE.__dict__, **changes}))
    assert pixels.shape[0] > 480
    assert pixels.shape[1:] == (640, 3)
    assert towards(pixels[380, 180], TARGET)


def test_the_command_draws_one_picture_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = Dataset(tmp_path)
    dataset.write([SAMPLE])
    folder = tmp_path / "raw_data" / "3"
    folder.mkdir(parents=True)
    Image.fromarray(RGB).save(folder / "image.png")
    Image.fromarray(MASK).save(folder / "mask.png")
    answers = tmp_path / "answers.jsonl"
    answers.write_text(answer_line(Answered(SAMPLE, "[(100, 100, 1.0), (900, 100, 1.0)]")))
    words = [f"answers={answers}", f"dataset={tmp_path}", f"output={tmp_path / 'drawn'}"]
    assert module.main(words) == 0
    with Image.open(tmp_path / "drawn" / "3.png") as image:
        np.testing.assert_array_equal(np.asarray(image), drawn(text="[(100, 100, 1.0), (900, 100, 1.0)]"))

    record = {**json.loads(answers.read_text()), "question_id": "../4"}
    answers.write_text(json.dumps(record) + "\n")
    assert module.main(words) == 2
    assert "'../4'" in capsys.readouterr().err
