"""Films: recorded episodes rendered again with the answered trace, the instruction, margins and the outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import sapien

from tracesim.constraints import Constraint, Patch, Volume
from tracesim.film.overlay import Cylinder, Ink, Marks
from tracesim.film.panel import HELD, VIOLATED, Panel, as_margins, caption, shades, verdict
from tracesim.film.video import FPS, writer
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray
from tracesim.simulation.renderer import SceneCamera, mark

Pixels = npt.NDArray[np.uint8]

PANEL_PX = 214
"""Width of the panel beside the picture; it makes a film of 640 x 480 pixels 16:9."""

INTRODUCTION_S, ENDING_S = 0.8, 1.4
"""Duration of the still image at the beginning, during which the trace is drawn, and of the one at the end."""

WIDEST_VOLUME_M = 0.25
"""Radius above which a volume is not drawn, because it stands for the table or the room."""

MOVED_M = 0.002
"""Distance by which a volume has to be moved to be drawn anew."""

ASKED, FORBIDDEN, FOLLOWED = (94, 200, 255), (255, 120, 110), (120, 255, 170)
"""Colours of volumes to be in, of volumes to stay out of, of the path followed, and of completed areas."""
MARK = (0.02, 0.30, 1.0)
"""Linear RGB with which the target is tinted."""


def film_camera(width: int = 640, height: int = 480) -> Camera:
    """Return the camera of films, which faces the robot across the near right corner of the table."""
    return Camera.looking_at((0.90, -0.79, 0.64), (-0.14, 0.03, 0.15), np.radians(44.0), width, height)


def trace_ink(
    camera: Camera,
    traces: Sequence[FloatArray],
    planned: Sequence[FloatArray] = (),
    share: float = 1.0,
    bead_px: float = 7.0,
) -> Ink:
    """Return a drawing of traces: a tube with a numbered bead at each keypoint.

    Args:
        camera: Camera for which it is drawn.
        traces: The keypoints of each trace, (N, 3), metres, world.
        planned: Intended paths of functional points, (M, 3) each, metres, world, drawn as dashed lines.
        share: Fraction of the traces to draw, from their beginning.
        bead_px: Radius of the beads, pixels.
    """
    ink = Ink(camera)
    for path in planned if share == 1.0 else ():
        for dash in _dashes(path, 0.012):
            ink.line(dash, 1.0, [(205, 232, 255)], opacity=0.8)
    for keypoints in traces:
        _draw_trace(ink, camera, keypoints, share, bead_px)
    return ink


def _draw_trace(ink: Ink, camera: Camera, keypoints: FloatArray, share: float, bead_px: float) -> None:
    colors = shades(len(keypoints))
    reach = share * (len(keypoints) - 1)
    fine, tints = [keypoints[0]], [np.array(colors[0], float)]
    for k in range(len(keypoints) - 1):
        for part in np.linspace(0.0, 1.0, 5)[1:]:
            if k + part <= reach + 1e-9:
                fine.append(keypoints[k] + (keypoints[k + 1] - keypoints[k]) * part)
                tints.append(colors[k] + (np.array(colors[k + 1], float) - colors[k]) * part)
    thick = bead_px / 7.0
    ink.tube(np.array(fine), 0.0042 * thick, [(int(r), int(g), int(b)) for r, g, b in tints], outline=(255, 255, 255))
    shown = [k for k in range(len(keypoints)) if k <= reach + 1e-9]
    for k in sorted(shown, key=lambda k: -float(camera.project(keypoints[k : k + 1])[0, 2])):
        ink.bead(keypoints[k], bead_px, colors[k], (255, 255, 255), str(k + 1))


@dataclass(frozen=True)
class Answered:
    """An answer, what the policy saw, and when the robot began to follow it. World points are in metres."""

    keypoints: tuple[FloatArray, ...] = ()
    """Answered traces, (N, 3) each."""
    planned: tuple[FloatArray, ...] = ()
    """Intended path of each functional point, (M, 3)."""
    observed: Pixels | None = None
    """The policy's view, (H, W, 3), or None."""
    pixels: tuple[FloatArray, ...] = ()
    """Answered keypoints in pixels of the policy's view, (N, 2) for each trace."""
    begun: int = 0
    """The sample from which on it is followed."""


