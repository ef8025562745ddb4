"""Registries and the errors for names and values."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from tracesim.assets.props import PROPS
from tracesim.assets.robots import ROBOTS
from tracesim.envs import TASKS
from tracesim.errors import ConfigurationError, Fault, UnknownNameError
from tracesim.policies import POLICIES
from tracesim.registry import Registry

REGISTRIES: list[Registry[Any]] = [TASKS, POLICIES, PROPS, ROBOTS]
NUMBERS: Registry[float] = Registry("number", {"pi": "math:pi", "tau": "math:tau", "gone": "math:gone"})


def test_lookup_imports_the_entry() -> None:
    assert NUMBERS["pi"] == pytest.approx(3.14159, abs=1e-5)


def test_names_are_known_without_an_import() -> None:
    code = (
        "import sys; from tracesim.assets.props import PROPS; from tracesim.envs import TASKS;"
        "assert 'mug' in PROPS and 'stack' in TASKS and len(PROPS) > 30;"
        "print([name for name in sys.modules if name.startswith(('tracesim.assets.props.', 'tracesim.envs.'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_unknown_name_is_refused_with_the_closest_and_all_valid_ones() -> None:
    with pytest.raises(UnknownNameError) as caught:
        NUMBERS["tauu"]
    assert str(caught.value) == "Unknown number 'tauu'. Did you mean 'tau'? Valid: gone, pi, tau."
    assert isinstance(caught.value, ConfigurationError)
    assert NUMBERS.get("tauu") is None


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.what)
def test_every_registered_name_can_be_looked_up(registry: Registry[Any]) -> None:
    assert dict(registry.items()).keys() == set(registry.table)


@dataclass
class Options:
    count: int
    mode: Literal["fast", True] = "fast"
    names: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "of.count is missing: give of.count=... ."),
        ({"count": "many"}, "of.count=many: input should be a valid integer, unable to parse string as an integer."),
        ({"count": "9" * 99 + "x"}, f"of.count={'9' * 80}...: input should be a valid integer"),
        ({"count": 1, "mode": "slow"}, "of.mode=slow. Valid: 'fast' or true."),
        ({"count": 1, "names": "a"}, "of.names=a: not a list. Valid: of.names=[a], with commas between several."),
        ({"count": 1, "names": ["a", 2]}, "of.names.1=2: input should be a valid string."),
        (3, "of: input should be a dictionary or an instance of Options."),
    ],
)
def test_what_pydantic_refuses_is_a_message_about_the_option(values: object, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Options).validate_python(values)
    assert str(Fault.first(caught.value).as_option("of")).startswith(said)
