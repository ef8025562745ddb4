"""Records and their file: hashes, validation, and what a kill leaves."""

from __future__ import annotations

import json
import math
import platform
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracesim.configuration import ControllerOptions, EpisodeConfiguration, PolicyChoice, RunConfiguration, Variation
from tracesim.constraints import Band, Stops, Visiting
from tracesim.errors import ConfigurationError
from tracesim.failure import STAGES, Failure
from tracesim.geometry.curve import PointOn
from tracesim.results.record import Demand, Record
from tracesim.results.store import RecordStore, latest, read_records
from tracesim.results.versions import installed_versions

CONFIGURATION = RunConfiguration("water_flowers", PolicyChoice("noisy_expert", options={"depth_scale": 1.1}))

finite = st.floats(allow_nan=False, allow_infinity=False)
any_text = st.text(st.characters(codec=None), max_size=20)  # includes halves of surrogate pairs
margins = st.dictionaries(st.text(max_size=5), st.none() | finite, max_size=4)
failures = st.builds(Failure, st.sampled_from(STAGES), st.just("why"), any_text)


@st.composite
def turns(draw: st.DrawFn) -> dict[str, Any]:
    trace = draw(st.none() | st.lists(st.tuples(finite, finite, finite), max_size=3))
    return {"answer": draw(any_text), "prompt": draw(any_text), "trace": trace, "latency_s": draw(st.none() | finite)}


@st.composite
def records(draw: st.DrawFn) -> Record:
    failure = draw(st.none() | failures)
    executed = draw(margins)
    if failure is None:
        executed = {name: None if margin is None else abs(margin) for name, margin in executed.items()}
    return Record.of(
        CONFIGURATION,
        draw(st.integers(0, 5)),
        success=failure is None,
        failure=failure,
        turns=draw(st.lists(turns(), max_size=2)),
        margins=executed,
        predicted_margins=draw(margins),
    )


def record(seed: int, stage: str | None = None, **fields: Any) -> Record:
    failure = None if stage is None else Failure(stage, "why")
    return Record.of(CONFIGURATION, seed, success=failure is None, failure=failure, **fields)


@settings(max_examples=50, deadline=None)
@given(records())
def test_record_is_read_back_from_its_line(one: Record) -> None:
    assert "\n" not in one.line()
    assert Record.model_validate_json(one.line()) == one


@settings(max_examples=50, deadline=None)
@given(records(), st.randoms(use_true_random=False))
def test_hash_ignores_the_order_of_keys_and_the_notation_of_numbers(one: Record, random: Any) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, shuffled(inner)) for key, inner in value.items()]
            random.shuffle(items)
            return dict(items)
        if isinstance(value, list):
            return [shuffled(inner) for inner in value]
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            return int(value)
        return value

    values = shuffled(json.loads(one.line()))
    del values["record_hash"]
    assert Record.model_validate_json(json.dumps(values)).record_hash == one.record_hash


def test_hash_covers_the_outcome_but_not_timings_paths_and_versions() -> None:
    turn = {"answer": "[(1, 2, 0.3)]", "trace": [(0.1, 0.2, 0.3)], "latency_s": 1.0}
    one = record(1, margins={"band": 0.01}, turns=[turn])
    base = json.loads(one.line())
    del base["record_hash"]

    def hash_with(change: dict[str, Any]) -> str:
        return Record.model_validate_json(json.dumps(base | change)).record_hash

    same: dict[str, Any] = {
        "timings": {"plan": 1.0},
        "turns": [turn | {"latency_s": 2.0}],
        "curves_file": "curves/1.npz",
        "video": "videos/1_success.mp4",
        "versions": {"python": "4"},
    }
    assert hash_with(same) == one.record_hash
    different: list[dict[str, Any]] = [
        {"seed": 2},
        {"margins": {"band": math.nextafter(0.01, 1.0)}},
        {"margins": {"band": None}},
        {"turns": [turn | {"trace": [(0.1, 0.2, 0.30000001)]}]},
        {"turns": [turn | {"answer": "[(1, 2, 0.30)]"}]},
        {"turns": [turn, turn]},
        {"success": False, "failure": {"stage": "goal", "reason": "why"}},
        {"configuration_hash": "0"},
        {"reproducible": False},
        {"referents": ["cup"]},
        {"best": {"band": 0.02}},
        {"constraints": [{"kind": "Upright", "name": "upright", "unit": "rad", "final": True, "fields": {}}]},
        {"turns": [turn | {"words": {"cup": "red cup"}}]},
        {"visiting": {"asked": ["a"], "made": [], "tau": None, "missed": ["a"], "extra": []}},
    ]
    hashes = {hash_with(change) for change in different}
    assert len(hashes | {one.record_hash}) == len(different) + 1


