"""Phrases in instructions, such as numbers and directions, each with a check that the constraints match it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from tests.left_behind import LeftBehind
from tests.sayings import amounts, paths, places
from tests.sayings.naming import named

SAYINGS: Final[dict[str, Callable[[LeftBehind, dict[str, Any], re.Match[str]], bool]]] = {
    r"(\d+)-(\d+) cm above each flower": paths.in_band,
    r"(\d+) cm above the centre of": paths.at_height,
    r"(\d+) cm above the table": paths.above_the_table,
    r"(\d+) cm above the middle of the table": paths.above_the_middle,
    r"(\d+) cm above the top of": paths.above_the_top,
    r"bring it down on that": places.brought_down,
    r"scan its code, facing it, from (\d+) to (\d+) cm": paths.scanned,
    r"with the (left|right) hand": paths.by_hand,
    r"from the (left|right) hand to the (left|right) hand": paths.handed_over,
    r"toes pointing (away from you|towards you|to the left|to the right)": places.toes,
    r"that of the left hand (on the left|at the back)": places.of_the_left_hand,
    r"for one second": paths.for_a_second,
    r"for (\d+) seconds": paths.lasting,
    r"(clockwise|counterclockwise)": amounts.clockwise,
    r"at least (\d+) of the (\d+) beads in the": amounts.poured,
    r"at least (\d+) of the (\d+) beads into": amounts.swept,
    r"without lifting": paths.slid,
    r"with its (\d+) beads": amounts.delivered,
    r"at least (\d+) % of": amounts.wiped,
    r"nothing more than (\d+) mm beside it": amounts.nothing_else,
    r"with its (\d+) balls": amounts.emptied,
    r"always (\d+) to (\d+) cm from its middle": paths.kept_apart,
    r"under the bar of": paths.under,
    r"rising to the (left|right)": places.rising,
    r"within (\d+) mm of the line": paths.near_the_line,
    r"(\d+) cm above it and within (\d+) cm": paths.drawn_above,
    r"(up and down|left and right) (\d+) times by at least (\d+) cm": paths.shaken,
    r"from (?:left|right) to (left|right)": paths.in_order,
    rf"(more than )?(\d+) cm ({places.RELATIONS})": places.so_far_beside,
    rf"(\d+) cm ({places.MOTIONS})(?! of)": places.so_far,
    rf"(?<! cm )({places.RELATIONS})": places.just_beside,
    r"on its (left|right)": places.on_its_side,
    r"[io]n the (left|right) half of": places.on_half,
    r"a gap of (\d+) to (\d+) cm": places.with_gap,
    r"within (\d+) degrees": paths.tilted,
    r"below (\d+) cm/s": paths.slowly,
    r"without passing over": paths.kept_out,
    r"(\d+) mm away from both": paths.kept_off,
    r"on the (near|far) side of": paths.on_side_of,
    r"without touching": places.untouched,
    r"aligned with it": places.aligned,
    r"facing the robot": places.facing,
    r"by (\d+) to (\d+) (cm|mm)": amounts.opened,
    r"by (\d+) to (\d+) degrees": amounts.turned,
    r"never further": amounts.never_further,
    r"^Water ": amounts.watered,
    r"^Slide ": paths.slid,
    r"\b(left|right|top|bottom) drawer": places.that_drawer,
}
"""Patterns of all phrases in instructions other than the names of objects, each with its check."""


def check_sayings(left: LeftBehind) -> None:
    """Check every phrase of the instructions against the constraints, and that no phrase is left unchecked."""
    for turn in left.record["turns"]:
        rest = turn["instruction"]
        for words in named(left, turn).values():
            rest = rest.replace(words, "")
        for saying, holds in SAYINGS.items():
            for match in re.finditer(saying, turn["instruction"]):
                assert holds(left, turn, match), match[0]
                rest = rest.replace(match[0], "")
        assert not re.search(r"\d|left|right|behind|front|away from|towards", rest), rest
