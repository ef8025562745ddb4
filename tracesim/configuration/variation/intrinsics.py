"""The field of view of the policy camera, as an axis of variation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tracesim.configuration.variation.axis import Axis, Stream

if TYPE_CHECKING:
    from tracesim.configuration.variation.setting import Setting

SCALE: Final = (0.92, 1.08)
"""Range of the field of view, relative to the usual one."""


@dataclass(frozen=True)
class IntrinsicsAxis(Axis):
    """The field of view of the policy camera."""

    intrinsics: bool = False
    """Vary the field of view of the policy camera."""

    def vary_setting(self, setting: Setting, stream: Stream) -> Setting:
        """Return the setting with a wider or a narrower field of view."""
        if not self.intrinsics:
            return setting
        return replace(setting, fovy_rad=setting.fovy_rad * float(stream("intrinsics").uniform(*SCALE)))
