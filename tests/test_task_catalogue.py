"""Tests of the catalogue: its entries say what the tasks say, with units that people read, and the page agrees."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tracesim.arrangement.arrangement import arrange
from tracesim.cli.composition import run_configuration
from tracesim.constraints import AtRest, Beside, RestsOn, Upright
from tracesim.envs import TASKS, default_robot, task_class
from tracesim.geometry.curve import PointOn
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import TABLE
from tracesim.layout.policy_camera import policy_camera
from tracesim.negative_control import Violates
from tracesim.task import Task
from tracesim.tasks import gallery
from tracesim.tasks.__main__ import main
from tracesim.tasks.catalogue import BEGIN, CLEAN, END, Entry, with_catalogue
from tracesim.tasks.wording import numbers, parts

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "tasks.md").read_text()


@pytest.fixture(scope="module")
def task() -> Task:
    return arrange("place_empty_cup", task_class("place_empty_cup"), 0, CLEAN, policy_camera())


@cache
def entry_of(name: str) -> Entry:
    return Entry.of(name)


@pytest.mark.parametrize("name", TASKS)
def test_the_committed_card_is_what_the_command_makes_and_constraints_have_words(name: str) -> None:
    card = entry_of(name).card
    assert card.startswith(f"### {name}\n")
    assert card in PAGE, "python -m tracesim.tasks page=docs/tasks.md"
    for one in entry_of(name).demands:
        assert one.meaning.endswith(".")
        assert one.parts
        assert "None" not in one.parts


def test_the_committed_catalogue_has_all_tasks_and_no_others() -> None:
    cards = PAGE.partition(BEGIN)[2].partition(END)[0]
    assert re.findall(r"^### (\w+)", cards, re.MULTILINE) == list(TASKS)
    assert sorted(path.stem for path in (DOCS / "pictures").glob("*.webp")) == sorted(TASKS)


@pytest.mark.parametrize("name", ["blocks_ranking_rgb", "water_flowers", "click_bell"])
def test_an_entry_says_what_the_task_says(name: str) -> None:
    entry = entry_of(name)
    made = arrange(name, task_class(name), 0, CLEAN, policy_camera(), robot=default_robot(name))
    assert len(entry.asked) == len(made.subtasks())
    assert entry.asked[0].said == made.said
    assert [one.name for one in entry.demands] == [one.name for one in made.constraints()]
    for one in entry.controls:
        said = made.controls()[one.name]
        assert one.violates == (said.constraint if isinstance(said, Violates) else None)
    assert all(one.marked.replace("**", "") == one.said for one in entry.asked)
    assert (Path(__file__).parents[1] / entry.file).is_file()


def test_numbers_are_in_units_that_people_read(task: Task) -> None:
    assert numbers(AtRest("cup"), task) == "tolerance 1 mm, window 0.3 s"
    assert numbers(Upright("cup", 0.25 * np.pi), task) == "tolerance 45 degrees"
    cup, ground = task.layout["cup"].point("rim"), PointOn(TABLE, (0.0, 0.0, 0.0))
    assert parts(RestsOn(cup, ground, 0.123, 0.0), task) == (
        "bottom: rim of cup; support: the table; radius 12.3 cm; height tolerance 0 cm"
    )
    x, y, z = (float(value) for value in task.toward("away"))
    beside = Beside(PointOn(GRIPPER, (0.0, 0.0, 0.0)), PointOn(TABLE, (0.1, 0.0, 0.0)), (x, y, z), -0.01, 0.2, 0.02)
    assert parts(beside, task) == (
        "point: the gripper's tip; anchor: the table at (10, 0, 0) cm; direction: away from you; low -1 cm; "
        "high 20 cm; across 2 cm"
    )


def test_a_catalogue_is_put_between_its_markers_and_nowhere_else() -> None:
    assert with_catalogue(f"a\n{BEGIN}\nold\n{END}\nb", "new\n") == f"a\n{BEGIN}\n\nnew\n\n{END}\nb"
    assert with_catalogue(f"a\n{BEGIN}\nold\n", "new") is None


def test_the_clean_scene_is_that_of_the_configuration() -> None:
    assert run_configuration(["task=stack", "variation=clean"]).variation == CLEAN


def test_all_about_a_task_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["task=water_flowers", "picture=null"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    entry = entry_of("water_flowers")
    assert entry.asked[0].said in told
    assert entry.asked[0].phrasing.unseen[0] in told
    assert "wrong_order violates order" in told
    assert "tool: spout of watering can; targets: top of flower" in told
    assert "Written" not in told


def test_a_task_is_drawn(renderer: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["task=click_bell", f"picture={tmp_path / 'new' / 'bell.webp'}"]) == 0
    with Image.open(tmp_path / "new" / "bell.webp") as file:
        picture = np.asarray(file.convert("RGB"), float)
    height = gallery.SIZE[1]
    assert picture.shape[1] == gallery.SIZE[0]
    assert picture.shape[0] > height  # and words below
    blue = (picture[:height, :, 2] > 200.0) & (picture[:height, :, 0] < 90.0)
    assert blue.sum() > 500  # the trace


def test_a_sheet_holds_every_tile_and_is_as_small_as_asked() -> None:
    ramp = np.linspace(0, 255, gallery.TILE[0]).astype(np.uint8)
    tiles = {
        f"task_{k}": Image.fromarray(np.broadcast_to(np.roll(ramp, 20 * k)[None, :, None], (*gallery.TILE[::-1], 3)))
        for k in range(gallery.COLUMNS + 1)
    }
    sheet = gallery.sheet(tiles)
    assert np.array_equal(np.asarray(sheet)[: gallery.TILE[1], : gallery.TILE[0]], np.asarray(tiles["task_0"]))
    below = gallery.TILE[1] + gallery.NAME_PX + 8
    last = np.asarray(sheet)[below : below + gallery.TILE[1], : gallery.TILE[0]]
    assert np.array_equal(last, np.asarray(tiles[f"task_{gallery.COLUMNS}"]))
    whole = len(gallery.webp(sheet))
    assert len(gallery.webp(sheet, whole - 100)) <= whole - 100


def test_the_committed_pictures_are_small() -> None:
    sheet_file, pictures = DOCS / "tasks.webp", list((DOCS / "pictures").glob("*.webp"))
    assert sheet_file.stat().st_size <= gallery.SHEET_BYTES
    assert max(path.stat().st_size for path in pictures) <= gallery.PICTURE_BYTES
    with Image.open(sheet_file) as sheet:
        assert sheet.width == gallery.sheet({"": Image.new("RGB", gallery.TILE)}).width


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["task=clik_bell"], "Unknown task 'clik_bell'. Did you mean 'click_bell'?"),
        (["seed=-1"], "seed=-1: 0 or more"),
        (["seed=x"], "seed=x: "),
        (["variation=untidy"], "Unknown variation 'untidy'"),
        (["picture=a.webp"], "picture does not apply here. It needs task=NAME."),
        (["task=water_flowers", "picture=a.png"], "picture=a.png: pictures are WebP."),
        (["sheet=a.webp"], "sheet does not apply here. It needs gallery=FOLDER."),
        (["page=a.md", "seed=1"], "seed does not apply here. Valid with page: page."),
        (["gallery=a", "task=stack"], "task does not apply here. Valid with gallery: gallery, sheet, seed, variation."),
        (["page=a.md"], "a.md: cannot be read"),
        (["page=b.md"], "b.md lacks the lines between which the catalogue stands"),
        (["taks=stack"], "Unknown option 'taks'. Did you mean 'task'?"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.md").write_text("# Nothing\n")
    assert main(words) == 2
    error = capsys.readouterr().err
    assert re.fullmatch(r"error: [^\n]+\n", error)
    assert said in error
    assert [one.name for one in tmp_path.iterdir()] == ["b.md"]


def test_all_props_are_drawn_on_one_sheet(renderer: None, tmp_path: Path) -> None:
    path = tmp_path / "new" / "props.webp"
    assert main([f"props={path}", "seed=2"]) == 0
    with Image.open(path) as file:
        picture = np.asarray(file.convert("RGB"), float)
    tile = picture[: gallery.TILE[1], : gallery.TILE[0]]
    below = picture[gallery.TILE[1] : gallery.TILE[1] + 2 * gallery.NAME_PX, : gallery.TILE[0]]
    assert tile.std() > 20.0  # something on a table
    assert (below.min(axis=2) < 100.0).any()  # and words on paper
    assert below.mean() > 240.0
