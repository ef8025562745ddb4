"""Runs: every seed is recorded, and interrupted runs are resumed."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import tracesim
from tests.playing import PlayedEpisode, Playing
from tests.runs import refused, seeds_in
from tracesim.cli.series import execute
from tracesim.cli.stored_runs import read_configuration
from tracesim.configuration import RunConfiguration, Video
from tracesim.errors import BudgetSpentError, ConfigurationError, DoesNotApplyError, PlacementError
from tracesim.failure import Failure
from tracesim.results.store import RecordStore, read_records
from tracesim.results.summary import summarise
from tracesim.run import main

pytestmark = pytest.mark.usefixtures("somewhere_else")

CONFIGURATION = RunConfiguration("water_flowers", episodes=4, seed=10, video=False)


def test_seed_to_which_a_control_does_not_apply_is_not_judged(tmp_path: Path) -> None:
    said = run(CONFIGURATION, tmp_path, Playing(raises={11: DoesNotApplyError("nothing is in the way")}))
    assert "seed 11    not judged: nothing is in the way" in said
    assert seeds_in(tmp_path) == [10, 12, 13]


def test_run_without_a_seed_to_judge_is_refused(tmp_path: Path) -> None:
    playing = Playing(raises={seed: DoesNotApplyError("nothing is in the way") for seed in CONFIGURATION.seeds})
    with pytest.raises(ConfigurationError, match="nothing is in the way"):
        run(CONFIGURATION, tmp_path / "run", playing)
    assert not (tmp_path / "run").exists()


def run(configuration: RunConfiguration, folder: Path, play: Playing) -> str:
    out = io.StringIO()
    execute(configuration, folder, playing=play, out=Console(file=out, width=110))
    return out.getvalue()


def test_run_writes_records_and_their_summary(tmp_path: Path) -> None:
    said = run(CONFIGURATION, tmp_path / "run", Playing(fails=lambda seed: seed == 12))
    records = read_records(tmp_path / "run" / RecordStore.FILE)
    assert [(one.seed, one.success) for one in records] == [(10, True), (11, True), (12, False), (13, True)]
    assert all((tmp_path / "run" / str(one.curves_file)).is_file() for one in records)
    written = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert written == json.loads(json.dumps(summarise(records).as_json()))
    assert read_configuration(tmp_path / "run") == CONFIGURATION
    assert "[3/4] seed 12    constraint: band" in said
    assert "3 of 4, 75.0% [19.4%, 99.4%]" in said
    assert str(tmp_path / "run" / "episodes.jsonl") in said


@pytest.mark.parametrize("stopped_at", range(10, 14))
def test_interrupted_run_keeps_finished_episodes_and_is_resumed(tmp_path: Path, stopped_at: int) -> None:
    play = Playing(raises={stopped_at: KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        run(CONFIGURATION, tmp_path / "run", play)
    assert seeds_in(tmp_path / "run") == list(range(10, stopped_at))
    assert not (tmp_path / "run" / "curves" / f"{stopped_at}.npz").exists()
    run(CONFIGURATION, tmp_path / "run", play)
    assert seeds_in(tmp_path / "run") == [10, 11, 12, 13]
    assert play.seeds == [*range(10, stopped_at + 1), *range(stopped_at, 14)]


def test_infrastructure_failure_is_recorded_and_retried(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    play = Playing(raises={11: OSError("the server\nis down")})
    said = run(CONFIGURATION, folder, play)
    bad = read_records(folder / RecordStore.FILE)[1]
    assert bad.failure == Failure("infrastructure", "OSError", "the server is down")
    assert seeds_in(folder) == [10, 11, 12, 13]
    assert "OSError: the server" in (folder / "run.log").read_text()
    assert f"resume={folder}" in said
    run(CONFIGURATION, folder, play)
    assert play.seeds == [10, 11, 12, 13, 11]
    assert json.loads((folder / "summary.json").read_text())["infrastructure"] == 0


def test_seed_without_a_scene_is_recorded_but_neither_judged_nor_retried(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    play = Playing(raises={12: PlacementError("no way")}, without_scene=11)
    said = run(CONFIGURATION, folder, play)
    failures = [record.failure for record in read_records(folder / RecordStore.FILE)]
    assert failures[1:3] == [Failure("arrangement", "no_scene", "nothing fits"), Failure("answer", "no_way", "no way")]
    assert "1 not judged: no scene was found" in said
    run(CONFIGURATION, folder, play)
    assert play.seeds == [10, 12, 13]
    summary = json.loads((folder / "summary.json").read_text())
    assert (summary["no_scene"], summary["success"]["n"], summary["expert_solves"]["n"]) == (1, 3, 4)


@pytest.mark.parametrize("finished_before", [False, True])
def test_progress_counts_judged_episodes(finished_before: bool, tmp_path: Path) -> None:
    raises: dict[int, BaseException] = {
        10: OSError("down"),
        12: PlacementError("no way"),
        13: DoesNotApplyError("nothing is in the way"),
    }
    play = Playing(raises=raises, without_scene=11)
    folder = tmp_path / "run"
    if finished_before:
        run(dataclasses.replace(CONFIGURATION, episodes=3), folder, play)
        shutil.copy(folder / RecordStore.FILE, tmp_path)
        shutil.rmtree(folder)
        folder.mkdir()
        shutil.copy(tmp_path / RecordStore.FILE, folder)
    said = run(dataclasses.replace(CONFIGURATION, episodes=6), folder, play)
    counts = re.findall(r"seed (\d+) .* s   (none judged|\d+ of \d+ succeeded)", said)
    if finished_before:
        assert counts == [("10", "1 of 2 succeeded"), ("14", "2 of 3 succeeded"), ("15", "3 of 4 succeeded")]
    else:
        assert counts == [
            ("10", "none judged"),
            ("11", "none judged"),
            ("12", "0 of 1 succeeded"),
            ("14", "1 of 2 succeeded"),
            ("15", "2 of 3 succeeded"),
        ]


class Thinking(Playing):
    """Answers three episodes at a time, once all three have asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(in_flight=3, **options)
        self.together = threading.Barrier(3, timeout=20.0)

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> PlayedEpisode:
        episode = super().begin(seed, film=film, curves=curves)
        ask = episode.ask

        def ask_together() -> None:
            self.together.wait()
            ask()

        episode.ask = ask_together  # type: ignore[method-assign]
        return episode


