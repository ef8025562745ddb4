"""A simulated body collides with the hulls that its prop states, and that clearance is measured with."""

from __future__ import annotations

import numpy as np
import pytest
import sapien
from scipy.spatial import ConvexHull

from tracesim.assets.embodiments import embodiment
from tracesim.assets.props import PROPS
from tracesim.geometry.rigid import angle_between, apply
from tracesim.layout.layout import Layout, standing
from tracesim.layout.randomness import Draw
from tracesim.simulation.scene import Scene

AGREES_M = 1e-4
SETTLES_S = 0.6
STEADY_DEG = 0.1
STEADY_M = 2e-4


def scene_of(kind: str, seed: int) -> Scene:
    layout = Layout()
    layout.add("body", PROPS[kind](Draw.of(np.random.default_rng(seed))), standing(0.0, 0.0))
    return Scene(layout, embodiment("panda"))


@pytest.mark.parametrize("kind", PROPS)
def test_physics_collides_with_the_hulls_of_the_prop(kind: str) -> None:
    for seed in range(3):
        scene = scene_of(kind, seed)
        component = scene.entities["body"].find_component_by_type(sapien.physx.PhysxRigidDynamicComponent)
        hulls = scene.layout["body"].prop.hulls
        for shape, hull in zip(component.collision_shapes, hulls, strict=True):
            in_body = np.asarray(shape.local_pose.to_transformation_matrix(), float)
            cooked = apply(in_body, np.asarray(shape.vertices, float) * np.asarray(shape.scale, float))
            for inner, outer in ((hull, cooked), (cooked, hull)):
                planes = ConvexHull(outer).equations
                assert (inner @ planes[:, :3].T + planes[:, 3]).max() < AGREES_M


@pytest.mark.parametrize("kind", PROPS)
def test_a_body_stays_as_it_was_placed(kind: str) -> None:
    for seed in range(3):
        scene = scene_of(kind, seed)
        before = scene.body_in_world("body")
        while scene.time_s < SETTLES_S:
            scene.step()
        after = scene.body_in_world("body")
        assert np.degrees(angle_between(before, after)) < STEADY_DEG
        assert np.linalg.norm(after[:3, 3] - before[:3, 3]) < STEADY_M
