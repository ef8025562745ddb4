from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, cKDTree

from tracesim.assets import hulls
from tracesim.assets.blooms import BLOOMS
from tracesim.assets.colors import COLORS
from tracesim.assets.props import PROPS, nouns
from tracesim.assets.props.block import block
from tracesim.assets.props.flower_pot import LEAVES_BELOW_M, flower_pot
from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray, apply, inverse
from tracesim.layout.prop import Grasp, Prop
from tracesim.layout.randomness import Draw, ShapeSplit

FEW = settings(max_examples=12, deadline=None, derandomize=True)
KINDS = st.sampled_from(sorted(PROPS))
SEEDS = st.integers(0, 2**32 - 1)
EXACT_M, BLOOM_M, LEAF_M = 0.001, 0.003, 0.020
"""By how much a hull may differ from what is seen: of walls, rims and handles; of a flower head; of leaves."""
HELD_ON_A_BODY = ("bottle", "bread", "can", "computer_mouse", "hamburger", "hot_dog", "peach", "stapler")
"""Held on one convex body, not on a wall."""
FINGER_M = 0.009
"""How far a finger presses to each side of a grasp, at most."""
SAMPLES_PER_M2 = 1.5e6


VARIANTS: dict[str, tuple[str, ...]] = {kind: tuple(nouns(kind)) for kind in PROPS}
SHAPES: list[tuple[str, str | None, int]] = [
    (kind, variant, seed)
    for kind in sorted(set(PROPS) - {"flower_pot"})
    for variant in VARIANTS[kind] or (None,)
    for seed in range(1 if variant else 3)
]
"""Every variant of a kind; three seeds of one that has none."""
OPEN_ABOVE = {"bowl", "cup", "mug", "pot", "skillet", "basket"}
"""The middle of their top is the middle of an opening."""
ON_FEET = {"book", "fan", "stand", "toy_car"}
"""The middle of their underside may be between what they stand on."""
LOW_INSIDE = {"plate", "tray"}
"""Their top is what things stand on, within a rim."""
NOT_GRASPED = {"basket", "coaster", "flower_pot", "keyboard", "mat", "plate", "skillet", "stand", "tray"}


SPLITS: tuple[ShapeSplit, ...] = ("all", "seen", "unseen")


def make(kind: str, seed: int, variant: str | None = None) -> Prop:
    draw = Draw.of(np.random.default_rng(seed), SPLITS[seed % len(SPLITS)])
    return PROPS[kind](draw) if variant is None else PROPS[kind](draw, variant=variant)  # type: ignore[call-arg]


@dataclass(frozen=True)
class Samples:
    """Points spread evenly over triangles, so densely that planes through the nearest ones stand for the surface."""

    points: FloatArray
    normals: FloatArray

    @classmethod
    def of(cls, triangles: FloatArray) -> Samples:
        """Sample triangles (F, 3, 3): their corners, and a low-discrepancy sequence inside (Roberts' R2)."""
        cross = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        area = np.linalg.norm(cross, axis=1) / 2.0
        triangles, cross, area = triangles[area > 1e-12], cross[area > 1e-12], area[area > 1e-12]
        normals = cross / (2.0 * area[:, None])
        owner = np.repeat(np.arange(len(area)), np.ceil(area * SAMPLES_PER_M2).astype(int))
        u, v = ((0.5 + np.arange(len(owner))[:, None] * (0.7548776662, 0.5698402910)) % 1.0).T
        u, v = np.where(u + v > 1.0, [1.0 - u, 1.0 - v], [u, v])
        a, b, c = np.moveaxis(triangles[owner], 1, 0)
        inside = a + (b - a) * u[:, None] + (c - a) * v[:, None]
        points = np.concatenate([inside, triangles.reshape(-1, 3)])
        return cls(points, np.concatenate([normals[owner], np.repeat(normals, 3, axis=0)]))

    def where(self, mask: FloatArray) -> Samples:
        return Samples(self.points[mask], self.normals[mask])

    @functools.cached_property
    def tree(self) -> cKDTree:
        return cKDTree(self.points)

    def distance(self, points: FloatArray) -> FloatArray:
        """Return the distances (N,) of points to the sampled surface, metres."""
        _, nearest = self.tree.query(points, k=6)
        apart = points[:, None] - self.points[nearest]
        out = np.abs(np.einsum("nki,nki->nk", apart, self.normals[nearest]))
        aside = np.sqrt(np.maximum((apart**2).sum(-1) - out**2, 0.0))
        spacing = 1.0 / np.sqrt(SAMPLES_PER_M2)
        return np.asarray(np.hypot(out, np.maximum(aside - spacing, 0.0)).min(1))