def test_hash_ignores_the_sign_of_zero() -> None:
    assert record(1, margins={"band": 0.0}).record_hash == record(1, margins={"band": -0.0}).record_hash


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_are_finite(value: float) -> None:
    for field in ({"margins": {"band": value}}, {"turns": [{"trace": [(0.0, value, 0.0)]}]}):
        with pytest.raises(ValueError, match="finite"):
            record(1, **field)


def test_constraints_and_visits_are_read_back() -> None:
    spout, stops = PointOn("can", (0.1, 0.0, 1 / 3)), (PointOn("flower_0", (0.0, 0.0, 0.12)),)
    band = Band(Stops(spout, stops), 0.01, 0.05)
    visiting = Visiting(("flower_0",), ("flower_0", "flower_0"), None, (), ("flower_0",))
    one = record(0, constraints=[Demand.of(band)], best={"band": band.ideal}, visiting=visiting, referents=["flower_0"])
    again = Record.model_validate_json(one.line())
    assert again.visiting == visiting
    (asked,) = again.constraints
    assert (asked.kind, asked.name, asked.unit, asked.final) == ("Band", "band", "m", False)
    assert asked.fields == {
        "stops": {
            "tool": {"body": "can", "position": [0.1, 0.0, 1 / 3]},
            "targets": [{"body": "flower_0", "position": [0.0, 0.0, 0.12]}],
            "radius_m": 0.03,
            "dwell_s": 0.5,
            "ceiling_m": 0.15,
        },
        "low_m": 0.01,
        "high_m": 0.05,
    }


@pytest.mark.parametrize(
    ("said", "kept"), [("a\ud83db", "a\ufffdb"), ("a\ude00", "a\ufffd"), ("\ud83d\ude00", "\U0001f600"), ("ä", "ä")]
)
def test_half_a_surrogate_pair_is_replaced_and_a_whole_one_joined(said: str, kept: str) -> None:
    turn = {"queries": [{"prompt": said, "answer": said}]} | dict.fromkeys(
        ("instruction", "prompt", "answer", "finish_reason"), said
    )
    fields = {"instruction": said, "turns": [turn], "success": False, "failure": Failure("answer", "why", said)}
    values = json.loads(Record.of(CONFIGURATION, 0, **fields).line())
    (there,) = values["turns"]
    texts = [there["instruction"], there["prompt"], there["answer"], there["finish_reason"]]
    assert texts + list(there["queries"][0].values()) == [kept] * 6
    assert (values["instruction"], values["failure"]["detail"]) == (kept, kept)


def test_a_record_says_what_its_episode_was_played_with() -> None:
    choice = PolicyChoice("replay", options={"scale": "pixels"}, files={"answers": "0" * 64})
    variation = Variation("clean", 0)
    configuration = EpisodeConfiguration("stack", choice, "ur5", variation, controller=ControllerOptions(repair=True))
    one = Record.of(configuration, 7, success=True)
    assert one.key == ("stack", 7, "replay", "ur5")
    assert (one.policy_kind, one.policy_options, one.policy_files) == ("replay", choice.options, choice.files)
    assert (one.variation, one.repair, one.configuration_hash) == (variation, True, configuration.hash)
    assert one.versions == installed_versions()
    assert one.versions["python"] == platform.python_version()


