"""Command that measures speed and memory and compares them with TraceSim's targets: `python -m tracesim.bench`."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

import numpy as np
from rich.table import Table

from tracesim.cli.arguments import COMPLETED, command_status
from tracesim.configuration import EpisodeConfiguration
from tracesim.errors import InfrastructureError, TraceSimError, unknown_name
from tracesim.machine.children import ending, output_of
from tracesim.machine.extras import importing
from tracesim.machine.lavapipe import check_import
from tracesim.machine.terminal import console

if TYPE_CHECKING:
    from tracesim.episode.simulated import SimulatedEpisode

HELP: Final = """\
Measure speed and memory, and compare them with TraceSim's targets.

Usage
  python -m tracesim.bench [MEASURE ...]

Measures, all of them by default
{measures}

Exit status
  0 every target is met    1 a target is missed    2 a wrong argument, or no driver can render
  3 a measurement failed    130 interrupted
"""

MISSED: Final = 1
"""Exit status if a target is missed."""

TASK: Final = "water_flowers"
SEED: Final = 0

ROUNDS: Final = 15
"""Repetitions of a work that takes milliseconds."""

RUNS: Final = 3
"""Processes of which the median start is reported."""

WARM_UP_RESETS: Final = 40
"""Resets that fill the caches before memory is measured."""


@dataclass(frozen=True)
class Figure:
    """One line of the report."""

    what: str
    """What was measured."""

    value: float
    """Measured value."""

    limit: float | None = None
    """Largest value that meets the target, or None if there is no target."""

    unit: str = "ms"
    """Unit of value and limit."""

    @property
    def missed(self) -> bool:
        """Whether the value misses its target."""
        return self.limit is not None and self.value > self.limit

    def row(self) -> tuple[str, str, str]:
        """Return the cells of the line."""
        shown = f"{self.value:.3g} {self.unit}".strip()
        if self.limit is None:
            return self.what, shown, ""
        target = f"at most {self.limit:g} {self.unit}".strip()
        return self.what, shown, f"{target}, {'missed' if self.missed else 'met'}"


def observation() -> list[Figure]:
    """Compare the CPU time of an observation with SAPIEN's default shader on the same scene."""
    from tracesim.episode.simulated import SimulatedEpisode

    episode = SimulatedEpisode(EpisodeConfiguration(TASK), SEED, pixels=True)
    episode.observe(pixels=True)
    default = _default_shader(episode)
    times = _alternate({"ours": lambda: episode.observe(pixels=True), "default": default}, ROUNDS)
    return [
        Figure("triangles in the scene", _triangles(episode) / 1000.0, 60.0, "k"),
        Figure("observation, 640 x 480: RGB, depth, segmentation", times["ours"]),
        Figure("the same with SAPIEN's default shader", times["default"]),
        Figure("their ratio", times["ours"] / times["default"], 0.5, ""),
    ]


def _default_shader(episode: SimulatedEpisode) -> Callable[[], None]:
    """Return a function that takes the same images as an observation with SAPIEN's default shader."""
    from sapien import Entity
    from sapien.render import RenderCameraComponent

    scene, camera, k = episode.scene.sapien, episode.camera, episode.camera.intrinsics
    component = RenderCameraComponent(camera.width, camera.height)
    component.set_perspective_parameters(0.05, 20.0, k[0, 0], k[1, 1], k[0, 2], k[1, 2], 0.0)
    ours = next(entity for entity in scene.entities if entity.find_component_by_type(RenderCameraComponent))
    entity = Entity()
    entity.add_component(component)
    entity.set_pose(ours.pose)
    scene.add_entity(entity)

    def take_images() -> None:
        scene.update_render()
        component.take_picture()
        np.asarray(component.get_picture("Color")[..., :3] * 255.0).astype(np.uint8)
        np.negative(component.get_picture("Position")[..., 2])
        component.get_picture("Segmentation")[..., 1].astype(np.int32)

    return take_images


def film() -> list[Figure]:
    """Film an episode of the expert; CPU time per frame, including overlays and encoding."""
    from tracesim.episode.simulated import SimulatedEpisode
    from tracesim.episode.stories import Look, stories
    from tracesim.film.film import Film
    from tracesim.film.video import writer

    episode = SimulatedEpisode(EpisodeConfiguration(TASK), SEED, pixels=True)
    seen = episode.observe(pixels=True)
    trace = episode.task.expert()
    outcome = episode.execute(trace)
    [told] = stories(episode, [Look(seen, episode.camera.see(trace), trace)], outcome)
    film = Film(episode.scene.sapien, told)
    film.poster()  # a process's first film frame compiles the shaders
    with tempfile.TemporaryDirectory() as folder:
        frames, started = 0, _cpu_s()
        with writer(Path(folder) / "film.mp4", film.size) as write:
            for frame in film.frames():
                write(frame)
                frames += 1
        spent = _cpu_s() - started
    return [
        Figure("film frames", frames, None, ""),
        Figure(f"film frame, {film.size[0]} x {film.size[1]}, everything included", spent / frames * 1000.0, 90.0),
    ]


