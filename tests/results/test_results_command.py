"""`python -m tracesim.results`: one table of many folders, and files that other tools open."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import polars
import pytest

from tests.episodes import Episodes
from tests.many_records import make
from tests.runs import refused
from tests.written_runs import BELL, record, write
from tracesim.configuration import PolicyChoice, RunConfiguration, Variation
from tracesim.configuration.run import ContactDepth
from tracesim.results import Collection
from tracesim.results.__main__ import HELP, main
from tracesim.results.matrix import Matrix

CUP = RunConfiguration("place_empty_cup", variation=Variation("clean", clutter=0))


def noisy(scale: float, task: str = "click_bell", level: str = "clean") -> RunConfiguration:
    policy = PolicyChoice("noisy", "noisy_expert", options={"depth_scale": scale})
    return RunConfiguration(task, policy, variation=Variation(level, clutter=0))


def test_tasks_and_policies_are_a_matrix_with_an_interval_in_every_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "0", *(record(seed) for seed in range(8)))
    write(tmp_path / "1", *(record(seed, of=CUP) for seed in range(8)))
    write(tmp_path / "2", *(record(seed, success=seed < 6, of=noisy(0.9)) for seed in range(8)))
    down = record(7, success=False, stage="infrastructure", of=noisy(0.9, "place_empty_cup"))
    write(
        tmp_path / "3", *(record(seed, success=seed < 1, of=noisy(0.9, "place_empty_cup")) for seed in range(7)), down
    )
    assert main([str(tmp_path), "k=2"]) == 0
    said = capsys.readouterr().out
    assert "100 [63, 100]" in said  # 8 of 8, Clopper and Pearson
    assert "75 [35, 97]" in said  # 6 of 8
    assert "14 [0, 58]" in said  # 1 of 7
    assert "7-8" in said
    assert said.index("expert") < said.index("noisy")
    (row,) = (line for line in said.splitlines() if line.split()[:1] == ["noisy"])
    # 15 judged, the mean of 6/8 and 1/7, pass^2 as the mean of 15/28 and 0, and one episode that was not judged.
    assert row.split()[:3] == ["noisy", "15", "44.6"]
    assert row.split()[-2:] == ["26.8", "1"]
    assert "Smallest difference of two policies" in said


def test_a_policy_with_several_settings_has_a_column_for_each(tmp_path: Path) -> None:
    for number, of in enumerate((noisy(0.9), noisy(1.1), noisy(1.1, level="mine"), BELL)):
        write(tmp_path / str(number), record(0, of=of))
    labels = {one.label for one in Matrix.of(Collection.read([tmp_path])).columns}
    assert labels == {
        "expert",
        "noisy depth_scale=0.9 variation=clean",
        "noisy depth_scale=1.1 variation=clean",
        "noisy depth_scale=1.1 variation=mine",
    }


def test_one_entrant_has_one_column_whatever_the_task_and_where_its_files_lie(tmp_path: Path) -> None:
    for number, of in enumerate((BELL, CUP)):
        policy = PolicyChoice("replay", options={"answers": f"/{number}/a.jsonl"}, files={"answers": "0" * 64})
        write(tmp_path / str(number), record(0, of=RunConfiguration(of.task, policy)))
    (column,) = Matrix.of(Collection.read([tmp_path])).columns
    assert set(column.rates) == {"click_bell", "place_empty_cup"}


def test_different_contact_depths_are_not_mixed(tmp_path: Path) -> None:
    depths: tuple[ContactDepth, ...] = ("measured", "predicted")
    for depth in depths:
        write(tmp_path / depth, record(0, of=RunConfiguration("click_bell", contact_depth=depth)))
    labels = {one.label for one in Matrix.of(Collection.read([tmp_path])).columns}
    assert labels == {"expert contact_depth=measured", "expert contact_depth=predicted"}


def test_averages_are_over_common_tasks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "0", record(0))
    write(tmp_path / "1", record(0, success=False, of=noisy(0.9)))
    write(tmp_path / "2", record(0, of=noisy(0.9, "place_empty_cup")))
    assert main([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Averages over 1 task" in said
    assert "Without tasks that only some have played: place_empty_cup." in said


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_episodes_are_written(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "run", record(0), record(1, success=False))
    output = tmp_path / "new" / f"episodes{suffix}"
    assert main([str(tmp_path / "run"), f"output={output}"]) == 0
    read = polars.read_csv if suffix == ".csv" else polars.read_parquet
    assert read(output)["success"].to_list() == [True, False]
    assert f"{output}   2 episodes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "No folder is given. Valid: python -m tracesim.results FOLDER... ."),
        (["nowhere"], "nowhere: no such folder."),
        (["run", "k=0"], "k=0: at least 1."),
        (["run", "output=a.xlsx"], "output=a.xlsx: valid are names that end with .parquet or .csv."),
        (["run", "outputs=a.csv"], "Unknown option 'outputs'. Did you mean 'output'?"),
    ],
)
def test_wrong_words_are_refused_in_one_line(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "run", record(0))
    assert main(words) == 2
    assert said in refused(capsys)


def test_a_folder_may_have_an_equals_sign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(write(tmp_path / "task=click_bell", record(0)))]) == 0
    assert main(["--help"]) == 0
    assert capsys.readouterr().out.endswith(HELP)


@pytest.mark.slow
@pytest.mark.timed
def test_ten_thousand_records_are_a_table_in_less_than_ten_seconds(
    tmp_path: Path, episodes: Episodes, capsys: pytest.CaptureFixture[str]
) -> None:
    for task in ("water_flowers", "click_bell", "place_empty_cup", "blocks_ranking_rgb"):
        for policy in ("expert", "noisy_expert"):
            folder = write(tmp_path / "real" / f"{task}_{policy}", episodes.played(task, 0, policy))
            (folder / "configuration.yaml").write_text("episodes: 1\n")
    assert make(tmp_path / "real", tmp_path / "many", 1250) == 10_000
    started = time.process_time()
    assert main([str(tmp_path / "many"), f"output={tmp_path / 'episodes.parquet'}"]) == 0
    assert time.process_time() - started < 10.0
    assert "10000 episodes" in capsys.readouterr().out


def test_without_polars_the_table_is_printed_and_only_a_file_needs_the_extra(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", record(0))
    code = "import sys; sys.modules['polars'] = None; from tracesim.results.__main__ import main; sys.exit(main())"
    for words, status in (([], 0), ([f"output={tmp_path / 'a.csv'}"], 2)):
        done = subprocess.run([sys.executable, "-c", code, str(folder), *words], capture_output=True, text=True)
        assert done.returncode == status, done.stderr
    assert done.stderr == "error: The table of episodes needs polars: pip install 'tracesim[results]'.\n"
    assert not (tmp_path / "a.csv").exists()