def test_episodes_in_flight_are_recorded_in_order(tmp_path: Path) -> None:
    play = Thinking(raises={11: OSError("the server is down")})
    run(RunConfiguration("water_flowers", episodes=6, seed=10, video=False), tmp_path, play)
    records = read_records(tmp_path / RecordStore.FILE)
    assert [(one.seed, one.is_infrastructure) for one in records] == [(seed, seed == 11) for seed in range(10, 16)]
    assert sorted(play.seeds) == list(range(10, 16))


def test_episodes_begun_before_an_interruption_leave_no_files(tmp_path: Path) -> None:
    configuration = RunConfiguration("water_flowers", episodes=6, seed=10, video=True)
    with pytest.raises(KeyboardInterrupt):
        run(configuration, tmp_path, Thinking(raises={11: KeyboardInterrupt()}))
    assert seeds_in(tmp_path) == [10]
    assert {path.name for path in tmp_path.glob("*/*")} == {"10.npz", "10_success.mp4"}


def test_spent_budget_ends_a_run_that_can_be_resumed(tmp_path: Path) -> None:
    play = Playing(raises={12: BudgetSpentError("The budget of 2 queries is spent.")})
    assert main(["task=water_flowers", "episodes=4", "seed=10", "hydra.run.dir=run"], play) == 3
    assert seeds_in(tmp_path / "run") == [10, 11]
    assert main(["resume=run"], play) == 0
    assert seeds_in(tmp_path / "run") == [10, 11, 12, 13]


def test_run_can_be_resumed_with_another_server_but_not_with_another_prompt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["task=water_flowers", "policy=robotracer", "policy.url=http://here:1", "episodes=2", "hydra.run.dir=run"]
    assert main(words, Playing(raises={1: OSError("down")})) == 3
    assert main(["resume=run", "policy.url=http://there:2", "policy.timeout_s=5"], Playing()) == 0
    policy = read_configuration(tmp_path / "run").policy
    assert policy.server == {"url": "http://there:2", "timeout_s": 5}
    assert len({one.configuration_hash for one in read_records(tmp_path / "run" / RecordStore.FILE)}) == 1
    assert "url" not in policy.options
    capsys.readouterr()
    assert main(["resume=run", "policy.dimensions=2"], Playing()) == 2
    assert "policy.dimensions" in refused(capsys)


def test_impossible_run_leaves_no_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not apply"):
        run(CONFIGURATION, tmp_path / "run", Playing(raises={10: ConfigurationError("wrong_order does not apply")}))
    assert not (tmp_path / "run").exists()


