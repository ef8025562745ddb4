"""Command that exports simulated scenes in TraceSpatial-Bench's layout: `python -m tracesim.tracespatial export`."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from tracesim.arguments import arguments, command_status, separate
from tracesim.cli.composition import run_configuration
from tracesim.configuration import EpisodeConfiguration, RunConfiguration, Variation
from tracesim.envs import task_class
from tracesim.errors import ConfigurationError, InfrastructureError, PlacementError
from tracesim.files.whole_file import write_text
from tracesim.machine.lavapipe import check_import
from tracesim.results.versions import installed_versions
from tracesim.tracespatial.answers import Answered, answer_line
from tracesim.tracespatial.dataset import PICTURES_FOLDER, RECORDS_FILE, Dataset, Sample

if TYPE_CHECKING:
    from tracesim.tracespatial.still import Still

HELP: Final = """\
Export simulated scenes in TraceSpatial-Bench's layout, which its published scorer reads.

Usage
  python -m tracesim.tracespatial export task=NAME [episodes=N] [KEY=VALUE ...]

Scenes
  task=NAME            water_flowers, ...; the scenes are those of `python -m tracesim.run`
  episodes=10          number of consecutive seeds
  seed=0               first seed
  variation=cluttered  clean, cluttered, randomized, ...; also variation.clutter=N and other axes
  robot=panda          robot at the table, out of view

Output
  output=outputs/tracespatial
                       folder for trajectory_dataset.json; raw_data/ID/ with image.png, gt_depth.png (millimetres),
                       mask.png (of the object that moves) and origin.json (origin of the sample); and pictures/ID.png,
                       a drawing of the task. An ID is, for example, water_flowers-7; several tasks may share a folder.
                       Existing samples are not changed
  answers=FILE.jsonl   the expert's answers to these samples, as an answer file

Exit status
  0 done    2 a wrong key, name or value    3 a file could not be written    130 interrupted; finished samples are kept
"""

ORIGIN_FILE: Final = "origin.json"
DRAWN_FOLDER: Final = "pictures"
_SCENE_KEYS: Final = ("task", "episodes", "seed", "variation", "robot")


@dataclass(frozen=True)
class Target:
    """Files of an export."""

    output: Path = Path("outputs/tracespatial")
    """Folder of the dataset."""

    answers: Path | None = None
    """Answer file for the expert's answers, or None."""


class Origin(BaseModel):
    """Origin of a sample, as stored in `origin.json` beside its images."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    """Task."""

    seed: int
    """Seed of the episode."""

    robot: str
    """Robot at the table."""

    variation: Variation
    """Variation of the scene."""

    answer: str
    """Answer of the expert, which solves the task in simulation."""

    tolerance_m: float
    """Distance of the expert's path from the trajectory of the sample, metres."""

    camera_in_world: list[list[float]]
    """(4, 4), pose of the camera in the world frame."""

    versions: dict[str, str]
    """Package -> version at the time of the export."""

    @property
    def name(self) -> str:
        """Id of the sample."""
        return sample_id(self.task, self.seed)


def sample_id(task: str, seed: int) -> str:
    """Return the id of a simulated sample, which is also the id of the question in its episode."""
    return f"{task}-{seed}"


def main(words: Sequence[str]) -> int:
    """Run the command and return its exit status.

    Args:
        words: Arguments of the command line after `export`.
    """
    return command_status(words, HELP, _export)


def _export(words: Sequence[str]) -> None:
    target, configuration = asked(words)
    dataset, origins = export(configuration, target.output)
    print(f"Written\n  {target.output}   {len(dataset.samples())} samples")
    if target.answers is not None:
        write_answers(dataset, origins, target.answers)
        print(f"  {target.answers}   {len(origins)} answers")


def asked(words: Sequence[str]) -> tuple[Target, RunConfiguration]:
    """Return what a command line asks for; raises `ConfigurationError`.

    Options of the simulation follow Hydra's grammar, as for a run; paths of files are taken literally.
    """
    own, scene = separate(words, Target.__dataclass_fields__, _SCENE_KEYS)
    configuration = run_configuration(scene)
    if task_class(configuration.task).arms:
        raise ConfigurationError(
            f"task={configuration.task} has a trace for each of two arms, and a sample of TraceSpatial-Bench has one. "
            "Choose a task with one trace."
        )
    return arguments(own, Target), configuration


