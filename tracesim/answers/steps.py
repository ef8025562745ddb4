"""Steps of reasoning as RoboTracer writes them: what was perceived, of what, and the value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, Self, cast

import numpy as np

from tracesim.answers.reading import read
from tracesim.errors import ConfigurationError
from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.geometry.rigid import FloatArray

Kind = Literal["referring", "measuring", "scale"]

WITHIN: Final = 0.3
"""A depth, length or scale is right when it is off by at most this share of the true one."""

WITHIN_IMAGE: Final = 0.1
"""A position is right when its columns and rows are together off by at most this share of the longer side."""

UNITS_M: Final = {
    unit: metres
    for metres, units in {
        1.0: "m meter meters metre metres",
        0.1: "dm decimeter decimeters decimetre decimetres",
        0.01: "cm centimeter centimeters centimetre centimetres",
        0.001: "mm millimeter millimeters millimetre millimetres",
        0.0254: "in inch inches",
        0.3048: "ft foot feet",
    }.items()
    for unit in units.split()
}
"""Units in which something is measured; without one, metres."""

# What lies on a limit is within it, whatever a division leaves.
_ROUNDING: Final = 1e-9

_NUMBER: Final = r"[-+]?[0-9]++(?:\.[0-9]*+)?(?:e[-+]?[0-9]++)?"
_POINT: Final = rf"\(\s*+{_NUMBER}\s*+(?:,\s*+{_NUMBER}\s*+){{1,2}}+\)"
# "20-30" and "2 * (3)" are no numbers.
_END: Final = r"(?! [\w(\[] | [^\S\n]*+ [-+~\u2013*/]?+ [^\S\n]*+ [0-9(\[] )"
_STEP: Final = re.compile(
    rf"""
    \[ (?P<kind> referring | measuring | scale ) \] \s*+
    \[ (?P<target> [^\[\]\n]++ ) \] \s*+ : [^\S\n]*+
    (?: (?P<points> \[ \s*+ {_POINT} \s*+ (?: , \s*+ {_POINT} \s*+ )*+ \] )
      | (?P<number> {_NUMBER} ) (?: [^\S\n]*+ (?P<unit> [a-z]++ ) )?+ {_END}
    )?
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Step:
    """One perception: where something is, how long it is, or the scene's scale.

    target: of what, in lower case. points: (N, 2 or 3), thousandths of the image and metres, of a referring step.
    number: of a measuring step, metres, or of a scale step.
    """

    kind: Kind
    target: str
    points: FloatArray | None = None
    number: float | None = None

    @classmethod
    def one(cls, text: str) -> Self:
        """Return the step that a line is; raises `ConfigurationError` where it is none, or more."""
        found = cls.all(text)
        if len(found) != 1:
            raise ConfigurationError(
                f"{text!r} is no step. Steps look like '[Referring] [Cup]: [(179, 789, 0.941)]', "
                "'[Measuring] [height of the cup]: 20 centimeters', '[Scale] [Scene]: 2.342'."
            )
        return found[0]

    @classmethod
    def all(cls, text: str) -> list[Self]:
        """Return the well-formed steps in a text, in its order; takes time linear in its length."""
        return [step for match in _STEP.finditer(text) if (step := cls._of(match))]

    @classmethod
    def _of(cls, match: re.Match[str]) -> Self | None:
        kind = cast(Kind, match["kind"].lower())
        target = " ".join(match["target"].lower().split())
        if kind == "referring":
            points = read(match["points"]).points if match["points"] else None
            return None if points is None or not np.isfinite(points).all() else cls(kind, target, points=points)
        if not match["number"]:
            return None
        unit = (match["unit"] or "").lower()
        number = float(match["number"]) * (UNITS_M.get(unit, np.nan) if unit else 1.0)
        # A scale is a ratio.
        return None if not np.isfinite(number) or (unit and kind == "scale") else cls(kind, target, number=number)

    @property
    def name(self) -> tuple[str, str]:
        """What is perceived of what: steps of one name answer each other."""
        return self.kind, self.target

    def agreement(self, true: Step, size: tuple[float, float] = (1.0, 1.0)) -> float:
        """Return how right this step is, 0 to 1, given the true one of the same name.

        size: the image's width and height, or their ratio. A referring step gets one half for a position within a tenth
        of the longer side (L1) and one half for a depth within 30 %, the mean over its points; where the true points
        have no depth, all of it for the position. Measuring and scale get 1 within 30 %. Source: RoboTracer, arXiv
        2512.13660, the process rewards.
        """
        if self.points is None or true.points is None:
            assert self.number is not None
            assert true.number is not None
            return float(_within(self.number, true.number))
        if len(self.points) != len(true.points):
            return 0.0
        off = np.abs(self.points[:, :2] - true.points[:, :2]) / IMAGE_SCALE @ np.divide(size, max(size))
        placed = off <= WITHIN_IMAGE + _ROUNDING
        if true.points.shape[1] == 2:
            return float(placed.mean())
        deep = self.points.shape[1] == 3 and _within(self.points[:, 2], true.points[:, 2])
        return float(0.5 * placed.mean() + 0.5 * np.mean(deep))


def without_steps(text: str) -> str:
    """Return a text with a line's end in the place of every step: what is a step is no answer."""
    return _STEP.sub("\n", text)


def _within(value: FloatArray | float, true: FloatArray | float) -> FloatArray:
    return np.asarray(np.abs(np.subtract(value, true)) <= WITHIN * np.abs(true) + _ROUNDING)
