"""What happened over time, predicted or executed, sampled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from tracesim.geometry.contacts import ContactRules, DisallowedContact
from tracesim.geometry.rigid import FloatArray

BEYOND_M: Final = 0.05
"""Clearance is measured up to here; more is at least so much."""

NEXT_S: Final = 0.001
"""How long after a curve the next one begins."""


@dataclass(frozen=True)
class PointOn:
    """A point fixed to a body: `position`, metres, in the frame of the body of that name."""

    body: str
    position: tuple[float, float, float]


@dataclass(frozen=True)
class Curve:
    """Bodies over time; what a constraint judges.

    times_s: (T,), increasing, seconds. bodies: name -> body_in_world (T, 4, 4), the carried object and all others.
    clearance_m: (T,) signed distance between what moves and everything it may not touch, at most 0.05; None where it
    was not measured. joints: (T, J) radians (metres for fingers) or None. carried: name of the carried body or None.
    contacts: those of what moves that are not allowed, in the order of time. contact_rules: which pairs clearance is
    measured between.
    """

    times_s: FloatArray
    bodies: Mapping[str, FloatArray]
    clearance_m: FloatArray | None = None
    joints: FloatArray | None = None
    carried: str | None = None
    contacts: tuple[DisallowedContact, ...] = ()
    contact_rules: ContactRules | None = None

    def has(self, *points: PointOn) -> bool:
        """Tell whether every point's body is on the curve."""
        return all(point.body in self.bodies for point in points)

    def position(self, point: PointOn) -> FloatArray:
        """Return the path of a point in the world, (T, 3), metres."""
        poses = self.bodies[point.body]
        return np.asarray(poses[:, :3, :3] @ np.asarray(point.position) + poses[:, :3, 3])

    def clearance_at(self, contact: DisallowedContact) -> float:
        """Return the clearance measured at the sample at which a contact was found, metres."""
        assert self.clearance_m is not None
        return float(self.clearance_m[self._sample(contact)])

    def _sample(self, contact: DisallowedContact) -> int:
        return int(np.abs(self.times_s - contact.time_s).argmin())

    def up_to(self, time_s: float) -> Curve:
        """Return the curve's beginning, up to `time_s` and at least one sample."""
        count = max(1, int(np.searchsorted(self.times_s, time_s, side="right")))
        return self[:count]

    def __getitem__(self, window: slice | npt.NDArray[np.bool_]) -> Curve:
        """Return the samples that a slice or mask over time picks."""
        picked = np.zeros(len(self), bool)
        picked[window] = True
        return replace(
            self,
            times_s=self.times_s[window],
            bodies={name: poses[window] for name, poses in self.bodies.items()},
            clearance_m=None if self.clearance_m is None else self.clearance_m[window],
            joints=None if self.joints is None else self.joints[window],
            contacts=tuple(one for one in self.contacts if picked[self._sample(one)]),
            contact_rules=None if self.contact_rules is None else self.contact_rules[window],
        )

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.times_s)


def joined(curves: Sequence[Curve]) -> Curve:
    """Return one curve of several that follow each other, on the bodies that all of them have.

    Each begins when its predecessor has ended, later if its own times say so. Where clearance was not measured on some
    of them, it is as far as it is ever told.
    """
    if len(curves) == 1:
        return curves[0]
    times: list[FloatArray] = []
    contacts: list[DisallowedContact] = []
    for curve in curves:
        late = 0.0 if not times else max(0.0, times[-1][-1] + NEXT_S - curve.times_s[0])
        times.append(curve.times_s + late)
        contacts += [contact.delayed(late) for contact in curve.contacts]
    measured = [np.full(len(one), BEYOND_M) if one.clearance_m is None else one.clearance_m for one in curves]
    rules = [one.contact_rules for one in curves if one.contact_rules is not None]
    joints = [one.joints for one in curves if one.joints is not None]
    names = [name for name in curves[0].bodies if all(name in one.bodies for one in curves)]
    return Curve(
        times_s=np.concatenate(times),
        bodies={name: np.concatenate([one.bodies[name] for one in curves]) for name in names},
        clearance_m=None if all(one.clearance_m is None for one in curves) else np.concatenate(measured),
        joints=np.concatenate(joints) if len(joints) == len(curves) else None,
        carried=curves[-1].carried,
        contacts=tuple(contacts),
        contact_rules=ContactRules.joined(rules) if len(rules) == len(curves) else None,
    )
