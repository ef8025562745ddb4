"""Rendering with SAPIEN: surfaces in, pictures out."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import sapien
from sapien.render import (
    RenderBodyComponent,
    RenderCameraComponent,
    RenderMaterial,
    RenderTexture2D,
)

from tracesim.configuration.variation.light import DAYLIGHT, Light
from tracesim.errors import RendererError
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import to_quaternion
from tracesim.layout.prop import Material, Surface
from tracesim.machine import driver

Pack = Literal["observation", "film"]
"""A folder of `assets/shaders`: "observation" is fast and has segmentation, "film" is slower and looks better."""

SHADERS = Path(__file__).parents[1] / "assets" / "shaders"
NEAR_M, FAR_M = 0.05, 20.0
"""Range of depths that are rendered."""
EYE_IN_CAMERA = np.array([[0.0, -1.0, 0.0, 0.0], [0.0, 0.0, -1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
"""SAPIEN's camera axes (x forward, y left, z up) in OpenCV's (x right, y down, z forward)."""

SKY = "sky"
"""Name of the light whose shadow map tells the film shader how much of the ceiling a point sees."""

SHADOW_WIDTH_M, SHADOW_DEPTH_M = 1.9, 2.6
"""Size of the box around the table's centre in which shadows are rendered: across the light, and along it."""


@dataclass(frozen=True)
class Image:
    """A picture taken by a camera."""

    rgb: npt.NDArray[np.uint8]
    """Colours, (H, W, 3) uint8, sRGB."""
    depth: npt.NDArray[np.float32]
    """Depth along the camera's z axis, (H, W) float32, metres; 0 where nothing was hit."""
    segmentation: npt.NDArray[np.int32]
    """`per_scene_id` of the entity at each pixel, (H, W) int32; 0 where nothing was hit."""


def render_system() -> sapien.render.RenderSystem:
    """Return the process's single render system.

    It is kept for the life of the process: when the last one is released, SAPIEN frees its device, and the next scene
    would have to create a new one.

    Raises:
        RendererError: No Vulkan device can draw, or this process was forked from one that had already rendered.
    """
    system, process = _render_system()
    if process != os.getpid():
        raise RendererError(
            "This process was forked from one that had already rendered, and Vulkan does not survive a fork. Start "
            'workers with the "spawn" method, such as gymnasium.vector.AsyncVectorEnv(..., context="spawn"), '
            'torch.utils.data.DataLoader(..., multiprocessing_context="spawn") or multiprocessing.get_context("spawn").'
        )
    return system


@functools.cache
def _render_system() -> tuple[sapien.render.RenderSystem, int]:
    """Return the render system and the id of the process that created it."""
    # the shader packs write one float per pixel, where SAPIEN would allocate four
    for picture in ("Picture", "Actor", "Shaded"):
        sapien.render.set_picture_format(picture, "R32Sfloat")
    driver.activate()
    try:
        system = sapien.render.RenderSystem()
    except RuntimeError as error:
        said = " ".join(f"No Vulkan device can draw ({error}). {driver.variables_at_fault()}".split())
        raise RendererError(
            f"{said} Run `python -m tracesim.doctor` to see what is missing, or do without pixels: `video=false` for a "
            "run, `observation=()` for a gymnasium environment."
        ) from error
    os.register_at_fork(after_in_child=lambda: _leave_to_parent(system))
    return system, os.getpid()


def _leave_to_parent(system: sapien.render.RenderSystem) -> None:
    """Let a forked child exit without waiting for Vulkan's threads, which exist only in its parent."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(system))  # keeps the device even when the interpreter ends
    libc = ctypes.CDLL(None)
    # The C library runs the handler registered last first: this one exits before Mesa's handler joins the threads.
    libc.on_exit(ctypes.cast(libc._exit, ctypes.c_void_p), None)


def available() -> bool:
    """Return whether this process can render."""
    try:
        render_system()
    except RendererError:
        return False
    return True


def render_body(surfaces: Sequence[Surface]) -> RenderBodyComponent:
    """Return a component that makes an entity look like the given surfaces, in the frame of the entity."""
    render_system()
    body = RenderBodyComponent()
    for surface in surfaces:
        body.attach(
            sapien.render.RenderShapeTriangleMesh(
                vertices=surface.vertices.astype(np.float32),
                triangles=surface.faces.astype(np.uint32),
                normals=surface.normals.astype(np.float32),
                uvs=surface.uvs.astype(np.float32),
                material=render_material(surface.material),
            )
        )
    return body


def render_material(material: Material) -> RenderMaterial:
    """Return a material as SAPIEN's type."""
    color = material.base_color
    result = RenderMaterial(
        emission=[*color, material.emission],
        base_color=[*color, 1.0],
        specular=material.specular,
        roughness=material.roughness,
        metallic=material.metallic,
    )
    if material.texture is not None:
        result.base_color_texture = _textures.upload(material.texture)
    return result


