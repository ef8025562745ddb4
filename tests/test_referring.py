"""Tests of referring expressions: their words are read back here, and their geometry is evaluated independently."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reader import Reader
from tracesim.assets.props import PROPS, nouns
from tracesim.assets.props.block import block
from tracesim.geometry.camera import Camera
from tracesim.language.nouns import answers_to
from tracesim.language.referring import (
    BESIDE_DEG,
    BESIDE_MARGIN_DEG,
    MARGIN_M,
    STRATEGIES,
    Expression,
    Nearest,
    Ordinal,
    Relation,
    expressions,
)
from tracesim.layout.layout import SURROUNDINGS, Layout, standing
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw

KINDS = (
    *("block", "can", "bread", "bell", "card_box", "carton", "watering_can", "toy_car", "mug", "cup", "basket"),
    *("pot", "flower_pot", "book"),
)
COLORS = ("red", "green", "blue", "brown")


@cache
def prop(kind: str, color: str, seed: int = 0) -> Prop:
    return PROPS[kind](Draw.of(np.random.default_rng(seed)), color=color)


def looking_from(azimuth: float) -> Camera:
    return Camera.looking_at((0.75 * np.cos(azimuth), 0.75 * np.sin(azimuth), 0.78), (0.0, 0.0, 0.05))


def scattered(rng: np.random.Generator, count: int) -> Layout:
    """Return a layout of few kinds and colours, so that many things look alike."""
    layout = Layout()
    kinds = rng.choice(KINDS, 3, replace=False)
    colors = rng.choice(COLORS, 2, replace=False)
    for index in range(count):
        made = prop(str(rng.choice(kinds)), str(rng.choice(colors)), int(rng.integers(3)))
        layout.add(f"thing_{index}", made, standing(*SURROUNDINGS.draw(rng), rng.uniform(-np.pi, np.pi)))
    return layout


@given(st.integers(0, 10_000), st.integers(2, 9), st.floats(-np.pi, np.pi))
@settings(max_examples=40)
def test_what_is_yielded_fits_exactly_one_body(seed: int, count: int, azimuth: float) -> None:
    layout, camera = scattered(np.random.default_rng(seed), count), looking_from(azimuth)
    reader = Reader(layout, camera)
    for body in layout:
        for one in expressions(layout, body.name, camera):
            for fitting in reader.fits(one.text):
                assert fitting == [body.name], one.text


def test_every_way_is_found_and_read() -> None:
    found = {strategy: 0 for strategy in STRATEGIES}
    for seed in range(12):
        layout, camera = scattered(np.random.default_rng(seed), 6), looking_from(np.pi)
        for body in layout:
            for one in expressions(layout, body.name, camera):
                found[one.strategy] += 1
    assert min(found.values()) > 10


def spoiled(one: Expression, layout: Layout, body: str, camera: Camera, rng: np.random.Generator) -> Layout:
    """Return the layout with a second body that the expression fits, or fits within a margin."""
    at = layout[body].body_in_world[:3, 3]
    right = camera.camera_in_world[:3, 0] * (1.0, 1.0, 0.0)
    right /= np.linalg.norm(right)
    away = np.array([-right[1], right[0], 0.0])
    if isinstance(one, Ordinal):
        at = at + rng.uniform(-0.95, 0.95) * MARGIN_M * right + rng.uniform(-0.1, 0.1) * away
    elif isinstance(one, Nearest | Relation):
        (anchor,) = one.anchor.fits(layout, camera)
        origin = layout[anchor].body_in_world[:3, 3]
        turn = rng.uniform(-np.pi, np.pi)
        if isinstance(one, Relation):
            ahead = {"left": np.pi, "right": 0.0, "away": np.pi / 2, "towards": -np.pi / 2}[one.word]
            turn = ahead + np.radians(rng.uniform(-0.95, 0.95) * (BESIDE_DEG + BESIDE_MARGIN_DEG))
        further_m = rng.uniform(-0.5, 0.95) * MARGIN_M if isinstance(one, Nearest) else rng.uniform(0.0, 0.5)
        away_m = max(0.02, float(np.linalg.norm(at - origin)) + further_m)
        at = origin + away_m * (np.cos(turn) * right + np.sin(turn) * away)
    result = Layout()
    for other in layout:
        result.add(other.name, other.prop, other.body_in_world)
    result.add("twin", layout[body].prop, standing(float(at[0]), float(at[1])))
    return result


@given(st.integers(0, 10_000), st.floats(-np.pi, np.pi))
@settings(max_examples=15)
def test_nothing_is_yielded_with_a_twin_within_the_margin(seed: int, azimuth: float) -> None:
    rng = np.random.default_rng(seed)
    layout, camera = scattered(rng, 5), looking_from(azimuth)
    for body in layout:
        for one in expressions(layout, body.name, camera):
            with_twin = spoiled(one, layout, body.name, camera, rng)
            assert one.referent(with_twin, camera) is None, one.text
            assert one not in expressions(with_twin, body.name, camera)


def row(*places: tuple[str, str, float, float]) -> Layout:
    layout = Layout()
    for index, (kind, color, x, y) in enumerate(places):
        layout.add(f"thing_{index}", prop(kind, color), standing(x, y))
    return layout


def test_the_words_are_those_that_people_use() -> None:
    layout = row(
        ("block", "red", 0.0, 0.2), ("block", "red", 0.02, 0.0), ("block", "red", 0.0, -0.2), ("mug", "blue", 0.0, -0.1)
    )
    camera = looking_from(np.pi)  # from the robot's side: y is left
    said = {body.name: [one.text for one in expressions(layout, body.name, camera)] for body in layout}
    # Both other blocks are to the left of the mug, and the middle one is as near to it as the last.
    assert said["thing_0"] == ["leftmost block", "leftmost red block"]
    assert said["thing_1"] == [
        f"second {what} from the {side}" for what in ("block", "red block") for side in ("left", "right")
    ]
    beside = [f"{what} that is to the right of the blue mug" for what in ("block", "red block")]
    assert said["thing_2"] == [*beside, "rightmost block", "rightmost red block"]
    assert said["thing_3"][0] == "blue mug"


def test_the_picture_has_to_agree_with_the_table_about_a_row() -> None:
    # Off the image centre, a farther body is drawn nearer to the middle, which can reverse the order on the table.
    layout = row(("block", "red", 0.25, 0.34), ("block", "red", -0.2, 0.30))
    camera = looking_from(np.pi)
    assert layout["thing_0"].body_in_world[1, 3] > layout["thing_1"].body_in_world[1, 3] + MARGIN_M
    columns = camera.project([body.body_in_world[:3, 3] for body in layout])[:, 0]
    assert columns[0] > columns[1]
    assert not expressions(layout, "thing_0", camera, ("ordinal",))


@pytest.mark.parametrize(
    ("kind", "noun", "does"),
    [
        ("card_box", "box", True),
        ("carton", "box of playing cards", False),
        ("watering_can", "can", True),
        ("can", "watering can", False),
        ("basket", "bread", False),
        ("flower_pot", "pot", True),
        ("mug", "cup", True),
        ("coaster", "mat", True),
        ("computer_mouse", "mouse", True),
        ("pot", "flower", False),
    ],
)
def test_nouns_fit_what_people_call_so(kind: str, noun: str, does: bool) -> None:
    assert answers_to(prop(kind, "red"), noun) == does


@pytest.mark.parametrize(
    ("kind", "shape", "fitting"),
    [
        ("toy_car", "bus", {"toy bus"}),
        ("toy_car", "sedan", {"toy car"}),
        ("pot", "saucepan", {"saucepan", "pot"}),
        ("carton", "gift", {"gift box", "box"}),
        ("carton", "shipping", {"box"}),
    ],
)
def test_a_shape_answers_to_its_own_noun_and_to_more_general_ones(kind: str, shape: str, fitting: set[str]) -> None:
    factory: Callable[..., Prop] = PROPS[kind]
    made = factory(Draw.of(np.random.default_rng(0)), variant=shape)
    assert {noun for noun in nouns(kind).values() if answers_to(made, noun)} == fitting


@pytest.mark.parametrize(
    ("edges_m", "words"), [((0.06, 0.05, 0.04), ["largest", "medium", "smallest"]), ((0.06, 0.043, 0.04), ["largest"])]
)
def test_sizes_have_a_margin(edges_m: tuple[float, ...], words: list[str]) -> None:
    layout, camera = Layout(), looking_from(np.pi)
    for index, edge_m in enumerate(edges_m):
        made = block(Draw.of(np.random.default_rng(0)), color="red", edge_m=edge_m)
        layout.add(f"block_{index}", made, standing(0.0, 0.1 * index))
    said = [one.text for body in layout for one in expressions(layout, body.name, camera, ("size",))]
    assert said == [f"{word} {what}" for word in words for what in ("block", "red block")]
