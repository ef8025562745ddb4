"""Answers: from a model's text to the trace it means, or the reason why it means none."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Self

import numpy as np

from tracesim.answers import published as official
from tracesim.answers.depth_names import UNKNOWN
from tracesim.answers.gripper_lists import gripper_list
from tracesim.answers.latex import matrix_rows, without_latex
from tracesim.answers.point_lists import Order, Point, the_list
from tracesim.answers.tagged_points import location_tokens, tagged_points
from tracesim.errors import ConfigurationError
from tracesim.failure import Failure
from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import ImageTrace

Scale = Literal["thousandths", "fractions", "percent", "pixels"]
"""What u and v count: 0-1000 of the image's width and height, 0-1 or 0-100 of them, or pixels."""

Parser = Literal["tolerant", "tags", "actions", "tuples", "json"]
"""How text is read.

tolerant: lists of points, by our rules. tags: points as tags (`tracesim.answers.tagged_points`). actions: lists in
which gripper actions stand between points (`tracesim.answers.gripper_lists`). Where an answer has none of these, `tags`
and `actions` read what `tolerant` does. tuples, json: the two parsers that RoboTracer published with its scorer.
"""


_FULL: Final = {"thousandths": IMAGE_SCALE, "fractions": 1.0, "percent": 100.0}
"""What u and v are at the far edge of the image."""


@dataclass(frozen=True)
class Convention:
    """What the numbers of a model's points mean.

    Depth is always in metres.

    Attributes:
        scale: what u and v count.
        order: of the numbers in a list; names (`{"x": 10, "y": 20}`) say it themselves.
        picture: width and height in pixels of the image as the model saw it, where its server resized the image before
            the model counted pixels; None for the image that was sent.

    Raises:
        ConfigurationError: `picture` is given and `scale` does not count pixels.
    """

    scale: Scale = "thousandths"
    order: Order = "xy"
    picture: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.picture is not None and self.scale != "pixels":
            raise ConfigurationError(
                f"policy.picture is for answers in pixels, and policy.scale is {self.scale}, which does not depend on "
                "the picture's size. Leave picture out, or set policy.scale=pixels."
            )

    @classmethod
    def of(cls, scale: Scale, order: Order, picture: str) -> Self:
        """Return the convention with the picture's size given as text, such as "644x476", or "" for none.

        Raises:
            ConfigurationError: the text is not a size, or `scale` does not count pixels.
        """
        if not picture:
            return cls(scale, order)
        size = re.fullmatch(r"\s*([1-9][0-9]{0,4})\s*[xX×]\s*([1-9][0-9]{0,4})\s*", picture)
        if size is None:
            raise ConfigurationError(
                f"policy.picture={picture}: not a size. Valid: width and height in pixels, such as 644x476."
            )
        return cls(scale, order, (int(size[1]), int(size[2])))

    def thousandths(self, points: FloatArray, size: tuple[int, int]) -> FloatArray:
        """Return points (N, 2 or 3) of this scale, column first, in thousandths; `size`: width and height, pixels."""
        if self.scale == "thousandths":
            return points
        full = (self.picture or size) if self.scale == "pixels" else (_FULL[self.scale], _FULL[self.scale])
        return np.column_stack([points[:, :2] * IMAGE_SCALE / full, points[:, 2:]])


THOUSANDTHS: Final = Convention()
"""RoboTracer's own: u, v in 0-1000, column first."""

BEYOND_IMAGE: Final = 100.0
"""How far outside the image a point with a depth may lie, thousandths."""

REASONS: Final = {
    "empty": "the answer is empty",
    "refused": "the model, or the content filter of its service, refuses to answer",
    "no_points": "the answer holds no list of points",
    "truncated": "the answer breaks off before its list of points is complete",
    "malformed": "the answer's list of points is not well-formed, or holds something that is no point",
    "several_traces": "the answer holds several lists of points in one value, and none is called the trace",
    "not_finite": "a coordinate is not a finite number",
    "mixed_dimensions": "some points have a depth and others have none",
    "single_point": "the answer is one point; a trace has at least two",
    "out_of_image": "a point lies outside the image, or a point with a depth far outside",
    "unknown_depth": "a depth's name, unit or value is not understood; valid: metres, or names such as depth_cm",
    "unread_form": "the points are in a form that is read only where the configuration says so, or not at all",
}
"""Why an answer is no trace: identifier -> sentence. The first two are told by a reply (`tracesim.policy.Reply`)."""


