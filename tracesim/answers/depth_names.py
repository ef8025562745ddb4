"""Names under which models give a point's depth, and the units that the names state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_METRES_PER_UNIT: Final = {
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 1.0),
    **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetre", "centimetres"), 0.01),
    **dict.fromkeys(("mm", "millimeter", "millimeters", "millimetre", "millimetres"), 0.001),
}
_OTHER_UNITS: Final = ("dm", "feet", "foot", "ft", "inch", "inches", "km", "pixel", "pixels", "px", "um", "yd")
_DEPTHS: Final = {"depth": 0, "z": 1, "d": 1, "distance": 2, "dist": 2, "range": 2}
"""Words for a depth; of an object's several depths the one with the lowest number counts."""

_QUALIFIERS: Final = (
    *("absolute", "abs", "approximate", "approx", "camera", "cam", "coordinate", "coord", "estimated", "estimate"),
    *("est", "from", "in", "measured", "metric", "of", "point", "predicted", "prediction", "pred", "the", "to"),
    *("value", "val"),
)
_UNITS: Final = ("depth_unit", "depth_units", "depthunit", "depthunits", "unit", "units", "unit_depth")
"""Names under which the unit of depths stands beside them."""

_WORDS: Final = {*_METRES_PER_UNIT, *_OTHER_UNITS, *_DEPTHS, *_QUALIFIERS}
_RUN_TOGETHER: Final = re.compile("|".join(sorted((word for word in _WORDS if word != "d"), key=len, reverse=True)))
_SEPARATED: Final = re.compile("[a-z0-9]+")
_LONGEST: Final = 40
"""No name that is understood has more characters; longer ones are not looked into."""


UNKNOWN: Final = -float("inf")
"""Stands for a depth that is given under a name, or as a value, that is not understood: nobody answers such a depth."""


def depth_m(members: Mapping[str, object]) -> float | None:
    """Return the depth that an object gives its point.

    A name such as `depth_cm` or "Depth (mm)" states its unit, and so does an entry beside it that is called `unit` or
    `depth_unit`; without one it is metres. Depth counts before z and d, and these before distance: a distance is taken
    as the depth, camera z, as models mean it that were asked for one.

    Args:
        members: values by name, in lower case; of units, what `unit_m` returns.

    Returns:
        The depth in metres, `UNKNOWN` where names look like a depth and none is understood (`depth_ft`) or the depth is
        no number, None where no name looks like a depth.
    """
    found: list[tuple[int, float, object]] = []
    unknown = False
    for name, value in members.items():
        words = _words(name)
        depths = [_DEPTHS[word] for word in words if word in _DEPTHS]
        units = {_METRES_PER_UNIT[word] for word in words if word in _METRES_PER_UNIT}
        if depths and len(units) <= 1 and words[-1] != "in" and not set(words) & set(_OTHER_UNITS):
            found.append((min(depths), units.pop() if units else stated_unit_m(members), value))
        else:
            unknown |= bool(depths) or "depth" in name
    if found:
        _, metres, value = min(found, key=lambda one: one[0])
        return value * metres if isinstance(value, float) and metres > 0.0 else UNKNOWN
    return UNKNOWN if unknown else None


def unit_m(name: str, text: str) -> float | None:
    """Return the unit of depths, in metres, that a text under a name states: "cm" under `depth_unit`.

    Args:
        name: in lower case.
        text: without quotes.

    Returns:
        The unit, `UNKNOWN` where it is none that is understood, None where nothing is said about depths.
    """
    if name not in _UNITS:
        return None
    unit = text.strip().lower()
    about_depth = "depth" in name or (unit in _OTHER_UNITS and not unit.startswith("p"))  # pixels are not of depths
    return _METRES_PER_UNIT.get(unit, UNKNOWN if about_depth else None)


def stated_unit_m(members: Mapping[str, object]) -> float:
    """Return the unit that an object states for its depths, in metres: 1 where it states none."""
    known = {*_METRES_PER_UNIT.values(), UNKNOWN}
    stated = {value for name, value in members.items() if name in _UNITS and isinstance(value, float)} & known
    return UNKNOWN if len(stated) > 1 else next(iter(stated), 1.0)


def looks_like_depth(name: str) -> bool:
    """Return whether a name, in lower case, looks like that of a depth."""
    return "depth" in name or not _DEPTHS.keys().isdisjoint(_words(name))


def _words(name: str) -> list[str]:
    """Return the words that a name consists of, also where they are run together; none if it has others."""
    words: list[str] = []
    for piece in _SEPARATED.findall(name) if len(name) <= _LONGEST else ():
        parts = [piece] if piece in _WORDS else _RUN_TOGETHER.findall(piece)
        if "".join(parts) != piece:
            return []
        words += parts
    return words
