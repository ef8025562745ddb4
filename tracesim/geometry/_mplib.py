"""mplib, imported without matplotlib.

mplib uses toppra, which imports matplotlib.pyplot for plots that are not needed here; that import takes a third of the
time until a process's first frame.
"""

from __future__ import annotations

from tracesim.machine.stand_ins import stand_ins

with stand_ins("matplotlib", "matplotlib.pyplot"):
    import mplib
    import toppra
    from mplib.collision_detection import fcl
    from mplib.pymp import Pose
    from mplib.sapien_utils import SapienPlanner, SapienPlanningWorld
    from mplib.sapien_utils.conversion import convert_object_name

__all__ = ["Pose", "SapienPlanner", "SapienPlanningWorld", "convert_object_name", "fcl", "mplib", "toppra"]
