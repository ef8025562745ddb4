"""Pictures drawn in metres, for printed boxes, book covers and keys."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracesim.assets.colors import Color, to_texture
from tracesim.geometry.rigid import FloatArray

GLYPHS = {
    "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644", "G": "34553", "H": "55755",
    "I": "72227", "J": "11152", "K": "55655", "L": "44447", "M": "57755", "N": "65555", "O": "75557", "P": "65644",
    "Q": "25563", "R": "65655", "S": "34216", "T": "72222", "U": "55557", "V": "55552", "W": "55775", "X": "55255",
    "Y": "55222", "Z": "71247", "0": "25552", "1": "26227", "2": "61247", "3": "61216", "4": "55711", "5": "74616",
    "6": "34757", "7": "71122", "8": "75757", "9": "75716", " ": "00000",
}  # fmt: skip
"""Letters as bitmaps three pixels wide and five high: one octal digit per row, highest bit on the left."""


@dataclass(frozen=True)
class Canvas:
    """A picture that shapes and text are drawn on, in metres.

    The origin is the top left corner, x runs right and y down. Edges are anti-aliased, later shapes cover earlier ones,
    and anything outside the picture is cut off.
    """

    texels: FloatArray
    """The picture, (H, W, 3), linear RGB; drawing changes it in place."""
    texel_m: float
    """Width of a texel, metres."""

    @classmethod
    def of(cls, width_m: float, height_m: float, ground: Color, texels_across: int = 128) -> Canvas:
        """Return an empty picture.

        Args:
            width_m: Width, metres.
            height_m: Height, metres.
            ground: Linear RGB of the background.
            texels_across: Width in texels.
        """
        texel_m = width_m / texels_across
        rows = max(1, round(height_m / texel_m))
        return cls(np.tile(np.asarray(ground, float), (rows, texels_across, 1)), texel_m)

    def rectangle(
        self, x: float, y: float, width: float, height: float, color: Color, corner: float = 0.0, share: float = 1.0
    ) -> None:
        """Fill a rectangle.

        Args:
            x: Its centre, metres from the left edge.
            y: Its centre, metres from the top edge.
            width: Metres.
            height: Metres.
            color: Linear RGB.
            corner: Radius of its corners, metres.
            share: Opacity.
        """
        self._fill(x, y, width / 2.0, height / 2.0, min(corner, width / 2.0, height / 2.0), color, share)

    def disc(self, x: float, y: float, radius: float, color: Color, share: float = 1.0) -> None:
        """Fill a disc.

        Args:
            x: Its centre, metres from the left edge.
            y: Its centre, metres from the top edge.
            radius: Metres.
            color: Linear RGB.
            share: Opacity.
        """
        self._fill(x, y, radius, radius, radius, color, share)

    def text(self, words: str, x: float, y: float, height: float, color: Color) -> None:
        """Write one line of text.

        Args:
            words: Capital letters, digits and spaces.
            x: Its centre, metres from the left edge.
            y: Its centre, metres from the top edge.
            height: Height of a letter, metres.
            color: Linear RGB.
        """
        bitmap = _bitmap(words)
        rows, columns = bitmap.shape
        square, finer = height / 5.0, 4
        spread = (np.arange(finer) + 0.5) / finer
        window = self._window(x, y, columns * square / 2.0, rows * square / 2.0)
        marks = []
        for side, at, count in zip(window, (y, x), (rows, columns), strict=True):
            samples = (np.arange(side.start, side.stop)[:, None] + spread).ravel() * self.texel_m
            marks.append(np.clip(np.floor((samples - at) / square + count / 2.0) + 1, 0, count + 1).astype(int))
        ink = np.pad(bitmap, 1)[np.ix_(*marks)]
        down, across = (side.stop - side.start for side in window)
        self._cover(window, ink.reshape(down, finer, across, finer).mean((1, 3)), color)

    def texture(self) -> npt.NDArray[np.uint8]:
        """Return the picture as a texture, (H, W, 3) uint8 sRGB."""
        return to_texture(self.texels)

    def _fill(
        self, x: float, y: float, half_x: float, half_y: float, corner: float, color: Color, share: float
    ) -> None:
        step = self.texel_m
        window = self._window(x, y, half_x, half_y)
        rows, columns = window
        right = np.abs((np.arange(columns.start, columns.stop) + 0.5) * step - x) - (half_x - corner)
        down = np.abs((np.arange(rows.start, rows.stop) + 0.5) * step - y)[:, None] - (half_y - corner)
        if corner == 0.0:
            covered = np.clip(0.5 - right / step, 0.0, 1.0) * np.clip(0.5 - down / step, 0.0, 1.0)
        else:
            inside = np.minimum(np.maximum(right, down), 0.0)
            away = np.hypot(np.maximum(right, 0.0), np.maximum(down, 0.0)) + inside - corner
            covered = np.clip(0.5 - away / step, 0.0, 1.0)
        self._cover(window, share * covered, color)

    def _window(self, x: float, y: float, half_x: float, half_y: float) -> tuple[slice, slice]:
        """Return the rows and columns that a rectangle around (x, y), metres, covers."""
        spans = []
        for at, half, count in zip((y, x), (half_y, half_x), self.texels.shape[:2], strict=True):
            first, last = int((at - half) / self.texel_m) - 1, int((at + half) / self.texel_m) + 2
            spans.append(slice(min(max(first, 0), count), min(max(last, 0), count)))
        return spans[0], spans[1]

    def _cover(self, window: tuple[slice, slice], share: FloatArray, color: Color) -> None:
        """Blend a colour over a window (H, W) with opacity `share` (H, W)."""
        below = self.texels[window]
        below += share[..., None] * (np.asarray(color, float) - below)


@functools.cache
def _bitmap(words: str) -> FloatArray:
    """Return a line of text as a bitmap (5, W), 1 where there is ink."""
    columns = [[int(int(digit) & mask > 0) for digit in GLYPHS[letter]] for letter in words for mask in (4, 2, 1, 0)]
    return np.array(columns[:-1], float).T
