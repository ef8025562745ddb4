"""mplib, imported without matplotlib.

mplib uses toppra, which imports matplotlib.pyplot for plots that are not needed here; that import takes a third of the
time until a process's first frame. toppra gets an empty stand-in instead, and matplotlib itself stays importable.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Final

_PLOTTING: Final = ("matplotlib", "matplotlib.pyplot")

_absent = "toppra" not in sys.modules and not any(name in sys.modules for name in _PLOTTING)
if _absent:
    sys.modules.update({name: ModuleType(name) for name in _PLOTTING})
    sys.modules["matplotlib"].__dict__["pyplot"] = sys.modules["matplotlib.pyplot"]
try:
    import mplib
    import toppra
    from mplib.collision_detection import fcl
    from mplib.pymp import Pose
finally:
    if _absent:
        for _name in _PLOTTING:
            sys.modules.pop(_name, None)

__all__ = ["Pose", "fcl", "mplib", "toppra"]
