"""Overlays of films: lines, beads and translucent volumes within the scene, dimmed where the scene hides them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray

Pixels = npt.NDArray[np.uint8]
Depth = npt.NDArray[np.float32]
Color = tuple[int, int, int]
"""sRGB, 0 to 255."""

HIDDEN_SHARE = 0.32
"""Share of its opacity that a line keeps behind something."""

SLACK_M = 0.006
"""Depth behind a surface up to which a line still counts as lying on it."""


class Ink:
    """A transparent layer of lines and beads in front of a camera, each pixel with its depth in the scene."""

    def __init__(self, camera: Camera) -> None:
        """Start with an empty layer.

        Args:
            camera: Camera through which points are seen.
        """
        self.camera = camera
        self._color = np.zeros((camera.height, camera.width, 3), np.float32)
        self._alpha = np.zeros((camera.height, camera.width), np.float32)
        self._depth = np.zeros((camera.height, camera.width), np.float32)
        self._wet: npt.NDArray[np.intp] | None = None

    def line(self, points: FloatArray, radius_px: float, colors: Sequence[Color], opacity: float = 1.0) -> None:
        """Draw a polyline.

        Args:
            points: Points, (N, 3), metres, world.
            radius_px: Half the width of the line, pixels.
            colors: One colour, or one for each point, between which it is interpolated.
            opacity: Opacity of the line.
        """
        pixels = self._project(points)
        shades = np.broadcast_to(np.asarray(colors, np.float32), (len(pixels), 3))
        for start, end, first, last in zip(pixels[:-1], pixels[1:], shades[:-1], shades[1:], strict=True):
            if start[2] > 0.0 and end[2] > 0.0:
                self._capsule(start, end, radius_px, first, last, opacity)

    def tube(self, points: FloatArray, radius_m: float, colors: Sequence[Color], outline: Color) -> None:
        """Draw a polyline as a tube that is lit from above.

        Args:
            points: Points, (N, 3), metres, world.
            radius_m: Radius of the tube in the world, metres.
            colors: Colour at each point.
            outline: Colour of the outline.
        """
        pixels = self._project(points)
        shades = np.asarray(colors, np.float32)
        radii = radius_m * self.camera.intrinsics[1, 1] / np.maximum(pixels[:, 2], 0.05)
        spans = range(len(pixels) - 1)
        for k in spans:
            edge = np.asarray(outline, np.float32)
            self._capsule(pixels[k], pixels[k + 1], float(radii[k]) + 1.1, edge, edge, 0.85)
        for k in spans:
            self._capsule(pixels[k], pixels[k + 1], float(radii[k]), shades[k], shades[k + 1], 1.0, rounded=True)

    def bead(self, point: FloatArray, radius_px: float, color: Color, outline: Color, label: str) -> None:
        """Draw a labelled disc whose size does not depend on its distance.

        Args:
            point: Its centre, (3,), metres, world.
            radius_px: Radius, pixels.
            color: Colour of the disc.
            outline: Colour of its outline.
            label: Text on the disc.
        """
        pixel = self._project(point[None])[0]
        if pixel[2] <= 0.0:
            return
        at = pixel - (0.0, 0.0, 0.01)  # in front of the tube
        self._capsule(at, at, radius_px + 1.3, np.asarray(outline, np.float32), np.asarray(outline, np.float32), 1.0)
        self._capsule(at, at, radius_px, np.asarray(color, np.float32), np.asarray(color, np.float32), 1.0)
        dark = sum(color) < 400
        mask, left, top = _label(label, radius_px * 1.45, float(at[0]), float(at[1]))
        self._paint(left, top, mask, np.full(3, 255.0 if dark else 20.0, np.float32), float(at[2]))

    def over(self, picture: Pixels, depth: Depth) -> None:
        """Blend the layer into a picture in place.

        Args:
            picture: Picture, (H, W, 3).
            depth: Depth of the scene, (H, W), metres; 0 where there is nothing.
        """
        if self._wet is None:
            self._wet = np.flatnonzero(self._alpha > 0.004)
        wet = self._wet
        behind = depth.ravel()[wet]
        hidden = (behind > 0.0) & (behind < self._depth.ravel()[wet] - SLACK_M)
        alpha = self._alpha.ravel()[wet] * np.where(hidden, np.float32(HIDDEN_SHARE), np.float32(1.0))
        flat = picture.reshape(-1, 3)
        below = flat[wet].astype(np.float32)
        flat[wet] = (below + (self._color.reshape(-1, 3)[wet] - below) * alpha[:, None] + 0.5).astype(np.uint8)

    def _project(self, points: FloatArray) -> FloatArray:
        """Return the column, row and depth of points (N, 3); the depth is 0 for points behind the camera."""
        pixels = self.camera.project(points)
        pixels[pixels[:, 2] < 0.02, 2] = 0.0
        return pixels

    def _capsule(
        self,
        start: FloatArray,
        end: FloatArray,
        radius: float,
        first: npt.NDArray[np.float32],
        last: npt.NDArray[np.float32],
        opacity: float,
        rounded: bool = False,
    ) -> None:
        """Draw everything within `radius` pixels of a segment, with smooth borders."""
        left, top = np.floor(np.minimum(start[:2], end[:2]) - radius - 1.0).astype(int)
        right, bottom = np.ceil(np.maximum(start[:2], end[:2]) + radius + 1.0).astype(int)
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, self.camera.width), min(bottom, self.camera.height)
        if left >= right or top >= bottom:
            return
        x = np.arange(left, right, dtype=np.float32)[None, :] + np.float32(0.5 - start[0])
        y = np.arange(top, bottom, dtype=np.float32)[:, None] + np.float32(0.5 - start[1])
        along = end[:2] - start[:2]
        share = np.clip((x * along[0] + y * along[1]) / max(float(along @ along), 1e-9), 0.0, 1.0)
        across_x, across_y = x - share * along[0], y - share * along[1]
        distance = np.hypot(across_x, across_y)
        coverage = np.clip(radius + 0.5 - distance, 0.0, 1.0).astype(np.float32) * np.float32(opacity)
        color = first + share[..., None].astype(np.float32) * (last - first)
        if rounded:
            # brighter on the upper side of the tube, darker below
            color = np.clip(color * (1.0 - 0.34 * across_y[..., None] / max(radius, 1.0)), 0.0, 255.0)
        self._paint(left, top, coverage, color, start[2] + share * (end[2] - start[2]))

    def _paint(
        self,
        left: int,
        top: int,
        coverage: npt.NDArray[np.float32],
        color: npt.NDArray[np.float32],
        depth: float | npt.NDArray[np.float64],
    ) -> None:
        """Blend new ink over the existing one."""
        window = (slice(top, top + coverage.shape[0]), slice(left, left + coverage.shape[1]))
        below = self._alpha[window]
        alpha = coverage + below * (1.0 - coverage)
        share = (coverage / np.maximum(alpha, 1e-6))[..., None]
        self._color[window] += (color - self._color[window]) * share
        self._depth[window] = np.where(coverage >= 0.5 * below, depth, self._depth[window])
        self._alpha[window] = alpha
        self._wet = None


def _label(text: str, size: float, x: float, y: float) -> tuple[npt.NDArray[np.float32], int, int]:
    """Return the coverage of a text centred at (x, y), and the column and row of its top left corner."""
    font = ImageFont.load_default(size)
    half = int(size) + 2
    left, top = max(int(x) - half, 0), max(int(y) - half, 0)
    picture = Image.new("L", (2 * half, 2 * half))
    ImageDraw.Draw(picture).text((x - left, y - top), text, fill=255, font=font, anchor="mm")
    return np.asarray(picture, np.float32) / 255.0, left, top


class Marks:
    """Places on surfaces in a scene, each of which is tinted from some moment on, unless something hides it."""

    def __init__(self, camera: Camera, places: FloatArray, since: npt.NDArray[np.intp]) -> None:
        """Prepare the places.

        Args:
            camera: Camera through which they are seen.
            places: The places, (N, 3), metres, world.
            since: The moments, (N,); of several places in a pixel, the last one counts.
        """
        columns, rows, z = camera.project(places).T
        seen = (z > 0.0) & (columns >= 0.0) & (columns < camera.width) & (rows >= 0.0) & (rows < camera.height)
        pixels = rows[seen].astype(np.intp) * camera.width + columns[seen].astype(np.intp)
        order = np.lexsort((since[seen], pixels))
        last = np.append(np.diff(pixels[order]) > 0, True)[: len(order)]
        kept = order[last]
        self._pixels, self._since, self._depth = pixels[kept], since[seen][kept], z[seen][kept].astype(np.float32)

    def over(self, picture: Pixels, depth: Depth, moment: int, color: Color, opacity: float) -> None:
        """Tint the places of which the moment has come in a picture, in place.

        Args:
            picture: Picture, (H, W, 3).
            depth: Depth of the scene, (H, W), metres; 0 where there is nothing.
            moment: The moment now.
            color: Their colour.
            opacity: Its opacity.
        """
        shown = (self._since <= moment) & (depth.ravel()[self._pixels] >= self._depth - SLACK_M)
        flat = picture.reshape(-1, 3)
        under = flat[self._pixels[shown]].astype(np.float32)
        flat[self._pixels[shown]] = (under + opacity * (np.asarray(color, np.float32) - under)).astype(np.uint8)


class Cylinder:
    """A translucent upright cylinder in a scene; the longer a ray's path through it, the stronger the tint."""

    def __init__(self, camera: Camera, centre: FloatArray, radius_m: float, low_m: float, high_m: float) -> None:
        """Prepare a cylinder.

        Args:
            camera: Camera through which it is seen.
            centre: Point on its axis, (3,), metres, world.
            radius_m: Radius, metres.
            low_m: Lower end above `centre`, metres.
            high_m: Upper end above `centre`, metres.
        """
        self.centre, self.radius_m, self.low_m, self.high_m = centre, radius_m, low_m, high_m
        turn = np.linspace(0.0, 2.0 * np.pi, 49)
        ring = centre + radius_m * np.column_stack([np.cos(turn), np.sin(turn), np.zeros(49)])
        heights = (high_m,) if self.flat else (low_m, high_m)
        self.rims = [ring + np.array([0.0, 0.0, height]) for height in heights]
        self._pixels, self._near, self._far = self._passage(camera)

    @property
    def flat(self) -> bool:
        """Whether it is only a mark on a surface."""
        return self.high_m - self.low_m < 0.005

    def contains(self, point: FloatArray) -> bool:
        """Return whether a world point (3,) lies inside."""
        offset = point - self.centre
        return bool(np.hypot(offset[0], offset[1]) <= self.radius_m and self.low_m <= offset[2] <= self.high_m)

    def _passage(self, camera: Camera) -> tuple[npt.NDArray[np.intp], Depth, Depth]:
        """Return the pixels that show it, and the depths at which their rays enter and leave it."""
        columns, rows, z = camera.project(np.concatenate([rim for rim in self.rims])).T
        if (z <= 0.05).any():
            return np.zeros(0, np.intp), np.zeros(0, np.float32), np.zeros(0, np.float32)
        left, right = np.clip([columns.min(), columns.max() + 2], 0, camera.width).astype(int)
        top, bottom = np.clip([rows.min(), rows.max() + 2], 0, camera.height).astype(int)
        column, row = np.meshgrid(np.arange(left, right), np.arange(top, bottom))
        count = column.size
        eye = camera.camera_in_world[:3, 3]
        ray = camera.lift(np.column_stack([column.ravel() + 0.5, row.ravel() + 0.5, np.ones(count)])) - eye
        offset = eye - self.centre
        # solve |offset_xy + z ray_xy| = radius, and intersect with the two planes
        a = np.maximum((ray[:, :2] ** 2).sum(axis=1), 1e-12)
        b, c = ray[:, :2] @ offset[:2], float(offset[:2] @ offset[:2]) - self.radius_m**2
        root = np.sqrt(np.maximum(b * b - a * c, 0.0))
        steep = np.where(np.abs(ray[:, 2]) < 1e-9, 1e-9, ray[:, 2])
        planes = np.sort(np.stack([(self.low_m - offset[2]) / steep, (self.high_m - offset[2]) / steep]), axis=0)
        near = np.maximum(np.maximum((-b - root) / a, planes[0]), 0.0)
        far = np.minimum((-b + root) / a, planes[1])
        hit = (b * b - a * c > 0.0) & (far > near)
        pixels = (row.ravel() * camera.width + column.ravel())[hit]
        return pixels, near[hit].astype(np.float32), far[hit].astype(np.float32)

    def over(self, picture: Pixels, depth: Depth, color: Color, density: float) -> None:
        """Blend the cylinder into a picture in place.

        Args:
            picture: Picture, (H, W, 3).
            depth: Depth of the scene, (H, W), metres; 0 where there is nothing.
            color: Colour of the cylinder.
            density: Opacity of 6 cm of it.
        """
        behind = depth.ravel()[self._pixels]
        behind = np.where(behind > 0.0, behind + (0.004 if self.flat else 0.0), np.inf)
        passed = np.maximum(np.minimum(self._far, behind) - self._near, 0.0)
        reached = self._near < behind
        if self.flat:
            alpha = reached * np.float32(density * 0.3)
        else:
            rate = -np.log(1.0 - density) / 0.06
            # the surface is slightly more visible than the inside
            alpha = 1.0 - np.exp(-rate * passed) + reached * np.float32(0.12)
        flat = picture.reshape(-1, 3)
        below = flat[self._pixels].astype(np.float32)
        tint = np.asarray(color, np.float32)
        flat[self._pixels] = (below + (tint - below) * np.minimum(alpha, 0.8)[:, None] + 0.5).astype(np.uint8)
