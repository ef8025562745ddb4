"""Training data over all tasks: every answer and step agrees with the independent reader, which notices faults."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import pytest

from tests.training.answer_reader import faults, points
from tests.training.scene_record import Seen
from tracesim.data.__main__ import main
from tracesim.data.columns import QUESTION_COLUMNS
from tracesim.envs import TASKS

Row = Mapping[str, Any]

READ = [name for name in QUESTION_COLUMNS if name not in ("images", "depth")]

EXACT = ("beside", "between", "part", "move", "put", "lift", "touch", "hover")
"""Forms whose answers with points leave no choice where they end."""

MANY = ("water_flowers", "place_relative", "lift_pot", "click_bell")
"""Tasks of which a few more questions are asked."""


def written(folder: Path) -> Iterator[tuple[Row, Seen]]:
    """Yield the questions in a folder, each with what its picture shows."""
    for file in sorted((folder / "questions").rglob("*.parquet")):
        scenes = parquet.read_table(folder / "scenes" / file.relative_to(folder / "questions")).to_pylist()
        by_id, seen = {scene["id"]: scene for scene in scenes}, {}
        for row in parquet.read_table(file, columns=READ).to_pylist():
            if row["picture"] not in seen:
                seen[row["picture"]] = Seen(row, by_id[row["scene"]])
            yield row, seen[row["picture"]]


@pytest.fixture(scope="module")
def questions(renderer: None, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Row, Seen]]:
    folder = tmp_path_factory.mktemp("data")
    assert main([f"task={','.join(MANY)}", "episodes=1", "pictures=2", "questions=30", f"output={folder}"]) == 0
    return list(written(folder))


@pytest.mark.one_in(12)
@pytest.mark.parametrize("task", [task for task in TASKS if task not in MANY])
def test_reader_agrees_with_a_scene_of_every_task(task: str, renderer: None, tmp_path: Path) -> None:
    assert main([f"task={task}", "episodes=1", "pictures=1", "questions=10", f"output={tmp_path}"]) == 0
    found = list(written(tmp_path))
    assert [fault for row, seen in found for fault in faults(row, seen)] == []
    assert "instruction" in {row["form"] for row, _ in found}


def test_reader_agrees_with_every_form_of_questions(questions: list[tuple[Row, Seen]]) -> None:
    assert [fault for row, seen in questions for fault in faults(row, seen)] == []
    forms = {row["form"] for row, _ in questions}
    assert len(forms) == 24, forms
    assert {row["type"] for row, _ in questions} == {
        *("referring", "measuring", "scale", "object-centric", "end-effector-centric")
    }
    assert {row["dimensions"] for row, _ in questions} == {0, 2, 3}


def test_most_questions_are_metric(questions: list[tuple[Row, Seen]]) -> None:
    assert np.mean([row["metric"] for row, _ in questions]) >= 0.4


def test_twins_have_other_questions_and_other_answers(questions: list[tuple[Row, Seen]]) -> None:
    by_id = {row["id"]: row for row, _ in questions}
    twins = [row for row in by_id.values() if row["twin"]]
    assert len(twins) > 20
    for row in twins:
        twin = by_id[row["twin"]]
        assert twin["twin"] == row["id"]
        assert (twin["picture"], twin["form"]) == (row["picture"], row["form"])
        assert twin["question"] != row["question"]
        assert twin["answer"] != row["answer"]


def moved_points(row: dict[str, Any]) -> None:
    u, v, *depth = points(row["answer"])[-1]
    text = ", ".join([f"{(u + 60) % 1000:.0f}", f"{v:.0f}", *(f"{d:.3f}" for d in depth)])
    row["answer"] = re.sub(r"\([^()]*\)(?=\]$)", f"({text})", row["answer"])


def deeper_points(row: dict[str, Any]) -> None:
    row["answer"] = re.sub(r"(\d\.\d{3})\)", lambda found: f"{float(found[1]) * 1.1:.3f})", row["answer"])


def longer_answer(row: dict[str, Any]) -> None:
    row["answer"] = re.sub(r"^[\d.]+", lambda found: f"{float(found[0]) * 1.03 + 0.002}", row["answer"])


def longer_step(row: dict[str, Any]) -> None:
    def grown(step: str) -> str:
        return re.sub(r"([\d.]+) centimeters", lambda found: f"{float(found[1]) + 0.2:.1f} centimeters", step)

    row["steps"] = [grown(step) for step in row["steps"]]


SPOILED: Mapping[str, tuple[Callable[[dict[str, Any]], None], Callable[[Row], bool]]] = {
    "moved points": (moved_points, lambda row: row["dimensions"] == 3 and row["form"] in EXACT),
    "deeper points": (deeper_points, lambda row: row["dimensions"] == 3 and row["form"] != "instruction"),
    "longer answer": (longer_answer, lambda row: row["type"] in ("measuring", "scale")),
    "longer step": (longer_step, lambda row: any("centimeters" in step for step in row["steps"])),
}


@pytest.mark.parametrize("name", SPOILED)
def test_reader_notices_spoiled_answers(name: str, questions: list[tuple[Row, Seen]]) -> None:
    spoil, applies = SPOILED[name]
    checked = 0
    for row, seen in questions[::2]:
        if applies(row) and not row["negative"]:
            spoiled = copy.deepcopy(dict(row))
            spoil(spoiled)
            steps = "\n".join(spoiled["steps"])
            spoiled["messages"][1]["content"] = f"<think>{steps}</think><answer>{spoiled['answer']}</answer>"
            assert faults(spoiled, seen), (row["id"], row["question"], spoiled["answer"])
            checked += 1
    assert checked > 10
