"""Jobs of a sweep that were never begun, so that nothing else in its folder tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tracesim.cli.composition import hydra
from tracesim.cli.planned_jobs import Plan
from tracesim.cli.run_folder import SWEEP_FILE
from tracesim.cli.sweep import StoredSweep
from tracesim.errors import ConfigurationError
from tracesim.results.collection import record_files


def missing_jobs(folder: Path) -> Iterator[str]:
    """Yield a sentence for each sweep in a folder that has jobs without records, or whose jobs cannot be counted."""
    for file in [folder / SWEEP_FILE] if (folder / SWEEP_FILE).is_file() else sorted(folder.rglob(SWEEP_FILE)):
        sweep = file.parent
        try:
            stored = StoredSweep.read(sweep)
            with hydra():
                every = [[*stored.overrides, *own] for own in stored.sweeps.values()] or [[*stored.overrides]]
                jobs = sum(len(Plan.of(overrides).jobs) for overrides in every)
            played = len(record_files(sweep))
        except ConfigurationError as error:
            yield f"{sweep}: its jobs cannot be counted: {error}"
            continue
        if played < jobs:
            yield (
                f"{sweep}: {jobs - played} of {jobs} jobs of the sweep have no records. Finish it: "
                f"python -m tracesim.run resume={sweep}."
            )
