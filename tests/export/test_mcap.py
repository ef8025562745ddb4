"""MCAP files, read with the package `mcap`: topics, frames, margins and pictures."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tracesim.export.__main__ import main
from tracesim.results.record import Record

mcap_reader = pytest.importorskip("mcap.reader")


@pytest.fixture(scope="module")
def exported(run: Path, renderer: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("mcap") / "out"
    assert main([str(run), "form=mcap", f"output={output}", "rate_hz=1", "task=place_empty_cup"]) == 0
    return output


def messages(path: Path) -> list[tuple[str, str, int, bytes]]:
    with path.open("rb") as file:
        found = mcap_reader.make_reader(file).iter_messages()
        return [(channel.topic, schema.name, message.log_time, message.data) for schema, channel, message in found]


def test_every_sample_has_a_message_on_every_topic(exported: Path) -> None:
    for path in exported.glob("*.mcap"):
        found = messages(path)
        counts = Counter(topic for topic, *_ in found)
        samples = counts["/tf"]
        steady = ("/margins", "/state", "/camera/policy/image", "/camera/policy/depth", "/camera/policy/calibration")
        assert {counts[topic] for topic in steady} == {samples}
        assert counts["/scene/bodies"] == 1
        assert counts["/log"] == 2  # an instruction and an answer
        times = [time for topic, _, time, _ in found if topic == "/tf"]
        assert times == [number * 10**9 for number in range(samples)]
        assert [time for *_, time, _ in found] == sorted(time for *_, time, _ in found)


def test_the_record_is_attached_and_its_margins_are_the_last_ones(exported: Path) -> None:
    for path in exported.glob("*.mcap"):
        with path.open("rb") as file:
            [attachment] = mcap_reader.make_reader(file).iter_attachments()
        record = Record.model_validate_json(attachment.data)
        margins: list[dict[str, Any]] = [json.loads(data) for topic, *_, data in messages(path) if topic == "/margins"]
        assert set(margins[-1]) == set(record.margins)
        assert all((margins[-1][name] is None) == (margin is None) for name, margin in record.margins.items())


def test_pictures_are_jpeg_and_depth_is_in_millimetres(exported: Path) -> None:
    path = sorted(exported.glob("*.mcap"))[0]
    first = {topic: data for topic, _, time, data in messages(path) if time == 0}
    image = first["/camera/policy/image"]
    with Image.open(io.BytesIO(image[image.index(b"\xff\xd8") :])) as picture:
        assert (picture.format, picture.size) == ("JPEG", (640, 480))
    depth = first["/camera/policy/depth"]
    assert b"16UC1" in depth
    start = depth.index(b"\x80\xc0\x25") + 3  # 614400, the number of bytes that follow, as protobuf writes it
    pixels = np.frombuffer(depth[start : start + 2 * 640 * 480], "<u2")
    assert 700 < np.median(pixels) < 2000  # the table is about a metre away


def test_foxglove_is_given_a_layout(exported: Path) -> None:
    text = (exported / "foxglove-layout.json").read_text()
    kinds = {"ThreeDee", "Plot", "Image", "Log"}
    assert all(f'"panelType":"{kind}' in text for kind in kinds)
    assert "/margins.clearance" in text
    assert json.loads(text)["version"] == 1


@pytest.mark.slow
def test_rerun_reads_every_message(exported: Path, tmp_path: Path) -> None:
    """Make an environment with Rerun, which needs another numpy, and check and convert the files there."""
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    subprocess.run([str(environment / "bin/python"), "-m", "pip", "install", "--quiet", "rerun-sdk>=0.41"], check=True)
    rerun = [str(environment / "bin/rerun"), "mcap"]
    for path in exported.glob("*.mcap"):
        checked = subprocess.run([*rerun, "check", str(path)], capture_output=True, text=True, check=True)
        rows = re.findall(r"^(\w+) +\d+ +\d+ +(/\S+)", checked.stdout, re.MULTILINE)
        assert {status for status, _ in rows} == {"ok"}
        assert {topic for _, topic in rows} == {topic for topic, *_ in messages(path)}
        info = subprocess.run([*rerun, "info", str(path)], capture_output=True, text=True, check=True).stdout
        assert re.search(rf"Messages +{len(messages(path))}\b", info)
        converted = tmp_path / f"{path.stem}.rrd"
        subprocess.run([*rerun, "convert", str(path), "-o", str(converted)], capture_output=True, check=True)
        assert converted.stat().st_size > 100_000
