"""Tests of EXIF orientations: pictures and all that belongs to them are served and scored the right way up."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from tests import small_benchmark
from tests.oriented import opposite, picture_file
from tracesim.geometry.orientation import Orientation
from tracesim.serve.pictures import Allowed, pictures
from tracesim.serve.question import read_chat, read_query
from tracesim.tracespatial import query
from tracesim.tracespatial.answers import Answered, answer_line
from tracesim.tracespatial.dataset import Dataset
from tracesim.tracespatial.evaluation import Request, evaluate
from tracesim.tracespatial.picture import draw
from tracesim.tracespatial.reading import Dimension
from tracesim.tracespatial.verdict import Verdict
from tracesim.tracespatial.view import SampleView

TAGS = range(1, 9)
RGB = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
SIZE = (small_benchmark.WIDTH, small_benchmark.HEIGHT)
TEXTS = small_benchmark.TUPLES_3D


def verdict(of: Verdict) -> tuple[object, ...]:
    """Return the parts of a verdict that do not depend on rounding."""
    return of.fault, of.success, of.collision, of.start_in_mask, of.end_in_rectangle


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
def test_pixels_are_turned_as_pillow_turns_them(tag: int, name: str) -> None:
    file = picture_file(RGB, tag, name)
    with Image.open(io.BytesIO(file)) as image:
        orientation = Orientation.of(image)
        turned = orientation.turned(np.asarray(image.convert("RGB")))
        expected = ImageOps.exif_transpose(image).convert("RGB")
    assert orientation.tag == tag
    np.testing.assert_array_equal(turned, np.asarray(expected))
    assert expected.size == (8, 6)
    if name == "PNG":
        np.testing.assert_array_equal(turned, RGB)
    [served] = pictures([file])
    np.testing.assert_array_equal(np.asarray(served), np.asarray(expected))


@pytest.mark.parametrize("tag", TAGS)
def test_a_turned_camera_sees_points_where_the_turned_picture_has_them(tag: int) -> None:
    turn = Orientation(tag)
    sample = small_benchmark.sample(0)
    _, mask = small_benchmark.pictures()
    turned = sample.turned(turn, SIZE)
    assert np.linalg.det(turned.bbox_rotation) == pytest.approx(1.0)
    center = np.argwhere(turn.turned(mask)).mean(axis=0)[::-1] + 0.5
    np.testing.assert_allclose(SampleView(turned, turn.size(SIZE)).project(turned.trajectory[:1])[0], center, atol=0.6)
    # The box is the same set of points in the frame of the turned camera.
    before, after = SampleView(sample, SIZE).box.corners @ turn.camera.T, SampleView(turned, SIZE).box.corners
    np.testing.assert_allclose(np.unique(before.round(9), axis=0), np.unique(after.round(9), axis=0))


@pytest.mark.parametrize("tag", [0, 9, 65535, None])
def test_exif_data_that_says_nothing_turns_nothing(tag: int | None) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 1 if tag is None else tag
    data = b"Exif\0\0garbage" if tag is None else exif.tobytes()
    for kind in ("JPEG", "PNG"):
        file = io.BytesIO()
        Image.fromarray(RGB).save(file, kind, exif=data)
        [served] = pictures([file.getvalue()])
        assert served.size == (8, 6)


@pytest.mark.parametrize(("tag", "along"), [*((tag, False) for tag in TAGS), *((tag, True) for tag in range(5, 9))])
def test_a_turned_sample_is_scored_and_asked_about_as_the_upright_one(tmp_path: Path, tag: int, along: bool) -> None:
    """Compare a turned sample with an upright one.

    `along` turns depth, mask and geometry as well; where width and height are swapped, their sizes show it.
    """
    upright, turned = (small_benchmark.write(tmp_path / name) for name in ("upright", "turned"))
    answers = [small_benchmark.answer_file(tmp_path / f"{name}.jsonl", TEXTS) for name in ("upright", "turned")]
    rgb = np.random.default_rng(1).integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    Image.fromarray(rgb).save(upright.picture("scene/image.png"))
    turned.picture("scene/image.png").write_bytes(picture_file(rgb, tag))
    if along:
        depth, mask = small_benchmark.pictures()
        Image.fromarray(np.ascontiguousarray(opposite(tag).turned(depth))).save(turned.picture("scene/gt_depth.png"))
        Image.fromarray(np.ascontiguousarray(opposite(tag).turned(mask))).save(turned.picture("scene/mask.png"))
        samples = [small_benchmark.sample(index).turned(opposite(tag), SIZE) for index in range(len(TEXTS))]
        turned.write(samples)
        lines = [answer_line(Answered(sample, text)) for sample, text in zip(samples, TEXTS, strict=True)]
        answers[1].write_text("".join(lines))
    for dimension in get_args(Dimension):
        expected, found = (
            evaluate(Request(file, dataset.folder, mode="mended", dimension=dimension)).verdicts
            for file, dataset in zip(answers, (upright, turned), strict=True)
        )
        assert list(map(verdict, found)) == list(map(verdict, expected))
        assert len(set(map(verdict, found))) > 3
    before, after = (query.observation(dataset, dataset.samples()[0]) for dataset in (upright, turned))
    for one, other in ((after.rgb, before.rgb), (after.depth, before.depth)):
        assert one is not None
        assert other is not None
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(after.camera.intrinsics, before.camera.intrinsics)
    drawn = [np.asarray(draw(dataset, dataset.samples()[0]), float) for dataset in (upright, turned)]
    assert np.abs(drawn[1] - drawn[0]).mean() < 1.0


def test_a_dataset_without_pictures_of_some_kind_is_scored_as_before(tmp_path: Path) -> None:
    dataset = small_benchmark.write(tmp_path / "small")
    (dataset.folder / "raw_data" / "scene" / "image.png").unlink()
    assert dataset.depth_m(small_benchmark.sample(0)).shape == (small_benchmark.HEIGHT, small_benchmark.WIDTH)
    assert Dataset(dataset.folder).upright(small_benchmark.sample(0)).intrinsics[0, 2] == 80.0


def test_both_query_protocols_serve_the_right_way_up() -> None:
    file = base64.b64encode(picture_file(RGB, 6, "JPEG")).decode()
    asked = read_query({"image_url": [file], "text": "what?"}, Allowed(None))
    part = {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{file}"}}
    content = [{"type": "text", "text": "what?"}, part]
    chat = read_chat({"model": "any", "messages": [{"role": "user", "content": content}]})
    assert asked.images[0].size == chat.images[0].size == (8, 6)