@dataclass(frozen=True)
class Solid:
    """A union of convex hulls."""

    parts: tuple[ConvexHull, ...]

    @classmethod
    def of(cls, prop: Prop) -> Solid:
        return cls(tuple(ConvexHull(hull) for hull in prop.hulls))

    def contains(self, points: FloatArray, but: int | None = None) -> FloatArray:
        """Tell which points (N, 3) are inside, part number `but` left out."""
        inside = np.zeros(len(points), bool)
        for index, part in enumerate(self.parts):
            if index != but:
                near = ((points >= part.min_bound - 1e-3) & (points <= part.max_bound + 1e-3)).all(1)
                planes = part.equations
                inside[near] |= (points[near] @ planes[:, :3].T + planes[:, 3]).max(1) < 2e-5
        return inside

    def outside_of(self, index: int) -> Samples:
        """Sample what of a part is the union's outside."""
        part = self.parts[index]
        triangles = part.points[part.simplices]
        cross = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        backward = np.einsum("fi,fi->f", cross, part.equations[:, :3]) < 0.0
        triangles[backward] = triangles[backward][:, ::-1]
        samples = Samples.of(triangles)
        return samples.where(~self.contains(samples.points + 5e-5 * samples.normals, but=index))


def assert_hulls_agree_with_surfaces(prop: Prop) -> None:
    """Hulls stand out of what is seen, and what is seen stands out of the hulls, by no more than is allowed.

    What is seen inside of the hulls has no say of its own: where it is far inside, the hulls' outside is far from it.
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


@pytest.mark.parametrize(("kind", "variant", "seed"), SHAPES)
def test_hulls_agree_with_what_is_seen_within_a_millimetre(kind: str, variant: str | None, seed: int) -> None:
    assert_hulls_agree_with_surfaces(make(kind, seed, variant))


@pytest.mark.parametrize("kind", sorted(kind for kind, names in VARIANTS.items() if names))
def test_a_kind_has_at_least_three_variants_and_refuses_others_by_name(kind: str) -> None:
    assert len(VARIANTS[kind]) >= 3
    with pytest.raises(ConfigurationError, match=VARIANTS[kind][0]):
        make(kind, 0, "no such shape")


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


@pytest.mark.parametrize(
    "kind", ["bottle", "bread", "can", "computer_mouse", "hamburger", "hot_dog", "peach", "stapler"]
)
def test_a_finger_presses_on_one_hull_not_on_the_seam_between_two(kind: str) -> None:
    """A finger that presses on a seam is wedged between its hulls; only a croissant is bent where it is held."""
    variants = [name for name in VARIANTS[kind] or (None,) if name != "croissant"]
    for prop in (make(kind, 0, variant) for variant in variants):
        for grasp in prop.grasps[:2]:
            pose = inverse(grasp.tcp_in_prop)
            solids = [ConvexHull(hull @ pose[:3, :3].T + pose[:3, 3]) for hull in prop.hulls]
            for side in (-1.0, 1.0):
                pressed = {outermost(solids, side, x) for x in np.linspace(-FINGER_M, FINGER_M, 7)} - {None}
                assert len(pressed) == 1, (prop.noun, side)


def outermost(solids: list[ConvexHull], side: float, x: float) -> int | None:
    """Return which solid reaches farthest to one side of a finger, at `x` along the finger's width; None beside all."""
    reach = {}
    for index, solid in enumerate(solids):
        faces = solid.equations
        bounds = [(x, x), (None, None), (-FINGER_M, FINGER_M)]
        farthest = linprog([0.0, -side, 0.0], A_ub=faces[:, :3], b_ub=-faces[:, 3], bounds=bounds)
        if farthest.status == 0:
            reach[index] = -farthest.fun
    return max(reach, key=lambda index: reach[index]) if reach else None


