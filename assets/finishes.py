"""Finishes: what a prop's own colour is painted, cast or woven in. Physics does not know of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from tracesim.assets import prints
from tracesim.assets.colors import COLORS, Color, linear, named, to_texture
from tracesim.assets.textures import board, noise
from tracesim.assets.wrapped import wrapped
from tracesim.errors import unknown_name
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import ShapeSplit

Texture = npt.NDArray[np.uint8]
MaterialSplit = ShapeSplit
"""Which finishes may be drawn: all, those to train on, or those held out."""

GRAINED: Final = ("block", "coaster", "stamp", "stand", "tray")
"""Kinds whose own colour may come with a texture that shows what they are made of, no picture: it gives way."""

NATURAL: Final = ("bread", "flower_pot", "hamburger", "hot_dog", "peach")
"""Kinds that are grown or baked: nobody would know them in another finish."""

PALE: Final = 0.6
"""What has so much of every primary is white."""

FARTHEST: Final = 0.45
"""Nothing farther from a prop's named colour, in sRGB, is its own."""

LEAST_SHARE: Final = 0.5
"""A prop comes in a finish where so much of what is of its own colour can."""

LEAST_LINING: Final = 0.05
"""A white thing's lining, white as well, is of its own colour; the whites of its eyes, which are less, are not."""

Pattern = Callable[[np.random.Generator, Color], Texture]


@dataclass(frozen=True)
class Finish:
    """How a surface of a given colour looks.

    roughness, metallic, specular: as of a `Material`. pattern: makes a texture of a colour and its shades, or None.
    side_m: how wide the texture is on the prop, metres.
    """

    name: str
    roughness: float
    metallic: float = 0.0
    specular: float = 0.5
    pattern: Pattern | None = None
    side_m: float = 0.05

    def material(self, rng: np.random.Generator, color: Color) -> Material:
        """Return the material of this finish in a linear colour."""
        metallic = self.metallic
        if metallic:
            # White metal is gray and dark metal is black: what reflects less keeps its colour, and so does what shines.
            metallic *= 0.3 if min(color) > PALE else 1.0
            factor = min(1.0 + 0.5 * metallic, 1.0 / max(color))
            color = color[0] * factor, color[1] * factor, color[2] * factor
        texture = None if self.pattern is None else self.pattern(rng, color)
        return Material(color, self.roughness, metallic, self.specular, texture=texture)


def shade(color: Color, much: float = 1.0) -> Color:
    """Return a shade of a linear colour that goes by the same name: darker of a light one, lighter of a dark one."""
    light = 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]
    factor = 1.0 - (0.38 if light > 0.25 else 0.5) * much if light > 0.13 else 1.0 + 1.1 * much
    r, g, b = (min(factor * part + (0.018 * much if light < 0.05 else 0.0), 1.0) for part in color)
    return r, g, b


def _wood(rng: np.random.Generator, color: Color) -> Texture:
    grain = board(rng, (96, 128), 0.07, np.full(3, 0.7)).mean(2)  # stained wood has the stain's hue
    return _mirrored(_mixed(color, shade(color), np.clip(0.5 + (grain.mean() - grain) * 6.0, 0.0, 1.3)))


def _striped(rng: np.random.Generator, color: Color) -> Texture:
    return prints.stripes(color, shade(color))


def _checked(rng: np.random.Generator, color: Color) -> Texture:
    at = np.arange(64) // 32
    return _mixed(color, shade(color), (at[:, None] + at[None]) % 2)


def _dotted(rng: np.random.Generator, color: Color) -> Texture:
    away = np.abs((np.arange(64) + 0.5) / 64.0 - 0.5)
    return _mixed(color, shade(color), np.clip((0.27 - np.hypot(away[:, None], away[None])) / 0.03 + 0.5, 0.0, 1.0))


