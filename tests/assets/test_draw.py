"""Tests of drawing props: each axis of variation varies alone, and held-out shapes are kept apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracesim.assets import variants
from tracesim.assets.props import ONE_SHAPE, PROPS, nouns
from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.nominal_hand import NOMINAL_HAND
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw, ShapeSplit

FEW = settings(max_examples=20, deadline=None, derandomize=True)
KINDS = st.sampled_from(sorted(PROPS))
SEEDS = st.integers(0, 2**32 - 1)


VARIANTS: dict[str, tuple[str, ...]] = {kind: tuple(nouns(kind)) for kind in PROPS}


def asked_for(kind: str, variant: str, draw: Draw) -> Prop:
    factory: Callable[..., Prop] = PROPS[kind]
    return factory(draw, variant=variant)


def draw_of(shapes: int, sizes: int, colors: int, split: ShapeSplit = "all") -> Draw:
    one, two, three = (np.random.default_rng([axis, seed]) for axis, seed in enumerate((shapes, sizes, colors)))
    return Draw(np.random.default_rng(0), one, two, three, split)


def states(*generators: np.random.Generator) -> list[object]:
    """Return the states of generators, which differ if different amounts of randomness were used."""
    return [generator.bit_generator.state for generator in generators]


def form(prop: Prop) -> Sequence[FloatArray]:
    """Return everything about a prop's form that matters to hands and physics."""
    return [*prop.hulls, *prop.points.values(), *(grasp.tcp_in_prop for grasp in NOMINAL_HAND.grasps(prop))]


def same_form(first: Prop, second: Prop) -> bool:
    pairs = list(zip(form(first), form(second), strict=False))
    return len(form(first)) == len(form(second)) and all(np.array_equal(a, b) for a, b in pairs)


def variant_of(kind: str, prop: Prop, seeds: tuple[int, int, int]) -> str | None:
    """Return the variant that was drawn: the one that gives the same prop when asked for."""
    for name in VARIANTS[kind]:
        if same_form(asked_for(kind, name, draw_of(*seeds)), prop):
            return name
    assert not VARIANTS[kind]
    return None


@given(kind=KINDS, shapes=SEEDS, sizes=SEEDS, colors=st.tuples(SEEDS, SEEDS))
@FEW
def test_other_colours_leave_the_form_as_it_was(kind: str, shapes: int, sizes: int, colors: tuple[int, int]) -> None:
    draws = [draw_of(shapes, sizes, seed) for seed in colors]
    first, second = (PROPS[kind](draw) for draw in draws)
    assert same_form(first, second)
    assert first.mass_kg == second.mass_kg
    # The generators are in the same state, so whatever is drawn next is the same, too.
    assert states(draws[0].shapes, draws[0].sizes) == states(draws[1].shapes, draws[1].sizes)


@given(kind=KINDS, shapes=SEEDS, sizes=st.tuples(SEEDS, SEEDS), colors=SEEDS)
@FEW
def test_other_sizes_leave_colour_and_variant_as_they_were(
    kind: str, shapes: int, sizes: tuple[int, int], colors: int
) -> None:
    draws = [draw_of(shapes, seed, colors) for seed in sizes]
    first, second = (PROPS[kind](draw) for draw in draws)
    assert first.color == second.color
    looks = [[(s.material.base_color, s.material.roughness) for s in prop.surfaces] for prop in (first, second)]
    assert looks[0] == looks[1]
    assert states(draws[0].shapes, draws[0].colors) == states(draws[1].shapes, draws[1].colors)
    variants = [
        variant_of(kind, prop, (shapes, seed, colors)) for prop, seed in zip((first, second), sizes, strict=True)
    ]
    assert variants[0] == variants[1]


@pytest.mark.parametrize("kind", sorted(PROPS))
def test_shapes_and_sizes_vary_the_form(kind: str) -> None:
    plain = PROPS[kind](draw_of(0, 0, 0))
    assert any(not same_form(plain, PROPS[kind](draw_of(0, seed, 0))) for seed in range(1, 9))
    if kind not in ONE_SHAPE:
        assert any(not same_form(plain, PROPS[kind](draw_of(seed, 0, 0))) for seed in range(1, 9))


@given(kind=KINDS, seeds=st.tuples(SEEDS, SEEDS, SEEDS), split=st.sampled_from(["seen", "unseen"]))
@FEW
def test_what_is_held_out_is_drawn_where_it_is_asked_for_and_nowhere_else(
    kind: str, seeds: tuple[int, int, int], split: ShapeSplit
) -> None:
    prop = PROPS[kind](draw_of(*seeds, split))
    names = VARIANTS[kind]
    held_out = names[-2:] if len(names) >= 5 else names[-1:]
    made = [name for name in names if same_form(asked_for(kind, name, draw_of(*seeds, split)), prop)]
    if names:
        assert len(made) == 1
        assert (made[0] in held_out) == (split == "unseen")
    else:
        other = PROPS[kind](draw_of(*seeds, "unseen" if split == "seen" else "seen"))
        assert same_form(prop, other) == (kind in ONE_SHAPE)
        assert prop.color == other.color


@given(seed=SEEDS, low=st.floats(0.1, 1.0), width=st.floats(0.05, 1.0))
@FEW
def test_proportions_of_the_splits_meet_and_do_not_overlap(seed: int, low: float, width: float) -> None:
    shares = {
        split: variants.proportion(draw_of(seed, 0, 0, split), low, low + width) for split in ("all", "seen", "unseen")
    }
    edge = low + (1.0 - variants.UNSEEN_SHARE) * width
    assert low <= shares["seen"] <= edge + 1e-9
    assert edge - 1e-9 <= shares["unseen"] <= low + width + 1e-9
    assert low <= shares["all"] <= low + width


def test_where_a_split_has_nothing_that_will_do_another_shape_does() -> None:
    names, among = ("a", "b", "c"), ("a", "b")
    drawn = {variants.choose(draw_of(seed, 0, 0, "unseen"), "thing", names, None, among) for seed in range(20)}
    assert drawn == {"a", "b"}
    assert variants.choose(draw_of(0, 0, 0, "seen"), "thing", names, "c", among) == "c"
    with pytest.raises(ConfigurationError, match=r"variant of thing.*Valid: a, b, c"):
        variants.choose(draw_of(0, 0, 0), "thing", names, "d")
