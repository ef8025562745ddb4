"""A run that is played once for all tests of exports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracesim.configuration import EpisodeConfiguration, PolicyChoice, Variation
from tracesim.episode.episode import play
from tracesim.results.store import RecordStore

CLEAN = Variation("clean", clutter=0)
PLAYED = (("place_empty_cup", "expert"), ("click_bell", "expert"), ("place_empty_cup", "noop"))


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the records and curves of three episodes: two successes and a failure."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "curves").mkdir()
    with RecordStore(folder) as store:
        for number, (task, policy) in enumerate(PLAYED):
            file = f"curves/{number}.npz"
            configuration = EpisodeConfiguration(task, PolicyChoice(policy), variation=CLEAN)
            record = play(configuration, 0, curves=folder / file)
            store.append(record.model_copy(update={"curves_file": file}))
    return folder
