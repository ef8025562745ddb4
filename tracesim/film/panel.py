"""The flat parts of a film: caption, the policy's view, margins and verdict."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from tracesim.constraints import Constraint
from tracesim.constraints.units import quantity
from tracesim.geometry.rigid import FloatArray

Pixels = npt.NDArray[np.uint8]
Color = tuple[int, int, int]

BACKGROUND = (22, 25, 31)
TEXT, QUIET = (236, 239, 244), (140, 148, 160)
HELD, VIOLATED, PENDING = (74, 201, 126), (239, 91, 91), (222, 178, 84)
LIGHT, MIDDLE, DARK = (186, 240, 255), (52, 138, 255), (50, 28, 150)
"""Colours along a trace, from beginning to end."""


@cache
def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the font of films, which comes with Pillow."""
    return ImageFont.load_default(size)


def shades(count: int) -> list[Color]:
    """Return `count` colours from the light beginning of a trace to its dark end."""
    share = np.linspace(0.0, 1.0, max(count, 2))
    stops = np.array([LIGHT, MIDDLE, DARK], float)
    channels = np.column_stack([np.interp(share, (0.0, 0.5, 1.0), stops[:, k]) for k in range(3)])
    return [(int(r), int(g), int(b)) for r, g, b in channels[:count]]


@dataclass(frozen=True)
class Margin:
    """One constraint's margin as a film shows it.

    Attributes:
        constraint: What is asked; it gives the name, the unit and the scale of the bar.
        value: The margin, in the constraint's unit; None where it does not apply.
        pending: Whether a negative margin may still become positive.
    """

    constraint: Constraint
    value: float | None
    pending: bool
    """Whether a negative margin may still become positive."""

    @property
    def name(self) -> str:
        """The constraint's name."""
        return self.constraint.name

    @property
    def text(self) -> str:
        """The value for people."""
        return "n/a" if self.value is None else quantity(self.value, self.constraint.unit, signed=True)

    @property
    def share(self) -> float:
        """The length of the bar as a share of its half of the panel, in [-1, 1]."""
        return 0.0 if self.value is None else float(np.clip(self.value / self.constraint.full_scale, -1.0, 1.0))

    @property
    def color(self) -> Color:
        """Green if held, red if violated, amber if pending."""
        if self.value is None:
            return QUIET
        if self.value >= 0.0:
            return HELD
        return PENDING if self.pending else VIOLATED