def mark(entity: sapien.Entity, color: tuple[float, float, float] | None, strength: float = 0.5) -> None:
    """Tint an entity, most strongly at its outline, so that a film shows which one is meant.

    Args:
        entity: Entity to tint.
        color: Linear RGB; None removes the tint.
        strength: Strength of the tint.
    """
    body = entity.find_component_by_type(RenderBodyComponent)
    if body is None:
        return
    for shape in body.render_shapes:
        for part in shape.parts:
            # The shader tints by the colour of an emission of strength 0, as strongly as `transmission` says.
            part.material.emission = [*(color or (0.0, 0.0, 0.0)), 0.0]
            part.material.transmission = strength if color else 0.0


class _Textures:
    """A cache of recently uploaded textures, so that scenes with the same pictures share them."""

    LIMIT_BYTES = 16_000_000

    def __init__(self) -> None:
        """Start with an empty cache."""
        self._kept: dict[bytes, tuple[RenderTexture2D, int]] = {}

    def upload(self, pixels: npt.NDArray[np.uint8]) -> RenderTexture2D:
        """Return the texture for sRGB pixels (H, W, 3)."""
        key = hashlib.blake2b(pixels.tobytes(), digest_size=16).digest()
        kept = self._kept.pop(key, None)
        if kept is None:
            opaque = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
            levels = int(np.log2(min(pixels.shape[:2]))) + 1
            kept = RenderTexture2D(opaque, "R8G8B8A8Unorm", levels, "linear", "repeat", True), opaque.nbytes
        self._kept[key] = kept  # the most recently used is last
        while sum(size for _, size in self._kept.values()) > self.LIMIT_BYTES and len(self._kept) > 1:
            del self._kept[next(iter(self._kept))]
        return kept[0]


_textures = _Textures()


def light(scene: sapien.Scene, source: Light = DAYLIGHT) -> None:
    """Light a scene with daylight from everywhere and a key light that casts shadows."""
    render_system()
    scene.set_ambient_light([source.daylight] * 3)
    _add_light(scene, "key", source.direction, source.key, map_size=512)


def _add_light(
    scene: sapien.Scene,
    name: str,
    direction: npt.ArrayLike,
    color: npt.ArrayLike,
    map_size: int,
) -> None:
    """Add a directional light whose shadows cover a box around the table's centre."""
    component = scene.add_directional_light(
        np.asarray(direction, np.float32),
        np.asarray(color, np.float32),
        shadow=True,
        shadow_scale=SHADOW_WIDTH_M / 2,
        shadow_near=-SHADOW_DEPTH_M / 2,
        shadow_far=SHADOW_DEPTH_M / 2,
        shadow_map_size=map_size,
    )
    component.entity.name = name


class SceneCamera:
    """A camera in a scene, rendered with one shader pack; pictures show the scene in its current state."""

    def __init__(self, scene: sapien.Scene, camera: Camera, pack: Pack) -> None:
        """Add a camera to a scene.

        Args:
            scene: Scene to add it to.
            camera: Intrinsics and pose.
            pack: Shader pack.

        Raises:
            RendererError: No Vulkan device can draw.
        """
        render_system()
        if pack == "film" and not any(entity.name == SKY for entity in scene.entities):
            # A black light, for its shadow map: from it the film shader derives how much of the ceiling a point sees.
            _add_light(scene, SKY, (0.0, 0.0, -1.0), (0.0, 0.0, 0.0), map_size=128)
        self.camera = camera
        self._scene = scene
        k = camera.intrinsics
        self._component = RenderCameraComponent(camera.width, camera.height, str(SHADERS / pack))
        self._component.set_perspective_parameters(NEAR_M, FAR_M, k[0, 0], k[1, 1], k[0, 2], k[1, 2], k[0, 1])
        self._entity = sapien.Entity()
        self._entity.name = f"{pack} camera"
        self._entity.add_component(self._component)
        eye_in_world = camera.camera_in_world @ EYE_IN_CAMERA
        self._entity.set_pose(sapien.Pose(eye_in_world[:3, 3], to_quaternion(eye_in_world)))
        scene.add_entity(self._entity)

    def rgb(self) -> npt.NDArray[np.uint8]:
        """Render and return the colours, (H, W, 3) uint8, sRGB."""
        self._draw()
        return self._rgb()

    def capture(self) -> Image:
        """Render and return colours, depth and segmentation; only the "observation" pack has segmentation."""
        self._draw()
        segmentation = self._component.get_picture("Actor").astype(np.int32)
        return Image(self._rgb(), self._depth(), segmentation)

    def depth(self) -> npt.NDArray[np.float32]:
        """Return the depth of the last picture, (H, W) float32, metres."""
        return self._depth()

    def _draw(self) -> None:
        render_system()
        self._scene.update_render()
        self._component.take_picture()

    def _rgb(self) -> npt.NDArray[np.uint8]:
        packed: npt.NDArray[np.float32] = self._component.get_picture("Picture")
        rgba = packed.view(np.uint8).reshape(*packed.shape, 4)
        rgb = np.empty((*packed.shape, 3), np.uint8)
        for channel in range(3):  # twice as fast as copying all three at once
            rgb[..., channel] = rgba[..., channel]
        return rgb

    def _depth(self) -> npt.NDArray[np.float32]:
        buffer = self._component.get_picture("GbufferDepth")
        projection = self._component.get_projection_matrix()
        depth = projection[2, 3] / (buffer + projection[2, 2])
        depth[buffer >= 1.0] = 0.0
        return np.asarray(depth, np.float32)
