"""Data sets for LeRobot: their files, read with pyarrow and PyAV, and read and trained on by LeRobot itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tracesim.episode.replayed import Replayed
from tracesim.export import depth_codes
from tracesim.export.__main__ import main
from tracesim.export.sampled import Picture, SampledEpisode
from tracesim.export.statistics import QUANTILES, Statistics
from tracesim.results.collection import Collection

parquet = pytest.importorskip("pyarrow.parquet")
av = pytest.importorskip("av")

RATE_HZ = 2
CHECK = Path(__file__).with_name("lerobot_check.py")
COLORS = "observation.images.policy"
DEPTH = "observation.images.policy_depth"


@pytest.fixture(scope="module")
def exported(run: Path, renderer: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("lerobot") / "out"
    assert main([str(run), "form=lerobot", f"output={output}", f"rate_hz={RATE_HZ}"]) == 0
    return output


def frames(video: Path, pixels: str) -> list[npt.NDArray[Any]]:
    with av.open(str(video)) as container:
        found = [(frame.pts * frame.time_base, frame.to_ndarray(format=pixels)) for frame in container.decode(video=0)]
    assert [float(time) for time, _ in found] == pytest.approx(np.arange(len(found)) / RATE_HZ)
    return [picture for _, picture in found]


def drawn(run: Path) -> list[list[Picture]]:
    """Return the pictures of every episode, drawn again."""
    found = []
    for stored in Collection.read([run]).episodes:
        assert stored.curves_file is not None
        episode = SampledEpisode("", Replayed.of(stored.record, stored.curves_file, pixels=True), RATE_HZ)
        found.append([pictures["policy"] for pictures in episode.pictures(("policy",))])
    return found


def test_videos_hold_every_frame_of_every_episode_in_its_place(exported: Path, run: Path) -> None:
    episodes = parquet.read_table(exported / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    rows = parquet.read_table(exported / "data/chunk-000/file-000.parquet").to_pylist()
    colors = frames(exported / "videos" / COLORS / "chunk-000/file-000.mp4", "rgb24")
    depths = frames(exported / "videos" / DEPTH / "chunk-000/file-000.mp4", "gray12le")
    assert len(colors) == len(depths) == len(rows) == sum(one["length"] for one in episodes)
    for episode, pictures in zip(episodes, drawn(run), strict=True):
        first = episode["dataset_from_index"]
        assert episode["length"] == len(pictures) == episode["dataset_to_index"] - first
        for video in (COLORS, DEPTH):
            assert episode[f"videos/{video}/from_timestamp"] == pytest.approx(first / RATE_HZ)
        for number in {0, 1, len(pictures) // 2, len(pictures) - 1}:
            row, picture = rows[first + number], pictures[number]
            assert (row["frame_index"], row["episode_index"]) == (number, episode["episode_index"])
            assert row["timestamp"] == pytest.approx(number / RATE_HZ)
            np.testing.assert_array_equal(depths[first + number], depth_codes.encode(picture.depth))
            off = np.abs(colors[first + number].astype(float) - picture.rgb)
            assert off.mean() < 4.0  # of 255; AV1 loses a little


def test_rows_hold_state_action_trace_and_outcome(exported: Path, run: Path) -> None:
    rows = parquet.read_table(exported / "data/chunk-000/file-000.parquet").to_pylist()
    records = [stored.record for stored in Collection.read([run]).episodes]
    for number, record in enumerate(records):
        own = [row for row in rows if row["episode_index"] == number]
        state = np.array([row["observation.state"] for row in own])
        action = np.array([row["action"] for row in own])
        np.testing.assert_array_equal(action[:-1], state[1:, :8])
        assert [row["next.done"] for row in own] == [False] * (len(own) - 1) + [True]
        assert own[-1]["next.success"] == record.success
        trace = record.turns[0].trace
        assert trace is not None
        assert own[0]["trace_length"] == len(trace)
        np.testing.assert_allclose(own[0]["trace"][: len(trace)], trace, atol=1e-6)
        np.testing.assert_allclose(own[0]["trace"][len(trace) :], [trace[-1]] * (64 - len(trace)), atol=1e-6)
    described = parquet.read_table(exported / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    assert [one["tracesim/record_hash"] for one in described] == [record.record_hash for record in records]
    assert [one["tracesim/success"] for one in described] == [record.success for record in records]
    info = json.loads((exported / "meta/info.json").read_text())
    assert (info["codebase_version"], info["fps"], info["total_episodes"]) == ("v3.0", RATE_HZ, len(records))


@given(st.lists(arrays.arrays(float, (3, 2), elements=st.floats(-9, 9)), min_size=1, max_size=4))
def test_statistics_of_parts_are_those_of_the_whole(parts: list[npt.NDArray[np.float64]]) -> None:
    joined = Statistics.joined([Statistics.of(part) for part in parts])
    whole = Statistics.of(np.concatenate(parts))
    for name in ("minimum", "maximum", "mean", "deviation"):
        np.testing.assert_allclose(getattr(joined, name), getattr(whole, name), atol=1e-6)
    assert joined.count == whole.count
    assert set(joined.as_data()) == {"min", "max", "mean", "std", "count", *QUANTILES}


@given(st.floats(0.02, 9.0))
def test_depth_codes_are_finer_than_two_millimetres(depth_m: float) -> None:
    again = depth_codes.decode(depth_codes.encode(np.full((1, 1), depth_m, np.float32)))
    step_m = (depth_m + depth_codes.SHIFT_M) * np.log(13.5 / 3.51) / 4095
    assert abs(float(again[0, 0]) - depth_m) <= step_m * 0.51 + 1e-6
    assert depth_m > 2.0 or step_m < 0.002


@pytest.mark.slow
def test_lerobot_loads_every_frame_and_trains_a_step(exported: Path, run: Path, tmp_path: Path) -> None:
    """Make an environment with LeRobot 0.4.4, the last for Python 3.11, and check the data set there.

    Its dependencies are those that loading and training need: they do without robots, dashboards and viewers.
    """
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "torch==2.13.0", "torchvision==0.28.0"], check=True)
    subprocess.run([*pip, "--no-deps", "lerobot==0.4.4"], check=True)
    needed = ["datasets>=4,<5", "huggingface-hub>=0.34,<0.36", "accelerate>=1.10,<2", "einops<0.9", "av>=15,<16"]
    needed += [
        "jsonlines<5",
        "packaging<26",
        "draccus==0.10.0",
        "gymnasium<2",
        "deepdiff<9",
        "termcolor<4",
        "pyserial<4",
    ]
    needed += ["imageio<3", "opencv-python-headless<4.13", "diffusers<0.36"]
    subprocess.run([*pip, *needed], check=True)
    pictures = [picture.rgb for episode in drawn(run) for picture in episode]
    np.savez(tmp_path / "drawn.npz", rgb=np.stack(pictures))
    done = subprocess.run(
        [str(python), str(CHECK), str(exported), str(tmp_path / "drawn.npz")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "trained one step" in done.stdout
