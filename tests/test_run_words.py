"""The words of `python -m tracesim.run`: defaults, help, exit statuses, and refusals in one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tracesim
from tests.playing import Playing
from tests.runs import refused
from tracesim.cli.stored_runs import read_configuration
from tracesim.cli.words import option_names
from tracesim.configuration import PolicyChoice, RunConfiguration, Variation
from tracesim.run import main

pytestmark = pytest.mark.usefixtures("somewhere_else")


def test_defaults_in_files_are_those_of_the_class(tmp_path: Path) -> None:
    assert main(["task=water_flowers", "hydra.run.dir=run"], Playing()) == 0
    assert read_configuration(tmp_path / "run") == RunConfiguration("water_flowers")


def test_every_option_of_a_run_together(tmp_path: Path) -> None:
    words = "task=water_flowers policy=expert robot=panda episodes=10 seed=0 video=true variation=cluttered"
    assert main([*words.split(), "variation.clutter=6", "hydra.run.dir=run"], Playing(fails=lambda _: True)) == 0
    configuration = read_configuration(tmp_path / "run")
    assert configuration.variation == Variation("cluttered", clutter=6)
    assert configuration.video is True
    assert len(list((tmp_path / "run" / "videos").iterdir())) == 10


def test_levels_have_different_numbers_of_distractors(tmp_path: Path) -> None:
    for level in ("clean", "cluttered", "randomized"):
        assert (
            main(["task=water_flowers", f"variation={level}", "episodes=1", f"hydra.run.dir={level}"], Playing()) == 0
        )
    found = [read_configuration(tmp_path / level).variation for level in ("clean", "cluttered", "randomized")]
    assert [one.level for one in found] == ["clean", "cluttered", "randomized"]
    assert [one.clutter for one in found] == sorted({one.clutter for one in found})


def test_sweep_is_checked_before_its_first_job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-m", "task=water_flowers", "variation=clean,crowded", "hydra.sweep.dir=sweep"], Playing()) == 2
    assert "Unknown variation 'crowded'" in refused(capsys)
    assert not (tmp_path / "sweep").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "task is missing: give task=NAME. Valid: .*water_flowers"),
        ("task=water_flower", "Unknown task 'water_flower'. Did you mean 'water_flowers'[?] Valid: "),
        ("tsk=water_flowers", "Unknown option 'tsk'. Did you mean 'task'[?] Valid: "),
        ("task=water_flowers --mulitrun", "Unknown flag '--mulitrun'. Did you mean '--multirun'[?]"),
        ("task=water_flowers policy=experts", "Unknown policy 'experts'. Did you mean 'expert'[?]"),
        ("task=water_flowers policy=null", "policy=null: choose one"),
        ("task=water_flowers policy.kind=no", "Unknown policy 'no'. Did you mean 'noop'[?]"),
        ("task=water_flowers policy=noisy_expert policy.depth=2", "Unknown option of policy noisy_expert 'depth'"),
        ("task=water_flowers policy=noisy_expert policy.depth_scale=-1", "depth_scale more than 0"),
        ("task=water_flowers robot=baxter", "Unknown robot 'baxter'. Valid: g1, panda, so101, two_pandas, ur5"),
        ("task=water_flowers variation=clutered", "Unknown variation 'clutered'. Did you mean 'cluttered'[?]"),
        ("task=water_flowers variation.cluter=3", "Did you mean 'variation.clutter'[?]"),
        ("task=water_flowers variation.clutter=-1", "variation.clutter=-1: a number of objects is 0 or more"),
        ("task=water_flowers variation.level=clean", "variation.level=clean: .* give variation=clean"),
        ("task=water_flowers variation.clutter_kinds=mug", r"not a list\. Valid: variation\.clutter_kinds=\[mug\]"),
        ("task=water_flowers variation.clutter_kinds=[mugs]", "Unknown kind of distractor 'mugs'. Did you mean 'mug'"),
        ("task=click_bell variation.counterfactual=twin", "click_bell has no twin. Tasks that have one: .*stack"),
        ("task=water_flowers +foo=1", "Unknown option 'foo'"),
        ("task=water_flowers ~seed", "'~seed' is not an option"),
        ("task=water_flowers seed=x", "seed=x: input should be a valid integer"),
        ("task=water_flowers seed=-1", "seed=-1: 0 or more"),
        ("task=water_flowers episodes=1.5", "episodes=1.5: input should be a valid integer"),
        ("task=water_flowers episodes=0", "episodes=0: at least 1"),
        ("task=water_flowers video=last", "video=last. Valid: false, true, 'first' or 'failures'"),
        ("task=water_flowers contact_depth=guess", "contact_depth=guess. Valid: 'auto', 'measured' or 'predicted'"),
        ("task=water_flowers controller.repair=maybe", "controller.repair=maybe"),
        ("task=water_flowers,stack_blocks_two", "several values need --multirun"),
        ("task=water_flowers policy=vlm policy.picture=644,476", r"error: policy\.picture=644,476: several values"),
        ("task=water_flowers seed=((", "mismatched input"),
        ("task=water_flowers hydra.foo=1", "Could not override 'hydra.foo'"),
        ("task=water_flowers hydra/launcher=slrm", "Unknown hydra/launcher 'slrm'"),
        ("task=water_flowers hydra.run.dir=${foo}", "Interpolation key 'foo' not found"),
        ("-m task=water_flowers seed=interval(0,1)", "does not support sweep type"),
        ("--config-dir nowhere task=water_flowers", "--config-dir nowhere: no such folder"),
        ("resume=nowhere", "nowhere/configuration.yaml: no such file"),
        ("resume=", "no such file"),
    ],
)
def test_invalid_words_are_refused_in_one_line(
    words: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    play = Playing()
    assert main(words.split(), play) == 2
    assert re.search(said, refused(capsys))
    assert play.seeds == []
    assert not list(tmp_path.rglob("episodes.jsonl"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("seed=3", "seed=3 with resume=run: the run has seed=0"),
        ("policy=noop", "policy=noop with resume=run: the run has policy=expert"),
        ("variation=clean", "the run has variation=cluttered"),
        ("variation.clutter=6", "the run has variation.clutter=4"),
        ("hydra.run.dir=other", "cannot be given"),
        ("--multirun", "that is a single run"),
    ],
)
def test_words_that_conflict_with_a_resumed_run_are_refused(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["task=water_flowers", "episodes=1", "hydra.run.dir=run"], Playing()) == 0
    capsys.readouterr()
    assert main(["resume=run", words], Playing()) == 2
    assert re.search(said, refused(capsys))


@pytest.mark.parametrize("folder", ["mine", "my own", "ä%20,[x]='y'"])
def test_file_in_another_folder_adds_a_policy(folder: str, tmp_path: Path) -> None:
    (tmp_path / folder / "policy").mkdir(parents=True)
    (tmp_path / folder / "policy" / "wobbly.yaml").write_text("kind: noisy_expert\ndepth_scale: 1.2\n")
    words = ["--config-dir", folder, "task=water_flowers", "policy=wobbly", "episodes=1", "hydra.run.dir=run"]
    assert main(words, Playing()) == 0
    assert read_configuration(tmp_path / "run").policy == PolicyChoice("wobbly", "noisy_expert", {"depth_scale": 1.2})


def test_help_lists_every_option_without_heavy_imports() -> None:
    code = (
        "import sys; from tracesim.run import main; status = main(['--help']);"
        "print(sorted({'sapien', 'mplib', 'scipy', 'trimesh', 'hydra', 'pydantic'} & set(sys.modules)), status)"
    )
    child = subprocess.run([sys.executable, "-c", code], env=_environment(), capture_output=True, text=True, check=True)
    *text, last = child.stdout.splitlines()
    assert last == "[] 0"
    for option in option_names():
        if option != "controller":
            assert re.search(rf"^  {re.escape(option)}=", "\n".join(text), re.MULTILINE), option
    assert max(len(line) for line in text) <= 120


def test_exit_status_of_a_process(tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-m", "tracesim.run", "task=water_flower"],
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (child.returncode, child.stdout, child.stderr.count("\n")) == (2, "", 1)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(tracesim.__file__).parents[1])}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- kind: vlm\n", "its file holds no options"),
        ("[]", "its file holds no options"),
        ("kind: [vlm]\n", "kind: ['vlm'] in its file. Valid: kind: NAME, one of expert,"),
        ("url: http://a\n", "its file says no kind"),
        ("", "its file says no kind"),
    ],
)
def test_policy_file_without_a_valid_kind_is_refused(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine" / "policy").mkdir(parents=True)
    (tmp_path / "mine" / "policy" / "listed.yaml").write_text(content)
    assert main(["--config-dir", "mine", "task=water_flowers", "policy=listed"], Playing()) == 2
    assert f"policy=listed: {said}" in refused(capsys)
