"""Where and why an episode ended without success."""

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
"""Stages in the order in which an episode passes them; a failure names the earliest in time."""


@dataclass(frozen=True)
class Failure:
    """The earliest stage that failed.

    stage: one of `STAGES`. reason: a short identifier, the same for the same cause. detail: a sentence for people.
    """

    stage: str
    reason: str
    detail: str = ""

    def __post_init__(self) -> None:
        if self.stage not in STAGES:
            raise ValueError(f"stage {self.stage!r} is none of {', '.join(STAGES)}")


class EpisodeEnded(Exception):  # noqa: N818 - an ending, not an error
    """Carries a `Failure` from where it happened to the episode, which records it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.stage}: {failure.reason} {failure.detail}".strip())
        self.failure = failure
