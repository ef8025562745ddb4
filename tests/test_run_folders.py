"""Folders and files of runs and sweeps: names, concurrent processes, moved and changed files."""

from __future__ import annotations

import io
import json
import multiprocessing
import re
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.playing import PlayedEpisode, Playing
from tracesim.cli.given_path import as_override, digest, literal, quote
from tracesim.cli.series import execute
from tracesim.cli.stored_runs import CONFIGURATION_FILE, read_configuration
from tracesim.cli.words import Words
from tracesim.configuration import PolicyChoice, RunConfiguration
from tracesim.errors import ConfigurationError
from tracesim.failure import Failure
from tracesim.results.record import Record
from tracesim.results.split import Certificate, Header, SplitFile
from tracesim.results.store import RecordStore, read_records
from tracesim.run import main

TASK = ["task=click_bell", "variation=clean", "episodes=2", "video=false"]

NAMES = [
    "my runs/first",
    "a=b",
    "it's",
    'say "so"',
    "äöü 日本",
    "a,b",
    "[bold]a[/b]",
    "{a}(b)",
    "back\\slash",
    "ends with a backslash\\",
    "quote after\\'backslash",
    "nil",
    "12",
    "1e5",
    " blank ",
    "-dash",
    "#&;!*?|^$%41:smile:",
    "new\nline",
    "ü" * 127,
]


@pytest.fixture(autouse=True)
def _somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """Return stderr, which must be one line."""
    said = capsys.readouterr().err
    assert re.fullmatch(r"error: [^\n]+\n", said), said
    return said


def recorded(folder: Path) -> list[int]:
    return [one.seed for one in read_records(folder / RecordStore.FILE)]


ANSWER = {"task": "click_bell", "seed": 0, "turns": [{"answer": "[(1, 2, 0.5)]"}]}


