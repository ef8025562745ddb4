"""`python -m tracesim.submit`: what is packed, what is refused, and what verification finds out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faulty_server import FaultyServer
from tests.knowing import Knowing, point_pair
from tests.runs import refused
from tests.submit_files import Json, contents, forge, rewrite, with_manifest
from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.failure import Failure
from tracesim.results.collection import Collection
from tracesim.results.record import Record
from tracesim.results.split import Certificate, Header, SplitFile
from tracesim.results.store import read_records
from tracesim.run import main as play
from tracesim.submit.__main__ import HELP, main
from tracesim.submit.checks import ranges

CLEAN = Variation("clean", clutter=0)
WORDS = ["task=click_bell", "variation=clean", "video=false"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a run of three seeds."""
    folder = tmp_path_factory.mktemp("played") / "run"
    assert play([*WORDS, "episodes=3", f"hydra.run.dir={folder}"]) == 0
    return folder


@pytest.fixture(scope="module")
def packed(run: Path) -> Path:
    """Submission of that run."""
    file = run.parent / "packed.zip"
    assert main([str(run), f"output={file}", "curves=true"]) == 0
    return file


def errors(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines on stderr, each of which is an error; stdout must be empty."""
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert all(line.startswith("error: ") for line in lines)
    return lines


def copy(run: Path, to: Path, *changes: Callable[[Path], object]) -> Path:
    shutil.copytree(run, to)
    for change in changes:
        change(to)
    return to


def change_records(folder: Path, change: Callable[[list[Json]], object]) -> None:
    file = folder / "episodes.jsonl"
    records = [json.loads(line) for line in file.read_text().splitlines()]
    change(records)
    made = (Record.model_validate_json(json.dumps(one | {"record_hash": ""})) for one in records)
    file.write_text("".join(f"{one.line()}\n" for one in made))


def change_json(path: Path, change: Callable[[Any], object]) -> None:
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


# --- what is packed


def test_a_submission_has_everything_and_is_itself_a_folder_of_runs(run: Path, packed: Path, tmp_path: Path) -> None:
    members = contents(packed)
    curves = [f"runs/0/curves/{seed}.npz" for seed in range(3)]
    texts = ["runs/0/episodes.jsonl", "runs/0/provenance.json", "summary.json", "manifest.json"]
    assert sorted(members) == sorted(curves + texts)
    manifest = json.loads(members["manifest.json"])
    assert with_manifest(members)["manifest.json"] == json.dumps(manifest).encode()
    assert [(one["task"], one["seeds"]) for one in manifest["tasks"]] == [("click_bell", [0, 1, 2])]
    (summary,) = json.loads(members["summary.json"])
    assert summary["success"]["n"] == 3
    assert 0.0 < summary["success"]["low"] < 1.0
    shutil.unpack_archive(packed, tmp_path)
    there = {one.record.record_hash: one.curves_file for one in Collection.read([tmp_path]).episodes}
    assert there.keys() == {one.record_hash for one in read_records(run / "episodes.jsonl")}
    assert all(file is not None for file in there.values())


def test_the_same_results_give_the_same_file_and_shards_that_overlap_are_packed_once(
    run: Path, packed: Path, tmp_path: Path
) -> None:
    shutil.copytree(run, tmp_path / "copy")
    again = tmp_path / "again.zip"
    assert main([str(run), str(tmp_path / "copy"), f"output={again}", "curves=true"]) == 0
    assert again.read_bytes() == packed.read_bytes()


def test_a_key_is_never_packed(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "sk-not-a-real-key-0123"
    call = {
        **{"schema_version": 1, "seed": 0, "turn": 0, "attempt": 1, "started": "now", "seconds": 1.0},
        **{"address": "http://127.0.0.1", "sent": {"prompt": f"say {secret}"}},
    }
    folder = copy(run, tmp_path / "run", lambda to: to.joinpath("calls.jsonl").write_text(json.dumps(call) + "\n"))
    assert main([str(folder), f"output={tmp_path / 'a.zip'}"]) == 0
    assert "runs/0/calls.jsonl" in contents(tmp_path / "a.zip")
    monkeypatch.setenv("MY_API_KEY", secret)
    assert main([str(folder), f"output={tmp_path / 'b.zip'}"]) == 2
    assert not list(tmp_path.glob("*b*"))


# --- what is refused


def test_everything_that_is_wrong_is_said_at_once(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    down = Failure("infrastructure", "InfrastructureError", "down")

    def spoil(folder: Path) -> None:
        def records(found: list[Json]) -> None:
            del found[2]
            found[1] |= {"success": False, "failure": vars(down), "versions": found[1]["versions"] | {"scipy": "0.1"}}
            found.append(found[0] | {"best": {}})

        change_records(folder, records)

    def other_code(folder: Path) -> None:
        change_json(folder / "provenance.json", lambda one: one["sessions"][0]["code"].update(digest="0" * 64))

    shard = copy(run, tmp_path / "shard", spoil)
    other = copy(shard, tmp_path / "other", other_code)
    unknown = copy(shard, tmp_path / "unknown", lambda to: to.joinpath("provenance.json").unlink())
    words = [str(shard), str(other), str(unknown), f"output={tmp_path / 'a.zip'}"]
    assert main(words) == 2
    said = "\n".join(errors(capsys))
    for part in (
        "unknown: provenance.json is missing",
        "several versions of scipy: 0.1, ",
        "played by different code of TraceSim",
        "click_bell: seeds 2 are missing. Finish it: python -m tracesim.run resume=",
        "click_bell: seeds 1 failed outside the benchmark",
        "click_bell: seed 0 has different results, in ",
    ):
        assert part in said
    assert not (tmp_path / "a.zip").exists()


def test_a_submission_has_one_policy_with_one_set_of_options(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def renamed(folder: Path) -> None:
        change_records(folder, lambda found: [one.update(policy="mine") for one in found])

    other = copy(run, tmp_path / "other", renamed)
    words = [str(run), str(other), f"output={tmp_path / 'a.zip'}"]
    assert main(words) == 2
    assert any("several policies: expert, mine." in line for line in errors(capsys))
    assert main([*words, "policy=expert"]) == 0
    capsys.readouterr()
    assert main([*words, "policy=nobody"]) == 2
    assert "Unknown policy in these folders 'nobody'" in refused(capsys)


def test_an_edited_record_and_a_lost_curves_file_are_named(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def edit(folder: Path) -> None:
        file = folder / "episodes.jsonl"
        file.write_text(file.read_text().replace('"reproducible":true', '"reproducible":false', 1))

    assert main([str(copy(run, tmp_path / "edited", edit)), f"output={tmp_path / 'a.zip'}"]) == 2
    assert "episodes.jsonl, line 1: not a record: record_hash begins with" in refused(capsys)
    lost = copy(run, tmp_path / "lost", lambda to: to.joinpath("curves", "1.npz").unlink())
    assert main([str(lost), f"output={tmp_path / 'a.zip'}", "curves=true"]) == 2
    assert "curves files of seeds 1 are missing" in refused(capsys)
    assert main([str(lost), f"output={tmp_path / 'a.zip'}"]) == 0


def test_every_seed_of_a_split_has_to_be_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    split, folder = tmp_path / "split.jsonl", tmp_path / "run"
    none = Certificate(seed=0, start=None, success=False, failure=Failure("arrangement", "no_scene"))
    with SplitFile(split, Header.of(EpisodeConfiguration("click_bell", variation=CLEAN))) as file:
        for seed in (4, 5):
            file.append(none.model_copy(update={"seed": seed}))
    assert play([f"split={split}", "policy=noop", "video=false", f"hydra.run.dir={folder}"]) == 0
    assert main([str(folder), f"output={tmp_path / 'a.zip'}"]) == 0
    assert json.loads(contents(tmp_path / "a.zip")["manifest.json"])["tasks"][0]["split_hash"]
    capsys.readouterr()
    change_records(folder, lambda found: found.pop())
    change_json(folder / "provenance.json", lambda one: one["configuration"].update(episodes=1))
    assert main([str(folder), f"output={tmp_path / 'a.zip'}"]) == 2
    assert "click_bell: seeds 5 are missing" in refused(capsys)


def test_jobs_of_a_sweep_that_were_never_begun_are_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--multirun", "task=click_bell,click_alarmclock", *WORDS[1:], "policy=noop", "episodes=1"]
    assert play([*words, f"hydra.sweep.dir={tmp_path / 'sweep'}"]) == 0
    shutil.rmtree(tmp_path / "sweep" / "1")
    capsys.readouterr()
    assert main([str(tmp_path / "sweep"), f"output={tmp_path / 'a.zip'}"]) == 2
    assert "1 of 2 jobs of the sweep have no records. Finish it" in refused(capsys)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "No folder is given"),
        (["{run}"], "output is missing"),
        (["{run}", "output=a.tar"], "valid are names that end with .zip"),
        (["{run}", "output=a.zip", "sample=3"], "sample=3 without verify=FILE.zip: it has no effect"),
        (["verify=a.zip", "curves=true"], "curves=true with verify=FILE.zip: it has no effect"),
        (["{run}", "verify=a.zip"], "give one of them"),
        (["verify=a.zip"], "a.zip: cannot be read (No such file or directory)"),
        (["verify=a.zip", "sample=0"], "sample=0: at least 1"),
    ],
)
@pytest.mark.usefixtures("somewhere_else")
def test_wrong_words_are_refused(words: list[str], said: str, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word.format(run=run) for word in words]) == 2
    assert said in refused(capsys)


def test_ranges_of_seeds() -> None:
    assert ranges([7, 3, 5, 6]) == "3, 5-7"
    assert ranges(range(0, 24, 2)) == "0, 2, 4, 6, 8 and 7 more"


# --- what verification finds out


def test_what_was_played_is_reproduced(packed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"verify={packed}", "sample=2", "seed=1"]) == 0
    said = capsys.readouterr().out
    assert "2 of 2 episodes are reproduced" in said
    assert said.count("the same to the last digit") == 2


def margin(records: list[Json]) -> None:
    (name,) = list(records[1]["margins"])[:1]
    records[1]["margins"][name] += 0.02


def answer(records: list[Json]) -> None:
    records[1]["turns"][0]["answer"] = records[2]["turns"][0]["answer"]


def scene(records: list[Json]) -> None:
    records[1]["factors"] |= {"camera.x_m": 0.5}


@pytest.mark.parametrize(
    ("change", "said"), [(margin, "margin +"), (answer, "answer 0: "), (scene, "factors camera.x_m")]
)
def test_an_episode_that_was_edited_is_found_if_it_is_sampled(
    change: Callable[[list[Json]], object], said: str, packed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = forge(packed, tmp_path / "forged.zip", change)
    assert main([f"verify={forged}"]) == 1
    printed = capsys.readouterr().out
    assert "click_bell, seed 1: not reproduced" in printed
    assert said in printed
    assert "2 of 3 episodes are reproduced" in printed
    assert "the file was edited, or this machine computes otherwise" in printed


def damaged(members: dict[str, bytes]) -> dict[str, bytes]:
    content = members["runs/0/curves/1.npz"]
    return members | {"runs/0/curves/1.npz": content[:-1] + bytes([content[-1] ^ 1])}


def without(name: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda members: {one: content for one, content in members.items() if one != name}


def listed(change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda members: with_manifest(change(members))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (damaged, "runs/0/curves/1.npz does not have the hash"),
        (lambda members: members | {"summary.json": b"[]"}, "summary.json has 2 bytes"),
        (listed(lambda members: members | {"summary.json": b"[]"}), "summary.json does not agree with the records"),
        (without("runs/0/curves/2.npz"), "runs/0/curves/2.npz is missing"),
        (listed(without("runs/0/provenance.json")), "runs/0/provenance.json is missing"),
        (without("manifest.json"), "has no manifest.json"),
        (lambda members: members | {"../../etc/passwd": b"me"}, "../../etc/passwd is not a file of a submission"),
        (lambda members: members | {"/runs/0/calls.jsonl": b""}, "is not a file of a submission"),
        (lambda members: members | {"runs/1/calls.jsonl": b""}, "runs/1/calls.jsonl is not listed"),
        (lambda members: members | {"manifest.json": b"{}"}, "manifest.json is invalid"),
        (
            lambda members: (
                members | {"manifest.json": members["manifest.json"].replace(b'"robot": "panda"', b'"robot": "ur5"')}
            ),
            "manifest.json does not agree with the records: robot",
        ),
    ],
)
def test_a_file_that_is_damaged_or_does_not_agree_with_itself_is_refused(
    change: Callable[[dict[str, bytes]], dict[str, bytes]],
    said: str,
    packed: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([f"verify={rewrite(tmp_path / 'a.zip', change(contents(packed)))}"]) == 2
    assert said in refused(capsys)


def test_a_seed_that_was_left_out_is_missed_by_verification_too(
    packed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = forge(packed, tmp_path / "forged.zip", lambda records: records.pop())
    assert main([f"verify={forged}"]) == 2
    assert "click_bell: seeds 2 are missing" in refused(capsys)


def test_no_byte_of_the_file_can_break_the_command(
    packed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = without("runs/0/curves/0.npz")(
        without("runs/0/curves/1.npz")(without("runs/0/curves/2.npz")(contents(packed)))
    )
    file = rewrite(tmp_path / "whole.zip", small)
    content = file.read_bytes()
    for place in range(0, len(content), max(1, len(content) // 60)):
        broken = tmp_path / "broken.zip"
        broken.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        assert main([f"verify={broken}"]) == 2
        refused(capsys)
        broken.write_bytes(content[:place])
        assert main([f"verify={broken}"]) == 2
        refused(capsys)


def test_answers_of_a_model_that_points_at_two_places_are_reproduced(
    tmp_path: Path, renderer: None, capsys: pytest.CaptureFixture[str]
) -> None:
    knowing, folder, file = Knowing(point_pair), tmp_path / "run", tmp_path / "a.zip"
    knowing.learn(EpisodeConfiguration("stack_blocks_two", variation=CLEAN), 0)
    with FaultyServer(knowing, share=0.0) as server:
        words = ["task=stack_blocks_two", *WORDS[1:], "policy=roborefer", f"policy.url={server.url}", "episodes=1"]
        assert play([*words, f"hydra.run.dir={folder}"]) == 0
    assert main([str(folder), f"output={file}", "pictures=true"]) == 0
    assert any(name.startswith("runs/0/pictures/") for name in contents(file))
    capsys.readouterr()
    assert main([f"verify={file}"]) == 0
    assert "the same to the last digit" in capsys.readouterr().out


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert capsys.readouterr().out == HELP
