"""Named colours: the words of instructions and the linear RGB values of props."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tracesim.errors import unknown_name
from tracesim.geometry.rigid import FloatArray

COLORS: dict[str, tuple[float, float, float]] = {
    "red": (0.80, 0.13, 0.11),
    "orange": (0.93, 0.46, 0.10),
    "yellow": (0.96, 0.77, 0.16),
    "green": (0.22, 0.56, 0.24),
    "teal": (0.10, 0.55, 0.55),
    "blue": (0.14, 0.36, 0.74),
    "purple": (0.46, 0.24, 0.66),
    "pink": (0.93, 0.45, 0.62),
    "white": (0.93, 0.92, 0.89),
    "gray": (0.48, 0.49, 0.50),
    "black": (0.10, 0.10, 0.11),
    "brown": (0.45, 0.28, 0.16),
}
"""Colour name to sRGB in [0, 1]."""

Color = tuple[float, float, float]
"""Linear RGB in [0, 1]."""


def named(name: str, rng: np.random.Generator, spread: float = 1.0) -> Color:
    """Return the linear RGB of a colour name, with a small random variation.

    Args:
        name: One of `COLORS`.
        rng: Source of the variation.
        spread: Size of the variation; 1 is the most that people still call by the same name.

    Raises:
        ConfigurationError: The name is unknown.
    """
    if name not in COLORS:
        raise unknown_name("color", name, COLORS)
    hue, saturation, value = colorsys.rgb_to_hsv(*COLORS[name])
    d_hue, d_saturation, d_value = rng.uniform(-1.0, 1.0, 3) * (0.012, 0.06, 0.04) * spread
    rgb = colorsys.hsv_to_rgb(
        (hue + d_hue) % 1.0,
        min(max(saturation * (1.0 + d_saturation), 0.0), 1.0),
        min(max(value * (1.0 + d_value), 0.0), 1.0),
    )
    return linear(rgb)


def pick(rng: np.random.Generator, names: Sequence[str], given: str | None) -> str:
    """Return `given`, or a random one of `names` if it is None.

    A random number is drawn in either case, so that later draws do not depend on `given`.
    """
    drawn = names[int(rng.integers(len(names)))]
    return drawn if given is None else given


def linear(srgb: npt.ArrayLike) -> Color:
    """Return the linear RGB of an sRGB colour in [0, 1] (IEC 61966-2-1)."""
    c = np.asarray(srgb, float)
    r, g, b = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return float(r), float(g), float(b)


def to_texture(linear_rgb: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Return linear RGB (..., 3) as 8-bit sRGB, the format of textures."""
    c = np.clip(np.asarray(linear_rgb, float), 0.0, 1.0)
    srgb = np.where(c <= 0.0031308, c * 12.92, 1.055 * c ** (1.0 / 2.4) - 0.055)
    return np.asarray(np.round(srgb * 255.0), np.uint8)


def mix(a: npt.ArrayLike, b: npt.ArrayLike, share: float) -> Color:
    """Return the linear colour at fraction `share` of the way from `a` to `b`."""
    r, g, bl = np.asarray(a, float) * (1.0 - share) + np.asarray(b, float) * share
    return float(r), float(g), float(bl)


def ramp(colors: npt.ArrayLike, stops: npt.ArrayLike, count: int) -> FloatArray:
    """Return samples of a colour ramp, (count, 3) linear RGB.

    Args:
        colors: Linear RGB at each stop, (N, 3).
        stops: Positions of the stops in [0, 1], (N,), increasing.
        count: Number of equally spaced samples.
    """
    share = np.linspace(0.0, 1.0, count)
    table = np.asarray(colors, float)
    return np.stack([np.interp(share, np.asarray(stops, float), table[:, k]) for k in range(3)], -1)
