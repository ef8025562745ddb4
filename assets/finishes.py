"""Finishes: what a prop's own colour is painted, cast or woven in. They change looks, not physics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from tracesim.assets import prints
from tracesim.assets.colors import COLORS, Color, linear, named, to_texture
from tracesim.assets.textures import board, noise
from tracesim.assets.wrapping import wrap_texture
from tracesim.errors import unknown_name
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import ShapeSplit

Texture = npt.NDArray[np.uint8]
MaterialSplit = ShapeSplit
"""Finishes that may be drawn: all, those for training ("seen"), or those held out ("unseen")."""

GRAINED: Final = ("block", "coaster", "stamp", "stand", "tray")
"""Kinds whose own colour may carry a texture of its material, such as wood grain, which another finish replaces."""

NATURAL: Final = ("bread", "flower_pot", "hamburger", "hot_dog", "peach")
"""Kinds that are grown or baked, and would not be recognised in another finish."""

PALE: Final = 0.6
"""A linear colour with at least this much of every primary counts as white."""

FARTHEST: Final = 0.45
"""Greatest distance in sRGB between a prop's named colour and a surface that counts as having it."""

LEAST_SHARE: Final = 0.5
"""Fraction of a prop's own-coloured area that must be able to take a finish for the prop to get one."""

LEAST_LINING: Final = 0.05
"""Least fraction of a white prop's area that a white part needs to count as its own colour.

A white lining is larger than this; the whites of a duck's eyes are smaller.
"""

Pattern = Callable[[np.random.Generator, Color], Texture]
"""Makes a texture from a generator and a linear colour."""


@dataclass(frozen=True)
class Finish:
    """How a surface of a given colour looks."""

    name: str
    """Name, such as "glossy"."""
    roughness: float
    """As of a `Material`."""
    metallic: float = 0.0
    """As of a `Material`."""
    specular: float = 0.5
    """As of a `Material`."""
    pattern: Pattern | None = None
    """Makes the texture from the surface's colour and shades of it; None for no texture."""
    side_m: float = 0.05
    """Width of the texture on the prop, metres."""

    def material(self, rng: np.random.Generator, color: Color) -> Material:
        """Return the material of this finish in a linear colour."""
        metallic = self.metallic
        if metallic:
            # White metal would look gray and dark metal black: reduced reflection and a brighter base keep the colour.
            metallic *= 0.3 if min(color) > PALE else 1.0
            factor = min(1.0 + 0.5 * metallic, 1.0 / max(color))
            color = color[0] * factor, color[1] * factor, color[2] * factor
        texture = None if self.pattern is None else self.pattern(rng, color)
        return Material(color, self.roughness, metallic, self.specular, texture=texture)


def shade(color: Color, much: float = 1.0) -> Color:
    """Return a shade of a linear colour that people call by the same name.

    Light colours become darker, dark ones lighter.

    Args:
        color: Linear RGB.
        much: Strength of the change.
    """
    light = 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]
    factor = 1.0 - (0.38 if light > 0.25 else 0.5) * much if light > 0.13 else 1.0 + 1.1 * much
    r, g, b = (min(factor * part + (0.018 * much if light < 0.05 else 0.0), 1.0) for part in color)
    return r, g, b


def _wood(rng: np.random.Generator, color: Color) -> Texture:
    """Return wood grain."""
    grain = board(rng, (96, 128), 0.07, np.full(3, 0.7)).mean(
        2
    )  # grey, because stained wood takes the hue of the stain
    return _mirrored(_mixed(color, shade(color), np.clip(0.5 + (grain.mean() - grain) * 6.0, 0.0, 1.3)))


def _striped(rng: np.random.Generator, color: Color) -> Texture:
    """Return stripes in two shades."""
    return prints.stripes(color, shade(color))


def _checked(rng: np.random.Generator, color: Color) -> Texture:
    """Return checks in two shades."""
    at = np.arange(64) // 32
    return _mixed(color, shade(color), (at[:, None] + at[None]) % 2)


def _dotted(rng: np.random.Generator, color: Color) -> Texture:
    """Return dots in another shade."""
    away = np.abs((np.arange(64) + 0.5) / 64.0 - 0.5)
    return _mixed(color, shade(color), np.clip((0.27 - np.hypot(away[:, None], away[None])) / 0.03 + 0.5, 0.0, 1.0))


def _stone(rng: np.random.Generator, color: Color) -> Texture:
    """Return grains and flecks."""
    grains = np.clip(noise(rng, (128, 128), (40, 40)), -2.0, 2.0)
    flecks = noise(rng, (128, 128), (56, 56))
    amount = 0.5 * np.clip(grains - 0.4, 0.0, 1.0) + 1.2 * np.clip((flecks - 1.2) / 0.3, 0.0, 1.0)
    return _mirrored(_mixed(color, shade(color), np.clip(amount, 0.0, 1.2)))


def _marble(rng: np.random.Generator, color: Color) -> Texture:
    """Return marble with veins."""
    bent = 0.5 * noise(rng, (192, 192), (6, 6), 3)
    down, across = np.mgrid[0.0:1.0:192j, 0.0:1.0:192j]
    veins = (1.0 - np.abs(np.sin(np.pi * (2.0 * across + 3.0 * down + bent)))) ** 3
    return _mirrored(_mixed(color, shade(color, 1.5), veins * np.clip(0.75 + 0.5 * bent, 0.1, 1.2)))


