"""Stages at which an episode can fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STAGES: Final = (
    "arrangement",
    "answer",
    "lift",
    "grasp",
    "reach",
    "collision",
    "track",
    "slip",
    "constraint",
    "goal",
    "infrastructure",
)
"""Stages in the order in which an episode passes them."""


@dataclass(frozen=True)
class Failure:
    """The earliest stage that failed, and why."""

    stage: str
    """Stage that failed: one of `tracesim.failure.STAGES`."""

    reason: str
    """Identifier of the cause, such as `no_points`."""

    detail: str = ""
    """Explanation for people."""

    def __post_init__(self) -> None:
        """Check the stage; raises `ValueError`."""
        if self.stage not in STAGES:
            raise ValueError(f"stage {self.stage!r} is none of {', '.join(STAGES)}")


class EpisodeEnded(Exception):  # noqa: N818 - an ending, not an error
    """Raised at a failure; the episode records it."""

    def __init__(self, failure: Failure) -> None:
        """Carry a failure."""
        super().__init__(f"{failure.stage}: {failure.reason} {failure.detail}".strip())
        self.failure = failure
