"""Tests of files from other editors: byte-order marks and CRLF are read, other encodings are refused."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import small_benchmark
from tracesim import run
from tracesim.configuration import EpisodeConfiguration, RunConfiguration
from tracesim.errors import ConfigurationError
from tracesim.models.answer_file import AnswerFile, read_entries
from tracesim.models.recorded_answers import answers_on_file
from tracesim.refspatial.dataset import Split
from tracesim.results.record import Record
from tracesim.results.split import Certificate, Header
from tracesim.results.split import Split as SeedSplit
from tracesim.results.store import RecordStore, read_records
from tracesim.serve.recorded import Recorded
from tracesim.tracespatial.answers import read_answers
from tracesim.tracespatial.dataset import Dataset

RECORD = Record.of(RunConfiguration("water_flowers"), 0, success=True).line()
ENTRY = json.dumps({"question_id": 1, "model_prediction": "[(1, 2)]", "prompt": "p"})
SAMPLE = {"id": 1, "object": "cup", "prompt": "p", "suffix": "s", "rgb_path": "a", "mask_path": "b", "category": "c"}
HEADER = Header.of(EpisodeConfiguration("water_flowers")).model_dump_json()


def answer() -> str:
    record = {"question_id": 0, "model_prediction": "[(1, 2)]", **small_benchmark.sample(0).as_json()}
    return json.dumps(record)


READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "records": (RECORD, read_records),
    "answers": (ENTRY, read_entries),
    "replayed answers": (ENTRY, answers_on_file),
    "served answers": (ENTRY, lambda path: Recorded.read(path).answer("p", [])),
    "TraceSpatial-Bench's answers": (answer(), read_answers),
    "a split": (
        HEADER + "\n" + Certificate(seed=0, start=None, success=True).model_dump_json(),
        lambda path: SeedSplit.read(path).seeds,
    ),
}


def fitted(value: object) -> str:
    """Return the result of reading a file in a form that can be compared."""
    return repr(value)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n   \n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_are_read_with_a_mark_and_with_any_ending(
    tmp_path: Path, reader: str, mark: bytes, end: str, newline: str
) -> None:
    text, read = READERS[reader]
    path = tmp_path / "lines.jsonl"
    path.write_bytes((text + "\n").encode())
    expected = fitted(read(path))
    path.write_bytes(mark + (text + end).replace("\n", newline).encode())
    assert fitted(read(path)) == expected


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_another_encoding_is_named_in_one_line(tmp_path: Path, reader: str, encoding: str) -> None:
    text, read = READERS[reader]
    path = tmp_path / "lines.jsonl"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(ConfigurationError, match=r"lines\.jsonl: cannot be read: .*; save it as UTF-8\.$") as refused:
        read(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("reader", sorted(READERS.keys() - {"a split"}))
def test_files_with_a_mark_that_were_joined_are_read(tmp_path: Path, reader: str) -> None:
    text, read = READERS[reader]
    plain, joined = tmp_path / "plain.jsonl", tmp_path / "joined.jsonl"
    plain.write_bytes(2 * (text.encode() + b"\r\n"))
    joined.write_bytes(2 * (codecs.BOM_UTF8 + text.encode() + b"\r\n"))
    assert fitted(read(joined)) == fitted(read(plain))


def test_datasets_are_read_with_a_mark(tmp_path: Path) -> None:
    dataset = small_benchmark.write(tmp_path / "dataset")
    before = [sample.id for sample in dataset.samples()]
    listed = dataset.folder / "trajectory_dataset.json"
    listed.write_bytes(codecs.BOM_UTF8 + listed.read_bytes().replace(b"\n", b"\r\n"))
    assert [sample.id for sample in Dataset(dataset.folder).samples()] == before
    listed.write_bytes(listed.read_bytes().decode("utf-8-sig").encode("utf-16"))
    with pytest.raises(ConfigurationError, match="UTF-16"):
        Dataset(dataset.folder).samples()

    folder = tmp_path / "Location"
    folder.mkdir()
    questions = folder / "question.json"
    questions.write_bytes(codecs.BOM_UTF8 + json.dumps([{**SAMPLE, "step": 1}]).encode())
    assert [sample.object for sample in Split("Location", folder).samples] == ["cup"]
    questions.write_bytes(json.dumps([{**SAMPLE, "step": 1}]).encode("utf-16"))
    with pytest.raises(ConfigurationError, match="UTF-16"):
        Split("Location", folder).samples  # noqa: B018 - a property that reads


def test_a_file_with_a_mark_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(codecs.BOM_UTF8 + ENTRY.encode() + b"\r\n")
    with AnswerFile(path, ["0", "1", "2"]) as file:
        assert file.finished == {"1"}
        file.append({"question_id": 2, "model_prediction": ""})
    assert [entry["question_id"] for entry in read_entries(path)] == [1, 2]
    with RecordStore(tmp_path) as store:
        store.append(Record.model_validate_json(RECORD))
    (tmp_path / RecordStore.FILE).write_bytes(codecs.BOM_UTF8 + (tmp_path / RecordStore.FILE).read_bytes().rstrip())
    with RecordStore(tmp_path) as store:
        assert len(store.records) == 1


@pytest.mark.parametrize(
    "content", [ENTRY.encode("utf-16"), b"\x89PNG\r\n\x1a\n12", b"the only copy", b"\xef\xbb\xbfnotes"]
)
def test_no_other_file_is_cut_short_where_lines_are_to_be_appended(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError):
        AnswerFile(path, ["1"]).__enter__()
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            codecs.BOM_UTF8 + b"kind: replay\r\nanswers: nowhere.jsonl\r\n",
            "nowhere.jsonl: cannot be read (No such file",
        ),
        ("kind: replay\n".encode("utf-16"), "mine.yaml: cannot be read: UTF-16, not UTF-8 text"),
        ("kind: Läufer\n".encode("latin-1"), "mine.yaml: cannot be read: not UTF-8 text"),
        (b"kind: [replay\n", "mine.yaml"),
    ],
)
def test_a_policy_s_file_is_read_or_refused_in_one_line(
    tmp_path: Path, content: bytes, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine" / "policy"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_bytes(content)
    words = ["task=water_flowers", f"hydra.run.dir={tmp_path / 'run'}"]
    assert run.main(["--config-dir", str(tmp_path / "mine"), "policy=mine", *words]) == 2
    error = capsys.readouterr().err.strip()
    assert said in error
    assert "\n" not in error


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_run_s_configuration_is_read_or_refused_in_one_line(
    tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "configuration.yaml").write_bytes("task: no_such_task\n".encode(encoding))
    assert run.main([f"resume={tmp_path}"]) == 2
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    assert ("no_such_task" if encoding == "utf-8-sig" else "configuration.yaml") in said
