"""What the page of an episode shows of its curves: bodies, paths, camera, and margins over time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tracesim.anatomy.curves import Curves
from tracesim.anatomy.events import MEANINGS, events
from tracesim.assets.colors import COLORS
from tracesim.constraints import Constraint, Volume
from tracesim.constraints.from_data import from_data
from tracesim.constraints.margins import margins_so_far
from tracesim.errors import ConfigurationError
from tracesim.film.film import WIDEST_VOLUME_M, film_clock
from tracesim.geometry.hulls import Facets, HullShape
from tracesim.geometry.rigid import FloatArray, to_quaternion
from tracesim.layout.layout import TABLE
from tracesim.report.episodes import short
from tracesim.results.record import Record
from tracesim.results.stored_curves import StoredCurves

PATHS_HZ: Final = 10.0
"""Rate at which paths are shown."""

POSES_HZ: Final = 5.0
"""Rate at which poses are shown, between which the page interpolates."""

MARGINS_HZ: Final = 5.0
"""Rate at which margins are shown, which is that of films."""

MARGINS: Final = 80
"""Greatest number of samples at which margins are computed: each is a judgement of everything before it."""

DIRECTIONS: Final = 40
"""A hull is shown by its outermost points in so many directions."""

UNIT_M: Final = 1e-4
"""Positions are written as multiples of this."""

STILL_M: Final = 5e-4
"""A body no corner of which has moved further is shown where it was first."""

_COLOR: Final = (0.6, 0.6, 0.62)
_TABLE_COLOR: Final = (0.78, 0.74, 0.68)


@dataclass(frozen=True)
class Scene:
    """The curves of an episode, as its page shows them."""

    data: Mapping[str, Any]
    """What belongs to the episode alone."""

    robot: Mapping[str, Any]
    """The meshes of the robot's links, by name, which many episodes share."""

    @property
    def robot_name(self) -> str:
        """Name of the meshes, the same for equal ones."""
        return hashlib.sha256(repr(self.robot).encode()).hexdigest()[:12]

    @classmethod
    def of(cls, record: Record, path: Path) -> Scene:
        """Return the scene of an episode, given its curves file.

        Raises:
            ConfigurationError: The file cannot be read.
        """
        stored = StoredCurves.read(path)
        motion = stored.motion
        links = [name for name in stored.shapes if name in motion.names and name not in stored.colors and name != TABLE]
        bodies = [name for name in (TABLE, *stored.colors) if name in motion.names]
        paths, poses = _samples(motion.times_s, PATHS_HZ), _samples(motion.times_s, POSES_HZ)
        duration_s = float(motion.times_s[-1] - motion.times_s[0])
        judged = _samples(motion.times_s, min(MARGINS_HZ, MARGINS / max(duration_s, 1.0)))
        constraints = _constraints(record, stored)
        start_s = float(motion.times_s[0])
        data: dict[str, Any] = {
            "margin_times": _seconds(motion.times_s[judged] - start_s),
            "pose_times": _seconds(motion.times_s[poses] - start_s),
            "path_times": _seconds(motion.times_s[paths] - start_s),
            "phases": list(_phases(motion.times_s - start_s, motion.phases)),
            "clock": [[film_s, span_s - start_s, length_s] for film_s, span_s, length_s in _clock(stored)],
            "events": [
                [round(one.time_s - start_s, 3), one.detail or MEANINGS[one.kind]]
                for one in events(record, Curves.read(path))
                if one.time_s is not None
            ],
            "bodies": [
                {
                    "name": name,
                    "color": _css(COLORS.get(stored.colors.get(name, ""), _TABLE_COLOR if name == TABLE else _COLOR)),
                    "mesh": _mesh(stored.shapes[name]),
                    "poses": _poses(motion.poses(name), stored.shapes[name], poses),
                }
                for name in bodies
            ],
            "links": {name: _poses(motion.poses(name), stored.shapes[name], poses) for name in links},
            "planned": [_points(one.planned[::2]) for one in stored.followed if one.planned is not None],
            "point": _points(_functional_path(stored)[paths]) if stored.followed else None,
            "tool": _points(motion.poses(stored.tool)[paths, :3, 3]) if stored.tool in motion.names else None,
            "volumes": [_volume(volume, stored) for volume in _volumes(constraints, stored)],
            "camera": _camera(stored),
            "margins": {},
        }
        if stored.executed is not None:
            found = margins_so_far(constraints, stored.executed, judged.tolist())
            data["margins"] = {
                name: [None if value is None else short(value) for value in values] for name, values in found.items()
            }
        return cls(data, {name: _mesh(stored.shapes[name]) for name in links})


def _constraints(record: Record, stored: StoredCurves) -> list[Constraint]:
    """Return the constraints that this version knows; one of a plug-in that is not here has no margins over time."""
    found = []
    for one in record.constraints:
        try:
            found.append(from_data(one.kind, one.name, one.fields, stored.shapes))
        except ConfigurationError:
            continue
    return found


def _samples(times_s: FloatArray, rate_hz: float) -> npt.NDArray[np.intp]:
    """Return the indices of samples about `1 / rate_hz` apart, the first and the last among them."""
    wanted = np.arange(times_s[0], times_s[-1], 1.0 / rate_hz)
    return np.asarray(np.unique(np.append(np.searchsorted(times_s, wanted - 1e-9), len(times_s) - 1)))


