"""Referring expressions: words for one body of a layout, and the bodies that they fit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import degrees
from typing import ClassVar, Final, Literal

import numpy as np

from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray
from tracesim.language.direction import DIRECTIONS, RELATIONS, direction
from tracesim.language.nouns import answers_to
from tracesim.layout.layout import Body, Layout
from tracesim.layout.prop import Prop

Strategy = Literal["attribute", "relation", "ordinal", "proximity", "noun", "size"]
"""How an expression tells a body from all others; "noun" and "size" are for tasks that ask for them."""

STRATEGIES: Final[tuple[Strategy, ...]] = ("attribute", "relation", "ordinal", "proximity")
"""Those that any task can use."""

MARGIN_M: Final = 0.03
"""Difference below which positions and distances count as nearly equal."""

SIZE_MARGIN_M: Final = 0.005
"""Difference below which sizes count as nearly equal."""

BESIDE_DEG: Final = 55.0
"""Angle from a direction up to which a body is said to lie in it."""
BESIDE_MARGIN_DEG: Final = 25.0
"""Difference from `BESIDE_DEG` below which that is doubtful."""

BESIDE_M: Final = (0.06, 0.35)
"""Range of distances between two bodies in which their relation is clear."""

ORDINALS: Final = ("", "second ", "third ", "fourth ", "fifth ")
"""Words for the place in a row, the first of which is left to "leftmost" and "rightmost"."""
SIZES: Final = ("smallest", "medium", "largest")
"""Words for sizes."""


class Expression(ABC):
    """Words for something, without the article; subclasses are frozen dataclasses.

    The position of a body is its origin, the centre of its underside. Directions are those of the camera.
    """

    strategy: ClassVar[Strategy]
    """How the expression tells a body from others."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The words."""

    @abstractmethod
    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the names of the bodies that the words fit.

        Args:
            layout: Bodies on the table.
            camera: Camera that defines directions.
            slack: Strictness: 0 as people would read the words, 1 includes bodies that fit almost, within a margin, and
                -1 only those that fit by a margin.
        """

    def referent(self, layout: Layout, camera: Camera) -> str | None:
        """Return the name of the one body that the words fit, or None; no other body may fit even within a margin."""
        clearly = self.fits(layout, camera, -1.0)
        return clearly[0] if len(clearly) == 1 and clearly == self.fits(layout, camera, 1.0) else None

    def landmarks(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the names of the other bodies that the words mention."""
        return ()

    def mentions(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the names of the bodies that a reader has to see besides the one referred to."""
        return self.landmarks(layout, camera)


@dataclass(frozen=True)
class Attribute(Expression):
    """A body by colour and noun, such as "red block", or by its noun alone."""

    noun: str
    """The noun."""
    color: str = ""
    """The colour; "" for any."""
    strategy: ClassVar[Strategy] = "attribute"

    @classmethod
    def of(cls, prop: Prop) -> Attribute:
        """Return the colour and noun of a prop."""
        return cls(prop.noun, prop.color)

    @property
    def text(self) -> str:
        """The words."""
        return f"{self.color} {self.noun}".strip()

    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the names of the bodies with this noun and colour, whatever the slack."""
        return tuple(body.name for body in layout if self.describes(body.prop))

    def describes(self, prop: Prop) -> bool:
        """Return whether noun and colour fit a prop."""
        return answers_to(prop, self.noun) and self.color in ("", prop.color)

    def resolve(self, layout: Layout, camera: Camera) -> Body | None:
        """Return the one body that the words fit, or None."""
        name = self.referent(layout, camera)
        return None if name is None else layout[name]


@dataclass(frozen=True)
class Relation(Expression):
    """A body by its direction from another one: "block that is to the left of the blue bowl"."""

    what: Attribute
    """Description of the body."""
    word: str
    """One of `tracesim.language.direction.DIRECTIONS`."""
    anchor: Attribute
    """Description of the other body."""
    strategy: ClassVar[Strategy] = "relation"

    @property
    def text(self) -> str:
        """The words; without "that is", an instruction could be read as stating a destination."""
        return f"{self.what.text} that is {RELATIONS[self.word]} the {self.anchor.text}"

    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the names of the bodies in that direction from the anchor; with negative slack, near enough, too."""
        anchor = self.anchor.resolve(layout, camera)
        if anchor is None:
            return ()
        off_deg, away_m = _seen_from(anchor, layout, direction(camera, self.word))
        low_m, high_m = BESIDE_M if slack < 0.0 else (0.0, np.inf)
        inside = (off_deg <= BESIDE_DEG + slack * BESIDE_MARGIN_DEG) & (away_m >= low_m) & (away_m <= high_m)
        described = self.what.fits(layout, camera)
        names = [body.name for body in layout]
        return tuple(name for name, is_so in zip(names, inside, strict=True) if is_so and name in described)

    def landmarks(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the name of the anchor."""
        return self.anchor.fits(layout, camera)


@dataclass(frozen=True)
class Ordinal(Expression):
    """A body by its place in a row: "leftmost peach", "second block from the right"."""

    what: Attribute
    """Description of the bodies that are counted."""
    index: int
    """Place in the row, counted from 0."""
    side: str
    """Where counting begins, "left" or "right"."""
    strategy: ClassVar[Strategy] = "ordinal"

    @property
    def text(self) -> str:
        """The words."""
        if self.index == 0:
            return f"{self.side}most {self.what.text}"
        return f"{ORDINALS[self.index]}{self.what.text} from the {self.side}"

    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the names of the bodies at that place; bodies tie where table and image disagree on their order."""
        names = self.what.fits(layout, camera)
        if len(names) < 2:
            return ()
        at = np.array([layout[name].body_in_world[:3, 3] for name in names])
        along_m, columns = at @ direction(camera, "right"), camera.project(at)[:, 0]
        ahead_m, ahead_px = (values[:, None] - values for values in (along_m, columns))
        # How much farther each is from where counting begins than each other one.
        lead_m = np.where(ahead_m * ahead_px > 0.0, ahead_m, 0.0) * (1.0 if self.side == "left" else -1.0)
        others = ~np.eye(len(names), dtype=bool)
        before = ((lead_m > slack * MARGIN_M) & others).sum(axis=1)
        behind = ((-lead_m > slack * MARGIN_M) & others).sum(axis=1)
        inside = (before <= self.index) & (behind <= len(names) - 1 - self.index)
        return tuple(name for name, is_so in zip(names, inside, strict=True) if is_so)

    def mentions(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the names of all bodies that are counted."""
        return self.what.fits(layout, camera)


@dataclass(frozen=True)
class Nearest(Expression):
    """A body by being nearer to another one than any other: "block that is nearest to the blue mug"."""

    what: Attribute
    """Description of the body."""
    anchor: Attribute
    """Description of the other body."""
    strategy: ClassVar[Strategy] = "proximity"

    @property
    def text(self) -> str:
        """The words."""
        return f"{self.what.text} that is nearest to the {self.anchor.text}"

    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the names of the bodies to which no other is preferred as the nearest."""
        anchor = self.anchor.resolve(layout, camera)
        if anchor is None:
            return ()
        names = [name for name in self.what.fits(layout, camera) if name != anchor.name]
        if len(names) < 2:
            return ()
        away_m = np.array([_distance_m(layout[name], anchor) for name in names])
        nearest_other_m = [np.delete(away_m, index).min() for index in range(len(names))]
        inside = away_m <= np.array(nearest_other_m) + slack * MARGIN_M
        return tuple(name for name, is_so in zip(names, inside, strict=True) if is_so)

    def landmarks(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the name of the anchor."""
        return self.anchor.fits(layout, camera)

    def mentions(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the names of the anchor and of all bodies that are compared."""
        return (*self.landmarks(layout, camera), *self.what.fits(layout, camera))


@dataclass(frozen=True)
class Sized(Expression):
    """A body by size: "largest block", or "medium block" among three."""

    what: Attribute
    """Description of the bodies that are compared."""
    rank: int
    """Place by size; 0 is the smallest."""
    count: int
    """Number of bodies that are compared."""
    strategy: ClassVar[Strategy] = "size"

    @property
    def text(self) -> str:
        """The words."""
        word = SIZES[0 if self.rank == 0 else 2 if self.rank == self.count - 1 else 1]
        return f"{word} {self.what.text}"

    def fits(self, layout: Layout, camera: Camera, slack: float = 0.0) -> tuple[str, ...]:
        """Return the names of the bodies with that rank."""
        names = self.what.fits(layout, camera)
        if len(names) != self.count or self.count < 2 or (0 < self.rank < self.count - 1 and self.count != 3):
            return ()
        sizes = np.array([layout[name].prop.size_m for name in names])
        more_m, others = sizes[:, None] - sizes, ~np.eye(len(names), dtype=bool)
        smaller = ((more_m > slack * SIZE_MARGIN_M) & others).sum(axis=1)
        larger = ((-more_m > slack * SIZE_MARGIN_M) & others).sum(axis=1)
        inside = (smaller <= self.rank) & (larger <= self.count - 1 - self.rank)
        return tuple(name for name, is_so in zip(names, inside, strict=True) if is_so)

    def mentions(self, layout: Layout, camera: Camera) -> tuple[str, ...]:
        """Return the names of all bodies that are compared."""
        return self.what.fits(layout, camera)


def expressions(
    layout: Layout, body: str, camera: Camera, strategies: Sequence[Strategy] = STRATEGIES
) -> list[Expression]:
    """Return all unambiguous expressions for a body; empty if there are none.

    They are in the order of `strategies`; of each, those without a colour come first, then those that are clearest.

    Args:
        layout: Bodies on the table.
        body: Name of the body.
        camera: Camera that defines directions.
        strategies: How the body may be told from others, in order of preference.
    """
    found = (one for strategy in strategies for one in _CANDIDATES[strategy](layout, layout[body], camera))
    return [one for one in found if one.referent(layout, camera) == body]


def _described(prop: Prop) -> tuple[Attribute, Attribute]:
    """Return the descriptions of a prop without and with its colour."""
    return Attribute(prop.noun), Attribute.of(prop)


def _nouns(layout: Layout, body: Body, camera: Camera) -> Iterator[Expression]:
    """Yield the noun of a body."""
    yield Attribute(body.prop.noun)


def _attributes(layout: Layout, body: Body, camera: Camera) -> Iterator[Expression]:
    """Yield colour and noun of a body."""
    yield Attribute.of(body.prop)


def _relations(layout: Layout, body: Body, camera: Camera) -> Iterator[Expression]:
    """Yield the directions of a body from every other one, those with the smallest angular deviation first."""
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
    """Yield the places of a body in its row, outermost first."""
    for what in _described(body.prop):
        for index in range(min(len(ORDINALS), (len(what.fits(layout, camera)) + 1) // 2)):
            for side in ("left", "right"):
                yield Ordinal(what, index, side)


def _nearest(layout: Layout, body: Body, camera: Camera) -> Iterator[Expression]:
    """Yield the bodies that a body may be nearest to, nearest first."""
    others = sorted((other for other in layout if other.name != body.name), key=lambda other: _distance_m(body, other))
    for what in _described(body.prop):
        for other in others:
            yield Nearest(what, Attribute.of(other.prop))


def _sizes(layout: Layout, body: Body, camera: Camera) -> Iterator[Expression]:
    """Yield the ranks by size."""
    for what in _described(body.prop):
        count = len(what.fits(layout, camera))
        for rank in range(count):
            yield Sized(what, rank, count)


_CANDIDATES: Final[Mapping[Strategy, Callable[[Layout, Body, Camera], Iterator[Expression]]]] = {
    "attribute": _attributes,
    "relation": _relations,
    "ordinal": _ordinals,
    "proximity": _nearest,
    "noun": _nouns,
    "size": _sizes,
}


def _seen_from(anchor: Body, bodies: Layout | Sequence[Body], ahead: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the direction and distance of bodies from an anchor.

    Args:
        anchor: The body from which directions are measured.
        bodies: The other bodies.
        ahead: Direction, (3,), world.

    Returns:
        Angle between each body and the direction, degrees, and distance of each body, metres.
    """
    steps = np.array([body.body_in_world[:2, 3] - anchor.body_in_world[:2, 3] for body in bodies])
    away_m = np.linalg.norm(steps, axis=1)
    cosines = steps @ ahead[:2] / np.maximum(away_m, 1e-9)
    # The anchor lies in no direction from itself.
    off_deg = np.where(away_m > 1e-9, np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0))), degrees(np.pi))
    return np.asarray(off_deg), np.asarray(away_m)


def _distance_m(one: Body, other: Body) -> float:
    """Return the horizontal distance between two bodies, metres."""
    return float(np.linalg.norm((one.body_in_world - other.body_in_world)[:2, 3]))
