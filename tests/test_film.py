"""Tests of films: overlays are drawn at the right pixels, and files appear only once they are complete."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import sapien
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.motions import stops
from tracesim.assets.shapes import box
from tracesim.constraints import Band, Clearance, Upright, Visits, Volume
from tracesim.episode.stories import headline
from tracesim.errors import TraceSimError
from tracesim.failure import Failure
from tracesim.film.film import ENDING_S, INTRODUCTION_S, PANEL_PX, Answered, Film, Story, shoot
from tracesim.film.overlay import HIDDEN_SHARE, Cylinder, Ink, Marks
from tracesim.film.panel import HELD, PENDING, VIOLATED, as_margins, font, wrap_text
from tracesim.film.video import FPS, frames, preview, writer
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import PointOn
from tracesim.layout.prop import Material
from tracesim.simulation import renderer

needs_pixels = pytest.mark.skipif(not renderer.available(), reason="nothing can draw here")

CAMERA = Camera.looking_at((-0.8, 0.2, 0.6), (0.0, 0.0, 0.1), np.radians(40.0), 160, 120)
FAR = np.full((120, 160), 9.0, np.float32)


def grey() -> npt.NDArray[np.uint8]:
    return np.full((120, 160, 3), 100, np.uint8)


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_a_line_is_drawn_where_its_points_are_seen_and_dimmed_where_something_is_before_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ends = rng.uniform((-0.15, -0.15, 0.0), (0.15, 0.15, 0.25), (2, 3))
    middle = ends.mean(axis=0)
    ink = Ink(CAMERA)
    ink.line(ends, 1.5, [(255, 0, 0)])
    pictures = []
    for depth in (FAR, np.full_like(FAR, 0.2)):
        picture = grey()
        ink.over(picture, depth)
        pictures.append(picture)
    column, row = CAMERA.project(middle[None])[0, :2].astype(int)
    assert pictures[0][row, column].tolist() == [255, 0, 0]
    assert pictures[1][row, column] == pytest.approx(100 + np.array([155, -100, -100]) * HIDDEN_SHARE, abs=1.0)
    rows, columns = np.nonzero((pictures[0] != 100).any(axis=-1))
    seen = CAMERA.project(ends)[:, :2]
    along = seen[1] - seen[0]
    share = np.clip(((np.column_stack([columns, rows]) + 0.5 - seen[0]) @ along) / (along @ along), 0.0, 1.0)
    apart = np.column_stack([columns, rows]) + 0.5 - seen[0] - share[:, None] * along
    assert np.linalg.norm(apart, axis=1).max() <= 2.0


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
def test_a_volume_covers_more_the_longer_the_way_through_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centre, radius = rng.uniform((-0.15, -0.15, 0.0), (0.15, 0.15, 0.2)), rng.uniform(0.02, 0.08)
    low, high = rng.uniform(-0.02, 0.02), rng.uniform(0.03, 0.12)
    cylinder = Cylinder(CAMERA, centre, radius, low, high)
    picture = grey()
    cylinder.over(picture, FAR, (0, 0, 0), 0.4)

    # the length of each ray inside the cylinder, by sampling many points
    column, row = rng.integers(0, 160, 300), rng.integers(0, 120, 300)
    z = np.linspace(0.4, 1.4, 4001)
    eye = CAMERA.camera_in_world[:3, 3]
    ray = CAMERA.lift(np.column_stack([column + 0.5, row + 0.5, np.ones(300)])) - eye
    points = eye + z[:, None, None] * ray - centre
    inside = (np.hypot(points[..., 0], points[..., 1]) <= radius) & (points[..., 2] >= low) & (points[..., 2] <= high)
    way = inside.sum(axis=0) * (z[1] - z[0])
    darkness = 100.0 - picture[row, column, 0]
    assert (darkness[way == 0.0] <= 14.0).all()  # at most grazing rays
    assert (darkness[way > 0.002] > 0.0).all()
    longer = np.argsort(way[way > 0.002])
    assert (np.diff(darkness[way > 0.002][longer]) >= -2.0).all()
    hidden = grey()
    cylinder.over(hidden, np.full_like(FAR, 0.2), (0, 0, 0), 0.4)
    assert np.array_equal(hidden, grey())


def test_places_are_tinted_from_their_moment_on_where_they_are_seen() -> None:
    grid = np.stack(np.meshgrid(np.arange(-0.1, 0.1, 0.002), np.arange(-0.1, 0.1, 0.002)), axis=-1).reshape(-1, 2)
    places, left = np.column_stack([grid, np.zeros(len(grid))]), grid[:, 1] > 0.0
    marks = Marks(CAMERA, places, np.where(left, 3, 7))
    depth = np.full_like(FAR, 2.0)
    tinted = []
    for moment in (2, 3, 7):
        picture = grey()
        marks.over(picture, depth, moment, (200, 200, 200), 0.5)
        tinted.append(picture[..., 0] == 150)
    middles = CAMERA.project(np.array([[0.0, 0.05, 0.0], [0.0, -0.05, 0.0]]))[:, :2].astype(int)
    assert [[bool(one[row, column]) for column, row in middles] for one in tinted] == [
        [False, False],
        [True, False],
        [True, True],
    ]
    assert not tinted[0].any()
    beyond = CAMERA.project(np.array([[0.0, 0.12, 0.0]]))[0, :2].astype(int)
    assert not tinted[2][beyond[1], beyond[0]]
    hidden = grey()
    marks.over(hidden, np.full_like(FAR, 0.2), 7, (200, 200, 200), 0.5)
    assert np.array_equal(hidden, grey())


@given(st.text(st.characters(categories=["L", "N", "P", "Z"], max_codepoint=0x17F), max_size=200), st.integers(60, 600))
@settings(deadline=None, max_examples=60)
def test_captions_keep_every_word_and_the_width(text: str, width: int) -> None:
    lines = wrap_text(text, 17.0, width)
    assert " ".join(lines).split() == text.split()
    assert all(" " not in line or font(17.0).getlength(line) <= width for line in lines)


def test_a_negative_margin_is_pending_until_it_is_what_it_will_stay() -> None:
    at_end = {"visits": 0.01, "clearance": -0.004, "band": None}
    constraints = [Visits(stops(1)), Clearance(), Band(stops(1), 0.01, 0.05)]
    early = as_margins(constraints, {"visits": -0.08, "clearance": 0.01, "band": None}, at_end)
    late = as_margins(constraints, {"visits": 0.01, "clearance": -0.004, "band": None}, at_end)
    assert [m.color for m in early][:2] == [PENDING, HELD]
    assert [m.color for m in late][:2] == [HELD, VIOLATED]
    assert [m.text for m in late] == ["+1 cm", "-4 mm", "n/a"]


def test_a_headline_does_not_repeat_what_a_collision_tells_in_its_detail() -> None:
    assert headline(None) == "success"
    assert headline(Failure("collision", "panda_hand-obstacle", "the hand touched the red block")) == "collision"
    assert headline(Failure("track", "deviation", "the blue block strayed")) == "track: deviation"
    assert headline(Failure("constraint", "keep_out", "9.1 cm inside")) == "constraint: keep out"


def test_a_video_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "deeper" / "film.mp4"
    rng = np.random.default_rng(0)
    pictures = [np.full((48, 64, 3), shade, np.uint8) for shade in rng.integers(0, 255, 12)]
    with writer(path, (64, 48)) as write:
        for picture in pictures:
            write(picture)
    shown = list(frames(path, FPS))
    assert len(shown) == 12
    assert max(np.abs(a.astype(int) - b).mean() for a, b in zip(shown, pictures, strict=True)) < 8.0
    before = path.read_bytes()

    def interrupted(error: type[BaseException]) -> None:
        with writer(path, (64, 48)) as write:
            write(pictures[0])
            raise error

    for error in (KeyboardInterrupt, RuntimeError):
        with pytest.raises(error):
            interrupted(error)
    with pytest.raises(ValueError, match="shape"), writer(path, (64, 48)) as write:
        write(np.zeros((48, 60, 3), np.uint8))
    with pytest.raises(TraceSimError, match="ffmpeg"), writer(tmp_path / "film.nothing", (64, 48)) as write:
        write(pictures[0])
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.rglob("*")] == ["deeper", "film.mp4"]


def test_a_film_shows_the_answer_that_is_followed_at_the_time() -> None:
    first, second = Answered(), Answered(begun=20)
    story = Story("Push the block.", np.arange(50.0), lambda _: None, True, "success", answers=[first, second])
    assert [story.answer_at(sample) is second for sample in (0, 19, 20, 49)] == [False, False, True, True]


@needs_pixels
def test_a_film_replays_every_sample_in_order_and_ends_with_the_verdict(tmp_path: Path) -> None:
    scene = sapien.Scene([sapien.render.RenderSystem()])
    entity = sapien.Entity()
    entity.add_component(renderer.render_body([box((0.06, 0.06, 0.06), 0.002).surface(Material((0.4, 0.4, 0.4)))]))
    scene.add_entity(entity)
    renderer.light(scene)
    times = np.arange(0.0, 1.001, 0.02)
    path_m = np.column_stack([0.0 * times, 0.2 * times - 0.1, 0.05 + 0.0 * times])
    posed: list[int] = []

    def pose_at(sample: int) -> None:
        posed.append(sample)
        entity.set_pose(sapien.Pose(path_m[sample] - (0.0, 0.0, 0.05)))

    story = Story(
        instruction="Push the block to the left.",
        times_s=times,
        pose_at=pose_at,
        success=False,
        verdict="failed: collision",
        detail="the block touched nothing at all",
        answers=[
            Answered(
                (path_m[[0, 25, 50]],),
                (path_m,),
                np.zeros((120, 160, 3), np.uint8),
                (np.array([[10.0, 20.0], [80.0, 60.0], [150.0, 100.0]]),),
            )
        ],
        followed=(path_m,),
        volumes=[(Volume(PointOn("block", (0.0, 0.0, 0.0)), 0.03, 0.0, 0.05), np.tile(path_m[50], (51, 1)))],
        target=entity,
        constraints=[Clearance(), Upright("block")],
        margins_at=lambda sample: {"clearance": 0.01 - 0.0004 * sample, "upright": None},
    )
    film = Film(scene, story, CAMERA)
    plain = film.poster(0)
    shown = [frame.copy() for frame in film.frames()]
    assert len(shown) == round(INTRODUCTION_S * FPS) + 21 + round(ENDING_S * FPS)
    assert all(frame.shape == (120, 160 + PANEL_PX, 3) for frame in shown)
    assert posed[1:] == sorted(posed[1:])
    assert set(posed) >= {0, 50}
    assert (shown[-1] != shown[-1 - round(ENDING_S * FPS)]).any()
    # the mark is gone as soon as anything moves, so that the object is seen in its own colour
    introduction = round(INTRODUCTION_S * FPS)
    assert np.array_equal(shown[introduction][:, :160], plain[:, :160])
    assert not np.array_equal(shown[introduction - 1][:, :160], plain[:, :160])
    assert np.array_equal(film.poster(0)[:60, :100], plain[:60, :100])

    video = shoot(scene, [story], tmp_path / "film.mp4", CAMERA)
    assert next(frames(video, FPS)).shape == (120, 160 + PANEL_PX, 3)
    with Image.open(preview(video, tmp_path / "film.webp")) as picture:
        assert picture.format == "WEBP"
        assert getattr(picture, "n_frames", 1) > 5
