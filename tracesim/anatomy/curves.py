"""The curves of an episode, as read back from its file."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from tracesim.errors import ConfigurationError
from tracesim.geometry.hulls import separation_m
from tracesim.geometry.rigid import FloatArray, transforms
from tracesim.layout.gripper import GRIPPER
from tracesim.results.record import Record
from tracesim.simulation.recorder import Phase

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Followed:
    """A part of a motion in which one trace was followed."""

    samples: slice
    """Its samples."""

    carried: str
    """Name of the body that followed the trace; `GRIPPER` if the gripper itself did."""


@dataclass(frozen=True)
class Curves:
    """The arrays of a curves file; `tracesim.results.curves_file.write` lists them."""

    arrays: Mapping[str, npt.NDArray[Any]]
    """Arrays by name."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the curves in a file.

        Raises:
            ConfigurationError: The file cannot be read.
        """
        try:
            with np.load(path) as file:
                return cls({name: file[name] for name in file})
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise ConfigurationError(f"{path}: not a curves file ({' '.join(str(error).split())}).") from None

    @cached_property
    def things(self) -> tuple[str, ...]:
        """Names of everything on the table."""
        return tuple(str(name) for name in self.arrays["things"])

    @property
    def times_s(self) -> FloatArray:
        """Times (T,), seconds."""
        return np.asarray(self.arrays["times_s"], float)

    def during(self, *phases: Phase) -> BoolArray:
        """Return which samples (T,) belong to some phases."""
        return np.isin(self.arrays["phases"], phases)

    def poses(self, name: str) -> FloatArray:
        """Return the poses (T, 4, 4) of a body or link in the world."""
        index = [str(one) for one in self.arrays["names"]].index(name)
        return transforms(self.arrays["positions"][:, index], self.arrays["quaternions"][:, index])

    @cached_property
    def followed(self) -> tuple[Followed, ...]:
        """The parts of the motion in which a trace was followed, one a subtask, in their order."""
        edges = np.flatnonzero(np.diff([0, *self.during(Phase.FOLLOW).astype(int), 0]))
        spans = zip(edges[::2], edges[1::2], strict=True)
        return tuple(Followed(slice(int(start), int(stop)), self._carried(int(start))) for start, stop in spans)

    def _carried(self, sample: int) -> str:
        """Return the name of the body that the robot moves at a sample, `GRIPPER` if it moves none."""
        moving = zip(self.arrays.get("moving_names", ()), self.arrays.get("moving", ()), strict=True)
        return next((str(name) for name, when in moving if str(name) in self.things and when[sample]), GRIPPER)

    def hand(self, carried: str) -> str | None:
        """Return the name of a link of the hand that may touch a body; None if it cannot be told."""
        pairs = ((str(link), str(body)) for link, body in self.arrays.get("allowed_pairs", ()))
        return next((link for link, body in pairs if body == carried and link not in self.things), None)

    def spoken(self, name: str) -> str:
        """Return a name for a body that people understand, such as "red block"; links keep their own."""
        if name not in self.things:
            return name
        index = self.things.index(name)
        return " ".join(part for part in (str(self.arrays[of][index]) for of in ("colors", "nouns")) if part)

    def functional_point(self, part: Followed, record: Record) -> FloatArray:
        """Return the path (S, 3) of the point with which an instruction was carried out, metres, world.

        It is the point of the carried body that a constraint names first, or the body's origin; of a gripper its tip.
        """
        if part.carried == GRIPPER:
            return np.asarray(self.arrays["tip_in_world"][part.samples], float)
        named = (found for one in record.constraints for found in _points(one.fields, part.carried))
        point = next(named, [0.0, 0.0, 0.0])
        return np.asarray((self.poses(part.carried)[part.samples] @ np.array([*point, 1.0]))[:, :3], float)

    def nearest(self, point: FloatArray) -> tuple[str, float]:
        """Return the thing that is nearest to a point (3,) in the end, and its distance in metres, 0 inside of it."""
        points, hulls = self.arrays["hull_points"], self.arrays["hulls"]
        found = []
        for number in np.unique(hulls):
            own = hulls == number
            name = self.things[int(self.arrays["hull_things"][own][0])]
            pose = self.poses(name)[-1]
            placed = np.asarray(points[own], float) @ pose[:3, :3].T + pose[:3, 3]
            found.append((max(0.0, separation_m(placed, point[None])), name))
        distance_m, name = min(found)
        return name, distance_m


def _points(value: object, body: str) -> list[list[float]]:
    """Return the positions that a constraint's fields name on a body."""
    if isinstance(value, list):
        return [point for one in value for point in _points(one, body)]
    if not isinstance(value, dict):
        return []
    if value.get("body") == body and isinstance(position := value.get("position"), list):
        return [[float(one) for one in position]]
    return [point for one in value.values() for point in _points(one, body)]
