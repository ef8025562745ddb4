"""Writes simulated scenes in TraceSpatial-Bench's layout: `python -m tracesim.tracespatial export task=NAME`."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from tracesim.cli.arguments import arguments, command_status, separate
from tracesim.cli.composition import run_configuration
from tracesim.configuration import EpisodeConfiguration, RunConfiguration, Variation
from tracesim.errors import ConfigurationError, InfrastructureError, PlacementError
from tracesim.machine.lavapipe import check_import
from tracesim.results.record import installed_versions
from tracesim.tracespatial.dataset import PICTURES_FOLDER, RECORDS_FILE, Answered, Dataset, Sample, answer_line

if TYPE_CHECKING:
    from tracesim.tracespatial.still import Still

HELP: Final = """\
Write simulated scenes in TraceSpatial-Bench's layout, which its published scorer reads.

Usage
  python -m tracesim.tracespatial export task=NAME [episodes=N] [KEY=VALUE ...]

What is written
  task=NAME            water_flowers, ...; the scenes are those of `python -m tracesim.run`
  episodes=10          how many consecutive seeds
  seed=0               the first of them
  variation=cluttered  clean, cluttered, randomized, and variation.clutter=N and the like
  robot=panda          who stands at the table, out of view

Where to
  output=outputs/tracespatial
                       trajectory_dataset.json; raw_data/ID/: image.png, gt_depth.png (millimetres), mask.png (of the
                       object that is to move), origin.json (where the sample comes from); pictures/ID.png: what is
                       asked, drawn. ID is such as water_flowers-7; several tasks may share a folder. Samples that are
                       there already are left as they are.
  answers=FILE.jsonl   the experts' own answers to these samples, as a file of answers

Exit status
  0 written    2 a wrong key, name or value    3 the disk refused    130 interrupted; finished samples are kept
"""

ORIGIN_FILE: Final = "origin.json"
DRAWN_FOLDER: Final = "pictures"
_SCENE_KEYS: Final = ("task", "episodes", "seed", "variation", "robot")


@dataclass(frozen=True)
class Target:
    """Where an export goes: the dataset's folder, and a file for the experts' answers if they are wanted."""

    output: Path = Path("outputs/tracespatial")
    answers: Path | None = None


class Origin(BaseModel):
    """Where a sample comes from: what `origin.json` beside its pictures says.

    answer: the expert's, which solves the task in simulation. tolerance_m: how far the expert's path strays from the
    sample's trajectory. camera_in_world: (4, 4).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    seed: int
    robot: str
    variation: Variation
    answer: str
    tolerance_m: float
    camera_in_world: list[list[float]]
    versions: dict[str, str]

    @property
    def name(self) -> str:
        """The sample's id."""
        return named(self.task, self.seed)


def named(task: str, seed: int) -> str:
    """Return the id of a simulated sample, which is also that of the question its episode asks."""
    return f"{task}-{seed}"


def main(words: Sequence[str]) -> int:
    """Do what the words after `export` ask, and return the exit status."""
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

    What is simulated is said in Hydra's grammar, as for a run; files are not.
    """
    own, scene = separate(words, Target.__dataclass_fields__, _SCENE_KEYS)
    return arguments(own, Target), run_configuration(scene)


def export(configuration: RunConfiguration, folder: Path) -> tuple[Dataset, list[Origin]]:
    """Write the samples of a run's seeds that `folder` lacks, and return the dataset and where its samples come from.

    A sample is listed once its files are whole. Raises `ConfigurationError` where the folder holds a sample of the same
    name from another scene, `RendererError` where nothing can draw, `InfrastructureError` where the disk refuses.
    """
    check_import()
    from tracesim.episode.simulated import Trial
    from tracesim.tracespatial.still import Still

    try:
        folder.mkdir(parents=True, exist_ok=True)
        dataset = Dataset(folder)
        samples = {sample.id: sample for sample in dataset.samples()} if (folder / RECORDS_FILE).exists() else {}
        origins: list[Origin] = []
        for seed in configuration.seeds:
            name = named(configuration.task, seed)
            if name in samples and (origin := _finished(dataset, configuration.episode, seed)) is not None:
                origins.append(origin)
                continue
            started = time.perf_counter()
            try:
                still = Still.of(Trial(configuration.episode, seed, pixels=True), name)
            except PlacementError as error:
                print(f"  {name}: left out. {error}", flush=True)
                continue
            origins.append(_written(dataset, still, configuration.episode, seed))
            samples[name] = still.sample
            dataset.write(sorted(samples.values(), key=_place))
            strays = f", {still.tolerance_m * 1000:.0f} mm from the expert's path" if still.tolerance_m else ""
            print(
                f"  {name}: {len(still.sample.trajectory)} keypoints{strays}; {time.perf_counter() - started:.1f} s",
                flush=True,
            )
    except OSError as error:
        raise InfrastructureError(f"{folder}: cannot be written ({error.strerror}).") from error
    return dataset, origins


def write_answers(dataset: Dataset, origins: Sequence[Origin], path: Path) -> None:
    """Write the experts' answers to samples as a file of answers, all or nothing."""
    samples = {sample.id: sample for sample in dataset.samples()}
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text("".join(answer_line(Answered(samples[one.name], one.answer)) for one in origins))
        os.replace(partial, path)
    except OSError as error:
        raise InfrastructureError(f"{path}: cannot be written ({error.strerror}).") from error


def _place(sample: Sample) -> tuple[str, int]:
    """Return what samples are sorted by: simulated ones by task and seed, others as they are named."""
    task, dash, seed = str(sample.id).rpartition("-")
    return (task, int(seed)) if dash and seed.isdecimal() else (str(sample.id), 0)


def _finished(dataset: Dataset, configuration: EpisodeConfiguration, seed: int) -> Origin | None:
    """Return where a listed sample comes from, None where its folder does not say.

    Raises `ConfigurationError` if that is another scene than the one asked for.
    """
    path = dataset.picture(f"{named(configuration.task, seed)}/{ORIGIN_FILE}")
    try:
        origin = Origin.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    if (origin.robot, origin.variation) != (configuration.robot, configuration.variation):
        raise ConfigurationError(
            f"{path.parent} shows robot {origin.robot} and {origin.variation}. Valid: the same, or another output=DIR."
        )
    return origin


def _written(dataset: Dataset, still: Still, configuration: EpisodeConfiguration, seed: int) -> Origin:
    """Write the files of one sample, which are all there once its folder has its name."""
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
