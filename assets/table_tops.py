"""Table tops: boards, stone, laminate and cloth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracesim.assets import textures
from tracesim.assets.textures import Colors, noise
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import Material

WOODS: Final = ((0.80, 0.62, 0.43), (0.66, 0.45, 0.29), (0.86, 0.73, 0.55), (0.55, 0.38, 0.26), (0.74, 0.52, 0.34))
"""Tones of wooden tables, sRGB: oak, cherry, maple, walnut, beech."""

CLOTHS: Final = ((0.36, 0.47, 0.57), (0.56, 0.38, 0.36), (0.47, 0.55, 0.43), (0.62, 0.55, 0.45))
"""Dyes of table cloths, sRGB: indigo, madder, sage, flax. Pale, so that objects on them stand out."""

SHAPE: Final = (576, 768)
"""Texels across the boards and along them."""


@dataclass(frozen=True)
class Top:
    """The upper side of a table."""

    texture: Callable[[np.random.Generator, float, FloatArray], Colors]
    """Makes the texture from a generator, the table's width in metres and a tone of wood, (3,) sRGB.

    The texture is (H, W, 3) sRGB in [0, 1], with W along the table's y axis.
    """
    roughness: tuple[float, float] = (0.36, 0.5)
    """Range of the random roughness."""
    specular: float = 0.42
    """As of a `Material`."""
    held_out: bool = False
    """Whether it is held out of training."""

    def material(self, rng: np.random.Generator, width_m: float, tone: FloatArray) -> Material:
        """Return a random material of this top.

        Args:
            rng: Source of randomness.
            width_m: Width of the table across the grain, metres.
            tone: Tone of wood, (3,), sRGB.
        """
        drawn = textures.pixels(self.texture(rng, width_m, tone))
        return Material((1.0, 1.0, 1.0), float(rng.uniform(*self.roughness)), specular=self.specular, texture=drawn)


def _boards(rng: np.random.Generator, width_m: float, tone: FloatArray) -> Colors:
    """Return five to seven wide boards."""
    return textures.planks(rng, SHAPE, width_m, int(rng.integers(5, 8)), tone)


def _butcher_block(rng: np.random.Generator, width_m: float, tone: FloatArray) -> Colors:
    """Return narrow staves, each a little lighter or darker than the next."""
    rows = int(rng.integers(18, 25))
    staves = textures.planks(rng, SHAPE, width_m, rows, tone, seam=0.8)
    shades = np.repeat(rng.uniform(0.86, 1.1, rows), -(-SHAPE[0] // rows))[: SHAPE[0]]
    return np.asarray(staves * shades[:, None, None], np.float32)


def _laminate(rng: np.random.Generator, width_m: float, tone: FloatArray) -> Colors:
    """Return pale plastic, faintly mottled."""
    paint = np.array(((0.76, 0.76, 0.74), (0.66, 0.68, 0.70), (0.73, 0.70, 0.64))[int(rng.integers(3))])
    mottled = 1.0 + 0.012 * noise(rng, SHAPE, (140, 190))[..., None]
    return np.asarray(paint * mottled, np.float32)


def _slate(rng: np.random.Generator, width_m: float, tone: FloatArray) -> Colors:
    """Return dark, cloudy stone with a few pale specks."""
    stone = np.array(((0.27, 0.29, 0.31), (0.33, 0.31, 0.30))[int(rng.integers(2))])
    clouds = 0.022 * noise(rng, SHAPE, (6, 8), 4)
    specks = 0.10 * np.clip(noise(rng, SHAPE, (190, 250)) - 2.0, 0.0, 1.0)
    return np.asarray(stone + (clouds + specks)[..., None], np.float32)


def _marble(rng: np.random.Generator, width_m: float, tone: FloatArray) -> Colors:
    """Return white stone with grey veins where warped noise changes sign."""
    down, across = np.mgrid[0.0 : SHAPE[0], 0.0 : SHAPE[1]] / SHAPE[0]
    slope = rng.uniform(0.4, 0.9)
    field = 2.2 * (slope * across - down) + 0.55 * noise(rng, SHAPE, (3, 4), 5)
    wave = np.abs(np.sin(np.pi * field))
    veins = np.exp(-wave / 0.07) * (0.8 + 0.3 * noise(rng, SHAPE, (4, 5), 2))
    clouds = 0.03 * noise(rng, SHAPE, (4, 5), 3)
    ground, vein = np.array([0.80, 0.79, 0.77]), np.array([0.34, 0.35, 0.38])
    share = np.clip(0.8 * veins, 0.0, 0.75)[..., None]
    return np.asarray((ground + clouds[..., None]) * (1.0 - share) + vein * share, np.float32)


def _linen(rng: np.random.Generator, width_m: float, tone: FloatArray) -> Colors:
    """Return a plain cloth of crossing threads, some of them thicker."""
    dye = np.array(CLOTHS[int(rng.integers(len(CLOTHS)))])
    threads = 0.05 * noise(rng, SHAPE, (SHAPE[0] // 2, 8)) + 0.05 * noise(rng, SHAPE, (8, SHAPE[1] // 2))
    return np.asarray(dye * (1.0 + threads[..., None]), np.float32)


def _checked(rng: np.random.Generator, width_m: float, tone: FloatArray) -> Colors:
    """Return a checked cloth: white where neither thread is dyed, fully coloured where both are."""
    dye, white = np.array(CLOTHS[int(rng.integers(len(CLOTHS)))]), np.array([0.86, 0.85, 0.82])
    side = int(rng.integers(26, 36))
    down = (np.arange(SHAPE[0]) // side % 2)[:, None]
    across = (np.arange(SHAPE[1]) // side % 2)[None, :]
    share = 0.5 * (down + across) + 0.015 * noise(rng, SHAPE, (SHAPE[0] // 2, SHAPE[1] // 2))
    return np.asarray(white + share[..., None] * (dye - white), np.float32)


TOPS: Final = {
    "boards": Top(_boards),
    "butcher block": Top(_butcher_block),
    "laminate": Top(_laminate, (0.3, 0.45)),
    "slate": Top(_slate, (0.45, 0.6), 0.3),
    "linen": Top(_linen, (0.9, 0.95), 0.1),
    "marble": Top(_marble, (0.2, 0.3), 0.5, held_out=True),
    "checked cloth": Top(_checked, (0.9, 0.95), 0.1, held_out=True),
}
"""Every top by name."""


def tops_of(split: str) -> Sequence[Top]:
    """Return the tops of a split: all of them ("all"), those for training ("seen") or those held out ("unseen")."""
    return [top for top in TOPS.values() if split == "all" or top.held_out == (split == "unseen")]