def _stone(rng: np.random.Generator, color: Color) -> Texture:
    grains = np.clip(noise(rng, (128, 128), (40, 40)), -2.0, 2.0)
    flecks = noise(rng, (128, 128), (56, 56))
    amount = 0.5 * np.clip(grains - 0.4, 0.0, 1.0) + 1.2 * np.clip((flecks - 1.2) / 0.3, 0.0, 1.0)
    return _mirrored(_mixed(color, shade(color), np.clip(amount, 0.0, 1.2)))


def _marble(rng: np.random.Generator, color: Color) -> Texture:
    bent = 0.5 * noise(rng, (192, 192), (6, 6), 3)
    down, across = np.mgrid[0.0:1.0:192j, 0.0:1.0:192j]
    veins = (1.0 - np.abs(np.sin(np.pi * (2.0 * across + 3.0 * down + bent)))) ** 3
    return _mirrored(_mixed(color, shade(color, 1.5), veins * np.clip(0.75 + 0.5 * bent, 0.1, 1.2)))


def _brushed(rng: np.random.Generator, color: Color) -> Texture:
    lines = 1.0 + 0.13 * np.clip(noise(rng, (128, 128), (90, 2)), -2.0, 2.0)
    return to_texture(np.asarray(color) * lines[..., None])


def _mixed(first: Color, second: Color, amount: npt.ArrayLike) -> Texture:
    share = np.asarray(amount, float)[..., None]
    return to_texture(np.asarray(first) * (1.0 - share) + np.asarray(second) * share)


def _mirrored(texture: Texture) -> Texture:
    """Return a texture beside its mirror images, which tiles."""
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
"""Every finish by name; those of `UNSEEN` are held out."""


def choose(rng: np.random.Generator, split: MaterialSplit = "all") -> Finish:
    """Return one of the finishes of a split."""
    among = {"all": (*SEEN, *UNSEEN), "seen": SEEN, "unseen": UNSEEN}[split]
    return among[int(rng.integers(len(among)))]


def finish(name: str) -> Finish:
    """Return the finish of that name; raises `ConfigurationError` for an unknown one."""
    if name not in FINISHES:
        raise unknown_name("finish", name, FINISHES)
    return FINISHES[name]


def finished(prop: Prop, finish: Finish, rng: np.random.Generator) -> Prop:
    """Return a prop whose own colour is in a finish; hulls, points, grasps and the colour's name stay.

    What has another colour stays as well, and so do pictures: labels, faces, keys, crusts. Props that are of their own
    colour mostly in pictures, or not at all, come back as they are.
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
    return replace(prop, surfaces=tuple(surfaces))


def own_color(prop: Prop) -> Material | None:
    """Return the material, picture or not, that is nearest to the colour that a prop goes by; None if it has none."""
    if prop.kind in NATURAL:
        return None
    asked = np.sqrt(linear(COLORS[prop.color]))
    shown = [surface.material for surface in prop.surfaces if not surface.material.emission]
    nearest = min(shown, key=lambda material: _apart(material.base_color, asked))
    return nearest if _apart(nearest.base_color, asked) < FARTHEST else None


def _apart(color: Color, asked: FloatArray) -> float:
    return float(np.linalg.norm(np.sqrt(color) - asked))


def _area(surface: Surface) -> float:
    corners = surface.vertices[surface.faces]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float(np.linalg.norm(cross, axis=1).sum() / 2.0)


def _is_own(surface: Surface, own: Material, large: float) -> bool:
    color = surface.material.base_color
    lined = min(color) > PALE and min(own.base_color) > PALE and _area(surface) >= large
    return color == own.base_color or lined


def _is_plain(prop: Prop, material: Material) -> bool:
    return (material.texture is None or prop.kind in GRAINED) and not material.emission


def _in(surface: Surface, finish: Finish, material: Material) -> Surface:
    if material.texture is not None:
        surface = wrapped(surface, finish.side_m)
    elif not material.metallic:
        material = replace(material, texture=surface.material.texture)
    return replace(surface, material=material)