def test_verdict_and_failure_must_agree() -> None:
    with pytest.raises(ValueError, match="failure names stage 'goal'"):
        Record.of(CONFIGURATION, 1, success=True, failure=Failure("goal", "why"))
    with pytest.raises(ValueError, match="failure is null"):
        Record.of(CONFIGURATION, 1, success=False)
    with pytest.raises(ValueError, match="success is true and a margin is negative"):
        Record.of(CONFIGURATION, 1, success=True, margins={"band": -0.001})


def test_configuration_hash_covers_what_determines_an_episode() -> None:
    assert (
        RunConfiguration("water_flowers", episodes=3, seed=7, video=False).hash
        == RunConfiguration("water_flowers").hash
    )
    assert RunConfiguration("water_flowers").episode.hash == RunConfiguration("water_flowers").hash
    assert CONFIGURATION.hash != RunConfiguration("water_flowers", PolicyChoice("noisy_expert")).hash


def test_finished_episodes_are_read_wherever_the_file_is_cut_off(tmp_path: Path) -> None:
    first, second = (record(seed, stage).line().encode() for seed, stage in ((0, None), (1, "goal")))
    path = tmp_path / RecordStore.FILE
    for cut in range(-1, len(second) + 1):
        path.write_bytes((first + b"\n" + second + b"\n")[: len(first) + 1 + cut])
        assert [one.seed for one in read_records(path)] == ([0, 1] if cut == len(second) else [0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_store_is_continued_wherever_the_file_is_cut_off(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("store")
    content = b"".join(record(seed).line().encode() + b"\n" for seed in range(3))
    cut = cut % (len(content) + 1)
    (folder / RecordStore.FILE).write_bytes(content[:cut])
    kept = [one.seed for one in read_records(folder / RecordStore.FILE)]
    with RecordStore(folder) as store:
        assert [one.seed for one in store.records] == kept
        store.append(record(9))
    assert [one.seed for one in read_records(folder / RecordStore.FILE)] == [*kept, 9]


def test_later_record_supersedes_an_infrastructure_failure(tmp_path: Path) -> None:
    with RecordStore(tmp_path) as store:
        store.append(record(0, "infrastructure"))
        store.append(record(1, "goal"))
        assert {key.seed for key in store.finished} == {1}
        store.append(record(0))
        assert {key.seed for key in store.finished} == {0, 1}
    written = read_records(tmp_path / RecordStore.FILE)
    assert [(one.seed, one.success) for one in latest(written)] == [(0, True), (1, False)]
    assert len(written) == 3


def test_a_store_that_is_not_open_yet_holds_and_writes_nothing(tmp_path: Path) -> None:
    store = RecordStore(tmp_path / "run")
    assert (store.records, store.finished) == ([], {})
    assert list(tmp_path.iterdir()) == []


def test_store_has_one_writer(tmp_path: Path) -> None:
    with (
        RecordStore(tmp_path),
        pytest.raises(ConfigurationError, match="another process is writing"),
        RecordStore(tmp_path),
    ):
        pass


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda line: line.replace('"schema_version":5', '"schema_version":2'),
            "schema_version is 2; this .* reads 4 and 5",
        ),
        (lambda line: line.replace('"seed":1', '"seed":5'), ".*record_hash .*: it was changed"),
        (lambda line: line.replace('"seed":1', '"sed":1'), "not a record: seed: field required"),
        (lambda line: line[:-10], "not a record: invalid JSON"),
    ],
    ids=["schema", "changed", "key", "json"],
)
def test_invalid_line_is_named(tmp_path: Path, spoil: Any, said: str) -> None:
    path = tmp_path / RecordStore.FILE
    path.write_text("\n".join([record(0).line(), spoil(record(1).line()), record(2).line()]) + "\n")
    with pytest.raises(ConfigurationError, match=rf"episodes\.jsonl, line 2: {said}"):
        read_records(path)
    with pytest.raises(ConfigurationError, match="line 2"), RecordStore(tmp_path):
        pass


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nothing\.jsonl: cannot be read"):
        read_records(tmp_path / "nothing.jsonl")