@given(kind=KINDS, seed=SEEDS)
@FEW
def test_surfaces_are_light_finite_and_face_outward(kind: str, seed: int) -> None:
    prop = make(kind, seed)
    assert sum(len(surface.faces) for surface in prop.surfaces) <= 3000
    assert len(prop.surfaces) <= 8
    for surface in prop.surfaces:
        corners = surface.vertices[surface.faces]
        assert np.isfinite(corners).all()
        assert np.isfinite(surface.uvs).all()
        np.testing.assert_allclose(np.linalg.norm(surface.normals, axis=1), 1.0, atol=1e-9)
        faced = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(faced, axis=1)
        assert area.min() > 0.0
        with_normals = np.einsum("fi,fki->fk", faced / area[:, None], surface.normals[surface.faces])
        # Tips of petals and leaves turn sharply; nothing else may look away from its own normals.
        assert (with_normals.max(1) > 0.0).mean() > 0.99
        assert 0.0 <= min(surface.material.base_color) <= max(surface.material.base_color) <= 1.0


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
    # Not so where one part is stuck into another.
    assert inward.mean() > 0.97
    assert outward.mean() < 0.06


def everything(prop: Prop) -> bytes:
    textures = [surface.material.texture for surface in prop.surfaces]
    arrays = [
        *(texture for texture in textures if texture is not None),
        *(x for surface in prop.surfaces for x in (surface.vertices, surface.normals, surface.uvs, surface.faces)),
        *(np.array(surface.material.base_color) for surface in prop.surfaces),
        *prop.hulls,
        *(prop.points[name] for name in prop.points),
        *(grasp.tcp_in_prop for grasp in prop.grasps),
    ]
    return b"".join(array.tobytes() for array in arrays)


def test_a_seed_makes_the_same_bytes_wherever_memory_is_free() -> None:
    # NumPy's arctan2 of a view depended on it, in 3 of 100 hamburgers.
    assert len({everything(make("hamburger", 1)) for _ in range(300)}) == 1


@given(kind=KINDS, seed=SEEDS)
@FEW
def test_the_same_seed_makes_the_same_bytes(kind: str, seed: int) -> None:
    assert everything(make(kind, seed)) == everything(make(kind, seed))
    assert everything(make(kind, seed)) != everything(make(kind, seed + 1))


@given(kind=KINDS, seed=SEEDS)
@FEW
def test_a_prop_stands_on_the_table_and_knows_its_size_and_names(kind: str, seed: int) -> None:
    prop = make(kind, seed)
    seen = np.concatenate([surface.vertices for surface in prop.surfaces])
    assert prop.kind == kind
    assert prop.color in COLORS
    assert seen[:, 2].min() == pytest.approx(0.0, abs=1e-4)
    assert np.concatenate(prop.hulls)[:, 2].min() == pytest.approx(0.0, abs=1e-9)
    assert prop.height_m == pytest.approx(seen[:, 2].max(), abs=0.003)
    leaf_m = LEAF_M if kind == "flower_pot" else 0.0015
    assert prop.footprint_radius_m == pytest.approx(np.linalg.norm(seen[:, :2], axis=1).max(), abs=leaf_m)


@given(kind=KINDS, seed=SEEDS)
@FEW
def test_named_points_lie_on_the_surface(kind: str, seed: int) -> None:
    prop = make(kind, seed)
    np.testing.assert_array_equal(prop.points["base"], 0.0)
    seen = Samples.of(np.concatenate([surface.vertices[surface.faces] for surface in prop.surfaces]))
    for name, point in prop.points.items():
        if (name, kind) not in {*(("top", x) for x in OPEN_ABOVE), *(("base", x) for x in ON_FEET)}:
            assert seen.distance(point[None])[0] <= 5e-4, name


@given(kind=KINDS, seed=SEEDS)
@FEW
def test_the_middle_of_the_top_is_as_high_as_the_prop(kind: str, seed: int) -> None:
    prop = make(kind, seed)
    if kind == "watering_can":
        assert prop.points["handle"][2] == pytest.approx(prop.height_m, abs=5e-4)
    else:
        np.testing.assert_array_equal(prop.points["top"][:2], 0.0)
        if kind not in LOW_INSIDE:
            assert prop.points["top"][2] == pytest.approx(prop.height_m, abs=BLOOM_M)


