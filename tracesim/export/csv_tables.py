"""Tables in CSV: one of the samples of each episode, and one of all episodes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from tracesim.export.form import Form, Options
from tracesim.export.sampled import SampledArm, SampledEpisode
from tracesim.geometry.rigid import to_quaternion
from tracesim.results.record import Record

EPISODES_FILE: Final = "episodes.csv"
SAMPLES_FOLDER: Final = "samples"


class CsvTables(Form):
    """Writes `episodes.csv`, and `samples/NAME.csv` of every episode.

    A value that does not apply is empty. Lengths are in metres, angles in radians, times in seconds, quaternions wxyz.
    """

    draws: ClassVar[bool] = False

    def __init__(self, folder: Path, options: Options) -> None:
        """Prepare to write; see `Form`."""
        super().__init__(folder, options)
        self._episodes: list[dict[str, Any]] = []
        (folder / SAMPLES_FOLDER).mkdir()

    def add(self, episode: SampledEpisode) -> str | None:
        """Write the samples of an episode."""
        file = f"{SAMPLES_FOLDER}/{episode.name}.csv"
        _write(self.folder / file, _samples(episode))
        self._episodes.append(described(episode.record) | {"samples": len(episode), "file": file})
        return None

    def finish(self) -> None:
        """Write the table of episodes."""
        _write(self.folder / EPISODES_FILE, self._episodes)


def described(record: Record) -> dict[str, Any]:
    """Return what distinguishes an episode, and how it ended, by column."""
    failure = record.failure
    return {
        "task": record.task,
        "seed": record.seed,
        "policy": record.policy,
        "robot": record.robot,
        "variation": record.variation.label,
        "instruction": record.instruction,
        "success": record.success,
        "failure_stage": failure.stage if failure else None,
        "failure_reason": failure.reason if failure else None,
        "configuration_hash": record.configuration_hash,
        "record_hash": record.record_hash,
    }


def _samples(episode: SampledEpisode) -> Iterable[dict[str, Any]]:
    arms = [list(_arm_columns(arm)) for arm in episode.arms]
    for sample, time_s in enumerate(episode.times_s.tolist()):
        yield {
            "time_s": time_s,
            "turn": int(episode.turns[sample]),
            "phase": str(episode.motion.phases[sample]),
            **_columns("functional_point", "xyz", episode.functional_point[sample], "_m"),
            **{name: value for columns in arms for name, value in columns[sample].items()},
            **{f"margin_{name}": margins[sample] for name, margins in episode.margins.items()},
        }


def _arm_columns(arm: SampledArm) -> Iterable[dict[str, float | None]]:
    """Yield the columns of an arm for each sample; if there are several arms, they begin with its name."""
    prefix = arm.prefix
    for pose, opening_m, joints in zip(arm.tcp_in_world, arm.opening_m, arm.qpos, strict=True):
        yield {
            **_columns(f"{prefix}tcp", "xyz", pose[:3, 3], "_m"),
            **_columns(f"{prefix}tcp_q", "wxyz", to_quaternion(pose)),
            f"{prefix}opening_m": float(opening_m),
            **{f"{prefix}joint_{number}_rad": float(joint) for number, joint in enumerate(joints, start=1)},
        }


def _columns(name: str, axes: str, values: Iterable[float], unit: str = "") -> dict[str, float | None]:
    """Return values by column, one an axis; NaN, which stands for nothing, becomes an empty cell."""
    return {
        f"{name}_{axis}{unit}": float(value) if value == value else None
        for axis, value in zip(axes, values, strict=True)
    }


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows with the same columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(file, list(row))
                writer.writeheader()
            writer.writerow(row)
