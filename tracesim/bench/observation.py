"""Observations by resolution and channels, against SAPIEN's bare render call and its default shader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sapien.render import RenderBodyComponent

from tracesim.bench import targets
from tracesim.bench.default_shader import bare_call, default_shader
from tracesim.bench.figure import Figure, ratios
from tracesim.bench.options import Options
from tracesim.bench.scenes import cluttered
from tracesim.bench.timing import alternate
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.geometry.camera import Camera
from tracesim.layout.policy_camera import POLICY_EYE, POLICY_FOVY, POLICY_TARGET
from tracesim.simulation.renderer import SceneCamera

ROUNDS = 15

SIZES: Final = ((320, 240), (640, 480), (1280, 720))
USUAL: Final = (640, 480)
"""Size of the policy camera's images, for which the targets are."""

ALL: Final = ("rgb", "depth", "segmentation")
CHANNELS: Final = (("rgb",), ("rgb", "depth"), ALL)


def measure(options: Options) -> list[Figure]:
    """Measure one scene in clutter, seed 0."""
    episode = SimulatedEpisode(cluttered(options.task), 0, pixels=True)
    figures = [Figure.of("triangles in the scene", triangles(episode) / 1000.0, "k", targets.TRIANGLES_K)]
    for width, height in SIZES:
        figures += _by_channels(episode, width, height, options.rounds_or(ROUNDS))
    return figures


def policy_view(episode: SimulatedEpisode, width: int, height: int) -> SceneCamera:
    """Return a policy camera of another size in the scene of an episode."""
    camera = Camera.looking_at(POLICY_EYE, POLICY_TARGET, POLICY_FOVY, width, height)
    return SceneCamera(episode.scene.sapien, camera, "observation")


def _by_channels(episode: SimulatedEpisode, width: int, height: int, rounds: int) -> Iterator[Figure]:
    scene, view = episode.scene.sapien, policy_view(episode, width, height)
    bare = bare_call(scene)
    takes = {"rgb": view.rgb, "rgb, depth": lambda: (view.rgb(), view.depth()), ", ".join(ALL): view.capture}
    for channels in CHANNELS:
        name = ", ".join(channels)
        default = default_shader(scene, view.camera, channels)
        times = alternate({"ours": takes[name], "bare": bare, "default": default}, rounds)
        scene.remove_entity(scene.entities[-1])
        judged = channels == ALL and (width, height) == USUAL
        yield Figure(f"{width} x {height}, {name}", tuple(times["ours"]))
        yield Figure(
            "  / bare render call",
            ratios(times["ours"], times["bare"]),
            "",
            targets.OBSERVATION_OVER_BARE if judged else None,
        )
        yield Figure(
            "  / SAPIEN's default shader",
            ratios(times["ours"], times["default"]),
            "",
            targets.OBSERVATION_OVER_DEFAULT if judged else None,
        )


def over_default(task: str, rounds: int) -> Figure:
    """Return the time of all channels at the usual size, relative to SAPIEN's default shader."""
    episode = SimulatedEpisode(cluttered(task), 0, pixels=True)
    view = policy_view(episode, *USUAL)
    default = default_shader(episode.scene.sapien, view.camera, ALL)
    times = alternate({"ours": view.capture, "default": default}, rounds)
    return Figure("observation / SAPIEN's default shader", ratios(times["ours"], times["default"]), "")


def triangles(episode: SimulatedEpisode) -> int:
    """Return the number of triangles in the scene of an episode."""
    bodies = (entity.find_component_by_type(RenderBodyComponent) for entity in episode.scene.sapien.entities)
    shapes = (shape for body in bodies if body is not None for shape in body.render_shapes)
    return sum(len(part.triangles) for shape in shapes for part in shape.parts)