@given(seed=SEEDS, height=st.floats(0.12, 0.20), variant=st.sampled_from(sorted(BLOOMS)))
@FEW
def test_a_flower_is_as_high_as_asked_and_its_leaves_are_well_below_its_bloom(
    seed: int, height: float, variant: str
) -> None:
    prop = flower_pot(Draw.of(np.random.default_rng(seed)), height_m=height, variant=variant, color="red")
    assert prop.noun == "flower"
    assert prop.color == "red"
    assert prop.points["top"][2] == height
    assert prop.surfaces[-1].vertices[:, 2].max() <= height - 0.04
    assert LEAVES_BELOW_M >= 0.04
    bloom = prop.hulls[-1]
    assert 0.04 <= np.ptp(bloom[:, 0]) <= 0.062
    assert bloom[:, 2].max() == pytest.approx(height, abs=BLOOM_M)


@given(seed=SEEDS)
@FEW
def test_a_can_hangs_level_from_its_bail_and_waters_ahead_of_itself(seed: int) -> None:
    prop = make("watering_can", seed)
    volume, moment = 0.0, np.zeros(3)
    for hull in prop.hulls:
        part = ConvexHull(hull)
        a, b, c = np.moveaxis(hull[part.simplices] - hull.mean(0), 1, 0)
        tetrahedra = np.abs(np.einsum("fi,fi->f", a, np.cross(b, c))) / 6.0
        volume += part.volume
        moment += part.volume * hull.mean(0) + tetrahedra @ (a + b + c) / 4.0
    np.testing.assert_allclose((moment / volume)[:2], prop.points["handle"][:2], atol=3e-4)
    tip, bar = prop.points["spout"], prop.points["handle"]
    assert 0.13 <= tip[0] <= 0.15
    assert tip[1] == 0.0
    assert 0.10 <= tip[2] <= 0.12
    assert 0.14 <= bar[2] <= 0.17
    assert prop.points["body"][0] < 0.0
    # A hand's fingers find room around the bar, and 4 cm beneath it.
    beneath = [np.array([[bar[0] + x, y, bar[2] - 0.0145 - 0.04 * s] for s in np.linspace(0.01, 1.0, 9)])
               for x in (-0.01, 0.0, 0.01) for y in (-0.01, 0.0, 0.01)]  # fmt: skip
    assert not Solid.of(prop).contains(np.concatenate(beneath)).any()


def finger_boxes(tcp_in_prop: FloatArray, half_gap_m: float, widen_m: float = 0.0) -> list[FloatArray]:
    """Return the planes (6, 4) of two fingers, 2 x 1 x 5 cm, that reach 9 mm beyond the tool centre point."""
    boxes = []
    for side in (-1.0, 1.0):
        low = np.array([-0.01, half_gap_m, -0.041])
        high = np.array([0.01, half_gap_m + 0.01, 0.009])
        normals = np.concatenate([np.eye(3), -np.eye(3)]) * np.array([1.0, side, 1.0])
        planes = np.column_stack([normals, -np.concatenate([high, -low]) - widen_m])
        boxes.append(planes @ inverse(tcp_in_prop))
    return boxes


def overlap_m(solid: Solid, planes: FloatArray) -> float:
    """Return the radius of the largest ball that is inside both the planes (M, 4) and one of the solid's parts."""
    deepest = 0.0
    for part in solid.parts:
        if ((part.points @ planes[:, :3].T + planes[:, 3]).min(0) > 0.0).any():
            continue
        both = np.concatenate([planes, part.equations])
        rows = np.column_stack([both[:, :3], np.linalg.norm(both[:, :3], axis=1)])
        answer = linprog([0.0, 0.0, 0.0, -1.0], A_ub=rows, b_ub=-both[:, 3], bounds=[(None, None)] * 3 + [(0.0, None)])
        deepest = max(deepest, float(answer.x[3]) if answer.success else 0.0)
    return deepest


def hand_box(tcp_in_prop: FloatArray) -> FloatArray:
    """Return the planes (6, 4) of a Panda's palm, 20 x 3.6 cm, 3.75 cm above the point midway between the fingers."""
    low, high = np.array([-0.018, -0.1, -0.1]), np.array([0.018, 0.1, -0.0375])
    planes = np.column_stack([np.concatenate([np.eye(3), -np.eye(3)]), -np.concatenate([high, -low])])
    return planes @ inverse(tcp_in_prop)