@dataclass(frozen=True)
class Form:
    """A form of points that is no plain list: the parser that reads it, None where nothing does."""

    parser: Parser | None
    read: Callable[[str, Order], list[Point] | str]
    detail: str


FORMS: Final = (
    Form(
        "tags",
        tagged_points,
        'the points are tags, such as <point x="34.5" y="70.2">; policy.parser=tags reads them, with '
        "policy.scale=percent for Molmo and policy.scale=pixels for Qwen2.5-VL",
    ),
    Form(
        "actions",
        gripper_list,
        "the list holds gripper actions, such as <action>Close Gripper</action>; policy.parser=actions reads it, with "
        "policy.scale=fractions for HAMSTER",
    ),
    Form(
        None,
        location_tokens,
        "the points are location tokens, such as <loc0512>, which no policy.parser reads; ask for a list of points",
    ),
    Form(
        None,
        matrix_rows,
        r"the points are the rows of a matrix, such as \begin{bmatrix}, which no policy.parser reads; ask for a list "
        "of points",
    ),
)
"""Forms that are told from an answer without points even where they are not read."""


@dataclass(frozen=True)
class Answer:
    """A model's answer: its text, and either the trace that it means or the reason (of `REASONS`) why it means none.

    points: what its list holds, in thousandths and metres, also where that is no trace: (N, 3), a missing depth NaN, or
    (N, 2) where no point has one; None without a list. detail: what is to be said beyond the reason's sentence.
    """

    text: str
    trace: ImageTrace | None = None
    reason: str | None = None
    points: FloatArray | None = None
    detail: str = ""

    @property
    def failure(self) -> Failure | None:
        """The failure that an answer without a trace is."""
        return None if self.reason is None else Failure("answer", self.reason, self.detail or REASONS[self.reason])


def read(
    text: str, convention: Convention = THOUSANDTHS, parser: Parser = "tolerant", size: tuple[int, int] = (640, 480)
) -> Answer:
    """Return what an answer says; takes time linear in its length and evaluates nothing.

    size: the image's width and height in pixels, for conventions that count pixels.

    The tolerant parser reads the last complete list of points that the answer gives, in a code fence if it gives one
    there (`tracesim.answers.point_lists.the_list`), never a point of its prose or of its thinking, nor of a list cut
    off. The published ones (`tracesim.answers.published`) take what they find, points outside the image too.
    """
    found: list[Point] | str | Form
    if parser in ("tuples", "json"):
        found = _published(text, parser, convention.order)
    else:
        answer = _without_thoughts(text)
        found = "truncated" if answer is None else _found(without_latex(_plain(answer)), parser, convention.order)
    if isinstance(found, Form):
        return Answer(text, reason="unread_form", detail=found.detail)
    if isinstance(found, str):
        return Answer(text, reason=found)
    dimensions = set(map(len, found))
    if mixed := len(dimensions) > 1:
        found = [(*point, np.nan)[:3] for point in found]
    with np.errstate(over="ignore"):  # what becomes infinite is not finite, and said to be
        points = convention.thousandths(np.array(found), size)
    published = parser in ("tuples", "json")
    reason = "mixed_dimensions" if mixed else _fault(points, anywhere=published)
    if not published:
        points[:, 2:][points[:, 2:] == UNKNOWN] = np.nan
    return Answer(text, None if reason else ImageTrace(points), reason, points)


def is_empty(text: str) -> bool:
    """Return whether an answer says nothing: it is blank, or all of it is thinking."""
    answer = _without_thoughts(text)
    return answer is not None and not answer.strip(string.whitespace + _GAP)


