"""Tests of finishes: a finish changes the looks of a prop's own colour and nothing else."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracesim.assets.colors import COLORS, linear, named, to_texture
from tracesim.assets.finishes import FINISHES, NATURAL, SEEN, UNSEEN, Finish, apply_finish, choose, finish
from tracesim.assets.props import PROPS
from tracesim.assets.wrapping import wrap_texture
from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

FEW = settings(max_examples=25, deadline=None, derandomize=True)
KINDS = st.sampled_from(sorted(PROPS))
SEEDS = st.integers(0, 2**32 - 1)
CHROMATIC = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown")


def made(kind: str, seed: int) -> Prop:
    return PROPS[kind](Draw.of(np.random.default_rng(seed)))


def seen_color(material: Material) -> FloatArray:
    """Return the mean colour (3,) of a material, sRGB in [0, 1]."""
    texture = to_texture(material.base_color)[None] if material.texture is None else material.texture.reshape(-1, 3)
    mean = np.mean([linear(texel / 255.0) for texel in texture[:: max(len(texture) // 512, 1)]], axis=0)
    return np.asarray(to_texture(mean) / 255.0)


@given(kind=KINDS, seed=SEEDS, name=st.sampled_from(sorted(FINISHES)))
@FEW
def test_a_finish_leaves_physics_and_form_and_words_and_other_colours_alone(kind: str, seed: int, name: str) -> None:
    prop = made(kind, seed)
    other = apply_finish(prop, finish(name), np.random.default_rng(seed))
    assert (other.kind, other.noun, other.color, other.mass_kg, other.friction) == (
        *(prop.kind, prop.noun, prop.color),
        *(prop.mass_kg, prop.friction),
    )
    assert other.hulls is prop.hulls
    assert other.points is prop.points
    assert other.grips is prop.grips
    changed = [pair for pair in zip(prop.surfaces, other.surfaces, strict=True) if pair[0] is not pair[1]]
    assert len({pair[0].material.base_color for pair in changed}) <= 1
    for before, after in changed:
        assert not before.material.emission
        np.testing.assert_array_equal(after.vertices[after.faces], before.vertices[before.faces])
        np.testing.assert_array_equal(after.normals[after.faces], before.normals[before.faces])


@pytest.mark.parametrize("kind", NATURAL)
def test_what_is_grown_or_baked_stays_as_it_is(kind: str) -> None:
    prop = made(kind, 0)
    assert apply_finish(prop, FINISHES["metallic"], np.random.default_rng(0)) is prop


@pytest.mark.parametrize("kind", ["block", "bottle", "cup", "mug", "plate", "rubber_duck", "stapler", "watering_can"])
def test_painted_things_come_in_every_finish(kind: str) -> None:
    prop = made(kind, 0)
    for one in FINISHES.values():
        other = apply_finish(prop, one, np.random.default_rng(0))
        assert any(a.material is not b.material for a, b in zip(prop.surfaces, other.surfaces, strict=True)), one.name


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("one", FINISHES.values(), ids=FINISHES)
def test_a_colour_goes_by_its_own_name_in_every_finish(color: str, one: Finish) -> None:
    rng = np.random.default_rng(0)
    mean = seen_color(one.material(rng, named(color, rng)))
    apart = {name: float(np.linalg.norm(mean - rgb)) for name, rgb in COLORS.items()}
    assert min(apart, key=apart.__getitem__) == color, mean
    if color in CHROMATIC:
        hues = [colorsys.rgb_to_hsv(*rgb)[0] for rgb in (mean, COLORS[color])]
        assert abs((hues[0] - hues[1] + 0.5) % 1.0 - 0.5) < 0.03


def test_some_finishes_are_held_out() -> None:
    assert len(SEEN) >= 5
    assert len(UNSEEN) >= 3
    assert set(SEEN).isdisjoint(UNSEEN)
    rngs = [np.random.default_rng(seed) for seed in range(60)]
    assert {choose(rng, "seen") for rng in rngs} == set(SEEN)
    assert {choose(rng, "unseen") for rng in rngs} == set(UNSEEN)
    assert {choose(rng) for rng in rngs} == {*SEEN, *UNSEEN}
    with pytest.raises(ConfigurationError, match=r"finish.*Valid: .*checked"):
        finish("chequered")


@given(kind=st.sampled_from(["block", "cup", "bowl"]), seed=SEEDS, side=st.floats(0.01, 0.1))
@FEW
def test_a_texture_is_laid_over_a_surface_without_being_stretched_over_a_seam(
    kind: str, seed: int, side: float
) -> None:
    for surface in made(kind, seed).surfaces:
        cloth = wrap_texture(surface, side)
        faces = cloth.faces
        for a, b in ((0, 1), (1, 2), (2, 0)):
            apart = np.linalg.norm(cloth.vertices[faces[:, a]] - cloth.vertices[faces[:, b]], axis=1)
            laid = np.linalg.norm(cloth.uvs[faces[:, a]] - cloth.uvs[faces[:, b]], axis=1) * side
            # On tapered shapes, a whole number of repetitions covers a shorter circumference.
            assert (laid <= apart * (1.001 if kind == "block" else 3.0) + 1e-4).all()
