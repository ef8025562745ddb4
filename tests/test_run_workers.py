"""Runs and sweeps that several processes play: the same records, whatever happens to a process."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.playing import PlayedEpisode, Playing
from tests.runs import TASK, refused, seeds_in, table_of
from tests.test_run_disk import files_of_at_most
from tracesim.configuration import EpisodeConfiguration
from tracesim.errors import DoesNotApplyError, RequestRefusedError
from tracesim.failure import Failure
from tracesim.results.store import RecordStore, read_records
from tracesim.run import main

pytestmark = pytest.mark.usefixtures("somewhere_else")

WORDS = [*TASK, "episodes=6", "workers=2", "hydra.run.dir=run"]


class Elsewhere(Playing):
    """Plays episodes in processes of their own, each of which leaves a file that names the seed."""

    def __call__(self, configuration: EpisodeConfiguration) -> Playing:
        (Path.cwd() / "processes").mkdir(exist_ok=True)
        return super().__call__(configuration)

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> PlayedEpisode:
        (Path("processes") / f"{seed} {os.getpid()} {time.monotonic_ns()}").touch()
        time.sleep(0.1)
        return super().begin(seed, film=film, curves=curves)


class Killed(Elsewhere):
    """Is killed while it plays seed 2, the first time or each time."""

    def __init__(self, always: bool) -> None:
        super().__init__()
        self.always = always

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> PlayedEpisode:
        episode = super().begin(seed, film=film, curves=curves)
        if seed == 2 and (self.always or len(attempts(2)) == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        return episode


def attempts(seed: int) -> list[str]:
    return [path.name for path in Path("processes").glob(f"{seed} *")]


def test_processes_share_the_seeds_and_not_one_is_played_twice(tmp_path: Path) -> None:
    assert main(WORDS, Elsewhere()) == 0
    played = [path.name.split()[:2] for path in Path("processes").iterdir()]
    assert sorted(int(seed) for seed, _ in played) == sorted(seeds_in(tmp_path / "run")) == list(range(6))
    assert len({process for _, process in played} - {str(os.getpid())}) == 2


def test_records_are_those_of_one_process(tmp_path: Path) -> None:
    words = ["task=click_bell", "episodes=4", "video=false"]
    hashes = {}
    for workers in (1, 2):
        assert main([*words, f"workers={workers}", f"hydra.run.dir={workers}"]) == 0
        records = read_records(tmp_path / str(workers) / RecordStore.FILE)
        hashes[workers] = {record.seed: record.record_hash for record in records}
        assert all((tmp_path / str(workers) / str(record.curves_file)).exists() for record in records)
    assert hashes[1] == hashes[2]
    assert len(hashes[1]) == 4
    assert (tmp_path / "1" / "summary.json").read_text() == (tmp_path / "2" / "summary.json").read_text()


def test_seed_of_a_killed_process_is_played_by_another(tmp_path: Path) -> None:
    assert main(WORDS, Killed(always=False)) == 0
    assert sorted(seeds_in(tmp_path / "run")) == list(range(6))
    assert [len(attempts(seed)) for seed in range(6)] == [1, 1, 2, 1, 1, 1]
    assert all(record.success for record in read_records(tmp_path / "run" / RecordStore.FILE))


def test_seed_that_kills_its_processes_is_infrastructure_and_the_others_are_played(tmp_path: Path) -> None:
    assert main(WORDS, Killed(always=True)) == 3
    records = {record.seed: record for record in read_records(tmp_path / "run" / RecordStore.FILE)}
    assert [seed for seed, record in records.items() if record.success] == [seed for seed in records if seed != 2]
    how = "The processes that played it died (ended by SIGKILL: is there enough memory?)"
    assert records[2].failure == Failure("infrastructure", "WorkerDiedError", how)
    assert main(["resume=run", "workers=1"], Playing()) == 0
    assert sorted(seeds_in(tmp_path / "run")) == [0, 1, 2, 2, 3, 4, 5]


def test_refusal_ends_a_run_of_several_processes_and_keeps_its_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = RequestRefusedError("http://here: 401. Set the key.", status=401, resumable=True)
    assert main(WORDS, Elsewhere(raises={4: refusal})) == 2
    assert "http://here: 401. Set the key. Then resume the run" in capsys.readouterr().err
    assert not (tmp_path / "run" / "curves" / "4.npz").exists()
    assert main(["resume=run"], Elsewhere()) == 0
    assert sorted(seeds_in(tmp_path / "run")) == list(range(6))


def test_policy_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raises = {seed: DoesNotApplyError("nothing is in the way") for seed in range(6)}
    assert main(WORDS, Elsewhere(raises=dict(raises))) == 2
    assert "No seed can be played: nothing is in the way" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_budget_is_not_shared_by_processes(capsys: pytest.CaptureFixture[str]) -> None:
    words = [*WORDS, "policy=robotracer", "policy.url=http://here:1", "policy.budget_queries=5"]
    assert main(words, Playing()) == 2
    assert "policy.budget_queries=5 with workers=2" in refused(capsys)


def test_full_disk_ends_a_run_of_several_processes_that_can_be_resumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*WORDS, "episodes=1"], Elsewhere()) == 0
    size = (tmp_path / "run" / RecordStore.FILE).stat().st_size
    with files_of_at_most(3 * size + size // 2):
        assert main([*WORDS[:-1], "hydra.run.dir=full"], Elsewhere()) == 3
    assert "cannot be written" in capsys.readouterr().err
    assert len(seeds_in(tmp_path / "full")) == 3
    assert main(["resume=full"], Elsewhere()) == 0
    assert sorted(seeds_in(tmp_path / "full")) == list(range(6))


def test_jobs_of_a_sweep_share_the_processes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["-m", *TASK, "policy=expert,noop", "seed=0,100", "episodes=3", "workers=2", "hydra.sweep.dir=sweep"]
    assert main(words, Elsewhere(raises={101: OSError("down")})) == 3
    said = capsys.readouterr().out
    assert "[12/12] noop, seed" in said
    assert re.search(
        "Failed outside the benchmark: [12] episodes. To resume: python -m tracesim.run resume=sweep", said
    )
    assert len({path.name.split()[1] for path in Path("processes").iterdir()}) == 2
    assert main(["resume=sweep", "workers=1"], Playing()) == 0
    assert [(row["policies"], row["seeds"], row["infrastructure"]) for row in table_of(tmp_path / "sweep")] == [
        (["expert"], [0, 1, 2, 100, 101, 102], 0),
        (["noop"], [0, 1, 2, 100, 101, 102], 0),
    ]
