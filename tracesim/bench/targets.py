"""Targets of the measures, and the more generous bounds on ratios that the tests hold.

Targets on times are meant for one core of a server processor of about 3 GHz. Targets on ratios hold anywhere, because
both sides are measured in turn in the same run.
"""

from __future__ import annotations

from typing import Final

from tracesim.bench.figure import Bound

EPISODE_OVER_PHYSICS: Final = Bound(1.5)
"""CPU time of an episode without its arrangement, relative to the bare physics steps of the same motion."""

ARRANGEMENT_MS: Final = {4: Bound(100.0), 10: Bound(250.0)}
"""CPU time of arranging a scene, by the number of distractors, milliseconds."""

KINEMATICS_MS: Final = Bound(0.3)
"""Inverse kinematics with collision checks, for each waypoint of a densified path, milliseconds."""

OBSERVATION_OVER_BARE: Final = Bound(1.2)
"""RGB, depth and segmentation at 640 x 480, relative to the bare render call."""

OBSERVATION_OVER_DEFAULT: Final = Bound(0.2)
"""The same relative to SAPIEN's default shader."""

TRIANGLES_K: Final = Bound(60.0)
"""Triangles in a scene, thousands."""

FILM_FRAME_MS: Final = Bound(45.0)
"""CPU time of a film frame with everything included, milliseconds."""

FIRST_FRAME_S: Final = Bound(2.5)
"""CPU time of a process up to its first observation in clutter, seconds; on one core it has to wait as long."""

HELP_S: Final = Bound(0.35)
"""CPU time of `python -m tracesim.run --help`, seconds."""

MEMORY_GROWTH_PERCENT: Final = Bound(5.0)
"""Growth of resident memory after the first hundred episodes, percent."""

ENCODING_MS: Final = Bound(30.0)
"""CPU time of encoding the images of an observation, milliseconds."""

QUERY_OVERHEAD_MS: Final = Bound(5.0)
"""CPU time that TraceSim's client adds to a query, milliseconds."""

DEVIATION_MM: Final = Bound(1.0)
"""Mean distance of the functional point from the trace, millimetres: speed must not cost accuracy."""

REAL_TIME_OVER_PEER: Final = Bound(2.0, at_least=True)
"""Real-time factor of an episode in clutter, relative to the peer's motion-planned episode."""

FRAMES_OVER_PEER: Final = Bound(12.0, at_least=True)
"""RGB-D observations a second at 640 x 480, relative to the peer's."""

FIRST_PICTURE_OVER_PEER: Final = Bound(0.111)
"""CPU time of a process up to the first picture of an environment, relative to the peer's: a ninth."""

# Bounds of tests/test_bench_ratios.py: generous, so that they fail only if something has become much slower.

GUARD_EXECUTION_OVER_PHYSICS: Final = Bound(4.0)
"""CPU time of executing traces, relative to the bare physics steps of the same motion."""

GUARD_OBSERVATION_OVER_DEFAULT: Final = Bound(0.5)
"""RGB, depth and segmentation at 640 x 480, relative to SAPIEN's default shader."""

GUARD_KINEMATICS_CALLS: Final = Bound(4.0)
"""Calls of the inverse kinematics in an execution for each waypoint of the densified trace."""
