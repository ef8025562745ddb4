"""Tests of referents: each is described by words that fit no other."""

from __future__ import annotations

import numpy as np
import pytest

from tracesim.language.referents import describe, draw_props
from tracesim.layout.layout import Layout, standing
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw


@pytest.mark.parametrize("seed", range(10))
def test_no_words_fit_two_things(seed: int) -> None:
    draw = Draw.of(np.random.default_rng(seed))
    layout = Layout()
    # "red box" also fits the second kind, and six blocks leave two colours for the others.
    for index, prop in enumerate(draw_props(draw, *[("block",)] * 6, ("card_box",))):
        layout.add(f"thing_{index}", prop, standing(0.0, 0.0))
    more = draw_props(draw, ("carton",), ("block",), besides=layout)
    names = [describe(prop) for prop in (*(body.prop for body in layout), *more)]
    for index, name in enumerate(names):
        assert not any(name in other for other in names[:index] + names[index + 1 :])


@pytest.mark.parametrize("seed", range(4))
def test_other_colours_leave_kinds_and_shapes_and_sizes_as_they_were(seed: int) -> None:
    def things(colors: int) -> list[Prop]:
        places, shapes, sizes, paint = (np.random.default_rng(n) for n in (0, seed, seed + 100, colors))
        return draw_props(Draw(places, shapes, sizes, paint), *[("block", "toy_car")] * 4, ("card_box", "peach"))

    first, *others = (things(colors) for colors in range(200, 204))
    for other in others:
        assert [prop.kind for prop in other] == [prop.kind for prop in first]
        for one, two in zip(first, other, strict=True):
            np.testing.assert_array_equal(np.concatenate(one.hulls), np.concatenate(two.hulls))
    assert len({tuple(prop.color for prop in props) for props in (first, *others)}) > 1
