"""Points in tags, such as Molmo's and Qwen2.5-VL's `<points x1="34.5" y1="70.2" ...>`."""

from __future__ import annotations

import html
import re
from typing import Final

from tracesim.answers.depth_names import depth_m, unit_m
from tracesim.answers.point_lists import PAIRS, Order, Point

_NAMES: Final = "(?:way|key)?points?|coord(?:inate)?s?|position|location|trace|trajectory|tracks?|path"
_TAG: Final = re.compile(
    rf"""
    < \|? (?P<name> {_NAMES} )
    (?: _start \| (?= > ) | (?= [\s/>] ) )
    (?P<attributes> (?: [^<>"'] | "[^"]*+" | '[^']*+' )*+ ) (?P<end> > )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ATTRIBUTE: Final = re.compile(
    r"""(?P<name> [a-z_]++ ) (?P<number> [0-9]*+ ) \s*+ = \s*+ (?P<value> "[^"]*+" | '[^']*+' | [^\s"'<>/]++ )""",
    re.VERBOSE | re.IGNORECASE,
)
_LOCATION: Final = re.compile(r"<loc_?([0-9]{1,4})>")
_END: Final = re.compile(rf"</({_NAMES})\s*+>", re.IGNORECASE)
_BEGUN: Final = re.compile(r"<\|?[a-z_]{0,12}\Z", re.IGNORECASE)
_CONTENT: Final = re.compile(r"\s*+[(\[]?+([-+.\seE0-9,%]++)[)\]]?+\s*+<")
_CHILD: Final = re.compile(r"\s*+<(?P<name>[a-z_]++)>(?P<value>[^<>\"]*+)</(?P=name)>", re.IGNORECASE)
_MOST_CHILDREN: Final = 6
_BETWEEN: Final = re.compile(r"[\s,]+")
_PICTURES: Final = re.compile(r"[;:,\t]")


def tagged_points(text: str, order: Order = "xy") -> list[Point] | str:
    """Return the points in the tags of a text.

    The last tag with several points counts; if there is none, all tags with one point count together. Takes time linear
    in the text. These forms are read:

    - `<point x="34.5" y="70.2" alt="cup">` and `<points x1= y1= x2= y2= ...>`, with a depth as `z`, `depth_m` etc.
    - `<point><x>345</x><y>702</y></point>`
    - `<point>345 702</point>`, in `order`
    - Molmo 2's `<points coords="1 1 345 702 2 339 661">`: the number of the image, then for each point its number,
      column and row

    Args:
        text: Text of the answer.
        order: Order of column and row in a tag's content.

    Returns:
        The points, column first, or a reason of `tracesim.answers.reading.REASONS`.
    """
    if "<" not in text and "&lt;" not in text:
        return "no_points"
    text = html.unescape(text) if "&lt;" in text else text
    single: list[Point] = []
    several: list[Point] = []
    cut = False
    ends = {end[1].lower(): end.start() for end in _END.finditer(text)}
    for tag in _TAG.finditer(text):
        at = tag.end()
        if not tag["end"]:
            cut |= at == len(text) or text[at] in "\"'"  # a quotation that never ends
            continue
        try:
            points = _points_in_attributes(tag["attributes"]) or _points_in_attributes(_children(text, at))
            if not points and (content := _CONTENT.match(text, at)):
                points = _point_in_content(content[1], order)
        except ValueError:
            return "malformed"
        cut |= not points and ends.get(tag["name"].lower(), -1) < at
        single += points
        several = points if len(points) > 1 else several
    if cut or (single and _BEGUN.match(text, max(text.rfind("<"), 0))):
        return "truncated"
    return several or single or "no_points"


def location_tokens(text: str, order: Order = "xy") -> list[Point] | str:
    """Return placeholder points for the location tokens of PaliGemma (`<loc0512>`) and Florence-2.

    Since their scale depends on the model, the points only tell such an answer from one without points.

    Args:
        text: Text of the answer.
        order: Not used; all readers of a form have this argument.
    """
    numbers = [float(number) for number in _LOCATION.findall(text)] if "<loc" in text else []
    return list(zip(numbers[::2], numbers[1::2], strict=False)) or "no_points"


def _points_in_attributes(attributes: str) -> list[Point]:
    """Return the points in the attributes of a tag.

    Raises:
        ValueError: A coordinate is not a number.
    """
    members: dict[str, dict[str, str]] = {}
    for one in _ATTRIBUTE.finditer(attributes):
        members.setdefault(one["number"], {})[one["name"].lower()] = one["value"].strip("\"'")
    coords = members.get("", {}).get("coords")
    if coords is not None:
        return _points_in_coords(coords)
    points: list[Point] = []
    for named in members.values():
        for column, row in PAIRS:
            if column in named and row in named:
                u, v = _number(named.pop(column)), _number(named.pop(row))
                depth = depth_m({name: _quantity(name, value) for name, value in named.items()})
                points.append((u, v) if depth is None else (u, v, depth))
                break
    return points


def _children(text: str, at: int) -> str:
    """Return the first child elements of the tag that ends at an index, in the form of attributes."""
    attributes: list[str] = []
    while len(attributes) < _MOST_CHILDREN and (child := _CHILD.match(text, at)):
        attributes.append(f'{child["name"]}="{child["value"].strip()}"')
        at = child.end()
    return " ".join(attributes)


def _points_in_coords(coords: str) -> list[Point]:
    """Return the points of one image in Molmo 2's form.

    Raises:
        ValueError: The text is in another form.
    """
    picture = _PICTURES.split(coords.strip())
    numbers = [_number(one) for one in picture[0].split()]
    if len(picture) > 1 or len(numbers) % 3 != 1:
        raise ValueError(coords)
    return list(zip(numbers[2::3], numbers[3::3], strict=True))


def _point_in_content(content: str, order: Order) -> list[Point]:
    """Return the point between a tag and its end tag.

    Raises:
        ValueError: The text there is not a point.
    """
    u, v, *depth = (_number(one) for one in _BETWEEN.split(content.strip(" ,\n\t\r")))
    if len(depth) > 1:
        raise ValueError(content)
    return [(v, u, *depth) if order == "yx" else (u, v, *depth)]


def _number(text: str) -> float:
    return float(text.strip().removesuffix("%"))


def _quantity(name: str, text: str) -> float | None:
    try:
        return _number(text)
    except ValueError:
        return unit_m(name, text)