class Panel:
    """The panel beside the picture: the policy's view, and the current margins."""

    def __init__(self, width: int, height: int, observed: Pixels | None, answered: Sequence[FloatArray] = ()) -> None:
        """Lay out the panel.

        Args:
            width: Width, pixels.
            height: Height, pixels.
            observed: The policy's view, (H, W, 3), or None.
            answered: Answered keypoints in pixels of that view, (N, 2) for each trace.
        """
        self._ground = Image.new("RGB", (width, height), BACKGROUND)
        self._margin_top = 14
        self._shown: tuple[object, ...] = ()
        self._drawn = np.asarray(self._ground)
        if observed is not None:
            inner = width - 16
            tall = round(inner * observed.shape[0] / observed.shape[1])
            inset = Image.fromarray(observed).resize((inner, tall), Image.Resampling.LANCZOS)
            for keypoints in answered:
                _draw_answer(inset, keypoints * (inner / observed.shape[1]))
            self._ground.paste(inset, (8, 26))
            draw = ImageDraw.Draw(self._ground)
            draw.text((8, 7), "what the policy saw", fill=QUIET, font=font(12))
            draw.rectangle((7, 25, 8 + inner, 26 + tall), outline=(70, 76, 86))
            self._margin_top = 26 + tall + 12

    def picture(self, margins: Sequence[Margin], clock: str) -> Pixels:
        """Return the panel, (H, W, 3); it is drawn again only if something has changed.

        Args:
            margins: Margins to show.
            clock: Time to show.
        """
        shown = (*((m.name, m.text, m.color) for m in margins), clock)
        if shown != self._shown:
            self._shown = shown
            self._drawn = np.asarray(self._draw(margins, clock))
        return self._drawn

    def _draw(self, margins: Sequence[Margin], clock: str) -> Image.Image:
        picture = self._ground.copy()
        draw = ImageDraw.Draw(picture)
        width, height = picture.size
        draw.text((8, self._margin_top), "margins", fill=QUIET, font=font(12))
        draw.text((width - 8, self._margin_top), clock, fill=QUIET, font=font(12), anchor="ra")
        top = self._margin_top + 20
        pitch = min(34, (height - top - 4) // max(len(margins), 1))
        for row, margin in enumerate(margins):
            y = top + row * pitch
            name_color = VIOLATED if margin.color == VIOLATED else TEXT
            draw.text((8, y), margin.name.replace("_", " "), fill=name_color, font=font(13))
            draw.text((width - 8, y), margin.text, fill=margin.color, font=font(13), anchor="ra")
            if pitch >= 24:
                self._bar(draw, y + 18, margin)
        return picture

    def _bar(self, draw: ImageDraw.ImageDraw, y: int, margin: Margin) -> None:
        """Draw a bar from the middle: to the right for a positive margin, to the left for a negative one."""
        left, right = 8, self._ground.width - 8
        middle = (left + right) // 2
        draw.rectangle((left, y, right, y + 4), fill=(44, 49, 58))
        if margin.value is not None:
            tip = middle + round(margin.share * (right - middle))
            draw.rectangle((min(middle, tip), y, max(middle, tip), y + 4), fill=margin.color)
        draw.line((middle, y - 1, middle, y + 5), fill=QUIET)


def _draw_answer(inset: Image.Image, keypoints: FloatArray) -> None:
    """Draw answered keypoints (N, 2), pixels, and the line through them, with 4 x 4 supersampling."""
    fine = 4
    sheet = Image.new("RGBA", (inset.width * fine, inset.height * fine))
    draw = ImageDraw.Draw(sheet)
    points = [(float(x) * fine, float(y) * fine) for x, y in keypoints]
    colors = shades(len(points))
    draw.line(points, fill=(255, 255, 255, 150), width=5)
    for (start, end), color in zip(itertools.pairwise(points), colors[1:], strict=True):
        draw.line((start, end), fill=(*color, 255), width=3 * fine // 2)
    for (x, y), color in zip(points, colors, strict=True):
        draw.ellipse((x - 13, y - 13, x + 13, y + 13), fill=(*color, 255), outline=(255, 255, 255, 255), width=3)
    small = sheet.resize(inset.size, Image.Resampling.LANCZOS)
    inset.paste(small, (0, 0), small)


class Stamp:
    """A translucent picture at the same place in every frame, clipped to the frame."""

    def __init__(self, picture: Image.Image, left: int, top: int, frame: tuple[int, int]) -> None:
        """Prepare the picture.

        Args:
            picture: RGBA picture.
            left: Column of its left edge.
            top: Row of its upper edge.
            frame: Width and height of a frame.
        """
        low_x, low_y = max(left, 0), max(top, 0)
        high_x, high_y = min(left + picture.width, frame[0]), min(top + picture.height, frame[1])
        values = np.asarray(picture.crop((low_x - left, low_y - top, high_x - left, high_y - top)), np.float32)
        alpha = values[..., 3:] / np.float32(255.0)
        self._ink = values[..., :3] * alpha + np.float32(0.5)
        self._rest = 1.0 - alpha
        self._window = (slice(low_y, high_y), slice(low_x, high_x))

    def over(self, picture: Pixels) -> None:
        """Blend it into a picture (H, W, 3) in place."""
        picture[self._window] = (picture[self._window] * self._rest + self._ink).astype(np.uint8)


def caption(text: str, width: int, height: int) -> Stamp:
    """Return the instruction as a wrapped caption at the lower edge of a picture of this size."""
    size, pitch = 17.0, 22
    lines = wrap_text(text, size, width - 60)
    wide = round(max((font(size).getlength(line) for line in lines), default=0.0)) + 36
    tall = pitch * len(lines) + 12
    strip = _rounded((wide, tall), (14, 16, 20, 184))
    draw = ImageDraw.Draw(strip)
    for row, line in enumerate(lines):
        draw.text((wide / 2, 6 + pitch * row + pitch / 2), line, fill=TEXT, font=font(size), anchor="mm")
    return Stamp(strip, (width - wide) // 2, height - tall - 8, (width, height))


def label(text: str, width: int, height: int) -> Stamp:
    """Return a name as a badge in the upper left corner of a picture of this size."""
    wide = round(font(17.0).getlength(text)) + 28
    badge = _rounded((wide, 34), (14, 16, 20, 184))
    ImageDraw.Draw(badge).text((wide / 2, 17), text, fill=TEXT, font=font(17.0), anchor="mm")
    return Stamp(badge, 10, 10, (width, height))


def verdict(text: str, detail: str, success: bool, width: int, height: int) -> Stamp:
    """Return the outcome as a badge in the upper part of a picture of this size.

    Args:
        text: The verdict.
        detail: Further explanation; "" for none.
        success: Whether it is shown as a success.
        width: Width of the picture, pixels.
        height: Height of the picture, pixels.
    """
    color = HELD if success else VIOLATED
    lines = wrap_text(detail, 15.0, width - 120) if detail else []
    wide = round(max([font(30.0).getlength(text), *(font(15.0).getlength(line) for line in lines)])) + 56
    tall = 58 + 20 * len(lines)
    badge = _rounded((wide, tall), (14, 16, 20, 208), outline=color)
    draw = ImageDraw.Draw(badge)
    draw.text((wide / 2, 29), text, fill=color, font=font(30.0), anchor="mm", stroke_width=0.6, stroke_fill=color)
    for row, line in enumerate(lines):
        draw.text((wide / 2, 58 + 20 * row), line, fill=TEXT, font=font(15.0), anchor="mm")
    return Stamp(badge, (width - wide) // 2, height // 5 - tall // 2, (width, height))


def _rounded(size: tuple[int, int], fill: tuple[int, int, int, int], outline: Color | None = None) -> Image.Image:
    """Return a picture of a rounded rectangle with an anti-aliased border."""
    fine = 4
    large = Image.new("RGBA", (size[0] * fine, size[1] * fine), (*fill[:3], 0))
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, size[0] * fine - 1, size[1] * fine - 1), 10 * fine, fill=fill, outline=outline, width=2 * fine
    )
    return large.resize(size, Image.Resampling.LANCZOS)


def wrap_text(text: str, size: float, width: float) -> list[str]:
    """Return a text in as few lines as possible, of about equal length.

    Args:
        text: The text.
        size: Size of the font, pixels.
        width: Greatest width of a line, pixels; a longer word gets a line of its own.
    """
    words = text.split()
    lines = _fill_lines(words, size, width)
    narrow, wide = 0.0, width
    while wide - narrow > 4.0:
        middle = (narrow + wide) / 2.0
        narrow, wide = (narrow, middle) if len(_fill_lines(words, size, middle)) <= len(lines) else (middle, wide)
    return _fill_lines(words, size, wide)


def _fill_lines(words: Sequence[str], size: float, width: float) -> list[str]:
    """Return words in lines, each filled as far as possible."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font(size).getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def as_margins(
    constraints: Iterable[Constraint], now: Mapping[str, float | None], at_end: Mapping[str, float | None]
) -> list[Margin]:
    """Return the margins of constraints as a film shows them.

    Args:
        constraints: What is asked, in the order shown.
        now: Margins so far, by constraint.
        at_end: Margins at the end of the episode; a negative one is pending until it reaches its final value.
    """
    shown = []
    for constraint in constraints:
        value, end = now[constraint.name], at_end[constraint.name]
        settled = value is not None and end is not None and end < 0.0 and abs(value - end) < 5e-4
        shown.append(Margin(constraint, value, pending=not settled))
    return shown
