"""Scores that combine the margins of one episode: goal and path, relative margins, and success by tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self

if TYPE_CHECKING:
    from tracesim.results.record import Record

STRICT, NOMINAL, LENIENT = 0.5, 1.0, 2.0
"""Factors that scale all tolerances."""

JUDGED_AT_THE_END: Final = ("constraint", "goal")
"""Stages of failures that are found once an episode is complete."""

Quadrant = Literal["both", "goal_only", "path_only", "neither"]


@dataclass(frozen=True)
class Scores:
    """Scores of one episode; a pure function of its record.

    A relative margin is a margin divided by the ideal one (`Record.best`): 1 is perfect, 0 just holds, -1 is off by
    twice the tolerance. A constraint without an ideal margin holds or not, whatever the factor.
    """

    success: bool
    """Whether every constraint holds."""

    goal: bool
    """Whether the episode was executed and every constraint on its end holds; true for a task without one."""

    path: bool
    """Whether the episode was executed to its end and every other constraint holds."""

    relative: Mapping[str, float]
    """Relative margins by constraint."""

    smallest: float | None
    """Smallest relative margin; None if no constraint has one."""

    tightest: str | None
    """Name of the constraint with the smallest relative margin."""

    clearance_m: float | None
    """Smallest clearance in metres; None if it was not measured."""

    factor: float | None
    """Smallest factor, at least 0, by which all tolerances have to be multiplied for the episode to succeed. None if no
    factor is large enough: the episode ended early, or violates a constraint without an ideal margin."""

    strict: bool
    """Success with all tolerances halved."""

    nominal: bool
    """Success with the tolerances asked."""

    lenient: bool
    """Success with all tolerances doubled."""

    area: float
    """Area under the curve of success over factors from 0 to 2, as a share."""

    @classmethod
    def of(cls, record: Record) -> Self:
        """Return the scores of the executed motion."""
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
        """Which of goal and path hold; both together are success."""
        if self.goal:
            return "both" if self.path else "goal_only"
        return "path_only" if self.path else "neither"


def _is_over(record: Record) -> bool:
    """Return whether an episode was executed to its end, so that its margins agree with its verdict."""
    if record.failure is None:
        return True
    violated = record.margins.get(record.failure.reason)
    return record.failure.stage in JUDGED_AT_THE_END and violated is not None and violated < 0.0


def _clearance_m(record: Record) -> float | None:
    """Return the smallest distance of a moving part from what it may not touch, in metres, if it was measured."""
    for one in record.constraints:
        margin = record.margins.get(one.name)
        if one.kind == "Clearance" and margin is not None:
            return margin + float(str(one.fields["demand_m"]))
    return None
