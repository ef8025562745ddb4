"""Split files: in order whatever was appended when, and refused with a reason where they are another's."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.split_files import HEADER, OUTCOMES, STACK, certificate, written
from tracesim.configuration import Variation
from tracesim.errors import ConfigurationError
from tracesim.results.split import Certificate, Header, Split, SplitFile


def joined(*lines: Header | Certificate) -> str:
    return "".join(line.model_dump_json() + "\n" for line in lines)


@given(st.lists(st.lists(st.tuples(st.integers(0, 6), OUTCOMES), max_size=5), max_size=4))
def test_of_each_seed_the_last_certificate_stands_in_the_seeds_order(
    tmp_path_factory: pytest.TempPathFactory, sessions: list[list[tuple[int, str]]]
) -> None:
    path = tmp_path_factory.mktemp("splits") / "stack.jsonl"
    written(path)
    last: dict[int, str] = {}
    for outcomes in sessions:
        written(path, *outcomes)
        last.update(outcomes)
        assert path.read_text() == joined(HEADER, *(certificate(seed, last[seed]) for seed in sorted(last)))
    split = Split.read(path)
    assert split.header == HEADER
    assert list(split.certificates) == sorted(last)
    assert split.solved == {seed for seed, outcome in last.items() if outcome == "solved"}
    assert split.certified == {seed for seed, outcome in last.items() if outcome != "broken"}
    with SplitFile(path, HEADER) as file:
        assert file.missing(range(8)) == [seed for seed in range(8) if last.get(seed, "broken") == "broken"]


def test_a_file_in_order_is_only_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "stack.jsonl"
    for seeds in ((0, 1), (3,), ()):
        with SplitFile(path, HEADER) as file:
            opened = path.stat().st_ino
            for seed in seeds:
                file.append(certificate(seed))
        assert path.stat().st_ino == opened, "another file took its place"


def test_an_interrupted_session_leaves_what_it_wrote(tmp_path: Path) -> None:
    path = tmp_path / "stack.jsonl"
    with contextlib.suppress(KeyboardInterrupt), SplitFile(path, HEADER) as file:
        file.append(certificate(3))
        file.append(certificate(1))
        raise KeyboardInterrupt
    assert path.read_text() == joined(HEADER, certificate(1), certificate(3))


def test_a_header_says_what_the_expert_was_played_with() -> None:
    header = Header.of(STACK)
    assert header.configuration == STACK
    assert header.versions["sapien"]


def test_a_split_says_what_a_run_of_all_its_seeds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    split = Split.read(written(Path("stack.jsonl"), (4, "solved"), (5, "missed"), (6, "nowhere")))
    assert split.seeds == range(4, 7)
    assert split.as_run == {
        "task": "stack",
        "robot": "panda",
        "variation": HEADER.model_dump()["variation"],
        "seed": 4,
        "episodes": 3,
        "split": str(tmp_path / "stack.jsonl"),
    }


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ([], "{path} holds no seeds. Finish it with python -m tracesim.certify."),
        ([(2, "broken")], "{path} holds no seeds. Finish it with python -m tracesim.certify."),
        (
            [(2, "solved"), (3, "broken"), (5, "solved"), (6, "broken")],
            "{path} lacks 3 of the seeds 2-6, 3 among them. Finish it with python -m tracesim.certify task=stack "
            "seeds=2-6 out={path}.",
        ),
    ],
)
def test_a_split_that_lacks_seeds_says_how_to_finish_it(
    outcomes: list[tuple[int, str]], said: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "stack.jsonl", *outcomes)
    with pytest.raises(ConfigurationError) as error:
        _ = Split.read(path).seeds
    assert str(error.value) == said.format(path=path)


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({"task": "click_bell"}, "task stack, not click_bell"),
        ({"robot": "ur5"}, "robot panda, not ur5"),
        ({"variation": Variation("clean", clutter=3)}, "variation clutter 0, not 3"),
        ({"variation": Variation("randomized", clutter=3)}, "variation level clean, not randomized, clutter 0, not 3"),
        (
            {"versions": {**HEADER.versions, "sapien": "2", "new": "1"}},
            "versions sapien {sapien}, not 2, new None, not 1",
        ),
    ],
)
def test_lines_of_another_split_are_refused_and_nothing_is_changed(
    other: dict[str, object], differs: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "stack.jsonl", (1, "solved"))
    before = path.read_bytes()
    with pytest.raises(ConfigurationError) as error, SplitFile(path, HEADER.model_copy(update=other)):
        pytest.fail("it was opened")
    differs = differs.format(sapien=HEADER.versions["sapien"])
    assert str(error.value) == f"{path} holds a split with {differs}. Valid: the same, or another out=FILE."
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "{path}: not a split: its first line is no header."),
        (joined(certificate(0)), "{path}: not a split: its first line is no header."),
        (
            joined(HEADER, certificate(0), HEADER),
            "{path}: entry 3 is another header; several files were joined.",
        ),
        (
            joined(HEADER).replace('"schema_version":1', '"schema_version":7'),
            "{path}, line 1: schema_version is 7; this version of TraceSim reads 1.",
        ),
        (
            joined(HEADER, certificate(0)).replace('"seed":0', '"sed":0'),
            "{path}, line 2: not a line of a split: seed: field required.",
        ),
        (
            joined(HEADER, certificate(0)).replace('"success":true', '"success":false'),
            "{path}, line 2: not a line of a split: success is false and failure is None.",
        ),
        (
            '{"task":"stack","seed":0}\n',
            "{path}, line 1: not a line of a split. Valid: a file that `python -m tracesim.certify task=NAME` wrote.",
        ),
        (
            joined(HEADER, certificate(0)).replace('"margins":{}', '"margins":{"band":"wide"}'),
            "{path}, line 2: not a line of a split: margins.band: input should be a valid number, unable to parse "
            "string as a number.",
        ),
    ],
)
def test_a_file_that_is_no_split_is_refused_with_file_line_and_fault(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as error:
        Split.read(path)
    assert str(error.value) == said.format(path=path)
    if text:  # an empty file becomes a split
        with pytest.raises(ConfigurationError) as error, SplitFile(path, HEADER):
            pytest.fail("it was opened")
        assert str(error.value) == said.format(path=path)
        assert path.read_text() == text
