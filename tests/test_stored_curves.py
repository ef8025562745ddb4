"""Curves files, read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.episodes import Episodes
from tracesim.constraints.from_data import from_data
from tracesim.constraints.margins import margins, margins_so_far
from tracesim.errors import ConfigurationError
from tracesim.results.record import Record
from tracesim.results.stored_curves import StoredCurves


@pytest.mark.parametrize("task", ["water_flowers", "stack_blocks_two", "click_bell", "move_playingcard_away"])
def test_margins_are_computed_again_from_the_files_of_an_episode(task: str, episodes: Episodes) -> None:
    path = episodes.record(task, 0, "expert")
    record = Record.model_validate_json(path.read_text())
    stored = StoredCurves.read(path.with_suffix(".npz"))
    asked = [from_data(one.kind, one.name, one.fields, stored.shapes) for one in record.constraints]
    assert stored.executed is not None
    assert margins(asked, stored.executed) == pytest.approx(record.margins, abs=1e-4)
    last = len(stored.executed) - 1
    on_the_way = margins_so_far(asked, stored.executed, [0, last])
    assert {name: values[-1] for name, values in on_the_way.items()} == margins(asked, stored.executed)


def test_the_functional_point_of_an_expert_follows_its_planned_path(episodes: Episodes) -> None:
    stored = StoredCurves.read(episodes.record("stack_blocks_two", 0, "expert").with_suffix(".npz"))
    assert stored.executed is not None
    (first, *_) = stored.followed
    assert first.planned is not None
    path = stored.executed.position(first.point)
    apart_m = np.linalg.norm(first.planned[:, None] - path[None], axis=2).min(axis=1)
    assert apart_m.max() < 0.02
    assert stored.tool in stored.motion.names


def test_what_is_no_curves_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "curves.npz").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(ConfigurationError, match="not a curves file"):
        StoredCurves.read(tmp_path / "curves.npz")