def answers(path: Path, *episodes: dict[str, Any]) -> Path:
    """Write records that hold answers only, by default one for seed 0."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(one)}\n" for one in episodes or [ANSWER]))
    return path


@pytest.mark.parametrize("name", NAMES)
def test_paths_reach_hydra_as_typed(name: str) -> None:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    words = [f"{key}={name}" for key in ("hydra.run.dir", "hydra.sweep.dir", "hydra.sweep.subdir", "policy.answers")]
    overrides = Words.of([*words, f"resume={name}"])
    found = OverridesParser.create().parse_overrides(list(overrides.overrides))
    assert [one.value() for one in found] == [name] * 4
    assert overrides.resume == Path(name)


ODD = ["my runs/first", "a=b,c", 'it\'s [bold]"so"[/b]', "äöü 日本\\", "{12}", "ü" * 127]


@pytest.mark.parametrize("name", ODD)
def test_run_folder_may_have_any_name(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = answers(tmp_path / "answers" / f"{name[:100]}.jsonl")
    play = Playing(raises={1: KeyboardInterrupt()})
    words = [*TASK, "policy=replay", f"policy.answers=answers/{name[:100]}.jsonl", f"hydra.run.dir={name}"]
    assert main(words, play) == 130
    assert recorded(tmp_path / name) == [0]
    capsys.readouterr()
    assert main([f"resume={name}"], play) == 0
    assert str(Path(name) / RecordStore.FILE) in capsys.readouterr().out
    assert recorded(tmp_path / name) == [0, 1]
    assert read_configuration(tmp_path / name).policy.options == {"answers": str(file)}


@pytest.mark.parametrize("name", ODD[::2])
def test_sweep_folder_may_have_any_name(name: str, tmp_path: Path) -> None:
    file = answers(tmp_path / name / "answers.jsonl", *({**ANSWER, "seed": seed} for seed in (0, 1)))
    words = ["-m", *TASK, "policy=replay", f"policy.answers={quote(file)}", "seed=0,1", "episodes=1"]
    play = Playing(raises={1: KeyboardInterrupt()})
    assert main([*words, f"hydra.sweep.dir={name}"], play) == 130
    assert main([f"resume={name}"], play) == 0
    assert [recorded(tmp_path / name / job) for job in ("0", "1")] == [[0], [1]]
    assert (tmp_path / name / "summary.json").exists()


def test_only_quotes_around_a_whole_path_are_removed() -> None:
    assert [literal(f"resume={word}") for word in ("'a b'", '"a b"', "'a\\'b'", "'a' b'", "a'")] == [
        *("a b", "a b", "a'b", "'a' b'", "a'")
    ]
    assert as_override("split=a b.jsonl,'c,d.jsonl',e", several=True) == "split='a b.jsonl','c,d.jsonl','e'"
    assert as_override("split=glob(*)", several=True) == "split=glob(*)"
    assert as_override("split=choice(a,b).jsonl") == "split='choice(a,b).jsonl'"


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (f"hydra.run.dir={'x' * 300}", "File name too long"),
        (f"hydra.run.dir=a/{'ü' * 128}/b", "File name too long"),
        ("hydra.run.dir=a file", "is a file, not a folder"),
        ("hydra.run.dir=a file/below", "Not a directory"),
        ("hydra.run.dir=a link", "a link that leads nowhere"),
        ("hydra.run.dir=${taskk}", "hydra.run.dir: Interpolation key 'taskk'"),
        ("hydra.run.dir=${oc.env:NOT_SET}/x", "hydra.run.dir: "),
        ("-m hydra.sweep.dir=${taskk}", "hydra.sweep.dir: Interpolation key 'taskk'"),
        ("hydra.run.dir=/proc/nothing", "cannot be made"),
        ("hydra.run.dir=", "hydra.run.dir=: no such"),
        ("hydra.run.dir=\udcff", "UTF-8"),
        (f"resume={'x' * 300}", "File name too long"),
        ("resume=a file", "no such file"),
        (f"split={'x' * 300}", "File name too long"),
        (f"policy=replay policy.answers={'x' * 300}", "File name too long"),
        ("policy=replay policy.answers=", "no such file"),
        (f"-m hydra.sweep.dir={'x' * 300}", "File name too long"),
        (f"-m hydra.sweep.subdir={'x' * 300}", "no folder can have this name"),
        (f"-m seed=0,1 hydra.sweep.subdir=a/${{hydra.job.num}}{'x' * 260}", "no folder can have this name"),
        ("-m hydra.sweep.dir=a file", "is a file, not a folder"),
    ],
)
def test_unusable_path_is_refused_in_one_line(
    option: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "a link").symlink_to("nowhere")
    words = re.split(r" (?=hydra|policy\.|seed)", option)
    task = [] if option.startswith(("resume", "split")) else TASK
    assert main([*task, *words], Playing()) == 2
    assert said in refused(capsys)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a file", "a link"]


def test_tilde_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert main([*TASK, "hydra.run.dir=~/run"], Playing()) == 0
    assert main(["resume=~/run"], Playing()) == 0
    assert recorded(tmp_path / "home" / "run") == [0, 1]


class Slow(Playing):
    """Plays slowly, so that other processes start meanwhile."""

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> PlayedEpisode:
        time.sleep(0.3)
        return super().begin(seed, film=film, curves=curves)


def _run(start: Any, results: Any, words: list[str]) -> None:
    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(io.StringIO()):
        start.wait()
        results.put((main(words, Slow()), said.getvalue()))


def at_once(count: int, *words: str) -> list[tuple[int, str]]:
    """Run a command in several processes at once; return exit status and stderr of each, sorted."""
    fork = multiprocessing.get_context("fork")  # starts at once: everything has been imported
    start, results = fork.Barrier(count), fork.Queue()
    children = [fork.Process(target=_run, args=(start, results, list(words))) for _ in range(count)]
    for child in children:
        child.start()
    ended = [results.get(timeout=120) for _ in children]
    for child in children:
        child.join()
    return sorted(ended)


@pytest.mark.parametrize("folder", [[], ["hydra.run.dir=mine/${now:%Y}"]])
def test_concurrent_runs_get_folders_of_their_own(tmp_path: Path, folder: list[str]) -> None:
    assert at_once(3, *TASK, *folder) == [(0, "")] * 3
    assert [recorded(path.parent) for path in tmp_path.rglob(RecordStore.FILE)] == [[0, 1]] * 3


def test_concurrent_sweeps_get_folders_of_their_own(tmp_path: Path) -> None:
    assert at_once(2, "-m", *TASK, "seed=0,100") == [(0, "")] * 2
    assert len(list(tmp_path.rglob("sweep.yaml"))) == 2
    assert len(list(tmp_path.rglob(RecordStore.FILE))) == 4


@pytest.mark.parametrize("exists", [False, True])
def test_only_one_of_concurrent_runs_in_one_folder_is_played(exists: bool, tmp_path: Path) -> None:
    if exists:
        (tmp_path / "run").mkdir()
    played, *others = at_once(3, *TASK, "hydra.run.dir=run")
    assert played == (0, "")
    for status, said in others:
        assert status == 2
        assert re.fullmatch(r"error: .*(another process is writing|already holds a run).*\n", said)
    assert recorded(tmp_path / "run") == [0, 1]


def test_only_one_of_concurrent_resumes_of_a_run_is_played(tmp_path: Path) -> None:
    assert main([*TASK, "hydra.run.dir=run"], Playing(raises={0: OSError("down"), 1: OSError("down")})) == 3
    played, other = at_once(2, "resume=run")
    assert (played[0], other[0]) == (0, 2)
    assert "another process is writing" in other[1]
    assert recorded(tmp_path / "run") == [0, 1, 0, 1]


def test_only_one_of_concurrent_sweeps_in_one_folder_is_played(tmp_path: Path) -> None:
    played, other = at_once(2, "-m", *TASK, "seed=0,100", "hydra.sweep.dir=sweep")
    assert (played[0], other[0]) == (0, 2)
    assert re.fullmatch(r"error: .*(another process is writing|already holds a sweep).*\n", other[1])
    assert [row["seeds"] for row in table_of(tmp_path / "sweep")] == [[0, 1, 100, 101]]


def test_folder_holds_one_run_or_one_sweep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep, run = ["-m", *TASK, "hydra.sweep.dir=here"], [*TASK, "hydra.run.dir=here"]
    for first, second in ((sweep, run), (run, sweep), (sweep, sweep), (run, run)):
        assert main(first, Playing()) == 0
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        capsys.readouterr()
        assert main(second, Playing()) == 2
        assert "here already holds a" in refused(capsys)
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
        (tmp_path / "here").rename(tmp_path / f"there {len(list(tmp_path.iterdir()))}")


def test_new_run_is_refused_where_records_are(tmp_path: Path) -> None:
    execute(RunConfiguration("click_bell", episodes=2, video=False), tmp_path / "run", playing=Playing())
    (tmp_path / "run" / CONFIGURATION_FILE).unlink()
    assert main([*TASK, "hydra.run.dir=run"], Playing()) == 2


def table_of(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "summary.json").read_text())
    return found


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


@pytest.mark.parametrize("subfolder", ["${hydra.job.override_dirname}", "${now:%S}_${now:%f}/${hydra:job.num}"])
def test_resumed_sweep_keeps_the_folders_of_its_jobs(subfolder: str, tmp_path: Path) -> None:
    play = Playing(raises={101: KeyboardInterrupt()})
    words = ["-m", *TASK, "seed=0,100", "hydra.sweep.dir=sweep", f"hydra.sweep.subdir={subfolder}"]
    assert main(words, play) == 130
    begun = sorted(tmp_path.rglob(RecordStore.FILE))
    for _ in range(2):
        assert main(["resume=sweep"], play) == 0
        assert sorted(tmp_path.rglob(RecordStore.FILE)) == begun
    assert play.seeds == [0, 1, 100, 101, 101]


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
    assert recorded(tmp_path / "run") == [3, 4]
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
    assert recorded(tmp_path / "run") == [0, 1]
    assert main(["-m", *words, "seed=0", "hydra.sweep.dir=sweep"], Playing()) == 0
    assert recorded(tmp_path / "sweep" / "0") == [0, 1]


def test_names_are_printed_without_markup(tmp_path: Path) -> None:
    out = io.StringIO()
    folder = tmp_path / "[bold]x[/y] :smile:"
    configuration = RunConfiguration("click_bell", episodes=2, video=False)
    with pytest.raises(KeyboardInterrupt):
        execute(configuration, folder, playing=Playing(raises={1: KeyboardInterrupt()}), out=Console(file=out))
    assert f"resume={folder}" in out.getvalue()
    with pytest.raises(ConfigurationError, match="already holds a run"):
        execute(configuration, folder, playing=Playing(), new=True)
