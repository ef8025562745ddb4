"""Arranging scenes, by the number of distractors."""

from __future__ import annotations

from functools import partial

from tracesim.bench import targets
from tracesim.bench.figure import Figure
from tracesim.bench.options import Options
from tracesim.bench.scenes import arranged, cluttered
from tracesim.bench.timing import cpu_ms

SEEDS = 20


def measure(options: Options) -> list[Figure]:
    """Measure scenes of consecutive seeds; each is arranged for the first time in this process."""
    arranged(cluttered(options.task), options.seeds_or(SEEDS).stop)  # imports modules and computes hulls once
    return [
        Figure(
            f"{options.task}: arrangement with {distractors} distractors",
            tuple(
                cpu_ms(partial(arranged, cluttered(options.task, distractors), seed))
                for seed in options.seeds_or(SEEDS)
            ),
            target=target,
        )
        for distractors, target in targets.ARRANGEMENT_MS.items()
    ]
