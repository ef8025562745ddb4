"""Factors of an episode: what was drawn, read off the scene itself, and records of the schema before them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tracesim.assets.room import choose_top
from tracesim.assets.table_tops import TOPS, tops_of
from tracesim.cli.levels import level
from tracesim.configuration import EpisodeConfiguration
from tracesim.episode.episode import play
from tracesim.layout.randomness import stream
from tracesim.results.record import Record
from tracesim.results.store import read_records

DATA = Path(__file__).parent / "data"


def configuration(name: str) -> EpisodeConfiguration:
    return EpisodeConfiguration("place_relative", variation=level(name))


@pytest.fixture(scope="module")
def randomized() -> Record:
    return play(configuration("randomized"), 3)


def test_factors_say_what_stands_on_the_table(randomized: Record) -> None:
    found = randomized.factors
    (turn,) = randomized.turns
    for placeholder, word in turn.words.items():
        if f"words.{placeholder}" in found:
            assert str(found[f"words.{placeholder}"]) in (word, *word.split())
    assert found["objects"] == len(randomized.referents)
    assert (found["distractors"], found["near_misses"]) == (5, 1)
    assert turn.trace is not None
    moved = min(
        np.hypot(float(found[f"{name}.x_m"]) - turn.trace[0][0], float(found[f"{name}.y_m"]) - turn.trace[0][1])
        for name in randomized.referents
    )
    assert moved < 0.1  # the trace begins at one of the objects


def test_factors_say_what_surrounds_the_objects(randomized: Record) -> None:
    found = randomized.factors
    setting = level("randomized").setting(partial(stream, "place_relative", 3))
    place = [float(found[f"camera.{axis}_m"]) for axis in "xyz"]
    assert np.allclose(place, setting.camera.camera_in_world[:3, 3], atol=1e-6)
    assert found["table.raised_m"] == pytest.approx(setting.raised_m, abs=1e-6)
    assert TOPS[str(found["table.top"])] is choose_top(stream("place_relative", 3, "room"), tops_of("all"))


AXES = {
    "colors": (".color", "words."),
    "light": ("light.",),
    "camera": ("camera.",),
    "table_height": ("table.raised_m", "camera."),  # the camera looks at the table
    "background": ("table.top",),
}


@pytest.mark.parametrize("axis", AXES)
def test_factors_differ_between_seeds_where_the_axis_varies(axis: str) -> None:
    records = [play(EpisodeConfiguration("click_bell", variation=level(axis)), seed) for seed in range(3)]
    differing = {name for name in records[0].factors if len({record.factors[name] for record in records}) > 1}
    assert differing
    assert all(any(part in name for part in AXES[axis]) for name in differing), differing


def test_record_of_schema_4_is_read_and_its_hash_is_checked() -> None:
    path = DATA / "record_of_schema_4.jsonl"
    (record,) = read_records(path)
    assert (record.schema_version, record.factors) == (4, {})
    again = Record.model_validate_json(record.line())
    assert again == record
    with pytest.raises(ValueError, match="it was changed"):
        Record.model_validate_json(path.read_text().replace('"seed":0', '"seed":1'))


def test_factors_are_hashed(randomized: Record) -> None:
    line = randomized.line()
    top = str(randomized.factors["table.top"])
    with pytest.raises(ValueError, match="it was changed"):
        Record.model_validate_json(line.replace(f'"table.top":"{top}"', '"table.top":"glass"'))
