"""The audit of the benchmark: its checks on real scenes, its folder, its table, and MuJoCo's view of a motion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.episodes import CLUTTERED
from tracesim.audit.__main__ import main
from tracesim.audit.audited import Audited, Played
from tracesim.audit.checks import CHECKS, distractor_blind, expert, image_blind, instruction_blind, mujoco
from tracesim.audit.findings import Compared, Finding, FindingsFile, read_findings
from tracesim.audit.table import HEAD, table
from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray

STACK = EpisodeConfiguration("stack_blocks_two", variation=CLUTTERED)

WATCHED_M = 0.002
"""How far a tool and what it carries may be apart in the two engines at the end of an episode."""


@pytest.fixture(scope="module")
def audited() -> Audited:
    pytest.importorskip("mujoco")
    return Audited(STACK, 0, (1,), watched=True)


@pytest.fixture(scope="module")
def played(audited: Audited) -> Played:
    return audited.expert


def test_answers_to_another_scene_or_instruction_fail_where_the_experts_own_succeed(audited: Audited) -> None:
    assert (expert(audited).succeeded, expert(audited).tried) == (1, 1)
    for check in (image_blind, instruction_blind):
        found = check(audited)
        assert (found.succeeded, found.tried) == (0, 1)
        assert found.agreed == found.judged, found.note


def test_an_answer_that_ignores_distractors_is_played_only_where_they_change_the_experts(audited: Audited) -> None:
    bare = Audited(EpisodeConfiguration("stack_blocks_two", variation=Variation("clean", clutter=0)), 0)
    assert distractor_blind(bare).tried == 0
    assert "same" in distractor_blind(bare).note
    assert distractor_blind(audited).tried == 1


def test_the_second_judge_is_heard_and_its_disagreement_has_figures(audited: Audited, played: Played) -> None:
    assert played.disagreement == ""
    forged = played.record.model_copy(update={"margins": {**played.record.margins, "rests_on": -0.5}, "success": False})
    said = Played(played.episode, forged, played.judged).disagreement
    assert said.startswith(
        "success is False, the second judge says True; rests_on is -0.5000 m, the second judge says 0.0"
    )


def test_a_motion_is_the_same_in_mujoco_within_millimetres(played: Played) -> None:
    from tracesim.audit.second_engine import compare, replay

    assert played.commands is not None
    assert played.episode.outcome is not None
    recording = played.episode.outcome.recording
    again = replay(played.commands, recording)
    tool = again.names.index("panda_hand_tcp")
    assert np.linalg.norm(again.positions[:, tool] - recording.positions[:, tool], axis=1).max() < 0.005
    compared = compare(played.commands, played.episode.outcome)
    assert compared.apart_m < WATCHED_M
    assert compared.second == pytest.approx(compared.first, abs=0.003)


def test_in_mujoco_a_hand_that_stays_open_carries_nothing(played: Played) -> None:
    from tracesim.audit.second_engine import compare

    assert played.commands is not None
    assert played.episode.outcome is not None
    fingers = played.episode.simulated.scene.robot.finger_indices
    kept = list(played.commands.controls)

    def opened(control: FloatArray) -> FloatArray:
        return np.where(np.isin(np.arange(len(control)), fingers), 0.04, control)

    played.commands.controls[:] = map(opened, kept)
    dropped = compare(played.commands, played.episode.outcome)
    played.commands.controls[:] = kept
    assert dropped.second["rests_on"] is not None
    assert dropped.second["rests_on"] < -0.02
    assert dropped.apart_m > 0.02


def test_the_model_of_a_scene_is_read_back_by_mujoco_with_all_bodies_masses_and_joints(
    played: Played, tmp_path: Path
) -> None:
    import mujoco

    assert played.commands is not None
    played.commands.write(tmp_path / "scene", played.episode.simulated.recorder.recording().times_s)
    model = mujoco.MjModel.from_xml_path(str(tmp_path / "scene.xml"))
    scene = played.episode.simulated.scene
    for body in scene.layout:
        assert model.body(body.name).mass[0] == pytest.approx(body.prop.mass_kg, rel=1e-4)
        assert model.body(body.name).geomnum[0] == len(body.prop.hulls)
    assert [model.actuator(number).name for number in range(model.nu)] == [
        joint.name for joint in scene.robot.articulation.active_joints
    ]


def test_what_mujoco_does_not_have_is_not_compared_with_it() -> None:
    pytest.importorskip("mujoco")
    clean = Variation("clean", clutter=0)
    jointed = mujoco(Audited(EpisodeConfiguration("close_drawer", variation=clean), 0, watched=True))
    assert (jointed.tried, jointed.compared) == (0, None)
    assert "joints" in jointed.note
    beads = mujoco(Audited(EpisodeConfiguration("deliver_without_spilling", variation=clean), 0, watched=True))
    assert (beads.succeeded, beads.tried) == (1, 1)
    assert beads.compared is not None
    assert beads.compared.second.pop("spilled") is None
    assert None not in beads.compared.second.values()


@pytest.mark.parametrize(("task", "apart_m"), [("insert_peg", 0.001), ("hanging_mug", 0.01)])
def test_what_is_held_does_not_slip_in_mujoco_and_what_hangs_comes_to_rest(task: str, apart_m: float) -> None:
    pytest.importorskip("mujoco")
    found = mujoco(Audited(EpisodeConfiguration(task, variation=Variation("clean", clutter=0)), 1, watched=True))
    assert (found.succeeded, found.tried) == (1, 1), found.note
    assert found.compared is not None
    assert found.compared.apart_m < apart_m


def test_without_another_seed_no_answer_is_blind_to_the_image() -> None:
    found = image_blind(Audited(STACK, 0))
    assert (found.tried, found.note) == (0, "the audit has no other seed")


def finding(check: str, seed: int, **found: Any) -> Finding:
    return Finding.model_validate({"check": check, "task": "stack", "robot": "panda", "seed": seed, **found})


def test_findings_are_kept_and_an_audit_of_other_scenes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "findings.jsonl"
    with FindingsFile(path, CLUTTERED) as file:
        file.append(finding("expert", 0, tried=1))
        file.append(finding("expert", 0, tried=1, succeeded=1))
    with FindingsFile(path, CLUTTERED) as file:
        assert list(file.findings) == [("expert", "stack", 0)]
    assert [one.succeeded for one in read_findings(path)] == [1]
    with (
        pytest.raises(ConfigurationError, match="another variation"),
        FindingsFile(path, Variation("clean", clutter=0)),
    ):
        pass


def test_the_table_gives_counts_bounds_and_what_disagrees() -> None:
    compared = Compared(
        first={"rests_on": 0.004},
        second={"rests_on": -0.001},
        units={"rests_on": "m"},
        apart_m=0.01,
        farthest_m=0.02,
        at_s=1.0,
    )
    rows = table(
        [
            finding("expert", 0, tried=1, succeeded=1, judged=1, agreed=1, start=[0.0, 0.0, 0.0]),
            finding("expert", 1, tried=1, succeeded=1, judged=1, agreed=1, start=[0.3, 0.4, 0.0]),
            finding("image_blind", 0, tried=5, began=1),
            finding("image_blind", 1, tried=5, succeeded=1, began=2),
            finding("instruction_blind", 0, note="no other instruction"),
            finding("mujoco", 0, tried=1, note="rests_on: +0.0040 m, in MuJoCo -0.0010 m", compared=compared),
        ]
    ).splitlines()
    cells = dict(zip(HEAD, (cell.strip() for cell in rows[2].strip("|").split("|")), strict=True))
    assert cells["task"] == "`stack`"
    assert cells["expert"] == cells["second judge"] == "2 of 2"
    assert cells["starts apart"] == "50 cm"
    assert (cells["image-blind"], cells["at most"], cells["by chance"]) == ("1 of 10", "45%", "30%")
    assert cells["instruction-blind"] == "–"
    assert (cells["MuJoCo"], cells["margins apart"]) == ("0 of 1", "5.00 mm")
    assert rows[-1] == "- `stack`, seed 0, mujoco: rests_on: +0.0040 m, in MuJoCo -0.0010 m"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["checks=image"], "Unknown check 'image'"),
        (["task=stak"], "stack"),
        (["workers=0"], "at least 1"),
        (["checks=expert", "mjcf=true"], "takes effect with the check mujoco"),
        (["table=outputs/audit", "task=stack"], "nothing is played"),
    ],
)
def test_wrong_words_are_refused_in_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_the_command_resumes_and_prints_its_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["task=click_bell", "seeds=0", "variation=clean", f"out={tmp_path}"]
    assert main([*words, "checks=expert"]) == 0
    assert main([*words, "checks=expert,instruction_blind"]) == 0
    assert {one.check for one in read_findings(tmp_path / "findings.jsonl")} == {"expert", "instruction_blind"}
    capsys.readouterr()
    assert main([f"table={tmp_path}"]) == 0
    assert capsys.readouterr().out.strip() == (tmp_path / "audit.md").read_text().strip()


def test_every_check_has_a_line_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"\n  {name} " in text for name in CHECKS)
