"""Quantities in the units that people think in."""

from __future__ import annotations

from math import degrees


def quantity(value: float, unit: str) -> str:
    """Return a value in metres, radians, seconds or metres per second as text: "9.1 cm", "4 mm", "3.2 degrees".

    Other units are printed as they are.
    """
    if unit == "m":
        return f"{1000.0 * value:.1f} mm" if abs(value) < 0.01 else f"{100.0 * value:.1f} cm"
    if unit == "rad":
        return f"{degrees(value):.1f} degrees"
    if unit == "m/s":
        return f"{100.0 * value:.1f} cm/s"
    return f"{value:.2f} {unit}"
