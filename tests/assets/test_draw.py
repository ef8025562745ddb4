"""Each axis of variation of a prop varies alone."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tracesim.assets.props import PROPS
from tracesim.draw import Draw
from tracesim.prop import Prop
from tracesim.rigid import FloatArray

FEW = settings(max_examples=40, deadline=None, derandomize=True)
KINDS = st.sampled_from(sorted(PROPS))
SEEDS = st.integers(0, 2**32 - 1)
SHAPELESS = {"block"}


def draw_of(shapes: int, sizes: int, colors: int) -> Draw:
    places, *others = (np.random.default_rng([axis, seed]) for axis, seed in enumerate((0, shapes, sizes, colors)))
    return Draw(places, *others)


def states(*generators: np.random.Generator) -> list[object]:
    """Return how far generators have been used."""
    return [generator.bit_generator.state for generator in generators]


def form(prop: Prop) -> Sequence[FloatArray]:
    """Return all that hands and physics know of a prop's form."""
    return [*prop.hulls, *prop.points.values(), *(grasp.tcp_in_prop for grasp in prop.grasps)]


def same_form(first: Prop, second: Prop) -> bool:
    pairs = list(zip(form(first), form(second), strict=False))
    return len(form(first)) == len(form(second)) and all(np.array_equal(a, b) for a, b in pairs)


def variant_of(kind: str, prop: Prop, seeds: tuple[int, int, int]) -> str | None:
    """Return the variant that was drawn: the one that makes the same prop when it is asked for."""
    parameter = "variety" if kind == "flower_pot" else "variant"
    if parameter not in inspect.signature(PROPS[kind]).parameters:
        return None
    module = inspect.getmodule(PROPS[kind])
    for name in getattr(module, "BLOOMS" if kind == "flower_pot" else "VARIANTS"):
        asked = PROPS[kind](draw_of(*seeds), **{parameter: name})
        if same_form(asked, prop):
            return str(name)
    raise AssertionError(f"{kind} is of no variant")


@given(kind=KINDS, shapes=SEEDS, sizes=SEEDS, colors=st.tuples(SEEDS, SEEDS))
@FEW
def test_other_colours_leave_the_form_as_it_was(kind: str, shapes: int, sizes: int, colors: tuple[int, int]) -> None:
    draws = [draw_of(shapes, sizes, seed) for seed in colors]
    first, second = (PROPS[kind](draw) for draw in draws)
    assert same_form(first, second)
    assert first.mass_kg == second.mass_kg
    # What is drawn next is the same, too.
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


def test_every_axis_varies_something() -> None:
    for kind, factory in PROPS.items():
        plain = factory(draw_of(0, 0, 0))
        others = [factory(draw_of(*seeds)) for seed in range(1, 4) for seeds in ((seed, 0, 0), (0, seed, 0))]
        assert not all(same_form(plain, other) for other in others[1::2]), kind
        if kind not in SHAPELESS:
            assert not all(same_form(plain, other) for other in others[::2]), kind
