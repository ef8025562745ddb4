"""Props of every kind and variant for tests, their surfaces as points, and their hulls as one solid."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull, cKDTree

from tracesim.assets.props import PROPS, nouns
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw, ShapeSplit

FEW = settings(max_examples=12, deadline=None, derandomize=True)
KINDS = st.sampled_from(sorted(PROPS))
SEEDS = st.integers(0, 2**32 - 1)
EXACT_M, BLOOM_M, LEAF_M = 0.001, 0.003, 0.020
"""Greatest distances between hulls and visible surfaces: of walls, rims and handles; of a flower head; of leaves."""
SAMPLES_PER_M2 = 1.5e6

VARIANTS: dict[str, tuple[str, ...]] = {kind: tuple(nouns(kind)) for kind in PROPS}
SHAPES = [
    pytest.param(kind, variant, seed, marks=[pytest.mark.slow] if seed else [])
    for kind in sorted(set(PROPS) - {"flower_pot"})
    for variant in VARIANTS[kind] or (None,)
    for seed in range(1 if variant else 3)
]
"""Every variant of a kind; three seeds of one that has none, of which two are slow."""
ARTICULATED = {
    "cabinet",
    "dial",
    "drawer_chest",
    "jewelry_box",
    "laptop",
    "microwave",
    "push_switch",
    "rocker_switch",
}
"""Kinds of which only the parts are moved."""
NOT_GRASPED = ARTICULATED | {
    "arch",
    "basket",
    "coaster",
    "drawing",
    "dustbin",
    "flower_pot",
    "keyboard",
    "marked_board",
    "mat",
    "mug_rack",
    "plate",
    "phone_stand",
    "plastic_box",
    "pole",
    "scale",
    "skillet",
    "socket",
    "stain",
    "stand",
    "track",
    "tray",
    "waste_bin",
}
"""Kinds without grasps."""

SPLITS: tuple[ShapeSplit, ...] = ("all", "seen", "unseen")


def make(kind: str, seed: int, variant: str | None = None) -> Prop:
    draw = Draw.of(np.random.default_rng(seed), SPLITS[seed % len(SPLITS)])
    return PROPS[kind](draw) if variant is None else PROPS[kind](draw, variant=variant)  # type: ignore[call-arg]


@dataclass(frozen=True)
class Samples:
    """Points spread evenly over triangles, so densely that planes through the nearest ones represent the surface."""

    points: FloatArray
    normals: FloatArray

    @classmethod
    def of(cls, triangles: FloatArray) -> Samples:
        """Return samples of triangles (F, 3, 3): their corners, and a low-discrepancy sequence inside (Roberts' R2)."""
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
        """Tell which points (N, 3) are inside any part, except for part number `but`."""
        inside = np.zeros(len(points), bool)
        for index, part in enumerate(self.parts):
            if index != but:
                near = ((points >= part.min_bound - 1e-3) & (points <= part.max_bound + 1e-3)).all(1)
                planes = part.equations
                inside[near] |= (points[near] @ planes[:, :3].T + planes[:, 3]).max(1) < 2e-5
        return inside

    def outside_of(self, index: int) -> Samples:
        """Return samples of the part of a hull's surface that lies on the outside of the union."""
        part = self.parts[index]
        triangles = part.points[part.simplices]
        cross = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        backward = np.einsum("fi,fi->f", cross, part.equations[:, :3]) < 0.0
        triangles[backward] = triangles[backward][:, ::-1]
        samples = Samples.of(triangles)
        return samples.where(~self.contains(samples.points + 5e-5 * samples.normals, but=index))
