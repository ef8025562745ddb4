r"""LaTeX around answers: `\[ ... \]`, `\boxed{...}`, `\left[`, `\text{...}` and escaped characters, taken off."""

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


def without_latex(text: str) -> str:
    r"""Return a text with LaTeX's commands around its numbers and brackets taken off; takes time linear in it.

    Commands that mean something, `\to` and `\ldots` say, stay as they are, and so do units other than metres. Strings
    of JSON keep their quotes and escapes. A frame around points that no brackets make a list is their brackets.
    """
    if "\\" not in text and "$" not in text:
        return text
    pieces: list[str] = []
    open_braces: list[bool] = []  # whether each is a command's
    framed: int | None = None  # where the pieces in the innermost frame begin
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
    return _without_displays("".join([*pieces, text[at:]]))


def matrix_rows(text: str, order: Order = "xy") -> list[Point] | str:
    """Return points that are as many as the numbers of matrices, which stand in a text without LaTeX's commands.

    Where their rows end is not known, so no number has its place; for telling them from an answer without points.
    """
    numbers = [float(one) for body in _MATRIX.findall(text) for one in _NUMBER.findall(body)]
    return list(zip(numbers[::2], numbers[1::2], strict=False)) if len(numbers) > 3 else "no_points"


def _without_displays(text: str) -> str:
    r"""Return a text in which `\[` and `\]` are brackets where they have to be, else blanks, as around a formula.

    They have to be where they are nested, which no formula is, and around points that no other brackets make a list.
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
    """Tell whether what stands in a formula is one point's numbers, or several points in parentheses."""
    if _NUMBERS.fullmatch(formula):
        return True
    return _is_several(formula)


def _is_several(text: str) -> bool:
    return text.count("(") > 1 and bool(_SEVERAL.fullmatch(text))
