"""Verdict on one answer."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Final

from tracesim.geometry.path_errors import PathErrors

WITHIN_M: Final = 0.20
"""Distance below which a start or an end is correct, as published."""


@dataclass(frozen=True)
class Verdict:
    """Scores of one answer; a score is None if it was not judged."""

    id: int | str
    """Id of the sample."""

    fault: str | None = None
    """Why the answer has no trace, or None if it has one."""

    counted: bool = True
    """Whether rates other than success include the answer; the published scorer leaves some answers out."""

    path_3d: PathErrors | None = None
    """Errors of the path, metres."""

    path_2d: PathErrors | None = None
    """Errors of the path in the image, in image widths and heights."""

    start_in_mask: bool | None = None
    """Whether the first keypoint is in the object's mask."""

    end_in_rectangle: bool | None = None
    """Whether the path ends in the rectangle around the end box in the image."""

    start_m: float | None = None
    """Distance of the first keypoint from the object, metres; NaN if the published scorer has NaN."""

    true_start_m: float | None = None
    """Distance of the first keypoint from the true start, metres; NaN if the published scorer has NaN."""

    end_m: float | None = None
    """Distance of the end of the path from the end box, metres; NaN if the published scorer has NaN."""

    start: bool | None = None
    """Whether the path starts at the object."""

    end: bool | None = None
    """Whether the path ends at the end box."""

    collision: bool | None = None
    """Whether the object collides with anything on its path."""

    success: bool | None = None
    """Whether start and end are correct and there is no collision."""

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values; numbers that are not finite become null."""
        return {key: _finite(value) for key, value in dataclasses.asdict(self).items()}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
