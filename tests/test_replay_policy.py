"""Tests of replaying recorded answers, which are found by the id of the question in either form of file."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.playing import Playing
from tracesim.configuration import EpisodeConfiguration, PolicyChoice, RunConfiguration, Variation
from tracesim.errors import ConfigurationError, InfrastructureError
from tracesim.geometry.camera import Camera
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.policies import make_policy
from tracesim.policies.replay import Replay
from tracesim.policy import Policy
from tracesim.results.record import Record
from tracesim.results.store import RecordStore, read_records
from tracesim.results.turn import Turn
from tracesim.run import main

NOTHING = Observation(Camera.looking_at((-1.0, 0.0, 0.5), (0.0, 0.0, 0.0)), np.zeros(9), np.eye(4))


def file_of(folder: Path, *records: object) -> str:
    path = folder / "answers.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return str(path)


def published(name: object, text: object, **more: object) -> dict[str, Any]:
    return {"question_id": name, "final_prompt": f"where? {name}", "model_prediction": text, **more}


def episode(seed: int, text: str, **more: object) -> dict[str, Any]:
    return {"task": "water_flowers", "seed": seed, "turns": [{"prompt": "water!", "answer": text}], **more}


def said(policy: Policy, name: str) -> str:
    return policy.answer(NOTHING, Question("", id=name)).text


def test_both_forms_are_found_by_id_and_keep_their_prompt(tmp_path: Path) -> None:
    path = file_of(tmp_path, published(7, "seven"), published("a-b", "ab"), {"id": 9, "model_prediction": "nine"})
    replay = Replay(answers=path)
    assert [said(replay, name) for name in ("7", "a-b", "9")] == ["seven", "ab", "nine"]
    assert replay.answer(NOTHING, Question("", id="7")).prompt == "where? 7"

    replay = Replay(answers=file_of(tmp_path, episode(0, "zero"), episode(1, "one")))
    assert said(replay, "water_flowers-1") == "one"
    assert replay.answer(NOTHING, Question("", id="water_flowers-1")).prompt == "water!"


def test_a_question_that_could_not_be_asked_has_no_answer(tmp_path: Path) -> None:
    down = {"stage": "infrastructure", "reason": "InfrastructureError", "detail": "down"}
    lost = {"stage": "answer", "reason": "no_points", "detail": ""}
    replay = Replay(
        answers=file_of(
            tmp_path,
            published(1, "", error="down"),
            published(1, "new"),
            published(2, "", error="down"),
            published(3, ""),
            episode(4, "", failure=down),
            episode(5, "I cannot", failure=lost),
            published(6, "before"),
            published(6, "", error="down"),
        )
    )
    assert said(replay, "1") == "new"
    assert said(replay, "3") == ""
    assert said(replay, "water_flowers-5") == "I cannot"
    assert said(replay, "6") == "before"
    for name in ("2", "water_flowers-4", "8", ""):
        with pytest.raises(InfrastructureError, match=rf"answers\.jsonl holds no answer to '{name}'"):
            said(replay, name)


RUN = RunConfiguration("water_flowers", episodes=3, variation=Variation("clean", clutter=0))


def recorded(seed: int, text: str = "here", of: EpisodeConfiguration = RUN, **more: Any) -> dict[str, Any]:
    """Return the record of an episode as written by a run of policy `of`."""
    turn = Turn(instruction="Water the flowers.", answer=text)
    record: dict[str, Any] = json.loads(Record.of(of, seed, success=True, turns=[turn]).line())
    return record | more


def prepared(folder: Path, *records: object, run: RunConfiguration = RUN, **options: Any) -> Policy:
    policy = make_policy("replay", {"answers": file_of(folder, *records), **options})
    assert isinstance(policy, Policy)
    policy.prepare(run)  # as a caller does that does not know the seeds
    policy.prepare(run, run.seeds)
    return policy


def varied(**axes: Any) -> RunConfiguration:
    return replace(RUN, variation=replace(RUN.variation, **axes))


MISFITS = [
    (varied(level="cluttered", clutter=4), "variation.level=cluttered, not clean; variation.clutter=4, not 0"),
    (varied(counterfactual="twin"), "variation.counterfactual=twin, not none"),
    (varied(camera=True), "variation.camera=true, not false"),
    (varied(clutter_kinds=("mug",)), r'variation.clutter_kinds=\["mug"\], not \[\]'),
    (varied(language="unseen"), "variation.language=unseen, not canonical"),
    (replace(RUN, robot="ur5"), "robot=ur5, not panda"),
    (replace(RUN, policy=PolicyChoice("gemini", "vlm", {"order": "yx"})), "policy.order=yx, not xy"),
    (replace(RUN, policy=PolicyChoice("mine", "vlm", {"scale": "pixels"})), "policy.scale=pixels, not thousandths"),
    (replace(RUN, policy=PolicyChoice("roborefer")), "policy_kind=roborefer, which answers with a pair"),
]


@pytest.mark.parametrize(("given_in", "why"), MISFITS)
def test_answers_that_were_given_otherwise_are_refused_unless_asked_for(
    given_in: RunConfiguration, why: str, tmp_path: Path
) -> None:
    records = [recorded(seed, f"seed {seed}", given_in) for seed in range(3)]
    with pytest.raises(ConfigurationError, match=f"answers.jsonl, line 1: .*{why}.* policy.allow_mismatch=true"):
        prepared(tmp_path, *records)
    policy = prepared(tmp_path, *records, allow_mismatch=True)
    assert said(policy, "water_flowers-2") == "seed 2"


def test_of_records_those_that_fit_are_played(tmp_path: Path) -> None:
    other = varied(level="cluttered", clutter=4)
    policy = prepared(tmp_path, recorded(0, "there", other), recorded(0, "here"), recorded(1, "there", other))
    assert said(policy, "water_flowers-0") == "here"
    with pytest.raises(InfrastructureError, match=r"given with variation.level=cluttered, not clean"):
        said(policy, "water_flowers-1")


def test_a_level_is_but_a_name(tmp_path: Path) -> None:
    assert said(prepared(tmp_path, recorded(0, "here", varied(level="poses"))), "water_flowers-0") == "here"


@pytest.mark.parametrize(
    ("records", "why"),
    [
        (
            [recorded(0, of=replace(RUN, task="click_bell"))],
            "no answers for task water_flowers. It has answers for: click_be",
        ),
        (
            [published(7, "seven"), published("a-b", "ab")],
            "no answers for task water_flowers. It has answers for: 7, a-b",
        ),
        ([published("click_bell-0", "")], "no answers for task water_flowers. It has answers for: click_bell"),
        (
            [recorded(seed) for seed in (3, 4, 100)],
            "no answers for seeds 0-2 of water_flowers. .* 3 seeds from 3 to 100",
        ),
        ([published("water_flowers-3", "")], "no answers for seeds 0-2 of water_flowers"),
    ],
)
def test_answers_to_other_questions_are_refused_before_anything_is_played(
    records: list[dict[str, Any]], why: str, tmp_path: Path
) -> None:
    for allow in (False, True):
        with pytest.raises(ConfigurationError, match=why):
            prepared(tmp_path, *records, allow_mismatch=allow)


def test_of_several_policies_one_has_to_be_named(tmp_path: Path) -> None:
    mild, wild = (PolicyChoice("vlm", options={"temperature": value}) for value in (0.0, 1.0))
    of = {"expert": RUN, "mild": replace(RUN, policy=mild), "wild": replace(RUN, policy=wild)}
    records = [recorded(0, name, configuration) for name, configuration in of.items()]
    with pytest.raises(ConfigurationError, match=r"several policies: expert, vlm. Choose one.*answered_by=expert"):
        prepared(tmp_path, *records[:2])
    for first, second in (records[:2], reversed(records[:2])):
        assert said(prepared(tmp_path, first, second, answered_by="vlm"), "water_flowers-0") == "mild"
    with pytest.raises(ConfigurationError, match=r"Unknown policy in .* 'vln'. Did you mean 'vlm'"):
        prepared(tmp_path, *records[:2], answered_by="vln")
    with pytest.raises(ConfigurationError, match=r"several policies: vlm@\w{8}, vlm@\w{8}\. ") as refused:
        prepared(tmp_path, *records, answered_by="vlm")
    labels = re.findall(r"vlm@\w{8}", str(refused.value))[:2]
    played = {said(prepared(tmp_path, *records, answered_by=label), "water_flowers-0") for label in labels}
    assert played == {"mild", "wild"}


@pytest.mark.parametrize(
    "lines",
    [
        [recorded(0, "first"), recorded(0, "last")],
        [published("water_flowers-0", "first"), published("water_flowers-0", "last")],
        [recorded(0, "first"), recorded(1, "other"), recorded(0, "first"), published("water_flowers-0", "last")],
    ],
)
def test_of_different_answers_to_one_question_it_has_to_be_said_which(
    lines: list[dict[str, Any]], tmp_path: Path
) -> None:
    with pytest.raises(
        ConfigurationError, match=r"lines 1 and \d: different answers to water_flowers-0.*repeated=first"
    ):
        prepared(tmp_path, *lines)
    for repeated in ("first", "last"):
        assert said(prepared(tmp_path, *lines, repeated=repeated), "water_flowers-0") == repeated
    with pytest.raises(ConfigurationError, match="different answers"):
        said(Replay(answers=file_of(tmp_path, *lines)), "water_flowers-0")


def test_the_same_answer_twice_is_one(tmp_path: Path) -> None:
    assert said(prepared(tmp_path, recorded(0, "so"), recorded(0, "so")), "water_flowers-0") == "so"


def test_an_answer_to_another_instruction_ends_a_run(tmp_path: Path) -> None:
    policy = prepared(tmp_path, recorded(0))
    asked = Question("Water the flowers from left to right.", id="water_flowers-0")
    with pytest.raises(ConfigurationError, match="given to 'Water the flowers"):
        policy.answer(NOTHING, asked)
    assert prepared(tmp_path, recorded(0), allow_mismatch=True).answer(NOTHING, asked).text == "here"
    assert policy.answer(NOTHING, replace(asked, setting="tracespatial")).text == "here"


def test_what_does_not_fit_is_refused_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file_of(tmp_path, *(recorded(seed) for seed in range(3)))
    words = ["task=water_flowers", "policy=replay", "policy.answers=answers.jsonl", "episodes=3", "hydra.run.dir=run"]
    assert main(words, Playing()) == 2
    assert re.fullmatch(r"error: .*variation.clutter=0, not 4.*\n", capsys.readouterr().err)
    assert not (tmp_path / "run").exists()
    assert main([*words, "policy.allow_mismatch=true"], Playing()) == 0
    for record in read_records(tmp_path / "run" / RecordStore.FILE):
        assert record.policy_options["allow_mismatch"] is True


def test_a_last_line_cut_short_is_left_out(tmp_path: Path) -> None:
    path = file_of(tmp_path, published(1, "one"), published(2, "two"))
    Path(path).write_text(Path(path).read_text()[:-20])
    assert said(Replay(answers=path), "1") == "one"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "holds no answers"),
        (b"\xff\xfe\n", "UTF-8"),
        (b'{"question_id": 1, "model_prediction"\n{}\n', "line 1: not JSON"),
        (b'{"question_id": 1}\n', "line 1: not an answer"),
        (b"[1, 2]\n", "line 1: not an answer"),
        (b'{"question_id": 1, "model_prediction": "", "error": "down"}\n', "holds no answers"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_once(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=fault):
        make_policy("replay", {"answers": str(path)})


def test_a_missing_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        make_policy("replay", {"answers": str(tmp_path / "none.jsonl")})


def test_answers_are_read_as_those_of_the_model_that_gave_them(tmp_path: Path) -> None:
    path = file_of(tmp_path, published(1, "one"))
    policy = make_policy("replay", {"answers": path, "scale": "fractions", "order": "yx", "parser": "json"})
    assert (policy.convention.scale, policy.convention.order, policy.parser) == ("fractions", "yx", "json")
    with pytest.raises(ConfigurationError, match="scale"):
        make_policy("replay", {"answers": path, "scale": "inches"})
