"""Growth with cameras."""

from __future__ import annotations

from typing import Final

from tracesim.bench.growth import Growth, Point
from tracesim.bench.observation import USUAL, policy_view
from tracesim.bench.options import Options
from tracesim.bench.scenes import cluttered
from tracesim.bench.timing import alternate
from tracesim.episode.simulated import SimulatedEpisode

CAMERAS: Final = (1, 2, 3, 4)

ROUNDS = 10


def measure(options: Options) -> list[Growth]:
    """Render one scene with more and more cameras: RGB, depth and segmentation of each."""
    episode = SimulatedEpisode(cluttered(options.task), 0, pixels=True)
    views, points = [], []
    for count in CAMERAS:
        views.append(policy_view(episode, *USUAL))
        times = alternate({"all": lambda: [view.capture() for view in views]}, options.rounds_or(ROUNDS))
        points.append(Point(count, tuple(times["all"])))
    return [Growth("observation", "cameras", tuple(points))]
