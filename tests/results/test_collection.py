"""Collections: every episode of many folders once, whatever the folders, and never two results for one."""

from __future__ import annotations

import json
from pathlib import Path

import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.many_records import make
from tests.written_runs import record, write
from tracesim.configuration import PolicyChoice, RunConfiguration, Variation, canonical_json
from tracesim.errors import ConfigurationError
from tracesim.results import Collection


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_shards_in_any_number_order_and_depth_are_one_run(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("shards")
    whole = [record(seed, success=seed % 3 > 0) for seed in range(6)]
    copies = st.lists(st.sampled_from(whole), max_size=6)
    places = st.sampled_from(["a", "a/b", "sweep/0", "sweep/10", "sweep/9/deep"])
    shards = data.draw(st.dictionaries(places, copies, min_size=1))
    shards["rest"] = whole
    folders = [write(root / place, *records) for place, records in shards.items()]
    for given_folders in (data.draw(st.permutations(folders)), [root], [*folders, root]):
        found = Collection.read(given_folders)
        assert sorted((one.seed, one.record_hash) for one in found.records) == [
            (one.seed, one.record_hash) for one in whole
        ]


def test_the_last_record_of_a_file_counts_and_a_judged_one_before_an_infrastructure_failure(tmp_path: Path) -> None:
    down = record(0, success=False, stage="infrastructure")
    for number, lines in enumerate(([down, record(0)], [record(0), down], [down])):
        write(tmp_path / str(number), *lines)
    assert [one.success for one in Collection.read([tmp_path]).records] == [True]
    assert [one.is_infrastructure for one in Collection.read([tmp_path / "2"]).records] == [True]


def test_one_episode_with_two_results_is_refused_with_both_folders(tmp_path: Path) -> None:
    first, second = write(tmp_path / "first", record(7)), write(tmp_path / "second", record(7, success=False))
    with pytest.raises(ConfigurationError) as refused:
        Collection.read([first, second])
    said = str(refused.value)
    assert said.startswith("Seed 7 of click_bell, policy expert, was recorded twice with different results: success (")
    assert str(first) in said
    assert f"goal: touches (record_hash {record(7, success=False).record_hash[:8]}) in {second}" in said


def test_episodes_of_two_configurations_with_one_name_are_two(tmp_path: Path) -> None:
    noisy = [
        RunConfiguration("click_bell", PolicyChoice("noisy_expert", options={"depth_scale": scale}))
        for scale in (0.9, 1.1)
    ]
    for number, of in enumerate(noisy):
        write(tmp_path / str(number), record(0, of=of))
    assert len(Collection.read([tmp_path]).episodes) == 2


def test_a_damaged_line_is_named_and_a_line_cut_short_by_a_crash_is_left_out(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", record(0), record(1))
    file = folder / "episodes.jsonl"
    content = file.read_text()
    file.write_text(content + record(2).line()[:100])
    assert len(Collection.read([folder]).episodes) == 2
    file.write_text(content.replace('"seed":1', '"seed":5'))
    with pytest.raises(ConfigurationError, match=r"episodes\.jsonl, line 2: not a record: record_hash begins with"):
        Collection.read([folder])


@pytest.mark.parametrize("name", ["empty", "nowhere"])
def test_a_folder_without_records_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match=rf"{name}: .* Valid: the folder of a run or a sweep"):
        Collection.read([tmp_path / name])


def test_a_frame_has_a_row_for_each_episode_with_its_margins_options_and_files(tmp_path: Path) -> None:
    noisy = PolicyChoice("noisy_expert", options={"depth_scale": 0.9})
    varied = Variation("mine", 2, clutter_kinds=("can", "cup"), light=True)
    write(tmp_path / "a", record(0), record(1, success=False))
    write(tmp_path / "b", record(0, of=RunConfiguration("click_bell", noisy, variation=varied)))
    frame = Collection.read([tmp_path]).frame()
    assert frame.select("policy", "seed", "success", "failure_reason", "margin.touches").rows() == [
        ("expert", 0, True, None, 0.5),
        ("expert", 1, False, "touches", -0.5),
        ("noisy_expert", 0, True, None, 0.5),
    ]
    assert frame["policy.depth_scale"].to_list() == [None, None, 0.9]
    assert frame["variation.clutter_kinds"].to_list() == ["", "", "can,cup"]
    assert frame["variation.light"].to_list() == [False, False, True]
    assert frame["folder"].to_list() == [str(tmp_path / name) for name in ("a", "a", "b")]
    frame.write_csv(tmp_path / "frame.csv")
    frame.write_parquet(tmp_path / "frame.parquet")
    assert polars.read_parquet(tmp_path / "frame.parquet").equals(frame)
    assert polars.read_csv(tmp_path / "frame.csv").height == 3


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
)
def test_canonical_json_is_that_of_the_value_without_negative_zeros(value: object) -> None:
    def plain(one: object) -> object:
        if isinstance(one, dict):
            return {key: plain(item) for key, item in one.items()}
        if isinstance(one, list):
            return [plain(item) for item in one]
        return one + 0.0 if isinstance(one, float) else one

    assert canonical_json(value) == json.dumps(plain(value), sort_keys=True, separators=(",", ":"))


def test_many_records_are_made_from_a_few(tmp_path: Path) -> None:
    real = write(tmp_path / "real", record(0))
    (real / "configuration.yaml").write_text("task: click_bell\nepisodes: 1\n")
    assert make(tmp_path / "real", tmp_path / "many", 20) == 20
    assert {one.seed for one in Collection.read([tmp_path / "many"]).records} == set(range(20))