def test_folder_holds_one_run(tmp_path: Path) -> None:
    run(CONFIGURATION, tmp_path / "run", Playing())
    with pytest.raises(ConfigurationError, match="holds a run with another configuration"):
        run(RunConfiguration("stack_blocks_two"), tmp_path / "run", Playing())


@pytest.mark.parametrize(
    ("video", "films"),
    [
        (False, []),
        (True, ["10_success", "11_constraint", "12_success", "13_success"]),
        ("first", ["10_success"]),
        ("failures", ["11_constraint"]),
    ],
)
def test_videos_are_named_by_their_outcome(tmp_path: Path, video: Video, films: list[str]) -> None:
    configuration = RunConfiguration("water_flowers", episodes=4, seed=10, video=video)
    run(configuration, tmp_path / "run", Playing(fails=lambda seed: seed == 11))
    assert sorted(path.stem for path in (tmp_path / "run").glob("videos/*")) == films
    recorded = [one.video for one in read_records(tmp_path / "run" / RecordStore.FILE) if one.video]
    assert recorded == [f"videos/{name}.mp4" for name in films]


def test_video_of_a_superseded_episode_is_deleted(tmp_path: Path) -> None:
    configuration = RunConfiguration("water_flowers", episodes=1, video=True)
    (tmp_path / "run" / "videos").mkdir(parents=True)
    (tmp_path / "run" / "videos" / "0_infrastructure.mp4").touch()
    run(configuration, tmp_path / "run", Playing())
    assert [path.name for path in (tmp_path / "run").glob("videos/*")] == ["0_success.mp4"]


def _killed(folder: Path) -> None:
    class Killed(Playing):
        def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> PlayedEpisode:
            if seed == 12:
                os.kill(os.getpid(), signal.SIGKILL)
            return super().begin(seed, film=film, curves=curves)

    run(CONFIGURATION, folder, Killed())


def test_killed_run_is_resumed(tmp_path: Path) -> None:
    code = f"from pathlib import Path; import test_run; test_run._killed(Path({str(tmp_path / 'run')!r}))"
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(tracesim.__file__).parents[1])])
    child = subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": paths}, check=False)
    assert child.returncode == -signal.SIGKILL
    assert seeds_in(tmp_path / "run") == [10, 11]
    play = Playing()
    assert main([f"resume={tmp_path / 'run'}"], play) == 0
    assert play.seeds == [12, 13]


def test_exit_status_is_3_until_infrastructure_failures_are_retried(tmp_path: Path) -> None:
    play = Playing(raises={2: OSError("down")})
    assert main(["task=water_flowers", "episodes=3", "hydra.run.dir=run"], play) == 3
    assert main(["resume=run"], play) == 0
    assert play.seeds == [0, 1, 2, 2]


def test_interruption_prints_how_to_resume(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    play = Playing(raises={1: KeyboardInterrupt()})
    assert main(["task=water_flowers", "episodes=3", "hydra.run.dir=run"], play) == 130
    assert (
        "Interrupted: 2 of 3 episodes are left. To resume: python -m tracesim.run resume=run" in capsys.readouterr().out
    )
    assert main(["resume=run", "seed=0", "policy=expert", "variation=cluttered"], play) == 0
    assert seeds_in(tmp_path / "run") == [0, 1, 2]


def test_sweep_plays_every_combination_and_is_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["task=water_flowers,stack_blocks_two", "seed=0,100", "episodes=2", "video=false"]
    play = Playing(raises={100: KeyboardInterrupt()})
    assert main(["--multirun", *words, "hydra.sweep.dir=sweep"], play) == 130
    assert "To resume: python -m tracesim.run resume=sweep" in capsys.readouterr().out
    assert main(["resume=sweep", "episodes=2"], play) == 0
    played = {(one.task, one.seed) for path in tmp_path.glob("sweep/*/episodes.jsonl") for one in read_records(path)}
    assert played == {(task, seed) for task in ("water_flowers", "stack_blocks_two") for seed in (0, 1, 100, 101)}
    assert len(play.seeds) == 8 + 1
    said = capsys.readouterr().out
    assert "39.8% .. 100.0%" in said  # 4 of 4: the two ranges of seeds of a task are one configuration
    assert [one["success"]["n"] for one in json.loads((tmp_path / "sweep" / "summary.json").read_text())] == [4, 4]
    assert main(["resume=sweep", "seed=3"], play) == 2


def test_run_is_not_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["task=water_flowers", "episodes=1", "hydra.run.dir=run"]
    assert main(words, Playing()) == 0
    capsys.readouterr()
    assert main(words, Playing()) == 2
    assert "run already holds a run. Valid: resume=run" in refused(capsys)
