"""`python -m tracesim.bench`: measures speed and memory, and compares them with what TraceSim promises."""

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
    from tracesim.episode.simulated import Trial

HELP: Final = """\
Measure speed and memory, and compare them with what TraceSim promises.

Usage
  python -m tracesim.bench [MEASURE ...]

What is measured, all of it by default
{measures}

Exit status
  0 every promise is kept    1 one is broken    2 a wrong argument, or nothing can draw
  3 a measurement failed    130 interrupted
"""

BROKEN: Final = 1
TASK: Final = "water_flowers"
SEED: Final = 0
ROUNDS: Final = 15
RUNS: Final = 3
WARMING_RESETS: Final = 40


@dataclass(frozen=True)
class Figure:
    """One line of the report; value and limit in the same unit, a value above its limit breaks the promise."""

    what: str
    value: float
    limit: float | None = None
    unit: str = "ms"

    def row(self) -> tuple[str, str, str]:
        """Return the line's cells."""
        shown = f"{self.value:.3g} {self.unit}".strip()
        if self.limit is None:
            return self.what, shown, ""
        color, verdict = ("green", "kept") if self.value <= self.limit else ("red", "broken")
        return self.what, shown, f"at most {self.limit:g} {self.unit}".strip() + f" [{color}]{verdict}[/{color}]"


def observation() -> list[Figure]:
    """Compare an observation with SAPIEN's default shader on the same scene, in turns; CPU time of all threads."""
    from sapien import Entity
    from sapien.render import RenderCameraComponent

    from tracesim.episode.simulated import Trial

    trial = Trial(EpisodeConfiguration(TASK), SEED, pixels=True)
    scene, camera, k = trial.scene.sapien, trial.camera, trial.camera.intrinsics
    trial.observe(pixels=True)
    component = RenderCameraComponent(camera.width, camera.height)
    component.set_perspective_parameters(0.05, 20.0, k[0, 0], k[1, 1], k[0, 2], k[1, 2], 0.0)
    ours = next(entity for entity in scene.entities if entity.find_component_by_type(RenderCameraComponent))
    entity = Entity()
    entity.add_component(component)
    entity.set_pose(ours.pose)
    scene.add_entity(entity)

    def default() -> None:
        scene.update_render()
        component.take_picture()
        np.asarray(component.get_picture("Color")[..., :3] * 255.0).astype(np.uint8)
        np.negative(component.get_picture("Position")[..., 2])
        component.get_picture("Segmentation")[..., 1].astype(np.int32)

    times = _in_turns({"ours": lambda: trial.observe(pixels=True), "default": default}, ROUNDS)
    return [
        Figure("triangles in the scene", _triangles(trial) / 1000.0, 60.0, "k"),
        Figure("observation, 640 x 480: RGB, depth, segmentation", times["ours"]),
        Figure("the same with SAPIEN's default shader", times["default"]),
        Figure("their ratio", times["ours"] / times["default"], 0.5, ""),
    ]


def film() -> list[Figure]:
    """Film an episode of the expert; CPU time of a frame, with all that is drawn over it and its encoding."""
    from tracesim.episode.simulated import Trial
    from tracesim.episode.stories import Look, stories
    from tracesim.film.film import Film
    from tracesim.film.video import writer

    trial = Trial(EpisodeConfiguration(TASK), SEED, pixels=True)
    seen = trial.observe(pixels=True)
    trace = trial.task.expert()
    outcome = trial.execute(trace)
    [told] = stories(trial, [Look(seen, trial.camera.see(trace), trace)], outcome, verdict="success", detail="")
    film = Film(trial.scene.sapien, told)
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
    """Time new processes from their start to their first observation; wall time, caches as they stand."""
    code = (
        "import json, time; from tracesim.configuration import EpisodeConfiguration\n"
        "from tracesim.episode.simulated import Trial\n"
        f"trial = Trial(EpisodeConfiguration({TASK!r}), {SEED}, pixels=True); trial.observe(pixels=True)\n"
        "print(json.dumps({'first frame': time.time(), **trial.timings}))"
    )
    totals, stages = [], []
    for _ in range(RUNS + 1):
        started = time.time()
        try:
            said = output_of([sys.executable, "-c", code])
        except TraceSimError as error:
            raise InfrastructureError(f"A new process could not draw: {error}.") from None
        stage = json.loads(said.splitlines()[-1])
        totals.append(stage.pop("first frame") - started)
        stages.append(stage)
    # the first of them may have had to fill the caches
    figures = [Figure("start of a process to its first frame", float(np.median(totals[1:])), 3.0, "s")]
    for name in stages[0]:
        figures.append(Figure(f"  of that: {name}", float(np.median([stage[name] for stage in stages[1:]])), None, "s"))
    return figures


def episode() -> list[Figure]:
    """Play an episode of three flowers without pixels, and compare it with the physics steps that are in it."""
    from tracesim.episode.episode import play
    from tracesim.simulation.scene import Scene

    spent, steps, step = 0.0, 0, Scene.step

    def timed_step(scene: Scene) -> None:
        nonlocal spent, steps
        started = time.process_time()
        step(scene)
        spent += time.process_time() - started
        steps += 1

    configuration, seed = EpisodeConfiguration(TASK), _seed_with_flowers(3)
    play(configuration, seed, film=None, curves=None)  # imports, and hulls that are made once
    with patch.object(Scene, "step", timed_step):
        started = time.process_time()
        record = play(configuration, seed, film=None, curves=None)
        total = time.process_time() - started
    return [
        Figure(f"episode of three flowers, seed {seed}: {steps} steps, {steps / 250:.1f} s simulated", total, 4.0, "s"),
        Figure("  its bare scene.step()", spent, None, "s"),
        Figure("  their ratio", total / spent, 4.0, ""),
        Figure(
            "  mean deviation from the trace", record.deviation_m[0] * 1000 if record.deviation_m else 0.0, 1.0, "mm"
        ),
    ]


