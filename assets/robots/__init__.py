"""Robots by name; the module of a robot is imported when it is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tracesim.registry import Registry

if TYPE_CHECKING:
    from tracesim.layout.embodiment import Embodiment

ROBOTS: Final[Registry[Embodiment]] = Registry(
    "robot",
    {
        "panda": "tracesim.assets.robots.panda:PANDA",
        "so101": "tracesim.assets.robots.so101:SO101",
        "ur5": "tracesim.assets.robots.ur5:UR5",
        "two_pandas": "tracesim.assets.robots.two_pandas:TWO_PANDAS",
        "g1": "tracesim.assets.robots.g1:G1",
    },
)


def embodiment(name: str) -> Embodiment:
    """Return a robot; raises `UnknownNameError`."""
    return ROBOTS[name]
