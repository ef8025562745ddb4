"""The splits in the repository: every seed is there, nearly all are solved, and they are the same on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tracesim.certify.certification import verify
from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.envs import TASKS, default_robot
from tracesim.files.json_lines import files_in
from tracesim.results.split import Split

FOLDER: Final = Path(__file__).parents[1] / "splits" / "v1"
SPLITS: Final = [Split.read(path) for path in files_in(FOLDER)]
SEEDS: Final = range(100)
LARGEST: Final = 20_000_000
"""Greatest size of all files together, bytes."""

EACH, ALL = 0.95, 0.98
"""Least share of seeds that the expert solves, of each task and of all together."""


def differences(split: Split, seed: int, replay: bool) -> list[str]:
    found = verify(split.header.configuration, split.certificates[seed], replay).differences
    return [f"{split.header.task}, seed {seed}, {one.what}: {one.how}" for one in found]


def test_each_split_holds_a_hundred_cluttered_seeds_of_its_task() -> None:
    assert sorted(split.header.task for split in SPLITS) == sorted(TASKS)
    for split in SPLITS:
        assert split.path.name == f"{split.header.task}.jsonl.gz"
        task = split.header.task
        assert split.header.configuration == EpisodeConfiguration(
            task, robot=default_robot(task), variation=Variation("cluttered")
        )
        assert split.seeds == SEEDS
    assert sum(split.path.stat().st_size for split in SPLITS) <= LARGEST


def test_the_expert_solves_nearly_all_seeds() -> None:
    for split in SPLITS:
        assert len(split.solved) >= EACH * len(SEEDS), split.header.task
    missed = {(split.header.task, seed) for split in SPLITS for seed in set(SEEDS) - split.solved}
    assert len(missed) <= (1.0 - ALL) * len(SPLITS) * len(SEEDS)


@pytest.mark.parametrize("split", SPLITS[::4], ids=lambda split: split.header.task)
def test_a_start_is_the_same_here(split: Split) -> None:
    assert differences(split, len(split.header.task) * 7 % len(SEEDS), replay=False) == []


@pytest.mark.parametrize("split", SPLITS[2::8], ids=lambda split: split.header.task)
def test_a_seed_gets_the_same_verdict_and_margins_here(split: Split) -> None:
    assert differences(split, len(split.header.task) * 11 % len(SEEDS), replay=True) == []


@pytest.mark.slow
@pytest.mark.parametrize("split", SPLITS, ids=lambda split: split.header.task)
def test_every_seed_is_the_same_here(split: Split) -> None:
    assert [one for seed in SEEDS for one in differences(split, seed, replay=True)] == []
