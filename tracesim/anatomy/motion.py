"""Events and smoothness of many episodes, from their curves files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

from tracesim.anatomy.curves import Curves
from tracesim.anatomy.events import Event, Kind, events
from tracesim.anatomy.smoothness import Smoothness
from tracesim.results.collection import Stored
from tracesim.statistics import Rate


@dataclass(frozen=True)
class Watched:
    """An episode whose curves were read."""

    stored: Stored
    """The episode."""

    events: Sequence[Event]
    """Events of the episode."""

    smoothness: Sequence[Smoothness]
    """Smoothness of the functional point while each trace was followed."""

    @classmethod
    def of(cls, stored: Stored) -> Self | None:
        """Return the episode with what its curves tell; None if it has no curves file.

        Raises:
            ConfigurationError: The curves file cannot be read.
        """
        if stored.curves_file is None:
            return None
        curves = Curves.read(stored.curves_file)
        smoothness = (
            Smoothness.of(curves.motion.times_s[part.samples], curves.functional_point(part, stored.record))
            for part in curves.followed
        )
        return cls(stored, events(stored.record, curves), [one for one in smoothness if one is not None])


@dataclass(frozen=True)
class MotionSummary:
    """Events and smoothness over the episodes of one entrant."""

    label: str
    """Name of the entrant."""

    episodes: int
    """Number of judged episodes with a curves file."""

    events: Mapping[Kind, Rate]
    """Share of these episodes with at least one event of a kind, the most frequent first."""

    bodies: Mapping[Kind, str]
    """Body most often affected by each kind of event."""

    smoothness: Smoothness | None
    """Medians over traces; None if no trace was followed."""

    @classmethod
    def of(cls, label: str, watched: Sequence[Watched]) -> Self:
        """Return the summary of episodes."""
        counts: Counter[Kind] = Counter()
        bodies: dict[Kind, Counter[str]] = {}
        for one in watched:
            counts.update({event.kind for event in one.events})
            for event in one.events:
                bodies.setdefault(event.kind, Counter())[event.body] += 1
        smooth = [each for one in watched for each in one.smoothness]
        names = ("time_s", "path_m", "sparc", "log_jerk")
        medians = [median(getattr(one, name) for one in smooth) for name in names] if smooth else None
        return cls(
            label,
            len(watched),
            {kind: Rate.of(count, len(watched)) for kind, count in counts.most_common()},
            {kind: found.most_common(1)[0][0] for kind, found in bodies.items()},
            None if medians is None else Smoothness(*medians),
        )
