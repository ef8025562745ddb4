"""The pose of the policy camera, as an axis of variation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tracesim.configuration.variation.axis import Axis, Stream

if TYPE_CHECKING:
    from tracesim.configuration.variation.setting import Setting

EYE_M: Final = 0.03
"""Largest displacement of the camera along each axis of the world."""

TARGET_M: Final = 0.02
"""Largest displacement of the point that it looks at along each axis of the world."""


@dataclass(frozen=True)
class CameraAxis(Axis):
    """The pose of the policy camera."""

    camera: bool = False
    """Vary the pose of the policy camera."""

    def vary_setting(self, setting: Setting, stream: Stream) -> Setting:
        """Return the setting with the camera moved and turned."""
        if not self.camera:
            return setting
        rng = stream("camera")
        eye = setting.eye + rng.uniform(-EYE_M, EYE_M, 3)
        return replace(setting, eye=eye, target=setting.target + rng.uniform(-TARGET_M, TARGET_M, 3))
