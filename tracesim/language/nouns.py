"""Nouns of objects, and which other nouns also describe them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from tracesim.layout.prop import Prop

AKIN: Final[Mapping[str, str]] = {
    "mug": "cup",
    "cup": "mug",
    "mat": "coaster",
    "coaster": "mat",
    "flower": "flower pot",
    "saucepan": "pot",
    "grill pan": "skillet",
    "baguette": "bread",
    "croissant": "bread",
    "set of books": "book",
    "carton of french fries": "french fries",
    "cup of french fries": "french fries",
    "bag of french fries": "french fries",
}
"""What else people call some things, by noun: beside a saucepan, "the pot" is not plain."""


def answers_to(prop: Prop, noun: str) -> bool:
    """Return whether a noun fits a prop: "can" fits a watering can, but "bread" does not fit a bread basket."""
    return _is_name(noun, prop.noun)


@cache
def _is_name(noun: str, own_noun: str) -> bool:
    """Return whether a noun fits what instructions call by another one."""
    head, told = _head_and_words(noun)
    names = (own_noun, AKIN.get(own_noun, own_noun))
    return any(head == own and told <= words for own, words in map(_head_and_words, names))


@cache
def _head_and_words(noun: str) -> tuple[str, frozenset[str]]:
    """Return the last word of a noun, before any "of", and the set of all its words."""
    return noun.partition(" of ")[0].split()[-1], frozenset(noun.split())
