"""Plots of growth as SVG files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tracesim.bench.growth import Growth
from tracesim.errors import InfrastructureError
from tracesim.files.whole_file import whole
from tracesim.machine.extras import check_installed, optional

PURPOSE: Final = "plot="

STYLE: Final = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "tracesim",  # the same values give the same file
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
}
"""Settings of matplotlib."""


def check() -> None:
    """Raise `ConfigurationError` unless plots can be made; the message names the extra."""
    check_installed("matplotlib", "plot", PURPOSE)


def plot(growths: Sequence[Growth], path: Path) -> None:
    """Plot growths side by side, medians with quartiles, and write an SVG file.

    Raises:
        ConfigurationError: The extra is not installed.
        InfrastructureError: The file cannot be written.
    """
    matplotlib = optional("matplotlib", "plot", PURPOSE)
    figure_class = optional("matplotlib.figure", "plot", PURPOSE).Figure
    with matplotlib.rc_context(STYLE):
        figure = figure_class(figsize=(3.6 * len(growths), 2.8), layout="constrained")
        for axes, growth in zip(figure.subplots(1, len(growths), squeeze=False)[0], growths, strict=True):
            x = [point.x for point in growth.points]
            low, high = zip(*(point.quartiles for point in growth.points), strict=True)
            axes.fill_between(x, low, high, alpha=0.25, linewidth=0)
            axes.plot(x, [point.median for point in growth.points], marker="o", markersize=4)
            axes.set_title(f"{growth.what}\n{growth.name}", fontsize=9)
            axes.set_xlabel(growth.axis)
            axes.set_ylabel(growth.unit)
            axes.set_xticks(x)
            axes.set_ylim(bottom=0.0)
            axes.grid(alpha=0.3)
        try:
            with whole(path) as partial:
                figure.savefig(partial, format="svg", metadata={"Date": None, "Creator": None})
        except OSError as error:
            raise InfrastructureError(f"{path}: cannot be written ({error.strerror}).") from error
