"""Robots by name; a module is imported when its robot is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from tracesim.errors import unknown_name

if TYPE_CHECKING:
    from tracesim.layout.embodiment import Embodiment

EMBODIMENTS: Final = {"panda": "tracesim.assets.embodiments.panda:PANDA"}


def embodiment(name: str) -> Embodiment:
    """Return the robot of that name; raises `ConfigurationError` with the valid names."""
    if name not in EMBODIMENTS:
        raise unknown_name("robot", name, EMBODIMENTS)
    module, attribute = EMBODIMENTS[name].split(":")
    found: Embodiment = getattr(import_module(module), attribute)
    return found
