"""Tests that the hulls of a prop and its visible surfaces agree, and that the physics takes the hulls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from scipy.spatial import ConvexHull

from tests.prop_shapes import BLOOM_M, EXACT_M, FEW, KINDS, LEAF_M, SEEDS, SHAPES, Samples, Solid, make
from tracesim.assets import hulls
from tracesim.assets.blooms import BLOOMS
from tracesim.assets.props.flower_pot import flower_pot
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw


def assert_hulls_agree_with_surfaces(prop: Prop) -> None:
    """Check that hulls and visible surfaces protrude from each other by no more than allowed.

    Surfaces inside the hulls need no check of their own: if they are deep inside, the outside of the hulls is far from
    them.
    """
    flower = prop.kind == "flower_pot"
    solid = Solid.of(prop)
    seen = [Samples.of(surface.vertices[surface.faces]) for surface in prop.surfaces]
    all_seen = Samples(np.concatenate([s.points for s in seen]), np.concatenate([s.normals for s in seen]))
    outsides = [solid.outside_of(index) for index in range(len(solid.parts))]
    for index, outside in enumerate(outsides):
        allowed = BLOOM_M if flower and index == len(outsides) - 1 else EXACT_M
        assert all_seen.distance(outside.points).max(initial=0.0) <= allowed, f"hull {index}"
    all_outside = Samples(np.concatenate([s.points for s in outsides]), np.concatenate([s.normals for s in outsides]))
    for index, samples in enumerate(seen):
        allowed = EXACT_M
        if flower and samples.points[:, 2].max() > prop.points["rim"][2] + 0.005:
            allowed = LEAF_M if index == len(seen) - 1 else BLOOM_M
        standing_out = samples.points[~solid.contains(samples.points)]
        if len(standing_out):
            assert all_outside.distance(standing_out).max() <= allowed, f"surface {index}"


@pytest.mark.one_in(8)
@pytest.mark.parametrize(("kind", "variant", "seed"), SHAPES)
def test_hulls_agree_with_what_is_seen_within_a_millimetre(kind: str, variant: str | None, seed: int) -> None:
    assert_hulls_agree_with_surfaces(make(kind, seed, variant))


@pytest.mark.one_in(4)
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("variant", BLOOMS)
def test_hulls_of_flowers_agree_with_what_is_seen(variant: str, seed: int) -> None:
    assert_hulls_agree_with_surfaces(flower_pot(Draw.of(np.random.default_rng(seed)), variant=variant))


@given(kind=KINDS, seed=SEEDS)
@FEW
def test_hulls_are_few_and_the_physics_takes_them_as_they_are(kind: str, seed: int) -> None:
    prop = make(kind, seed)
    assert len(prop.hulls) <= 45
    for hull in prop.hulls:
        # PhysX takes at most 255 faces, and drops vertices that are not the hull's corners without notice.
        planes = ConvexHull(hull).equations
        assert len(np.unique(planes.round(6), axis=0)) <= 255
        assert (hull @ planes[:, :3].T + planes[:, 3]).max(1).min() > -EXACT_M


@pytest.mark.one_in(8)
@pytest.mark.parametrize(("kind", "variant", "seed"), SHAPES)
def test_just_outside_of_what_is_seen_there_is_nothing_and_just_inside_there_is_something(
    kind: str, variant: str | None, seed: int
) -> None:
    prop = make(kind, seed + 7, variant)
    solid = Solid.of(prop)
    samples = [Samples.of(surface.vertices[surface.faces]) for surface in prop.surfaces]
    points, normals = (np.concatenate(x) for x in zip(*((s.points, s.normals) for s in samples), strict=True))
    depth = 0.0012
    outward, inward = (solid.contains(points + side * depth * normals) for side in (1.0, -1.0))
    # There are exceptions where one part is stuck into another.
    assert inward.mean() > 0.97
    assert outward.mean() < 0.06


def test_a_hollow_thing_is_hollow_in_physics_too() -> None:
    for kind in ("cup", "mug", "bowl", "watering_can"):
        prop = make(kind, 3)
        rim = prop.points["rim"]
        inside = np.array([[0.0, 0.0, z] for z in np.linspace(0.25, 0.95, 8) * rim[2]])
        assert not Solid.of(prop).contains(inside).any(), kind
    assert hulls.corner_radius(0.0) == 1.0