def written(trace: ImageTrace) -> str:
    """Return a trace as RoboTracer writes it: u and v as integers, depth with three decimals."""
    points = []
    for u, v, *depth in trace.keypoints:
        points.append(", ".join([f"{u:.0f}", f"{v:.0f}", *(f"{d:.3f}" for d in depth)]))
    return "[" + ", ".join(f"({point})" for point in points) + "]"


_THOUGHT_BEGINS: Final = re.compile("<think(?:ing)?>|◁think▷", re.IGNORECASE)
_THOUGHT_ENDS: Final = re.compile("</think(?:ing)?>|◁/think▷", re.IGNORECASE)
_ANSWER_BEGINS: Final = re.compile("<answer>", re.IGNORECASE)
_ANSWER_ENDS: Final = re.compile("</answer>", re.IGNORECASE)
_GAP: Final = "\0"
"""Stands where thinking stood: no list goes on across it."""

_PLAIN: Final = (
    dict.fromkeys(map(ord, "\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}"), "-")
    | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII
    | dict.fromkeys(map(ord, "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"), '"')
    | dict.fromkeys(map(ord, "\N{ZERO WIDTH SPACE}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}"), " ")
)


def _plain(text: str) -> str:
    """Return a text with the signs, brackets and quotes of other keyboards replaced by ASCII's."""
    return text if text.isascii() else text.translate(_PLAIN)


def _without_thoughts(text: str) -> str | None:
    """Return what an answer says aloud; None where its thinking never ends.

    That is what its last `<answer>` holds, if it has one. A `</think>` whose beginning was part of the prompt ends
    thinking too, and so does an `<answer>` in thinking that nothing else ends.
    """
    if "<" not in text and "◁" not in text:
        return text
    *ended, last = _THOUGHT_ENDS.split(text)
    spoken: list[str] = []
    for piece in ended:
        before, *thought = _THOUGHT_BEGINS.split(piece, maxsplit=1)
        if thought:
            spoken.append(before)
        else:
            spoken.clear()
    before, *thought = _THOUGHT_BEGINS.split(last, maxsplit=1)
    if thought and not _ANSWER_BEGINS.search(thought[0]):
        return None
    answers = _ANSWER_BEGINS.split(_GAP.join([*spoken, before, *thought]))
    return answers[0] if len(answers) == 1 else _ANSWER_ENDS.split(answers[-1], maxsplit=1)[0]


def _found(text: str, parser: Parser, order: Order) -> list[Point] | str | Form:
    """Return the points that plain text gives in the form of a parser, else in a list; or why it gives none."""
    for form in FORMS:
        if form.parser == parser and (found := form.read(text, order)) != "no_points":
            return found
    found = the_list(text, order)
    if isinstance(found, str):
        for form in FORMS:
            unread = form.read(text, order)
            if isinstance(unread, list):
                return form
            found = unread if unread in ("truncated", "malformed") else found
    return found


def _published(text: str, parser: Parser, order: Order) -> list[Point] | str:
    """Return what a published parser finds, column first, or the reason why it finds nothing."""
    try:
        rows = official.tuple_rows(text) if parser == "tuples" else official.json_rows(text)
    except official.UnreadableError:
        return "malformed"
    if order == "yx":
        rows = [(u, v, *depth) for v, u, *depth in rows or ()]
    return rows or "no_points"


def _fault(points: FloatArray, anywhere: bool) -> str | None:
    """Return why points are no trace; `anywhere`: they may lie outside the image.

    A point with a depth is a point in space, which need not be in view: the way over a tall object may leave the image.
    It is rejected only where it is so far outside that the coordinates must be on another scale.
    """
    unknown = (points[:, 2:] == UNKNOWN) & (not anywhere)
    if not (np.isfinite(points[:, :2]).all() and (np.isfinite(points[:, 2:]) | unknown).all()):
        return "not_finite"
    if len(points) == 1:
        return "single_point"
    if anywhere:
        return None
    uv = points[:, :2]
    beyond = BEYOND_IMAGE if points.shape[1] == 3 else 0.0
    if uv.min() < -beyond or uv.max() > IMAGE_SCALE + beyond:
        return "out_of_image"
    return "unknown_depth" if unknown.any() else None
