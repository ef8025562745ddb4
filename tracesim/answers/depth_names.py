"""Names and units under which models give the depth of a point."""

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
"""Words for a depth -> rank; if an object has several, the one with the lowest rank counts."""

_QUALIFIERS: Final = (
    *("absolute", "abs", "approximate", "approx", "camera", "cam", "coordinate", "coord", "estimated", "estimate"),
    *("est", "from", "in", "measured", "metric", "of", "point", "predicted", "prediction", "pred", "the", "to"),
    *("value", "val"),
)
_UNITS: Final = ("depth_unit", "depth_units", "depthunit", "depthunits", "unit", "units", "unit_depth")
"""Names of members that state the unit of the depths beside them."""

_WORDS: Final = {*_METRES_PER_UNIT, *_OTHER_UNITS, *_DEPTHS, *_QUALIFIERS}
_RUN_TOGETHER: Final = re.compile("|".join(sorted((word for word in _WORDS if word != "d"), key=len, reverse=True)))
_SEPARATED: Final = re.compile("[a-z0-9]+")
_LONGEST: Final = 40
"""Number of characters of the longest name that is considered."""


UNKNOWN: Final = -float("inf")
"""Placeholder for a depth whose name, unit or value is not understood; no model answers this number."""


def depth_m(members: Mapping[str, object]) -> float | None:
    """Return the depth of the point that a JSON object describes.

    A name such as `depth_cm` or "Depth (mm)" states the unit, as does a member called `unit` or `depth_unit`; the
    default is metres. Depth takes precedence over z and d, and these over distance. A distance is taken for the depth
    along the camera's z axis, since that is what models mean that were asked for a depth.

    Args:
        members: Values by name, in lower case; for units, the result of `unit_m`.

    Returns:
        The depth in metres; `UNKNOWN` if names look like a depth but none is understood (`depth_ft`), or if the depth
        is not a number; None if no name looks like a depth.
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
    """Return the unit of depths that a member states, such as "cm" under `depth_unit`.

    Args:
        name: Name of the member, in lower case.
        text: Its value, without quotes.

    Returns:
        The unit in metres, `UNKNOWN` if it is not understood, or None if the member does not state a unit of depths.
    """
    if name not in _UNITS:
        return None
    unit = text.strip().lower()
    about_depth = "depth" in name or (unit in _OTHER_UNITS and not unit.startswith("p"))  # no depth is in pixels
    return _METRES_PER_UNIT.get(unit, UNKNOWN if about_depth else None)


def stated_unit_m(members: Mapping[str, object]) -> float:
    """Return the unit in metres that an object states for its depths; 1 if it states none, `UNKNOWN` if several."""
    known = {*_METRES_PER_UNIT.values(), UNKNOWN}
    stated = {value for name, value in members.items() if name in _UNITS and isinstance(value, float)} & known
    return UNKNOWN if len(stated) > 1 else next(iter(stated), 1.0)


def looks_like_depth(name: str) -> bool:
    """Return whether a name, in lower case, looks like the name of a depth."""
    return "depth" in name or not _DEPTHS.keys().isdisjoint(_words(name))


def _words(name: str) -> list[str]:
    """Return the known words of which a name consists, even if they are run together; none if it has other words."""
    words: list[str] = []
    for piece in _SEPARATED.findall(name) if len(name) <= _LONGEST else ():
        parts = [piece] if piece in _WORDS else _RUN_TOGETHER.findall(piece)
        if "".join(parts) != piece:
            return []
        words += parts
    return words
