"""What one answer is worth."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Final

from tracesim.geometry.path_errors import PathErrors

WITHIN_M: Final = 0.20
"""A start or an end nearer than this to where it belongs is right, as published."""


@dataclass(frozen=True)
class Verdict:
    """One answer's scores; None where something was not judged.

    fault: why the answer is no trace, None where it is one. counted: whether the rates over single answers count it;
    the published scorer leaves some out. path_3d: metres. path_2d: image widths and heights. start_in_mask,
    end_in_rectangle: of the image. start_m: from the object; true_start_m: from the true start; end_m: from the end
    box; metres, NaN where the published scorer has that. success: right start, right end, no collision.
    """

    id: int | str
    fault: str | None = None
    counted: bool = True
    path_3d: PathErrors | None = None
    path_2d: PathErrors | None = None
    start_in_mask: bool | None = None
    end_in_rectangle: bool | None = None
    start_m: float | None = None
    true_start_m: float | None = None
    end_m: float | None = None
    start: bool | None = None
    end: bool | None = None
    collision: bool | None = None
    success: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the same as plain JSON values; what is not finite is null."""
        return {key: _finite(value) for key, value in dataclasses.asdict(self).items()}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
