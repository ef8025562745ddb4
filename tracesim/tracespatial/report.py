"""Report on an answer file, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from rich.console import Group
from rich.table import Table
from rich.text import Text

from tracesim.answers.reading import Parser
from tracesim.tracespatial.reading import FAULTS, Dimension
from tracesim.tracespatial.score import Score
from tracesim.tracespatial.verdict import Verdict

Mode = Literal["official", "mended"]
"""Whether to score as published, or with the scorer's faults corrected."""

SCHEMA: Final = 1
"""Version of the JSON report."""

LABELS: Final = {
    "path_3d_frechet_m": "3D path: discrete Frechet distance, m",
    "path_3d_hausdorff_m": "3D path: Hausdorff distance, m",
    "path_3d_rmse_m": "3D path: RMSE, m",
    "path_3d_mae_m": "3D path: MAE, m",
    "path_2d_frechet": "2D path: discrete Frechet distance",
    "path_2d_hausdorff": "2D path: Hausdorff distance",
    "path_2d_rmse": "2D path: RMSE",
    "path_2d_mae": "2D path: MAE",
    "start_m": "start to object, m",
    "true_start_m": "start to true start, m",
    "end_m": "end to box, m",
    "start_in_mask": "2D start: in the object's mask",
    "end_in_rectangle": "2D end: in the box's rectangle",
    "start_3d": "3D start: within 0.20 m of the object",
    "true_start_3d": "3D start: within 0.20 m of the true start",
    "end_3d": "3D end: within 0.20 m of the box",
    "end_in_box": "3D end: in the box",
    "no_collision": "no collision",
    "success": "overall: start, end and no collision",
}
"""Name of a number in JSON -> its name in the table."""


@dataclass(frozen=True)
class Report:
    """Scores of an answer file, and how they were computed."""

    answers: str
    """Answer file, as given."""

    dataset: str | None
    """Folder of the dataset, as given, or None."""

    mode: Mode
    """Scorer that was used."""

    parser: Parser
    """Parser of the answers."""

    dimension: Dimension
    """Dimension of the answers."""

    score: Score
    """Means and rates."""

    verdicts: Sequence[Verdict]
    """Verdict on each answer."""

    left_out: Sequence[str]
    """Metrics that could not be computed, and why."""

    notes: Sequence[str]
    """Further remarks."""

    versions: dict[str, str]
    """Package -> version, for packages on which the numbers depend."""

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values; numbers are finite or null."""
        return {
            "schema": SCHEMA,
            "answers": self.answers,
            "dataset": self.dataset,
            "mode": self.mode,
            "parser": self.parser,
            "dimension": self.dimension,
            "score": self.score.as_json(),
            "left_out": list(self.left_out),
            "notes": list(self.notes),
            "versions": self.versions,
            "verdicts": [verdict.as_json() for verdict in self.verdicts],
        }

    def table(self) -> Group:
        """Return the report as a table for a terminal."""
        title = f"TraceSpatial-Bench, {self.mode} scorer, {self.dimension}, {self.parser} parser"
        grid = Table(box=None, pad_edge=False, header_style="bold", title=Text(title, "bold"), title_justify="left")
        grid.add_column("")
        for heading in ("value", "95 % interval", "answers"):
            grid.add_column(heading, justify="right")
        for name, mean in self.score.means.items():
            grid.add_row(LABELS[name], *_numbers(mean.mean, mean.low, mean.high), str(mean.n))
        for name, rate in self.score.rates.items():
            grid.add_row(LABELS[name], *_numbers(rate.rate, rate.low, rate.high), f"{rate.count} of {rate.n}")
        return Group(grid, *(Text(line, "dim") for line in self._remarks()))

    def _remarks(self) -> Iterator[str]:
        unreadable = sum(self.score.unreadable.values())
        yield f"{self.score.answers} answers, {unreadable} without a trace{':' if unreadable else ''}"
        for fault, count in self.score.unreadable.items():
            yield f"  {count:>4} {fault}: {FAULTS[fault]}"
        for line in self.left_out:
            yield f"Left out: {line}"
        yield from self.notes


def _numbers(value: float | None, low: float | None, high: float | None) -> tuple[str, str]:
    if value is None or low is None or high is None:
        return "not a number", ""
    return f"{value:.4f}", f"{low:.4f} to {high:.4f}"
