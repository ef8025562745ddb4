"""The table of a sweep: its rows and pairs, and the settings that differ between them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.playing import Playing
from tests.runs import TASK, table_of
from tracesim.cli.series import execute
from tracesim.configuration import RunConfiguration
from tracesim.run import main

pytestmark = pytest.mark.usefixtures("somewhere_else")


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        (
            ["policy=noisy_expert", "policy.depth_scale=0.9,1.1"],
            [{"policy.depth_scale": 0.9}, {"policy.depth_scale": 1.1}],
        ),
        (
            ["policy=robotracer", "policy.url=http://a:1,http://b:2", "seed=0,100"],
            [{"policy.url": "http://a:1"}, {"policy.url": "http://b:2"}],
        ),
        (["variation.clutter=1,2"], [{"variation.clutter": 1}, {"variation.clutter": 2}]),
        (["variation=clean,cluttered"], [{}, {}]),
        (["policy=expert,noop", "seed=0,100"], [{}, {}]),
        (["contact_depth=auto,predicted"], [{"contact_depth": "auto"}, {"contact_depth": "predicted"}]),
        (["episodes=1,2"], [{"episodes": 1}, {"episodes": 2}]),
        (["controller.repair=false,true"], [{"controller.repair": False}, {"controller.repair": True}]),
        (["robot=panda", "seed=0,100"], [{}]),
    ],
)
def test_rows_of_a_sweep_show_the_settings_that_differ(
    words: list[str], settings: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-m", *TASK, *words, "hydra.sweep.dir=sweep"], Playing()) == 0
    assert [row["settings"] for row in table_of(tmp_path / "sweep")] == settings
    said = capsys.readouterr().out.split("Sweep")[1]
    for row in settings:
        for key, value in row.items():
            assert key in said
            assert (value if isinstance(value, str) else json.dumps(value)) in said


def test_pairs_of_a_sweep_show_the_settings_that_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["task=water_flowers", "variation.counterfactual=original,twin", "policy=noisy_expert", "episodes=2"]
    words += ["policy.depth_scale=0.9,1.1", "video=false", "hydra.sweep.dir=sweep"]
    assert main(["-m", *words], Playing(fails=lambda seed: seed == 1)) == 0
    pairs = capsys.readouterr().out.split("Pairs:")[1]
    assert pairs.count("1 of 2") == 6
    assert re.findall(r"policy.depth_scale| 0.9 | 1.1 ", pairs) == ["policy.depth_scale", " 0.9 ", " 1.1 "]


def test_table_of_a_sweep_covers_its_own_jobs_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for other in ("sweep/old", "sweep/0/nested", "sweep/zzz"):
        execute(RunConfiguration("stack_blocks_two", episodes=3, video=False), tmp_path / other, playing=Playing())
    assert main(["-m", *TASK, "seed=0,100", "hydra.sweep.dir=sweep"], Playing()) == 0
    (row,) = table_of(tmp_path / "sweep")
    assert (row["tasks"], row["seeds"]) == (["click_bell"], [0, 1, 100, 101])
    assert "stack_blocks_two" not in capsys.readouterr().out