def first_frame() -> list[Figure]:
    """Time new processes from their start to their first observation; wall time, with the existing caches."""
    code = (
        "import json, time; from tracesim.configuration import EpisodeConfiguration\n"
        "from tracesim.episode.simulated import SimulatedEpisode\n"
        f"episode = SimulatedEpisode(EpisodeConfiguration({TASK!r}), {SEED}, pixels=True)\n"
        "episode.observe(pixels=True)\n"
        "print(json.dumps({'first frame': time.time(), **episode.timings}))"
    )
    totals, stages = [], []
    for _ in range(RUNS + 1):
        started = time.time()
        try:
            output = output_of([sys.executable, "-c", code])
        except TraceSimError as error:
            raise InfrastructureError(f"A new process could not render: {error}.") from None
        stage = json.loads(output.splitlines()[-1])
        totals.append(stage.pop("first frame") - started)
        stages.append(stage)
    # the first process may have had to fill the caches
    figures = [Figure("start of a process to its first frame", float(np.median(totals[1:])), 3.0, "s")]
    for name in stages[0]:
        figures.append(Figure(f"  of that: {name}", float(np.median([stage[name] for stage in stages[1:]])), None, "s"))
    return figures


def episode() -> list[Figure]:
    """Play an episode with three flowers, without images, and compare it with its bare physics steps; CPU time."""
    from tracesim.episode.episode import play
    from tracesim.simulation.scene import TIMESTEP_S, Scene

    spent, steps, step = 0.0, 0, Scene.step

    def timed_step(scene: Scene) -> None:
        nonlocal spent, steps
        started = time.process_time()
        step(scene)
        spent += time.process_time() - started
        steps += 1

    configuration, seed = EpisodeConfiguration(TASK), _seed_with_flowers(3)
    play(configuration, seed, film=None, curves=None)  # imports modules and computes hulls once
    with patch.object(Scene, "step", timed_step):
        started = time.process_time()
        record = play(configuration, seed, film=None, curves=None)
        total = time.process_time() - started
    return [
        Figure(
            f"episode of three flowers, seed {seed}: {steps} steps, {steps * TIMESTEP_S:.1f} s simulated",
            total,
            4.0,
            "s",
        ),
        Figure("  its bare scene.step()", spent, None, "s"),
        Figure("  their ratio", total / spent, 4.0, ""),
        Figure(
            "  mean deviation from the trace", record.deviation_m[0] * 1000 if record.deviation_m else 0.0, 1.0, "mm"
        ),
    ]


def encoding() -> list[Figure]:
    """Encode the images of an observation as they are sent to servers; CPU time."""
    from tracesim.episode.simulated import SimulatedEpisode
    from tracesim.observation import png, to_millimetres

    seen = SimulatedEpisode(EpisodeConfiguration(TASK), SEED, pixels=True).observe(pixels=True)
    assert seen.rgb is not None
    assert seen.depth is not None
    rgb, depth = seen.rgb, seen.depth
    times = _alternate({"rgb": lambda: png(rgb), "depth": lambda: png(to_millimetres(depth))}, ROUNDS)
    return [Figure("colour and depth image as PNG files", times["rgb"] + times["depth"], 30.0)]


def query() -> list[Figure]:
    """Query a server of recorded answers, and compare with `http.client` sending the same bytes; CPU time here."""
    import http.client
    from base64 import b64encode
    from urllib.parse import urlsplit

    from tracesim.models.client import Client
    from tracesim.models.served import query_answer
    from tracesim.observation import png

    picture = np.random.default_rng(0).integers(0, 64, (480, 640, 3), dtype=np.uint8)
    body = {"image_url": [b64encode(png(picture)).decode()], "depth_url": [], "enable_depth": 0, "text": "lift the cup"}
    content = json.dumps(body).encode()
    with _server() as url:
        bare, client = http.client.HTTPConnection(urlsplit(url).netloc), Client(url)

        def by_hand() -> None:
            bare.request("POST", "/query", content, {"Content-Type": "application/json"})
            query_answer(json.loads(bare.getresponse().read()))

        times = _alternate({"bare": by_hand, "ours": lambda: client.post("/query", body, query_answer)}, ROUNDS)
        client.close()
        bare.close()
    return [
        Figure(f"query with an image of {len(content) / 1000:.0f} kB, bare HTTP", times["bare"]),
        Figure("the same with TraceSim's client", times["ours"]),
        Figure("overhead of TraceSim's client", times["ours"] - times["bare"], 5.0),
    ]