@dataclass(frozen=True)
class Story:
    """What a film shows. All points are in metres, world."""

    instruction: str
    """Caption of the film."""
    times_s: FloatArray
    """Times of the recorded samples, (T,)."""
    pose_at: Callable[[int], None]
    """Puts the scene into the state of a sample."""
    success: bool
    """Whether the verdict is shown as a success."""
    verdict: str
    """Outcome in a few words."""
    detail: str = ""
    """Explanation of the outcome; "" for none."""
    answers: Sequence[Answered] = (Answered(),)
    """The answers that the robot followed, at least one, in their order; the first one is followed from the start."""
    followed: tuple[FloatArray, ...] = ()
    """Path that each functional point took, (T, 3)."""
    volumes: Sequence[tuple[Volume, FloatArray]] = ()
    """Volumes to be in or to stay out of, each with the path of its origin, (T, 3)."""
    patches: Sequence[Patch] = ()
    """Areas on surfaces, marked as they are completed; sample 0 is the first sample of the story."""
    target: sapien.Entity | None = None
    """Entity to be tinted while the trace is drawn, or None."""
    constraints: Sequence[Constraint] = ()
    """Constraints whose margins are shown."""
    margins_at: Callable[[int], Mapping[str, float | None]] = lambda _: {}
    """Returns the margins up to a sample, by constraint."""

    def answer_at(self, sample: int) -> Answered:
        """Return the answer that is followed at a sample."""
        return [one for one in self.answers if one.begun <= max(sample, self.answers[0].begun)][-1]


