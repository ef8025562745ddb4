"""Failures of an episode: the stage and the reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
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
"""Stages in the order in which an episode passes through them; a failure names the earliest one in time."""


@dataclass(frozen=True)
class Failure:
    """Stage at which an episode failed, and why.

    Raises:
        ValueError: `stage` is not one of `STAGES`.
    """

    stage: str
    """One of `STAGES`."""

    reason: str
    """Short identifier of the cause, such as "no_points"."""

    detail: str = ""
    """Explanation in words, such as "the hand touched the red block"."""

    def __post_init__(self) -> None:
        """Check the stage."""
        if self.stage not in STAGES:
            raise ValueError(f"Unknown stage {self.stage!r}. Valid: {', '.join(STAGES)}.")

    def in_words(self, spoken: Callable[[str], str]) -> Failure:
        """Return the failure with every `mention` in its detail replaced by what `spoken` returns for the name."""
        return replace(self, detail=re.sub(r"\{([^{}]+)\}", lambda mention: spoken(mention[1]), self.detail))


def mention(name: str) -> str:
    """Return a body or link, given by its name in the scene, for a detail that `Failure.in_words` puts into words."""
    return f"{{{name}}}"


class EpisodeEnded(Exception):  # noqa: N818 - control flow, not an error
    """Exception that ends an episode and carries its `Failure` to the code that records it."""

    def __init__(self, failure: Failure) -> None:
        """Store the failure that ends the episode."""
        super().__init__(f"{failure.stage}: {failure.reason} {failure.detail}".strip())
        self.failure = failure
