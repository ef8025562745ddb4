"""A report to look at: real episodes, copies of them with other seeds and options, and an answer that is an attack."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.episodes import Episodes
from tracesim.film.video import writer
from tracesim.report.__main__ import main
from tracesim.results.record import Record
from tracesim.results.store import RecordStore

ATTACK: Final = (
    "</script><script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\"> [(1, 2)]"
)
"""An answer that changes the title of a page that takes it as HTML."""

NOISE_PX: Final = (0, 5, 10)
SEEDS: Final = 20

REAL: Final = [
    ("stack_blocks_two", "expert"),
    ("stack_blocks_two", "noop"),
    ("click_bell", "expert"),
    ("click_bell", "noop"),
]
"""Tasks and policies of the real episodes, of seed 0."""

NUMBER: Final = len(REAL) + 2 * len(NOISE_PX) * SEEDS
"""Number of episodes."""


def make_runs(folder: Path, episodes: Episodes) -> None:
    """Write the runs of the real episodes, two of them with a film, and of their noisy copies."""
    played: dict[tuple[str, str], Record] = {}
    for number, (task, policy) in enumerate(REAL):
        path = episodes.record(task, 0, policy)
        record = Record.model_validate_json(path.read_text())
        run = folder / str(number)
        (run / "curves").mkdir(parents=True)
        shutil.copyfile(path.with_suffix(".npz"), run / "curves" / "0.npz")
        changes: dict[str, Any] = {"curves_file": "curves/0.npz"}
        if task == "stack_blocks_two":
            (run / "videos").mkdir()
            with writer(run / "videos" / "0.mp4", (64, 48)) as write:
                for shade in np.linspace(0, 255, 80):
                    write(np.full((48, 64, 3), shade, np.uint8))
            changes["video"] = "videos/0.mp4"
        played[task, policy] = record.model_copy(update=changes)
        _write(run, [played[task, policy]])
    for noise_px in NOISE_PX:
        for task in ("stack_blocks_two", "click_bell"):
            models = [played[task, "expert"], played[task, "noop"]]
            noisy = [_noisy(models[seed * 7 % 20 < noise_px], seed, noise_px) for seed in range(SEEDS)]
            _write(folder / f"noisy_{task}_{noise_px}", noisy)


def _noisy(model: Record, seed: int, noise_px: int) -> Record:
    """Return a record that ended like `model`, of the noisy expert."""
    content = model.model_dump()
    turns = [turn | {"answer": ATTACK, "prompt": f"Where? {ATTACK}"} for turn in content["turns"]]
    return Record.model_validate(
        content
        | {"policy": "noisy_expert", "policy_kind": "noisy_expert", "policy_options": {"pixel_noise_px": noise_px}}
        | {"seed": seed, "turns": turns, "instruction": ATTACK, "curves_file": None, "video": None, "record_hash": ""}
        | {"configuration_hash": f"{noise_px:02d}{model.task}", "variation": model.variation}
    )


def _write(run: Path, records: list[Record]) -> None:
    run.mkdir(exist_ok=True)
    (run / RecordStore.FILE).write_text("".join(f"{record.line()}\n" for record in records))


def make_report(folder: Path, episodes: Episodes) -> Path:
    """Return the folder of a report of these runs."""
    make_runs(folder / "runs", episodes)
    assert main([str(folder / "runs"), f"output={folder / 'report'}", f"title=A & B {ATTACK}"]) == 0
    return folder / "report"