@contextmanager
def _server() -> Iterator[str]:
    """Run a server with one recorded answer in another process, and yield its URL.

    Raises:
        ConfigurationError: The extra that it needs is not installed.
        InfrastructureError: The server ended before it listened; the message quotes its last output.
    """
    with importing("serve", "The measure query"):
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as printed:
        answers = Path(folder) / "answers.jsonl"
        answers.write_text('{"prompt": "lift the cup", "answer": "[(1, 2, 0.5)]"}\n')
        command = [sys.executable, "-m", "tracesim.serve", f"answers={answers}", "port=0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=printed, text=True) as server:
            try:
                assert server.stdout is not None
                words = (word for line in server.stdout for word in line.split())
                url = next((word.rstrip(";") for word in words if word.startswith("http:")), None)
                if url is None:
                    server.wait()
                    printed.seek(0)
                    raise InfrastructureError(f"The server failed ({ending(server.returncode, printed.read())}).")
                yield url
            finally:
                server.kill()


def memory() -> list[Figure]:
    """Reset and render a hundred times, and measure the growth of resident memory; warm-up resets fill the caches."""
    from tracesim.episode.simulated import SimulatedEpisode

    sizes = []
    for number in range(WARM_UP_RESETS + 100):
        episode = SimulatedEpisode(EpisodeConfiguration(TASK), SEED + number % 10, pixels=True)
        episode.observe(pixels=True)
        sizes.append(_resident_mb())
    return [
        Figure(f"resident memory after {WARM_UP_RESETS} resets", sizes[WARM_UP_RESETS - 1], None, "MB"),
        Figure("  growth over 100 more", sizes[-1] - sizes[WARM_UP_RESETS - 1], 5.0, "MB"),
    ]


def _seed_with_flowers(count: int) -> int:
    """Return the first seed whose scene has exactly `count` flowers."""
    from tracesim.episode.simulated import SimulatedEpisode

    for seed in range(1000):
        episode = SimulatedEpisode(EpisodeConfiguration(TASK), seed, pixels=False)
        if sum(name.startswith("flower") for name in episode.task.referents) == count:
            return seed
    raise TraceSimError(f"No seed below 1000 has {count} flowers.")


def _resident_mb() -> float:
    """Return the resident memory of this process, megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


MEASURES: Final[dict[str, Callable[[], list[Figure]]]] = {
    "observation": observation,
    "film": film,
    "first_frame": first_frame,
    "episode": episode,
    "encoding": encoding,
    "query": query,
    "memory": memory,
}


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        words: Arguments of the command line; those of the process by default.
    """
    return command_status(words, _usage, _measure)


def _usage() -> str:
    first = {name: (measure.__doc__ or "").partition(";")[0].rstrip(".") for name, measure in MEASURES.items()}
    return HELP.format(measures="\n".join(f"  {name:<14}{sentence}" for name, sentence in first.items()))


def _measure(words: Sequence[str]) -> int:
    """Run the measures named by `words`, and print a table; return 1 if a target is missed."""
    for word in words:
        if word not in MEASURES:
            raise unknown_name("measure", word, MEASURES)
    check_import()
    figures = [figure for name in words or MEASURES for figure in MEASURES[name]()]
    table = Table("measure", "value", "target", box=None)
    for figure in figures:
        table.add_row(*figure.row())
    console().print(table)
    return MISSED if any(figure.missed for figure in figures) else COMPLETED


def _alternate(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Run works in turn, so that a busy machine affects all alike, and return each one's median CPU milliseconds."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            started = time.process_time()
            work()
            spent[name].append(time.process_time() - started)
    return {name: float(np.median(times)) * 1000.0 for name, times in spent.items()}


def _cpu_s() -> float:
    """Return the CPU seconds of this process and of its finished children."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _triangles(episode: SimulatedEpisode) -> int:
    from sapien.render import RenderBodyComponent

    bodies = [entity.find_component_by_type(RenderBodyComponent) for entity in episode.scene.sapien.entities]
    shapes = [shape for body in bodies if body is not None for shape in body.render_shapes]
    return sum(len(part.triangles) for shape in shapes for part in shape.parts)


if __name__ == "__main__":
    sys.exit(main())
