"""Combined scores of one episode: how nearly everything held, and how much more tolerance it would have taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self

if TYPE_CHECKING:
    from tracesim.results.record import Record

STRICT, NOMINAL, LENIENT = 0.5, 1.0, 2.0
"""By what all tolerances are multiplied."""

JUDGED_AT_THE_END: Final = ("constraint", "goal")
"""Failures of episodes that were played to their end."""

Quadrant = Literal["both", "goal_only", "path_only", "neither"]


@dataclass(frozen=True)
class Scores:
    """One episode's scores; a pure function of its record.

    A relative margin is a margin over the best there is (`tracesim.constraints.Constraint.ideal`): 1 is perfect, 0 just
    holds, -1 is off by twice the tolerance. What has no best counts as it is: held or not, whatever the factor.

    goal: the episode was played and every `final` constraint holds; true of a task without one. path: the episode was
    played to its end, and every other constraint holds. tightest: the constraint of the smallest relative margin,
    `smallest`; None where none has a best. clearance_m: the least. factor: the smallest by which all tolerances would
    have to be multiplied for the episode to succeed, at least 0; None where none is large enough: it ended before it
    was over, or violates what has no best. strict, nominal, lenient: success with tolerances of half, once and twice
    what is asked; nominal is success. area: under the curve of success over factors from 0 to 2, as a share.
    """

    success: bool
    goal: bool
    path: bool
    relative: Mapping[str, float]
    smallest: float | None
    tightest: str | None
    clearance_m: float | None
    factor: float | None
    strict: bool
    nominal: bool
    lenient: bool
    area: float

    @classmethod
    def of(cls, record: Record) -> Self:
        """Return the scores of what was executed."""
        margins = {name: margin for name, margin in record.margins.items() if margin is not None}
        bests = {name: best for name in margins if (best := record.best.get(name)) is not None and best > 0.0}
        final = {one.name for one in record.constraints if one.final}
        over = _is_over(record)
        played = over or bool(record.margins)
        relative = {name: margins[name] / best for name, best in bests.items()}
        tightest = min(relative, key=relative.__getitem__, default=None)
        held = over and all(margin >= 0.0 for name, margin in margins.items() if name not in bests)
        factor = max((1.0 - one for one in relative.values()), default=0.0) if held else None

        def succeeds(factor: float) -> bool:
            return held and all(margins[name] >= (1.0 - factor) * best for name, best in bests.items())

        return cls(
            success=record.success,
            goal=played and all(margin >= 0.0 for name, margin in margins.items() if name in final),
            path=over and all(margin >= 0.0 for name, margin in margins.items() if name not in final),
            relative=relative,
            smallest=None if tightest is None else relative[tightest],
            tightest=tightest,
            clearance_m=_clearance_m(record),
            factor=None if factor is None else max(0.0, factor),
            strict=succeeds(STRICT),
            nominal=succeeds(NOMINAL),
            lenient=succeeds(LENIENT),
            area=0.0 if factor is None else max(0.0, LENIENT - max(0.0, factor)) / LENIENT,
        )

    @property
    def quadrant(self) -> Quadrant:
        """Goal beside path; both together are success."""
        if self.goal:
            return "both" if self.path else "goal_only"
        return "path_only" if self.path else "neither"


def _is_over(record: Record) -> bool:
    """Tell whether an episode was played to its end, and its margins say the same as its verdict."""
    if record.failure is None:
        return True
    violated = record.margins.get(record.failure.reason)
    return record.failure.stage in JUDGED_AT_THE_END and violated is not None and violated < 0.0


def _clearance_m(record: Record) -> float | None:
    """Return the least distance of what moves from what it may not touch, metres, where it was measured."""
    for one in record.constraints:
        margin = record.margins.get(one.name)
        if one.kind == "Clearance" and margin is not None:
            return margin + float(str(one.fields["demand_m"]))
    return None