@pytest.mark.parametrize(("kind", "variant", "seed"), [shape for shape in SHAPES if shape[0] not in NOT_GRASPED])
def test_fingers_reach_around_a_prop_close_on_it_and_hit_neither_it_nor_the_table(
    kind: str, variant: str | None, seed: int
) -> None:
    prop = make(kind, seed, variant)
    solid = Solid.of(prop)
    assert prop.grasps
    assert prop.grasps[0].tcp_in_prop[2, 2] < -0.9  # from above
    for index, grasp in enumerate(prop.grasps):
        assert 0.0 < grasp.width_m < 0.075
        pose, gap = grasp.tcp_in_prop, grasp.width_m / 2.0
        np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)
        tips = np.array([[x, y, 0.009] for x in (-0.01, 0.01) for y in (-0.05, 0.05)])
        assert apply(pose, tips)[:, 2].min() > 0.0, index
        for planes in finger_boxes(pose, 0.04):
            assert overlap_m(solid, planes) == 0.0, index
        for planes in finger_boxes(pose, gap):
            assert overlap_m(solid, planes) < 4e-4, index
        # Both fingers touch: a little further in, each is inside the prop.
        for planes in finger_boxes(pose, gap - 0.0015):
            assert overlap_m(solid, planes) > 1e-4, index
        assert overlap_m(solid, hand_box(pose)) == 0.0, index


@pytest.mark.parametrize("kind", sorted(NOT_GRASPED))
def test_what_no_hand_can_hold_has_no_grasps(kind: str) -> None:
    assert make(kind, 0).grasps == ()


@pytest.mark.parametrize("kind", sorted(set(PROPS) - NOT_GRASPED))
def test_every_grasp_comes_with_its_flip(kind: str) -> None:
    def turned(grasp: Grasp) -> FloatArray:
        return np.asarray(grasp.tcp_in_prop @ np.diag([-1.0, -1.0, 1.0, 1.0]))

    poses = [grasp.tcp_in_prop for grasp in make(kind, 0).grasps]
    flips = [turned(grasp) for grasp in make(kind, 0).grasps]
    upright = [pose for pose in poses if abs(pose[2, 0]) < 1e-9]
    assert upright
    for pose in upright:
        assert any(np.allclose(pose, flip, atol=1e-9) for flip in flips)


@pytest.mark.parametrize("kind", sorted(PROPS))
def test_colours_are_named_asked_for_and_refused(kind: str) -> None:
    generator = PROPS[kind]
    assert "color" in inspect.signature(generator).parameters
    red = generator(Draw.of(np.random.default_rng(0)), color="red")
    assert red.color == "red"
    loudest = max((surface.material.base_color for surface in red.surfaces), key=lambda c: c[0] - c[1] - c[2])
    assert loudest[0] > 2.0 * max(loudest[1:])
    with pytest.raises(ConfigurationError, match=r"Valid: .*red"):
        generator(Draw.of(np.random.default_rng(0)), color="rde")


@given(edge=st.floats(0.04, 0.05))
@FEW
def test_a_block_has_the_edge_asked_for_and_bevels_of_half_a_millimetre(edge: float) -> None:
    prop = block(Draw.of(np.random.default_rng(0)), edge_m=edge, color="blue")
    np.testing.assert_allclose(np.ptp(prop.hulls[0], axis=0), edge)
    assert all(grasp.width_m == edge for grasp in prop.grasps)
    corner = np.array([edge / 2.0, edge / 2.0, edge])
    bevel = prop.surfaces[0].vertices[np.abs(prop.surfaces[0].vertices - corner).max(1) < 0.002]
    a, b, c = bevel
    normal = np.cross(b - a, c - a)
    assert abs((corner - a) @ normal) / np.linalg.norm(normal) <= 5.01e-4


def test_a_hollow_thing_is_hollow_in_physics_too() -> None:
    for kind in ("cup", "mug", "bowl", "watering_can"):
        prop = make(kind, 3)
        rim = prop.points["rim"]
        inside = np.array([[0.0, 0.0, z] for z in np.linspace(0.25, 0.95, 8) * rim[2]])
        assert not Solid.of(prop).contains(inside).any(), kind
    assert hulls.corner_radius(0.0) == 1.0
