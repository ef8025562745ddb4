"""Files that a run reads: they may move between a run and its continuation, but not change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.playing import Playing
from tests.runs import ANSWER, TASK, answers, refused, seeds_in
from tracesim.cli.given_path import digest
from tracesim.cli.stored_runs import read_configuration
from tracesim.configuration import PolicyChoice, RunConfiguration
from tracesim.failure import Failure
from tracesim.results.record import Record
from tracesim.results.split import Certificate, Header, SplitFile
from tracesim.results.store import RecordStore, read_records
from tracesim.run import main

pytestmark = pytest.mark.usefixtures("somewhere_else")


def test_answers_file_may_move_but_not_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(tmp_path / "a.jsonl")
    words = [*TASK, "policy=replay", "policy.answers=a.jsonl", "hydra.run.dir=run"]
    assert main(words, Playing(raises={0: OSError("down")})) == 3
    (tmp_path / "other").mkdir()
    answers(tmp_path / "other" / "a.jsonl", {**ANSWER, "turns": [{"answer": "else"}]})
    monkeypatch.chdir(tmp_path / "other")
    assert main(["resume=../run"], Playing()) == 0
    assert {one.policy_options["answers"] for one in read_records(tmp_path / "run" / RecordStore.FILE)} == {
        str(tmp_path / "a.jsonl")
    }
    capsys.readouterr()
    assert main(["resume=../run", "policy.answers=a.jsonl"], Playing()) == 2
    assert "a.jsonl has changed since the run in ../run was started" in refused(capsys)
    moved = (tmp_path / "a.jsonl").rename(tmp_path / "moved.jsonl")
    assert main(["resume=../run"], Playing()) == 2
    assert "a.jsonl: no such file" in refused(capsys)
    assert main(["resume=../run", "policy.answers=../moved.jsonl"], Playing()) == 0
    assert read_configuration(tmp_path / "run").policy.options["answers"] == str(moved.resolve())
    moved.write_text(moved.read_text() + "\n")
    assert main(["resume=../run"], Playing()) == 2


def test_split_may_move_but_not_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def certify(*seeds: int) -> None:
        with SplitFile(tmp_path / "my split.jsonl", Header.of(RunConfiguration("click_bell"))) as file:
            for seed in seeds:
                failure = Failure("arrangement", "no_scene", "")
                file.append(Certificate(seed=seed, start=None, success=False, failure=failure))

    certify(3, 4)
    assert main(["split=my split.jsonl", "hydra.run.dir=run"], Playing(raises={4: KeyboardInterrupt()})) == 130
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert main(["resume=../run", "split=../my split.jsonl"], Playing()) == 0
    assert seeds_in(tmp_path / "run") == [3, 4]
    certify(5)
    capsys.readouterr()
    assert main(["resume=../run"], Playing()) == 2
    assert "my split.jsonl has changed since the run in ../run was started" in refused(capsys)


def test_digest_of_a_folder_covers_names_and_contents(tmp_path: Path) -> None:
    def folder(name: str, **contents: bytes) -> str:
        (tmp_path / name / "inner").mkdir(parents=True)
        for file, content in contents.items():
            (tmp_path / name / "inner" / file).write_bytes(content)
        return digest(tmp_path / name)

    assert folder("a", config=b"1", weights=b"2") == folder("b", weights=b"2", config=b"1")
    others = [folder("c", config=b"2", weights=b"2"), folder("d", config=b"1"), folder("e", config=b"1", weight=b"2")]
    assert len({digest(tmp_path / "a"), *others}) == 4
    with (tmp_path / "a" / "inner" / "weights").open("r+b") as weights:
        weights.truncate(2**27)  # a sparse file
        large = digest(tmp_path / "a")
        weights.seek(-1, 2)
        weights.write(b"x")
    assert digest(tmp_path / "a") != large


def test_hashes_cover_the_content_of_files_but_not_their_paths(tmp_path: Path) -> None:
    def configuration(name: str, held: str) -> RunConfiguration:
        options = {"answers": str(answers(tmp_path / name)), "order": "xy"}
        return RunConfiguration("click_bell", PolicyChoice("replay", options=options, files={"answers": held}))

    one, moved, other = (configuration(*of) for of in (("a", "1"), ("b", "1"), ("a", "2")))
    hashes = [Record.of(of, 0, success=True).record_hash for of in (one, moved, other)]
    assert (one.hash == moved.hash, one.hash == other.hash) == (True, False)
    assert (hashes[0] == hashes[1], hashes[0] == hashes[2]) == (True, False)
    assert one.anywhere == moved.anywhere != other.anywhere
    record = Record.of(one, 0, success=True)
    assert Record.model_validate_json(record.line()) == record


def test_sweep_finds_its_files_from_where_it_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        answers(tmp_path / name)
    words = ["-m", *TASK, "policy=replay", "policy.answers=a.jsonl,b.jsonl", "episodes=1", "hydra.sweep.dir=sweep"]
    assert main(words, Playing(raises={0: KeyboardInterrupt()})) == 130
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    answers(tmp_path / "other" / "b.jsonl", {**ANSWER, "turns": [{"answer": "else"}]})
    assert main(["resume=../sweep"], Playing()) == 0
    played = [read_configuration(tmp_path / "sweep" / job).policy.options["answers"] for job in ("0", "1")]
    assert played == [str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")]
    answers(tmp_path / "b.jsonl", {**ANSWER, "turns": [{"answer": "else"}]})
    capsys.readouterr()
    assert main(["resume=../sweep"], Playing()) == 2
    assert "b.jsonl has changed" in refused(capsys)


def test_run_that_changes_to_its_folder_finds_its_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers(tmp_path / "a.jsonl")
    words = [*TASK, "policy=replay", "policy.answers=a.jsonl", "hydra.job.chdir=true"]
    assert main([*words, "hydra.run.dir=run"], Playing(raises={0: KeyboardInterrupt()})) == 130
    assert f"resume={tmp_path / 'run'}" in capsys.readouterr().out
    assert main(["resume=run"], Playing()) == 0
    assert seeds_in(tmp_path / "run") == [0, 1]
    assert main(["-m", *words, "seed=0", "hydra.sweep.dir=sweep"], Playing()) == 0
    assert seeds_in(tmp_path / "sweep" / "0") == [0, 1]
