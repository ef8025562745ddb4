"""Judge a motion of your own: constraints are values, a motion is a curve, and a margin is a signed distance.

A can is carried over a flower, 10 cm from one side to the other, and dips on its way. No simulation is needed.
"""

import numpy as np

from tracesim.constraints import Speed, Stops, Tilt, Visits
from tracesim.geometry.curve import Curve, PointOn

times = np.linspace(0.0, 4.0, 201)  # seconds
poses = np.tile(np.eye(4), (len(times), 1, 1))  # can_in_world, (T, 4, 4)
poses[:, 0, 3] = 0.025 * times - 0.05
poses[:, 2, 3] = 0.10 - 0.02 * np.sin(np.pi * times / 4.0)
curve = Curve(times_s=times, bodies={"can": poses, "flower": np.tile(np.eye(4), (len(times), 1, 1))}, carried="can")

spout, top = PointOn("can", (0.0, 0.0, 0.0)), PointOn("flower", (0.0, 0.0, 0.02))
for constraint in (
    Visits(Stops(spout, (top,), radius_m=0.03, dwell_s=0.5)),
    Visits(Stops(spout, (top,), radius_m=0.003, dwell_s=0.5)),
    Speed(spout, 0.02),
    Tilt("can", np.radians(10.0)),
):
    margin = constraint.margin(curve)
    print(f"{'holds' if margin >= 0.0 else 'violated':9} {margin:+.4f} {constraint.unit:4} {constraint.name}")
