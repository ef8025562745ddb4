r"""Removal of LaTeX from answers: `\[ ... \]`, `\boxed{...}`, `\left[`, `\text{...}` and escaped characters."""

from __future__ import annotations

import re
from typing import Final

from tracesim.answers.point_lists import Order, Point

_WRAPPERS: Final = (
    "boxed|fbox|text|textbf|textit|textrm|textsf|texttt|mbox|mathbf|mathit|mathrm|mathsf|mathtt|operatorname|boldsymbol"
)
_FRAMES: Final = (r"\boxed", r"\fbox")
_DECORATION: Final = "(?:left|right|displaystyle|quad|qquad|[bB]igg?[lrm]?)(?![A-Za-z])"
_BRACKETS: Final = {"lbrack": "[", "rbrack": "]", "lparen": "(", "rparen": ")", "lbrace": "{", "rbrace": "}"}

_TOKEN: Final = re.compile(
    rf"""
    \\\\ (?= ["'\\] )  # of JSON: an escaped backslash at the end of a string, or before another escape
    | (?P<break> \\\\ (?: \[ [0-9.]{{1,8}} (?:pt|em|ex|mm|cm) \] )? )
    | (?P<words> \\ (?: {_WRAPPERS} ) \s*+ \{{ [^{{}}\[\]()"'0-9\\,:]*+ \}} (?! \s*+ : ) )
    | (?P<wrapper> \\ (?: {_WRAPPERS} ) (?![A-Za-z]) \s*+ (?P<group> \{{ )? )
    | (?P<bracket> \\ (?: {"|".join(_BRACKETS)} ) (?![A-Za-z]) )
    | (?P<decoration> \\ {_DECORATION} \.? )
    | (?P<environment> \\ (?: begin | end ) \s*+ \{{ (?: align | aligned | equation | gathered | split ) \*? \}} )
    | (?P<escaped> \\ [_()%#&{{}}] )
    | (?P<space> \\ [,;:!\ ] | \$ | ~ | & (?! \w{1, 8} ; ) )
    | (?P<open> \{{ )
    | (?P<close> \}} )
    """,
    re.VERBOSE,
)
_MATRIX: Final = re.compile(
    r"\\begin \s*+ \{ (?: [bpvBV]? (?:small)? matrix\*? | array ) \} (?: \s*+ \{ [lcr|\s]*+ \} )? ([^\\]*+) \\end",
    re.VERBOSE,
)
_NUMBER: Final = re.compile(r"[-+]?[0-9]++(?:\.[0-9]++)?")
_OTHER_UNITS: Final = re.compile(r"(?:[cdkm]m|ft|in|px|(?:centi|milli)met(?:er|re)s?|inch(?:es)?|feet|pixels?)", re.I)
_DISPLAY: Final = re.compile(r"\\[\[\]]")
_NUMBERS: Final = re.compile(r"[-+.,\seE0-9]*+")
_SEVERAL: Final = re.compile(r"[-+.,\seE0-9]*+(?:\([-+.,\seE0-9]*+\)?[-+.,\seE0-9]*+)++")


def strip_latex(text: str) -> str:
    r"""Return a text without the LaTeX commands around its numbers and brackets; takes time linear in the text.

    Commands with a meaning of their own, such as `\to` and `\ldots`, are kept, and so are units other than metres. JSON
    strings keep their quotes and escapes. A frame such as `\boxed` around several points that are not in brackets is
    replaced by brackets.
    """
    if "\\" not in text and "$" not in text:
        return text
    pieces: list[str] = []
    open_braces: list[bool] = []  # whether each belongs to a command
    framed: int | None = None  # index of the first piece in the innermost frame
    at = 0
    for token in _TOKEN.finditer(text):
        whole = token[0]
        kept = " "
        match token.lastgroup:
            case None:
                kept = whole
            case "escaped":
                kept = whole[1]
            case "bracket":
                kept = _BRACKETS[whole[1:]]
            case "words":
                said = whole.partition("{")[2][:-1].strip()
                kept = f" {said} " if _OTHER_UNITS.fullmatch(said) else " "
            case "wrapper":
                if whole.endswith("{"):
                    open_braces.append(True)
                    framed = len(pieces) + 2 if whole.startswith(_FRAMES) else None
            case "open":
                open_braces.append(False)
                framed = None
                kept = whole
            case "close":
                kept = " " if open_braces and open_braces.pop() else whole
                if framed is not None and _is_several("".join([*pieces[framed:], text[at : token.start()]])):
                    pieces[framed - 1], kept = "[", "]"
                framed = None
        pieces += text[at : token.start()], kept
        at = token.end()
    return _strip_displays("".join([*pieces, text[at:]]))


def matrix_rows(text: str, order: Order = "xy") -> list[Point] | str:
    """Return placeholder points for the numbers in LaTeX matrices, to tell such an answer from one without points.

    Since the ends of the rows are not known, the coordinates mean nothing.

    Args:
        text: Text after `strip_latex`.
        order: Not used; all readers of a form have this argument.
    """
    numbers = [float(one) for body in _MATRIX.findall(text) for one in _NUMBER.findall(body)]
    return list(zip(numbers[::2], numbers[1::2], strict=False)) if len(numbers) > 3 else "no_points"


def _strip_displays(text: str) -> str:
    r"""Return a text in which `\[` and `\]` are replaced by brackets or, around a formula, by blanks.

    They become brackets where they are nested, since formulas are not, and around points that are in no other brackets.
    """
    marks = list(_DISPLAY.finditer(text))
    if not marks:
        return text
    pieces: list[str] = []
    at = first = depth = 0
    nested = False
    for number, mark in enumerate(marks):
        depth = max(0, depth + (1 if mark[0] == r"\[" else -1))
        nested |= depth > 1
        if depth and number + 1 < len(marks):
            continue
        group = marks[first : number + 1]
        end = mark.start() if not depth else len(text)
        brackets = nested or _is_list(text[group[0].end() : end])
        for one in group:
            pieces += text[at : one.start()], one[0][1] if brackets else " "
            at = one.end()
        first, nested = number + 1, False
    return "".join([*pieces, text[at:]])


def _is_list(formula: str) -> bool:
    """Return whether a formula holds the numbers of one point, or several points in parentheses."""
    if _NUMBERS.fullmatch(formula):
        return True
    return _is_several(formula)


def _is_several(text: str) -> bool:
    return text.count("(") > 1 and bool(_SEVERAL.fullmatch(text))
