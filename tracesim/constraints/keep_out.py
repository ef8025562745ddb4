"""A region to keep out of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final, Self

from tracesim.constraints.base import Constraint, Solid, Standing
from tracesim.constraints.region import Region, Volume
from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.curve import Curve, PointOn

_REGION: Final = "region"


@dataclass(frozen=True)
class KeepOut(Constraint):
    """A point, or a whole body, never enters a region.

    Attributes:
        what: The point or the body.
        region: The region to keep out of.
    """

    what: PointOn | Solid
    region: Region
    name: str = "keep_out"
    room: ClassVar[str] = "{} away from the region to keep out of"
    violation: ClassVar[str] = "{} inside the region to keep out of"

    @classmethod
    def of(cls, body: Standing, region: Region, name: str = "keep_out") -> Self:
        """Return the constraint on a whole body."""
        return cls(Solid.of(body), region, name)

    def margin(self, curve: Curve) -> float | None:
        """Return the least distance from the region; negative by the depth of the deepest intrusion.

        A point is taken to move in a straight line between samples. A body is measured at the samples only, and up to
        `tracesim.geometry.curve.BEYOND_M`.
        """
        if self.what.body not in curve.bodies or not curve.has(self.region.at):
            return None
        if isinstance(self.what, Solid):
            probe = ClearanceProbe({self.what.body: self.what.shape}, {_REGION: self.region.shape})
            poses = {self.what.body: curve.bodies[self.what.body], _REGION: self.region.in_world(curve)}
            return float(probe.over(poses).distance_m.min())
        path = self.region.path(curve, self.what)
        return float(min([*self.region.distance_m(path), *self.region.nearest(path)[1]]))

    @property
    def ideal(self) -> None:
        """None: more distance is never worse."""
        return None

    def volumes(self) -> tuple[Volume, ...]:
        """Return the region, marked as one to keep out of."""
        return tuple(replace(volume, forbidden=True) for volume in self.region.volumes())
