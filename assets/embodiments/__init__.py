"""Robots by name; the module of a robot is imported when it is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tracesim.registry import Registry

if TYPE_CHECKING:
    from tracesim.layout.embodiment import Embodiment

EMBODIMENTS: Final[Registry[Embodiment]] = Registry(
    "robot",
    {"panda": "tracesim.assets.embodiments.panda:PANDA", "ur5": "tracesim.assets.embodiments.ur5:UR5"},
)


def embodiment(name: str) -> Embodiment:
    """Return a robot; raises `UnknownNameError`."""
    return EMBODIMENTS[name]
