"""Table of the scores of answers to RefSpatial-Bench."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tracesim.answers.reading import REASONS
from tracesim.refspatial.scorer import Mean, Result

_REASONS = {
    **REASONS,
    "left_out": "the published scorer's parser fails, and leaves the answer out",
    "failed_query": "the model could not be asked",
    "missing": "the file has no answer to the question",
    "out_of_image": "every point lies outside the image",
}


def show(result: Result, console: Console) -> None:
    """Print mean scores by split and by number of reasoning steps, and the reasons of answers without a score.

    Args:
        result: Scores to print.
        console: Console to print on.
    """
    console.print(f"RefSpatial-Bench, {result.mode}: answers of {result.model}, read as {result.read_as}", markup=False)
    console.print(_table(result))
    reasons = result.reasons()
    if reasons:
        console.print("Left out" if result.mode == "official" else "Scored 0")
    for reason, count in reasons.items():
        console.print(f"  {count:>4}  {_REASONS[reason]}", markup=False)
    if reasons.get("failed_query"):
        console.print("Failed queries say nothing about the model: ask again before you compare scores.")
    if reasons.get("out_of_image", 0) > result.mean().n / 2:
        console.print(
            f"Most points lie outside the image when read as {result.read_as}. To read them differently, set "
            "scale=fractions|thousandths|percent|pixels and order=xy|yx.",
            soft_wrap=True,
        )


def _table(result: Result) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("split")
    table.add_column("accuracy" if result.mode == "official" else "accuracy, 95 % interval", justify="right")
    table.add_column("answers", justify="right")
    for step in result.steps:
        table.add_column(f"{step} step{'s' if step > 1 else ''}", justify="right")
    rows = [*result.splits, *([None] if len(result.splits) > 1 else [])]
    for split in rows:
        mean = result.mean(split)
        total = len(result.of(split))
        table.add_row(
            split or "all",
            _format_mean(mean, interval=result.mode == "mended"),
            f"{mean.n}" if mean.n == total else f"{mean.n} of {total}",
            *(_format_short(result.mean(split, step)) for step in result.steps),
        )
    return table


def _format_mean(mean: Mean, interval: bool) -> str:
    if mean.mean is None:
        return "none"
    return f"{mean.mean:.4f}" + (f" [{mean.low:.4f}, {mean.high:.4f}]" if interval else "")


def _format_short(mean: Mean) -> str:
    return "" if mean.mean is None else f"{mean.mean:.3f} ({mean.n})"