def _brushed(rng: np.random.Generator, color: Color) -> Texture:
    """Return the fine lines of brushed metal."""
    lines = 1.0 + 0.13 * np.clip(noise(rng, (128, 128), (90, 2)), -2.0, 2.0)
    return to_texture(np.asarray(color) * lines[..., None])


def _mixed(first: Color, second: Color, amount: npt.ArrayLike) -> Texture:
    """Return a blend of two linear colours, `amount` (H, W) of the second."""
    share = np.asarray(amount, float)[..., None]
    return to_texture(np.asarray(first) * (1.0 - share) + np.asarray(second) * share)


def _mirrored(texture: Texture) -> Texture:
    """Return a texture with its mirror images beside it, which makes it tileable."""
    both = np.concatenate([texture, texture[::-1]])
    return np.concatenate([both, both[:, ::-1]], axis=1)


SEEN: Final = (
    Finish("matte", roughness=0.95, specular=0.1),
    Finish("glossy", roughness=0.08, specular=0.9),
    Finish("metallic", roughness=0.28, metallic=0.6),
    Finish("wood", roughness=0.6, specular=0.3, pattern=_wood, side_m=0.14),
    Finish("striped", roughness=0.5, specular=0.4, pattern=_striped, side_m=0.014),
    Finish("dotted", roughness=0.5, specular=0.4, pattern=_dotted, side_m=0.013),
)
UNSEEN: Final = (
    Finish("brushed", roughness=0.42, metallic=0.6, pattern=_brushed, side_m=0.04),
    Finish("stone", roughness=0.75, specular=0.3, pattern=_stone, side_m=0.08),
    Finish("checked", roughness=0.6, specular=0.3, pattern=_checked, side_m=0.022),
    Finish("marble", roughness=0.15, specular=0.7, pattern=_marble, side_m=0.13),
)
FINISHES: Final = {finish.name: finish for finish in (*SEEN, *UNSEEN)}
"""Every finish by name; those in `UNSEEN` are held out."""


def choose(rng: np.random.Generator, split: MaterialSplit = "all") -> Finish:
    """Return a random finish of a split."""
    among = {"all": (*SEEN, *UNSEEN), "seen": SEEN, "unseen": UNSEEN}[split]
    return among[int(rng.integers(len(among)))]


def finish(name: str) -> Finish:
    """Return the finish of this name.

    Raises:
        ConfigurationError: The name is unknown.
    """
    if name not in FINISHES:
        raise unknown_name("finish", name, FINISHES)
    return FINISHES[name]


def apply_finish(prop: Prop, finish: Finish, rng: np.random.Generator) -> Prop:
    """Return a prop with its own colour in a finish.

    Hulls, points, grips and the colour's name stay the same, and so do parts of other colours and pictures such as
    labels, faces, keys and crusts. A prop whose own colour appears mostly in pictures, or not at all, is returned
    unchanged.

    Args:
        prop: Prop to change.
        finish: Finish of its own colour.
        rng: Source of the texture.
    """
    own = own_color(prop)
    if own is None:
        return prop
    large = LEAST_LINING * sum(map(_area, prop.surfaces))
    colored = [surface for surface in prop.surfaces if _is_own(surface, own, large)]
    plain = [surface for surface in colored if _is_plain(prop, surface.material)]
    if sum(map(_area, plain)) < LEAST_SHARE * sum(map(_area, colored)):
        return prop
    color = own.base_color if own.metallic < 0.5 else named(prop.color, rng)
    material = finish.material(rng, color)
    changed = {id(surface) for surface in plain}
    surfaces = [_in(surface, finish, material) if id(surface) in changed else surface for surface in prop.surfaces]
    return replace(prop, surfaces=tuple(surfaces), finish=finish.name)


def own_color(prop: Prop) -> Material | None:
    """Return the material nearest to the colour that a prop is named by, or None if no material is near."""
    if prop.kind in NATURAL:
        return None
    asked = np.sqrt(linear(COLORS[prop.color]))
    shown = [surface.material for surface in prop.surfaces if not surface.material.emission]
    nearest = min(shown, key=lambda material: _color_distance(material.base_color, asked))
    return nearest if _color_distance(nearest.base_color, asked) < FARTHEST else None


def _color_distance(color: Color, asked: FloatArray) -> float:
    """Return the distance of a linear colour from the asked one, which is given in gamma space."""
    return float(np.linalg.norm(np.sqrt(color) - asked))


def _area(surface: Surface) -> float:
    """Return the area of a surface, square metres."""
    corners = surface.vertices[surface.faces]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float(np.linalg.norm(cross, axis=1).sum() / 2.0)


def _is_own(surface: Surface, own: Material, large: float) -> bool:
    """Return whether a surface has the colour of its prop, or is a large white part of a white prop."""
    color = surface.material.base_color
    lined = min(color) > PALE and min(own.base_color) > PALE and _area(surface) >= large
    return color == own.base_color or lined


def _is_plain(prop: Prop, material: Material) -> bool:
    """Return whether a finish can be applied to a material: it must not show a picture or glow."""
    return (material.texture is None or prop.kind in GRAINED) and not material.emission


def _in(surface: Surface, finish: Finish, material: Material) -> Surface:
    """Return a surface in a finish."""
    if material.texture is not None:
        surface = wrap_texture(surface, finish.side_m)
    elif not material.metallic:
        material = replace(material, texture=surface.material.texture)
    return replace(surface, material=material)
