"""Motion and contacts of the bodies in an episode, from its curves file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np

from tracesim.geometry.hulls import separation_m
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.gripper import GRIPPER
from tracesim.results.record import Record
from tracesim.results.stored_curves import StoredCurves
from tracesim.simulation.recorder import Phase, Recording


@dataclass(frozen=True)
class Followed:
    """A part of a motion in which one trace was followed."""

    samples: slice
    """Its samples."""

    carried: str
    """Name of the body that followed the trace; `GRIPPER` if the gripper itself did."""


@dataclass(frozen=True)
class Curves:
    """The curves of an episode."""

    stored: StoredCurves
    """The content of its file."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the curves in a file; raises `ConfigurationError` if it cannot be read."""
        return cls(StoredCurves.read(path))

    @property
    def motion(self) -> Recording:
        """Everything that was recorded."""
        return self.stored.motion

    @property
    def things(self) -> tuple[str, ...]:
        """Names of everything on the table."""
        return tuple(self.stored.colors)

    @cached_property
    def followed(self) -> tuple[Followed, ...]:
        """The parts of the motion in which a trace was followed, one a subtask, in their order."""
        edges = np.flatnonzero(np.diff([0, *self.motion.during(Phase.FOLLOW).astype(int), 0]))
        spans = zip(edges[::2], edges[1::2], strict=True)
        return tuple(Followed(slice(int(start), int(stop)), self._carried(int(start))) for start, stop in spans)

    def _carried(self, sample: int) -> str:
        """Return the name of the body that the robot moves at a sample, `GRIPPER` if it moves none."""
        executed = self.stored.executed
        rules = None if executed is None else executed.contact_rules
        moving = {} if rules is None else rules.moving
        return next((name for name, when in moving.items() if name in self.things and when[sample]), GRIPPER)

    def hand(self, carried: str) -> str | None:
        """Return the name of a link of the hand that may touch a body; None if it cannot be told."""
        executed = self.stored.executed
        rules = None if executed is None else executed.contact_rules
        pairs = () if rules is None else rules.allowed
        return next((link for link, body in pairs if body == carried and link not in self.things), None)

    def spoken(self, name: str) -> str:
        """Return a name for a body that people understand, such as "red block"; links keep their own."""
        if name not in self.things:
            return name
        return " ".join(part for part in (self.stored.colors[name], self.stored.nouns[name]) if part)

    def functional_point(self, part: Followed, record: Record) -> FloatArray:
        """Return the path (S, 3) of the point with which an instruction was carried out, metres, world.

        It is the point of the carried body that a constraint names first, or the body's origin; of a gripper its tip.
        """
        if part.carried == GRIPPER:
            assert self.stored.executed is not None
            return self.stored.executed.bodies[GRIPPER][part.samples, :3, 3]
        named = (found for one in record.constraints for found in _points(one.fields, part.carried))
        point = next(named, [0.0, 0.0, 0.0])
        poses = self.motion.poses(part.carried)[part.samples]
        return np.asarray((poses @ np.array([*point, 1.0]))[:, :3], float)

    def nearest(self, point: FloatArray) -> tuple[str, float]:
        """Return the thing that is nearest to a point (3,) in the end, and its distance in metres, 0 inside of it."""
        found = []
        for name in self.things:
            pose = self.motion.poses(name)[-1]
            for hull in self.stored.shapes[name].hulls:
                placed = hull.points @ pose[:3, :3].T + pose[:3, 3]
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
