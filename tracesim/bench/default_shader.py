"""Images of SAPIEN's default shader, and its bare render call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import sapien
from sapien.render import RenderCameraComponent

from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import to_quaternion
from tracesim.simulation.renderer import EYE_IN_CAMERA, FAR_M, NEAR_M

READ: dict[str, Callable[[RenderCameraComponent], object]] = {
    "rgb": lambda camera: np.asarray(camera.get_picture("Color")[..., :3] * 255.0).astype(np.uint8),
    "depth": lambda camera: np.negative(camera.get_picture("Position")[..., 2]),
    "segmentation": lambda camera: camera.get_picture("Segmentation")[..., 1].astype(np.int32),
}
"""How each channel is read from a picture of the default shader."""


def default_shader(scene: sapien.Scene, camera: Camera, channels: Sequence[str]) -> Callable[[], None]:
    """Return a function that takes images with SAPIEN's default shader.

    Args:
        scene: The scene.
        camera: The camera.
        channels: Channels of the images, of `READ`.
    """
    k = camera.intrinsics
    component = RenderCameraComponent(camera.width, camera.height)
    component.set_perspective_parameters(NEAR_M, FAR_M, k[0, 0], k[1, 1], k[0, 2], k[1, 2], 0.0)
    eye_in_world = camera.camera_in_world @ EYE_IN_CAMERA
    entity = sapien.Entity()
    entity.add_component(component)
    entity.set_pose(sapien.Pose(eye_in_world[:3, 3], to_quaternion(eye_in_world)))
    scene.add_entity(entity)

    def take_images() -> None:
        scene.update_render()
        component.take_picture()
        for channel in channels:
            READ[channel](component)

    return take_images


def bare_call(scene: sapien.Scene) -> Callable[[], None]:
    """Return a function that renders with the camera that was added last, and waits for one raw picture."""
    component = scene.entities[-1].find_component_by_type(RenderCameraComponent)

    def render() -> None:
        scene.update_render()
        component.take_picture()
        component.get_picture("Picture")

    return render
