"""Many records, made from a few real ones: for tests and figures of tables over thousands of episodes.

    python -m tests.many_records REAL OUT [SEEDS]

REAL is a folder of real runs with one episode of each task by each policy; OUT becomes a folder with one run of SEEDS
episodes (by default 59) for each of them. The first episode of a run is the real one, with its curves and its film.
The others are copies with other seeds, other margins, and as many successes as a rate that is drawn for the task and
the policy asks for. They are valid records, and describe nothing that was ever played.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from tracesim.results.collection import Collection, Stored
from tracesim.results.record import Record
from tracesim.results.store import RecordStore

SEEDS: Final = 59
"""34 tasks, 5 policies and 59 seeds are 10,030 records."""

EASE: Final = {"expert": 8.0, "slight": 2.0, "noisy": 0.0, "nearsighted": -1.0, "noop": -8.0}
"""Logit of a policy's success rate on an average task."""


def make(real: Path, out: Path, seeds: int = SEEDS) -> int:
    """Write runs of many records that are made from those in `real`, and return the number of records."""
    episodes = Collection.read([real]).judged
    rng = np.random.default_rng(0)
    difficulty = {one.record.task: rng.normal(0.0, 1.5) for one in episodes}
    written = 0
    for number, one in enumerate(episodes):
        logit = EASE.get(one.record.policy, 0.0) - difficulty[one.record.task]
        same_task = [other.record for other in episodes if other.record.task == one.record.task]
        made = list(_run(one, same_task, 1.0 / (1.0 + np.exp(-logit)), seeds, rng))
        folder = out / str(number)
        folder.mkdir(parents=True)
        (folder / RecordStore.FILE).write_text("".join(f"{record.line()}\n" for record in made))
        _copy_files(one, folder, seeds)
        written += len(made)
    return written


def _run(
    one: Stored, same_task: Sequence[Record], rate: float, seeds: int, rng: np.random.Generator
) -> Iterator[Record]:
    yield one.record
    for seed in range(one.record.seed + 1, one.record.seed + seeds):
        succeeds = rng.random() < rate
        models = [record for record in same_task if record.success == succeeds] or [one.record]
        yield _copy(one.record, models[rng.integers(len(models))], seed, rng)


def _copy(run: Record, model: Record, seed: int, rng: np.random.Generator) -> Record:
    """Return a record of a run that ended like `model`, with another seed and other margins of the same signs."""
    content: dict[str, Any] = model.model_dump()
    for name in ("policy", "policy_kind", "policy_options", "configuration_hash", "variation", "robot"):
        content[name] = getattr(run, name)
    factor = rng.uniform(0.3, 1.0)
    content |= {
        "seed": seed,
        "margins": {name: margin and margin * factor for name, margin in model.margins.items()},
        "timings": {name: time * rng.uniform(0.8, 1.2) for name, time in model.timings.items()},
        "curves_file": None,
        "video": None,
        "record_hash": "",
    }
    return Record.model_validate(content)


def _copy_files(one: Stored, folder: Path, seeds: int) -> None:
    """Copy what else a run's folder holds of the real episode, with the number of episodes in the configuration."""
    configuration = (one.folder / "configuration.yaml").read_text()
    (folder / "configuration.yaml").write_text(configuration.replace("episodes: 1\n", f"episodes: {seeds}\n"))
    for path in (one.curves_file, one.video):
        if path is not None:
            target = folder / path.relative_to(one.folder)
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, target)


if __name__ == "__main__":
    print(make(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:])), "records")
