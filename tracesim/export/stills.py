"""The scenes of episodes at the start, in the Parquet columns of TraceSpatial-Bench."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np

from tracesim.export.form import Form, Options
from tracesim.export.sampled import SampledEpisode
from tracesim.layout.gripper import GRIPPER
from tracesim.machine.extras import check_installed
from tracesim.observation import png
from tracesim.tracespatial import parquet
from tracesim.tracespatial.answers import Answered, answer_line
from tracesim.tracespatial.dataset import Sample
from tracesim.tracespatial.still import Still

DATA_FILE: Final = "data/train-00000-of-00001.parquet"
EXPERT_FILE: Final = "expert.jsonl"


class Stills(Form):
    """Writes one row a scene, the expert's answers, and the answers of each policy that was played.

    Episodes of several policies in the same scene share a row. Only the first instruction of an episode is asked.
    `step` counts the other objects that the instruction names; `category` is the task; `data_source` tells the seed.
    `depth` and `intrinsics`, which are estimates in the published dataset, equal `gt_depth` and `gt_depth_intrinsics`.
    """

    draws: ClassVar[bool] = True

    def __init__(self, folder: Path, options: Options) -> None:
        """Prepare to write; see `Form`."""
        super().__init__(folder, options)
        check_installed("pyarrow", "export", "form=stills")
        self._rows: list[dict[str, Any]] = []
        self._samples: dict[tuple[object, ...], Sample] = {}
        self._expert: list[Answered] = []
        self._answers: dict[str, list[Answered]] = {}

    def add(self, episode: SampledEpisode) -> str | None:
        """Keep the still of an episode, unless that of the same scene is kept already, and the policy's answer."""
        record = episode.record
        if episode.replayed.simulated.task.subtask.carried == GRIPPER:
            return "no object moves along its trace, as in every sample of the benchmark"
        if episode.replayed.simulated.task.arms:
            return "it has a trace for each arm, and a sample of the benchmark has one"
        scene = (record.task, record.seed, record.robot, record.variation)
        if scene not in self._samples:
            still = Still.of(episode.replayed.simulated, len(self._samples))
            self._samples[scene] = still.sample
            self._expert.append(Answered(still.sample, still.answer))
            self._rows.append(_row(still, episode))
        turn = episode.turn(0)
        self._answers.setdefault(record.policy, []).append(Answered(self._samples[scene], turn.answer, turn.prompt))
        return None

    def finish(self) -> None:
        """Write the files."""
        parquet.write(self.folder / DATA_FILE, self._rows)
        files = {f"answers_{policy}.jsonl": answers for policy, answers in self._answers.items()}
        for name, answers in {EXPERT_FILE: self._expert, **files}.items():
            (self.folder / name).write_text("".join(map(answer_line, answers)), encoding="utf-8")


def _row(still: Still, episode: SampledEpisode) -> dict[str, Any]:
    sample, task, record = still.sample, episode.replayed.simulated.task, episode.record
    others = [name for name in task.named() if name != task.subtask.carried]
    depth, intrinsics = still.observation.depth_png, sample.intrinsics.tolist()
    return {
        "id": sample.id,
        "prompt": sample.prompt,
        "target_object": sample.target_object,
        "destination_direction": sample.destination,
        "step": len(others),
        "category": record.task,
        "data_source": f"TraceSim {record.task} seed {record.seed} ({record.variation.label})",
        "trajectory": sample.trajectory.tolist(),
        "image": still.observation.rgb_png,
        "depth": depth,
        "gt_depth": depth,
        "mask": png(np.where(still.mask, 255, 0).astype(np.uint8)),
        "intrinsics": intrinsics,
        "gt_depth_intrinsics": intrinsics,
        "bbox_center": sample.bbox_center.tolist(),
        "bbox_extent": sample.bbox_extent.tolist(),
        "bbox_rotation": sample.bbox_rotation.tolist(),
    }
