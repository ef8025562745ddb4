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
    """Return the points through which the last list of points and gripper actions carries; or why it carries none.

    That is from the point at which the gripper closes to the one at which it opens: the way there and back is not the
    object's. A list in which it never closes counts from its first point, one in which it never opens to its last.
    Takes time linear in the text. Source of the form: HAMSTER, arXiv 2502.05485; 3D HAMSTER's points have a depth.
    """
    found: list[Point] | str = "no_points"
    for match in _LIST.finditer(text):
        items = list(_ITEM.finditer(match[0], 1))
        begun = text.startswith("<", match.end())
        if any(item["flat"] for item in items) and (begun or any(item["action"] for item in items)):
            found = _carried(items, order) if match["end"] else _unfinished(text, match.end())
    return found


def _unfinished(text: str, at: int) -> str:
    """Return why a list is none that nothing closes: the text breaks off there, or something else stands in it."""
    return "truncated" if _BEGUN.match(text, at) else "malformed"


def _carried(items: list[re.Match[str]], order: Order) -> list[Point] | str:
    """Return the points from the gripper's closing to its opening."""
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