def encoding() -> list[Figure]:
    """Encode an observation's picture and depth as they are sent to servers; CPU time."""
    from tracesim.episode.simulated import Trial
    from tracesim.observation import in_millimetres, png

    seen = Trial(EpisodeConfiguration(TASK), SEED, pixels=True).observe(pixels=True)
    assert seen.rgb is not None
    assert seen.depth is not None
    rgb, depth = seen.rgb, seen.depth
    times = _in_turns({"rgb": lambda: png(rgb), "depth": lambda: png(in_millimetres(depth))}, ROUNDS)
    return [Figure("picture and depth image as PNG files", times["rgb"] + times["depth"], 30.0)]


def query() -> list[Figure]:
    """Ask a server of recorded answers, and compare with `http.client` sending the same bytes; CPU time of this end."""
    import http.client
    from base64 import b64encode
    from urllib.parse import urlsplit

    from tracesim.models.client import Client
    from tracesim.models.served import answered
    from tracesim.observation import png

    picture = np.random.default_rng(0).integers(0, 64, (480, 640, 3), dtype=np.uint8)
    body = {"image_url": [b64encode(png(picture)).decode()], "depth_url": [], "enable_depth": 0, "text": "lift the cup"}
    content = json.dumps(body).encode()
    with _server() as url:
        bare, client = http.client.HTTPConnection(urlsplit(url).netloc), Client(url)

        def by_hand() -> None:
            bare.request("POST", "/query", content, {"Content-Type": "application/json"})
            answered(json.loads(bare.getresponse().read()))

        times = _in_turns({"bare": by_hand, "ours": lambda: client.post("/query", body, answered)}, ROUNDS)
        client.close()
        bare.close()
    return [
        Figure(f"query with a picture of {len(content) / 1000:.0f} kB, bare HTTP", times["bare"]),
        Figure("the same by our client", times["ours"]),
        Figure("what our client adds", times["ours"] - times["bare"], 5.0),
    ]


@contextmanager
def _server() -> Iterator[str]:
    """Run a server of one recorded answer in a process of its own, and yield its URL.

    Raises:
        ConfigurationError: the extra that it needs is not installed.
        InfrastructureError: the server ended before it answered; names what it printed last.
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
    """Reset a hundred times, drawn, and see what stays; forty resets before that fill the caches."""
    from tracesim.episode.simulated import Trial

    sizes = []
    for number in range(WARMING_RESETS + 100):
        trial = Trial(EpisodeConfiguration(TASK), SEED + number % 10, pixels=True)
        trial.observe(pixels=True)
        sizes.append(_resident_mb())
    return [
        Figure(f"resident memory after {WARMING_RESETS} resets", sizes[WARMING_RESETS - 1], None, "MB"),
        Figure("  what 100 more add", sizes[-1] - sizes[WARMING_RESETS - 1], 5.0, "MB"),
    ]


def _seed_with_flowers(count: int) -> int:
    """Return the first seed whose scene has so many flowers."""
    from tracesim.episode.simulated import Trial

    for seed in range(1000):
        trial = Trial(EpisodeConfiguration(TASK), seed, pixels=False)
        if sum(name.startswith("flower") for name in trial.task.referents) == count:
            return seed
    raise TraceSimError(f"No seed below 1000 has {count} flowers.")


def _resident_mb() -> float:
    """Return this process's resident memory."""
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
    """Do what the words of the command line ask, and return the exit status."""
    return command_status(words, _usage, _measure)


def _usage() -> str:
    told = {name: (measure.__doc__ or "").partition(";")[0].partition(".\n")[0] for name, measure in MEASURES.items()}
    return HELP.format(measures="\n".join(f"  {name:<14}{first}" for name, first in told.items()))


def _measure(words: Sequence[str]) -> int:
    """Measure what `words` name, and print a table; return 1 when a promise is broken."""
    for word in words:
        if word not in MEASURES:
            raise unknown_name("measure", word, MEASURES)
    check_import()
    figures = [figure for name in words or MEASURES for figure in MEASURES[name]()]
    table = Table("measured", "value", "promised", box=None)
    for figure in figures:
        table.add_row(*figure.row())
    console().print(table)
    broken = any(figure.limit is not None and figure.value > figure.limit for figure in figures)
    return BROKEN if broken else COMPLETED


def _in_turns(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return each work's median CPU milliseconds, the works done in turns so that a busy machine is fair to all."""
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
    """Return the CPU seconds of this process and of its children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _triangles(trial: Trial) -> int:
    from sapien.render import RenderBodyComponent

    bodies = [entity.find_component_by_type(RenderBodyComponent) for entity in trial.scene.sapien.entities]
    shapes = [shape for body in bodies if body is not None for shape in body.render_shapes]
    return sum(len(part.triangles) for shape in shapes for part in shape.parts)


if __name__ == "__main__":
    sys.exit(main())