def _seconds(times_s: FloatArray) -> list[float]:
    return [round(float(time_s), 3) for time_s in times_s]


def _phases(times_s: FloatArray, phases: npt.NDArray[np.str_]) -> Iterator[tuple[float, str]]:
    """Yield when each phase begins, and its name."""
    for sample, (time_s, phase) in enumerate(zip(times_s, phases.tolist(), strict=True)):
        if sample == 0 or phase != phases[sample - 1]:
            yield round(float(time_s), 3), phase


def _clock(stored: StoredCurves) -> list[tuple[float, float, float]]:
    """Return which parts of the film show which parts of the episode; see `film_clock`."""
    times_s = stored.motion.times_s
    begun = sorted({one.begun for one in stored.followed}) or [0]
    ends = [*(sample - 1 for sample in begun[1:]), len(times_s) - 1]
    return film_clock([(float(times_s[first]), float(times_s[last])) for first, last in zip(begun, ends, strict=True)])


def _functional_path(stored: StoredCurves) -> FloatArray:
    """Return where the functional point of the trace that is followed is at each sample, (T, 3), metres, world."""
    assert stored.executed is not None
    path = np.full((len(stored.motion), 3), np.nan)
    first = {one.begun: one for one in reversed(stored.followed)}  # of the arms, if there is a trace for each
    for one in sorted(first.values(), key=lambda one: one.begun):
        if one.point.body in stored.executed.bodies:
            path[one.begun :] = stored.executed.position(one.point)[one.begun :]
    return path


def _mesh(shape: HullShape) -> dict[str, list[int]]:
    """Return the vertices, x, y and z one after another, and the triangles of all hulls of a shape."""
    vertices: list[int] = []
    triangles: list[int] = []
    for hull in shape.hulls:
        own, corners = _outside(hull.points.tobytes())
        triangles += [corner + len(vertices) // 3 for corner in corners]
        vertices += own
    return {"vertices": vertices, "triangles": triangles}


@lru_cache(maxsize=10_000)
def _outside(points: bytes) -> tuple[list[int], list[int]]:
    """Return vertices and triangles of a simplified hull, given its points as bytes: many episodes share hulls."""
    corners = np.frombuffer(points).reshape(-1, 3)
    stretched = corners / np.ptp(corners, axis=0)  # so that both sides of a thin plate are found
    facets = Facets.of(corners[np.unique(np.argmax(stretched @ _directions().T, axis=0))])
    return _integers(facets.vertices.ravel()), facets.triangles.ravel().tolist()


@cache
def _directions() -> FloatArray:
    """Return evenly spread unit vectors, (`DIRECTIONS`, 3), on a spiral about the vertical."""
    heights = 1.0 - 2.0 * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    turns = np.pi * (3.0 - np.sqrt(5.0)) * np.arange(DIRECTIONS)
    radii = np.sqrt(1.0 - heights**2)
    return np.column_stack([radii * np.cos(turns), radii * np.sin(turns), heights])


def _poses(poses: FloatArray, shape: HullShape, samples: npt.NDArray[np.intp]) -> list[list[int]]:
    """Return a pose at each sample: the position, and the quaternion times 10,000; one pose of what stands still."""
    low, high = shape.centre - shape.half_extents, shape.centre + shape.half_extents
    corners = np.array([low, high]) @ np.swapaxes(poses[:, :3, :3], 1, 2) + poses[:, None, :3, 3]
    moved = np.linalg.norm(corners - corners[0], axis=2).max() > STILL_M
    chosen = poses[samples] if moved else poses[:1]
    turned = np.rint(to_quaternion(chosen) * 1e4).astype(int).tolist()
    return [_integers(at) + quaternion for at, quaternion in zip(chosen[:, :3, 3], turned, strict=True)]


def _points(points: FloatArray) -> list[list[int] | None]:
    """Return positions; null where there is none."""
    return [None if np.isnan(point).any() else _integers(point) for point in points]


def _integers(lengths_m: FloatArray) -> list[int]:
    found: list[int] = np.rint(lengths_m / UNIT_M).astype(int).tolist()
    return found


def _volumes(constraints: Sequence[Constraint], stored: StoredCurves) -> list[Volume]:
    volumes = dict.fromkeys(volume for one in constraints for volume in one.volumes())
    narrow = [one for one in volumes if one.kind == "cylinder" and one.radius_m <= WIDEST_VOLUME_M]
    return [one for one in narrow if one.at.body in stored.motion.names]


def _volume(volume: Volume, stored: StoredCurves) -> dict[str, Any]:
    pose = stored.motion.poses(volume.at.body)[0]
    at = pose[:3, :3] @ np.array(volume.at.position) + pose[:3, 3] + np.array(volume.offset_m)
    sizes = _integers(np.array([volume.radius_m, volume.low_m, volume.high_m]))
    return {"at": _integers(at), "sizes": sizes, "forbidden": volume.forbidden}


def _camera(stored: StoredCurves) -> dict[str, Any] | None:
    """Return the eye of the policy's camera, and the corners of its picture half a metre ahead."""
    camera = stored.camera
    if camera is None:
        return None
    corners = [(0, 0), (camera.width, 0), (camera.width, camera.height), (0, camera.height)]
    ahead = camera.lift(np.array([(column, row, 0.25) for column, row in corners]))
    return {"eye": _integers(camera.camera_in_world[:3, 3]), "corners": _points(ahead)}


def _css(color: Sequence[float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in color)
