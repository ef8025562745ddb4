"""Folders of runs and sweeps: their names, and that each holds one run or one sweep."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from tests.playing import Playing
from tests.runs import ANSWER, TASK, answers, refused, seeds_in
from tracesim.cli.given_path import as_override, literal, quote
from tracesim.cli.series import execute
from tracesim.cli.stored_runs import CONFIGURATION_FILE, read_configuration
from tracesim.cli.words import Words
from tracesim.configuration import RunConfiguration
from tracesim.errors import ConfigurationError
from tracesim.results.store import RecordStore
from tracesim.run import main

pytestmark = pytest.mark.usefixtures("somewhere_else")

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
    assert seeds_in(tmp_path / name) == [0]
    capsys.readouterr()
    assert main([f"resume={name}"], play) == 0
    assert str(Path(name) / RecordStore.FILE) in capsys.readouterr().out
    assert seeds_in(tmp_path / name) == [0, 1]
    assert read_configuration(tmp_path / name).policy.options == {"answers": str(file)}


@pytest.mark.parametrize("name", ODD[::2])
def test_sweep_folder_may_have_any_name(name: str, tmp_path: Path) -> None:
    file = answers(tmp_path / name / "answers.jsonl", *({**ANSWER, "seed": seed} for seed in (0, 1)))
    words = ["-m", *TASK, "policy=replay", f"policy.answers={quote(file)}", "seed=0,1", "episodes=1"]
    play = Playing(raises={1: KeyboardInterrupt()})
    assert main([*words, f"hydra.sweep.dir={name}"], play) == 130
    assert main([f"resume={name}"], play) == 0
    assert [seeds_in(tmp_path / name / job) for job in ("0", "1")] == [[0], [1]]
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
    assert seeds_in(tmp_path / "home" / "run") == [0, 1]


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


def test_names_are_printed_without_markup(tmp_path: Path) -> None:
    out = io.StringIO()
    folder = tmp_path / "[bold]x[/y] :smile:"
    configuration = RunConfiguration("click_bell", episodes=2, video=False)
    with pytest.raises(KeyboardInterrupt):
        execute(configuration, folder, playing=Playing(raises={1: KeyboardInterrupt()}), out=Console(file=out))
    assert f"resume={folder}" in out.getvalue()
    with pytest.raises(ConfigurationError, match="already holds a run"):
        execute(configuration, folder, playing=Playing(), new=True)
