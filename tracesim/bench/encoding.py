"""Encoding of images as they are sent to servers."""

from __future__ import annotations

from tracesim.bench import targets
from tracesim.bench.figure import Figure
from tracesim.bench.options import Options
from tracesim.bench.scenes import cluttered
from tracesim.bench.timing import alternate
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.observation import png, to_millimetres

ROUNDS = 15


def measure(options: Options) -> list[Figure]:
    """Encode the images of one observation, seed 0."""
    seen = SimulatedEpisode(cluttered(options.task), 0, pixels=True).observe(pixels=True)
    assert seen.rgb is not None
    assert seen.depth is not None
    rgb, depth = seen.rgb, seen.depth
    times = alternate({"both": lambda: (png(rgb), png(to_millimetres(depth)))}, options.rounds_or(ROUNDS))
    return [Figure("colour and depth image as PNG files", tuple(times["both"]), target=targets.ENCODING_MS)]
