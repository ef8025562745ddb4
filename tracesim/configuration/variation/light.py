"""The light, and its axis of variation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, radians, sin
from typing import TYPE_CHECKING, Final

import numpy as np

from tracesim.configuration.variation.axis import Axis, Stream

if TYPE_CHECKING:
    from tracesim.configuration.variation.setting import Setting
    from tracesim.geometry.rigid import FloatArray


@dataclass(frozen=True)
class Light:
    """Light as from a window at the left of the table: soft daylight, and a key light that casts shadows.

    Attributes:
        daylight: Strength of the light from everywhere.
        key: Colour and strength of the key light, linear RGB.
        azimuth_rad: Angle of the key light about the vertical, from the world's x axis.
        elevation_rad: Angle of the key light above the table.
    """

    daylight: float = 0.47
    key: tuple[float, float, float] = (2.8, 2.57, 2.25)
    azimuth_rad: float = radians(65.0)
    elevation_rad: float = radians(53.0)

    @property
    def direction(self) -> FloatArray:
        """The direction in which the key light shines, a unit vector (3,), world frame."""
        level = cos(self.elevation_rad)
        return -np.array([level * cos(self.azimuth_rad), level * sin(self.azimuth_rad), sin(self.elevation_rad)])

    def varied(self, rng: np.random.Generator) -> Light:
        """Return the light at another time of day: another strength, colour and direction."""
        daylight = self.daylight * rng.uniform(0.8, 1.2)
        key = np.array(self.key) * rng.uniform(0.75, 1.2)
        red, green, blue = (key * (1.0 + np.array([0.12, 0.0, -0.22]) * rng.uniform(-0.6, 1.0))).tolist()
        return Light(
            daylight,
            (red, green, blue),
            self.azimuth_rad + rng.uniform(-0.5, 0.5),
            self.elevation_rad + rng.uniform(-0.2, 0.2),
        )


DAYLIGHT: Final = Light()
"""The light where it does not vary."""


@dataclass(frozen=True)
class LightAxis(Axis):
    """The strength, colour and direction of the light."""

    light: bool = False
    """Vary the lights."""

    def vary_setting(self, setting: Setting, stream: Stream) -> Setting:
        """Return the setting at another time of day."""
        return replace(setting, light=setting.light.varied(stream("light"))) if self.light else setting