def export(configuration: RunConfiguration, folder: Path) -> tuple[Dataset, list[Origin]]:
    """Write the samples of a run's seeds that are not in a folder yet.

    A sample is listed in the dataset once its files are complete.

    Args:
        configuration: Task, seeds, variation and robot.
        folder: Folder of the dataset.

    Returns:
        The dataset, and the origins of the samples of these seeds.

    Raises:
        ConfigurationError: The folder has a sample of the same name from another scene.
        RendererError: No Vulkan driver works.
        InfrastructureError: The file cannot be written.
    """
    check_import()
    from tracesim.episode.simulated import SimulatedEpisode
    from tracesim.tracespatial.still import Still

    try:
        folder.mkdir(parents=True, exist_ok=True)
        dataset = Dataset(folder)
        samples = {sample.id: sample for sample in dataset.samples()} if (folder / RECORDS_FILE).exists() else {}
        origins: list[Origin] = []
        for seed in configuration.seeds:
            name = sample_id(configuration.task, seed)
            if name in samples and (origin := _existing_origin(dataset, configuration.episode, seed)) is not None:
                origins.append(origin)
                continue
            started = time.perf_counter()
            try:
                still = Still.of(SimulatedEpisode(configuration.episode, seed, pixels=True), name)
            except PlacementError as error:
                print(f"  {name}: left out. {error}", flush=True)
                continue
            origins.append(_write_sample(dataset, still, configuration.episode, seed))
            samples[name] = still.sample
            dataset.write(sorted(samples.values(), key=_sorting_key))
            deviation = f", {still.tolerance_m * 1000:.0f} mm from the expert's path" if still.tolerance_m else ""
            print(
                f"  {name}: {len(still.sample.trajectory)} keypoints{deviation}; {time.perf_counter() - started:.1f} s",
                flush=True,
            )
    except OSError as error:
        raise InfrastructureError(f"{folder}: cannot be written ({error.strerror}).") from error
    return dataset, origins


def write_answers(dataset: Dataset, origins: Sequence[Origin], path: Path) -> None:
    """Write the expert's answers to samples as an answer file, atomically.

    Args:
        dataset: Dataset with the samples.
        origins: Origins of the samples.
        path: Answer file.

    Raises:
        InfrastructureError: The file cannot be written.
    """
    samples = {sample.id: sample for sample in dataset.samples()}
    try:
        write_text("".join(answer_line(Answered(samples[one.name], one.answer)) for one in origins), path)
    except OSError as error:
        raise InfrastructureError(f"{path}: cannot be written ({error.strerror}).") from error


def _sorting_key(sample: Sample) -> tuple[str, int]:
    """Return task and seed of a simulated sample, or the id of another one."""
    task, dash, seed = str(sample.id).rpartition("-")
    return (task, int(seed)) if dash and seed.isdecimal() else (str(sample.id), 0)


def _existing_origin(dataset: Dataset, configuration: EpisodeConfiguration, seed: int) -> Origin | None:
    """Return the origin of a sample that exists, or None if its folder has none.

    Raises:
        ConfigurationError: It comes from another scene.
    """
    path = dataset.picture(f"{sample_id(configuration.task, seed)}/{ORIGIN_FILE}")
    try:
        origin = Origin.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    if (origin.robot, origin.variation) != (configuration.robot, configuration.variation):
        raise ConfigurationError(
            f"{path.parent} shows robot {origin.robot} and {origin.variation}. Use the same settings, or another "
            "output=DIR."
        )
    return origin


def _write_sample(dataset: Dataset, still: Still, configuration: EpisodeConfiguration, seed: int) -> Origin:
    """Write the files of one sample; its folder gets its name once they are complete."""
    from tracesim.observation import png
    from tracesim.tracespatial.picture import picture

    origin = Origin(
        task=configuration.task,
        seed=seed,
        robot=configuration.robot,
        variation=configuration.variation,
        answer=still.answer,
        tolerance_m=still.tolerance_m,
        camera_in_world=still.observation.camera.camera_in_world.tolist(),
        versions=installed_versions(),
    )
    folder = dataset.folder / PICTURES_FOLDER / origin.name
    partial = folder.with_name(f".{origin.name}.partial")
    for old in (partial, folder):
        shutil.rmtree(old, ignore_errors=True)
    partial.mkdir(parents=True)
    mask = np.where(still.mask, 255, 0).astype(np.uint8)
    (partial / "image.png").write_bytes(still.observation.rgb_png)
    (partial / "gt_depth.png").write_bytes(still.observation.depth_png)
    (partial / "mask.png").write_bytes(png(mask))
    (partial / ORIGIN_FILE).write_text(origin.model_dump_json(indent=1) + "\n")
    drawn = dataset.folder / DRAWN_FOLDER / f"{origin.name}.png"
    drawn.parent.mkdir(exist_ok=True)
    assert still.observation.rgb is not None
    picture(still.observation.rgb, mask, still.sample).save(drawn)
    partial.rename(folder)
    return origin
