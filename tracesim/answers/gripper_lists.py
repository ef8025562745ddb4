"""Lists of points with gripper actions between them: HAMSTER's `[..., <action>Close Gripper</action>, ...]`."""

from __future__ import annotations

import re
from typing import Final

from tracesim.answers.point_lists import Order, Point, flat_point

_FLAT: Final = r"(?: \[ [-+.,\seE0-9]*+ \] | \( [-+.,\seE0-9]*+ \) )"
_ACTION: Final = r"""(?: < action \s*+ > [^<>\[\]]*+ </ action \s*+ > | " [^"\n\[\]]*+ " | ' [^'\n\[\]]*+ ' )"""
_LIST: Final = re.compile(
    rf"\[ \s*+ (?: (?: {_FLAT} | {_ACTION} ) [\s,]*+ )++ (?P<end> \] )?", re.VERBOSE | re.IGNORECASE
)
_ITEM: Final = re.compile(rf"(?P<flat> {_FLAT} ) | (?P<action> {_ACTION} )", re.VERBOSE | re.IGNORECASE)
_BEGUN: Final = re.compile(r"[-+.,\s\w(\[</>\"']*+\Z")
_CLOSES: Final = re.compile("close|grasp", re.IGNORECASE)
_OPENS: Final = re.compile("open|release", re.IGNORECASE)


def gripper_list(text: str, order: Order = "xy") -> list[Point] | str:
    """Return the points through which an object is carried in the last list of points and gripper actions.

    These are the points from where the gripper closes to where it opens; the approach and the retreat do not belong to
    the object's trace. If the gripper never closes, the trace begins at the first point; if it never opens, it ends at
    the last one. Takes time linear in the text. Source of the form: HAMSTER, arXiv 2502.05485; the points of 3D HAMSTER
    have a depth.

    Args:
        text: Plain text, without LaTeX.
        order: Order of column and row in a point.

    Returns:
        The points, column first, or a reason of `tracesim.answers.reading.REASONS`.
    """
    found: list[Point] | str = "no_points"
    for match in _LIST.finditer(text):
        items = list(_ITEM.finditer(match[0], 1))
        begun = text.startswith("<", match.end())
        if any(item["flat"] for item in items) and (begun or any(item["action"] for item in items)):
            found = _carry_points(items, order) if match["end"] else _open_list_reason(text, match.end())
    return found


def _open_list_reason(text: str, at: int) -> str:
    """Return why a list is not closed: the text ends there, or something is in it that does not belong."""
    return "truncated" if _BEGUN.match(text, at) else "malformed"


def _carry_points(items: list[re.Match[str]], order: Order) -> list[Point] | str:
    """Return the points from where the gripper closes to where it opens."""
    points: list[Point] = []
    closed = opened = False
    for item in items:
        if item["flat"]:
            point = flat_point(item["flat"], order)
            if point is None:
                return "malformed"
            if not opened:
                points.append(point)
        elif _CLOSES.search(item["action"]):
            if opened:
                return "several_traces"
            if not closed:
                points = points[-1:]
            closed = True
        elif _OPENS.search(item["action"]):
            opened = closed
        else:
            return "malformed"
    return points or "no_points"