class Film:
    """Renders the frames of a story."""

    MARGINS_EVERY = 4
    """Number of frames between updates of the margins, so that they can be read."""

    def __init__(self, scene: sapien.Scene, story: Story, camera: Camera | None = None) -> None:
        """Prepare a film.

        Args:
            scene: Scene in which the episode was recorded.
            story: What the film shows.
            camera: Camera of the film; `film_camera` if None.
        """
        self.story = story
        self.camera = camera or film_camera()
        self._view = SceneCamera(scene, self.camera, "film")
        width, height = self.camera.width, self.camera.height
        self._panels = {id(one): Panel(PANEL_PX, height, one.observed, one.pixels) for one in story.answers}
        self._drawn: tuple[Answered, Ink] | None = None
        self._caption = caption(story.instruction, width, height)
        self._verdict = verdict(story.verdict, story.detail, story.success, width, height)
        self._shown = [(v, at) for v, at in story.volumes if v.kind == "cylinder" and v.radius_m <= WIDEST_VOLUME_M]
        self._standing = [self._stand(volume, origins[0]) for volume, origins in self._shown]
        self._visited = [False] * len(self._shown)
        self._marks = [Marks(self.camera, patch.places, patch.samples) for patch in story.patches]
        self._followed = Ink(self.camera)
        self._followed_to = 0
        self._at_end = story.margins_at(len(story.times_s) - 1)
        self._look(0)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a frame, pixels."""
        return self.camera.width + PANEL_PX, self.camera.height

    def frames(self, fps: float = FPS, speed: float = 1.0, last: bool = True) -> Iterator[Pixels]:
        """Yield the frames, (H, W, 3).

        Args:
            fps: Frames per second.
            speed: Seconds of the episode per second of the film.
            last: Whether the film ends with this story, and so with the verdict.
        """
        story = self.story
        start, end = float(story.times_s[0]), float(story.times_s[-1])
        count = _motion_frames(start, end, fps, speed)
        moments = np.minimum(start + np.arange(count) * speed / fps, end)
        samples = np.clip(np.searchsorted(story.times_s, moments - 1e-9), 0, len(story.times_s) - 1)
        if story.target is not None:
            mark(story.target, MARK, 0.4)
        try:
            scene, depth = self._scene(int(samples[0]))
            introduction = _introduction_frames(fps)
            for k in range(introduction):
                share = (k + 1) / introduction
                yield self._frame(scene, depth, self._ink(story.answers[0], share), int(samples[0]))
            self._unmark()  # from here on it has its own colour, which the instruction may name
            for number, sample in enumerate(samples.tolist()):
                if number % self.MARGINS_EVERY == 0 or number == count - 1:
                    self._look(sample)
                scene, depth = self._scene(sample)
                frame = self._frame(scene, depth, self._ink_at(sample), sample)
                yield frame
            if last:
                ending = frame.copy()
                self._verdict.over(ending[:, : self.camera.width])
                for _ in range(round(ENDING_S * fps)):
                    yield ending
        finally:
            self._unmark()

    def _unmark(self) -> None:
        if self.story.target is not None:
            mark(self.story.target, None)

    def poster(self, sample: int = 0) -> Pixels:
        """Return one frame, (H, W, 3), with the scene at the given sample."""
        scene, depth = self._scene(sample)
        return self._frame(scene, depth, self._ink_at(sample), sample)

    def _scene(self, sample: int) -> tuple[Pixels, npt.NDArray[np.float32]]:
        """Return the colours and the depth of the scene at a sample."""
        self.story.pose_at(sample)
        return self._view.rgb(), self._view.depth()

    def _ink(self, answer: Answered, share: float) -> Ink:
        """Return a drawing of the first part of an answered trace."""
        return trace_ink(self.camera, answer.keypoints, answer.planned, share)

    def _ink_at(self, sample: int) -> Ink:
        """Return a drawing of the trace that is followed at a sample."""
        answer = self.story.answer_at(sample)
        if self._drawn is None or self._drawn[0] is not answer:
            self._drawn = answer, self._ink(answer, 1.0)
        return self._drawn[1]

    def _stand(self, volume: Volume, origin: FloatArray) -> tuple[Cylinder, Ink]:
        """Return a volume that stands at a position (3,), and a drawing of its rims."""
        cylinder = Cylinder(self.camera, origin, volume.radius_m, volume.low_m, volume.high_m)
        rims = Ink(self.camera)
        for rim in cylinder.rims:
            rims.line(rim, 0.7, [(225, 245, 255)], opacity=0.75)
        return cylinder, rims

    def _frame(self, scene: Pixels, depth: npt.NDArray[np.float32], answer: Ink, sample: int) -> Pixels:
        """Return a frame: the scene with volumes, paths and trace drawn over it, and the panel beside it."""
        width, height = self.camera.width, self.camera.height
        frame = np.empty((height, width + PANEL_PX, 3), np.uint8)
        picture = scene.copy()
        for marks in self._marks:
            marks.over(picture, depth, sample, FOLLOWED, 0.6)
        tips = [path[sample] for path in self.story.followed]
        for k, (volume, origins) in enumerate(self._shown):
            if np.linalg.norm(origins[sample] - self._standing[k][0].centre) > MOVED_M:
                self._standing[k] = self._stand(volume, origins[sample])
            cylinder, rims = self._standing[k]
            inside = any(cylinder.contains(tip) for tip in tips)
            self._visited[k] |= inside
            colors = (FORBIDDEN, VIOLATED) if volume.forbidden else (ASKED, HELD)
            cylinder.over(picture, depth, colors[self._visited[k]], 0.55 if inside else 0.4)
            rims.over(picture, depth)
        if tips:
            if sample > self._followed_to:
                for path in self.story.followed:
                    self._followed.line(path[self._followed_to : sample + 1], 1.5, [FOLLOWED])
                self._followed_to = sample
            self._followed.over(picture, depth)
        answer.over(picture, depth)
        self._caption.over(picture)
        frame[:, :width] = picture
        panel = self._panels[id(self.story.answer_at(sample))]
        frame[:, width:] = panel.picture(self._margins, self._clock)
        return frame

    def _look(self, sample: int) -> None:
        """Update time and margins to a sample."""
        times_s = self.story.times_s
        self._clock = f"{times_s[sample] - times_s[0]:.1f} s"
        self._margins = as_margins(self.story.constraints, self.story.margins_at(sample), self._at_end)


def shoot(
    scene: sapien.Scene,
    stories: Sequence[Story],
    path: Path,
    camera: Camera | None = None,
    fps: float = FPS,
    speed: float = 1.0,
) -> Path:
    """Film stories one after another and save them as an MP4 file, which appears at its path only once it is complete.

    Args:
        scene: Scene in which the episode was recorded.
        stories: Stories in order.
        path: Path of the film.
        camera: Camera of the film; `film_camera` if None.
        fps: Frames per second.
        speed: Seconds of the episode per second of the film.

    Returns:
        The path.
    """
    camera = camera or film_camera()
    with writer(path, (camera.width + PANEL_PX, camera.height), fps) as write:
        for number, story in enumerate(stories, start=1):
            for frame in Film(scene, story, camera).frames(fps, speed, last=number == len(stories)):
                write(frame)
    return path


def film_clock(
    spans: Sequence[tuple[float, float]], fps: float = FPS, speed: float = 1.0
) -> list[tuple[float, float, float]]:
    """Return which parts of a film show which parts of its episode.

    Args:
        spans: First and last time of each story, seconds.
        fps: Frames per second.
        speed: Seconds of the episode per second of the film.

    Returns:
        For each story, when its motion begins in the film, when it begins in the episode, and how long it lasts there,
        in seconds.
    """
    found, shown = [], 0
    for start, end in spans:
        shown += _introduction_frames(fps)
        found.append((shown / fps, start, end - start))
        shown += _motion_frames(start, end, fps, speed)
    return found


def _introduction_frames(fps: float) -> int:
    return round(INTRODUCTION_S * fps)


def _motion_frames(start: float, end: float, fps: float, speed: float) -> int:
    return max(1, int(np.ceil((end - start) / speed * fps))) + 1


def _dashes(path: FloatArray, length_m: float) -> Iterator[FloatArray]:
    """Yield every other piece of length `length_m` of a path (M, 3)."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    at = np.concatenate([[0.0], np.cumsum(steps)])
    for start in np.arange(0.0, at[-1], 2.0 * length_m):
        inner = at[(at > start) & (at < start + length_m)]
        stops = np.concatenate([[start], inner, [min(start + length_m, at[-1])]])
        yield np.column_stack([np.interp(stops, at, path[:, axis]) for axis in range(3)])
