"""Referring expressions: words for one body of a layout, and which of its bodies they fit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import degrees
from typing import ClassVar, Final, Literal

import numpy as np

from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray
from tracesim.language.direction import DIRECTIONS, RELATIONS, direction
from tracesim.layout.layout import Body, Layout
from tracesim.layout.prop import Prop

Way = Literal["attribute", "relation", "ordinal", "proximity", "noun", "size"]
"""How something is told from all others; the last two are for tasks that say so."""

WAYS: Final[tuple[Way, ...]] = ("attribute", "relation", "ordinal", "proximity")

MARGIN_M: Final = 0.03
"""Places, and distances, that differ by less are nearly the same."""

SIZE_MARGIN_M: Final = 0.005

BESIDE_DEG: Final = 55.0
BESIDE_MARGIN_DEG: Final = 25.0
"""How far off a direction something may lie that is said to lie in it, and how far that is from plain."""

BESIDE_M: Final = (0.06, 0.35)
"""How far from each other two things are whose relation is plain."""

ORDINALS: Final = ("", "second ", "third ", "fourth ", "fifth ")
SIZES: Final = ("smallest", "medium", "largest")

AKIN: Final[Mapping[str, str]] = {
    "mug": "cup",
    "cup": "mug",
    "mat": "coaster",
    "coaster": "mat",
    "flower": "flower pot",
    "saucepan": "pot",
    "grill pan": "skillet",
    "baguette": "bread",
    "croissant": "bread",
    "set of books": "book",
    "carton of french fries": "french fries",
    "cup of french fries": "french fries",
    "bag of french fries": "french fries",
}
"""What else people call some things, by noun: beside a saucepan, "the pot" is not plain."""


def answers_to(prop: Prop, noun: str) -> bool:
    """Tell whether a noun fits a prop: "box" fits a box of playing cards, "can" a watering can, "bread" no basket."""
    head, told = _head_and_words(noun)
    names = (prop.noun, AKIN.get(prop.noun, prop.noun))
    return any(head == own and told <= words for own, words in map(_head_and_words, names))


@cache
def _head_and_words(noun: str) -> tuple[str, frozenset[str]]:
    return noun.partition(" of ")[0].split()[-1], frozenset(noun.split())


class Expression(ABC):
    """Words for something, without the article. Subclasses are frozen dataclasses.

    Bodies are where their origins are, the centres of their undersides; directions are the camera's.
    """

    way: ClassVar[Way]

    @property
    @abstractmethod
    def text(self) -> str:
        """The words."""

    @abstractmethod
    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the names of the bodies that the words fit.

        slack: 0 reads them as anybody would; 1 also takes what comes within a margin of fitting, -1 only what fits by a
        margin.
        """

    def plainly(self, layout: Layout, camera: Camera) -> str | None:
        """Return the name of the body that the words fit by a margin while no other comes within one, or None."""
        clearly, nearly = (self.fits(layout, camera, slack) for slack in (-1.0, 1.0))
        return clearly[0] if len(clearly) == 1 and clearly == nearly else None

    def landmarks(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the names of the bodies of another description that the words speak of."""
        return ()

    def mentions(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the names of the bodies that a reader has to see, beside the one that is meant."""
        return self.landmarks(layout, camera)


@dataclass(frozen=True)
class Attribute(Expression):
    """By colour and noun: "red block"; by the noun alone where no colour is given."""

    noun: str
    color: str = ""
    way: ClassVar[Way] = "attribute"

    @classmethod
    def of(cls, prop: Prop) -> Attribute:
        """Return a prop's colour and noun."""
        return cls(prop.noun, prop.color)

    @property
    def text(self) -> str:
        """The words."""
        return f"{self.color} {self.noun}".strip()

    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the bodies of that noun and colour; slack is nothing to them."""
        return tuple(body.name for body in layout if self.describes(body.prop))

    def describes(self, prop: Prop) -> bool:
        """Tell whether noun and colour are a prop's."""
        return answers_to(prop, self.noun) and self.color in ("", prop.color)

    def told(self, layout: Layout, camera: Camera) -> Body | None:
        """Return the one body that they fit, or None."""
        name = self.plainly(layout, camera)
        return None if name is None else layout[name]


@dataclass(frozen=True)
class Relation(Expression):
    """By where it lies from something else: "block that is to the left of the blue bowl".

    word: one of `tracesim.language.direction.DIRECTIONS`.
    """

    what: Attribute
    word: str
    anchor: Attribute
    way: ClassVar[Way] = "relation"

    @property
    def text(self) -> str:
        """The words; without "that is" they could be taken for where it is to go."""
        return f"{self.what.text} that is {RELATIONS[self.word]} the {self.anchor.text}"

    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the bodies that lie more or less in that direction; plainly only where they are near, too."""
        anchor = self.anchor.told(layout, camera)
        if anchor is None:
            return ()
        off_deg, away_m = _seen_from(anchor, layout, direction(camera, self.word))
        low_m, high_m = BESIDE_M if slack < 0.0 else (0.0, np.inf)
        inside = (off_deg <= BESIDE_DEG + slack * BESIDE_MARGIN_DEG) & (away_m >= low_m) & (away_m <= high_m)
        described = self.what.fits(layout, camera)
        names = [body.name for body in layout]
        return tuple(name for name, is_so in zip(names, inside, strict=True) if is_so and name in described)

    def landmarks(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the anchor's name."""
        return self.anchor.fits(layout, camera)


@dataclass(frozen=True)
class Ordinal(Expression):
    """By its place in a row: "leftmost peach", "second block from the right".

    index: 0 is the first. side: "left" or "right", where counting begins.
    """

    what: Attribute
    index: int
    side: str
    way: ClassVar[Way] = "ordinal"

    @property
    def text(self) -> str:
        """The words."""
        if self.index == 0:
            return f"{self.side}most {self.what.text}"
        return f"{ORDINALS[self.index]}{self.what.text} from the {self.side}"

    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the bodies that have so many before them; at one place where table and picture disagree."""
        names = self.what.fits(layout, camera)
        if len(names) < 2:
            return ()
        at = np.array([layout[name].body_in_world[:3, 3] for name in names])
        along_m, columns = at @ direction(camera, "right"), camera.project(at)[:, 0]
        ahead_m, ahead_px = (values[:, None] - values for values in (along_m, columns))
        # By how much each is farther from where counting begins than each other one.
        lead_m = np.where(ahead_m * ahead_px > 0.0, ahead_m, 0.0) * (1.0 if self.side == "left" else -1.0)
        others = ~np.eye(len(names), dtype=bool)
        before = ((lead_m > slack * MARGIN_M) & others).sum(axis=1)
        behind = ((-lead_m > slack * MARGIN_M) & others).sum(axis=1)
        inside = (before <= self.index) & (behind <= len(names) - 1 - self.index)
        return tuple(name for name, is_so in zip(names, inside, strict=True) if is_so)

    def mentions(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the names of all that are counted."""
        return self.what.fits(layout, camera)


@dataclass(frozen=True)
class Nearest(Expression):
    """By being nearer to something than any other: "block that is nearest to the blue mug"."""

    what: Attribute
    anchor: Attribute
    way: ClassVar[Way] = "proximity"

    @property
    def text(self) -> str:
        """The words."""
        return f"{self.what.text} that is nearest to the {self.anchor.text}"

    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the bodies than which none is nearer."""
        anchor = self.anchor.told(layout, camera)
        if anchor is None:
            return ()
        names = [name for name in self.what.fits(layout, camera) if name != anchor.name]
        if len(names) < 2:
            return ()
        away_m = np.array([_apart_m(layout[name], anchor) for name in names])
        nearest_other_m = [np.delete(away_m, index).min() for index in range(len(names))]
        inside = away_m <= np.array(nearest_other_m) + slack * MARGIN_M
        return tuple(name for name, is_so in zip(names, inside, strict=True) if is_so)

    def landmarks(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the anchor's name."""
        return self.anchor.fits(layout, camera)

    def mentions(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the anchor's name and those of all that could be nearest."""
        return (*self.landmarks(layout, camera), *self.what.fits(layout, camera))


@dataclass(frozen=True)
class Sized(Expression):
    """By size: "largest block", and among three "medium block".

    rank: 0 is the smallest of `count`.
    """

    what: Attribute
    rank: int
    count: int
    way: ClassVar[Way] = "size"

    @property
    def text(self) -> str:
        """The words."""
        word = SIZES[0 if self.rank == 0 else 2 if self.rank == self.count - 1 else 1]
        return f"{word} {self.what.text}"

    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the bodies of which so many are smaller and so many larger."""
        names = self.what.fits(layout, camera)
        if len(names) != self.count or self.count < 2 or (0 < self.rank < self.count - 1 and self.count != 3):
            return ()
        sizes = np.array([_size_m(layout[name].prop) for name in names])
        more_m, others = sizes[:, None] - sizes, ~np.eye(len(names), dtype=bool)
        smaller = ((more_m > slack * SIZE_MARGIN_M) & others).sum(axis=1)
        larger = ((-more_m > slack * SIZE_MARGIN_M) & others).sum(axis=1)
        inside = (smaller <= self.rank) & (larger <= self.count - 1 - self.rank)
        return tuple(name for name, is_so in zip(names, inside, strict=True) if is_so)

    def mentions(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the names of all that are compared."""
        return self.what.fits(layout, camera)


def expressions(layout: Layout, body: str, camera: Camera, ways: Sequence[Way] = WAYS) -> list[Expression]:
    """Return all expressions that are plain and fit a body: in the order of the ways, in each the best first.

    Empty where none is. Those come first that tell no colour, then those that are plain by more.
    """
    found = (one for way in ways for one in _CANDIDATES[way](layout, layout[body], camera))
    return [one for one in found if one.plainly(layout, camera) == body]


def _described(prop: Prop) -> tuple[Attribute, Attribute]:
    return Attribute(prop.noun), Attribute.of(prop)


def _nouns(layout: Layout, body: Body, camera: Camera) -> Iterator[Expression]:
    yield Attribute(body.prop.noun)


def _attributes(layout: Layout, body: Body, camera: Camera) -> Iterator[Expression]:
    yield Attribute.of(body.prop)


def _relations(layout: Layout, body: Body, camera: Camera) -> Iterator[Expression]:
    """Yield where a body lies from each other one, the least off a direction first."""
    off = []
    for word in DIRECTIONS:
        for other in layout:
            if other.name != body.name:
                (off_deg,), _ = _seen_from(other, [body], direction(camera, word))
                if off_deg < BESIDE_DEG:
                    off.append((float(off_deg), word, Attribute.of(other.prop)))
    for what in _described(body.prop):
        for _, word, anchor in sorted(off, key=lambda one: one[0]):
            yield Relation(what, word, anchor)


def _ordinals(layout: Layout, body: Body, camera: Camera) -> Iterator[Expression]:
    """Yield a body's places in its row, the outermost first."""
    for what in _described(body.prop):
        for index in range(min(len(ORDINALS), (len(what.fits(layout, camera)) + 1) // 2)):
            for side in ("left", "right"):
                yield Ordinal(what, index, side)


def _nearest(layout: Layout, body: Body, camera: Camera) -> Iterator[Expression]:
    """Yield what a body is nearest to, the nearest first."""
    others = sorted((other for other in layout if other.name != body.name), key=lambda other: _apart_m(body, other))
    for what in _described(body.prop):
        for other in others:
            yield Nearest(what, Attribute.of(other.prop))


def _sizes(layout: Layout, body: Body, camera: Camera) -> Iterator[Expression]:
    for what in _described(body.prop):
        count = len(what.fits(layout, camera))
        for rank in range(count):
            yield Sized(what, rank, count)


_CANDIDATES: Final[Mapping[Way, Callable[[Layout, Body, Camera], Iterator[Expression]]]] = {
    "attribute": _attributes,
    "relation": _relations,
    "ordinal": _ordinals,
    "proximity": _nearest,
    "noun": _nouns,
    "size": _sizes,
}


def _seen_from(anchor: Body, bodies: Layout | Sequence[Body], ahead: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return by how far each body is off a direction (3,) from an anchor, degrees, and how far away, metres."""
    steps = np.array([body.body_in_world[:2, 3] - anchor.body_in_world[:2, 3] for body in bodies])
    away_m = np.linalg.norm(steps, axis=1)
    cosines = steps @ ahead[:2] / np.maximum(away_m, 1e-9)
    # The anchor itself lies nowhere from itself.
    off_deg = np.where(away_m > 1e-9, np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0))), degrees(np.pi))
    return np.asarray(off_deg), np.asarray(away_m)


def _apart_m(one: Body, other: Body) -> float:
    return float(np.linalg.norm((one.body_in_world - other.body_in_world)[:2, 3]))


def _size_m(prop: Prop) -> float:
    """Return the edge of a cube as large as the box around a prop, metres."""
    points = np.concatenate(prop.hulls)
    return float(np.prod(points.max(axis=0) - points.min(axis=0)) ** (1 / 3))
