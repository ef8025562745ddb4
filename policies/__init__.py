"""Policies by kind; a module is imported when its policy is asked for."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tracesim.errors import ConfigurationError, unknown_name

if TYPE_CHECKING:
    from tracesim.policy import Policy, Privileged

_SHOWN: Final = 80

POLICIES: Final = {
    "expert": "tracesim.policies.expert:Expert",
    "noisy_expert": "tracesim.policies.noisy_expert:NoisyExpert",
    "noop": "tracesim.policies.negative_controls:Noop",
    "straight_line": "tracesim.policies.negative_controls:StraightLine",
    "wrong_order": "tracesim.policies.negative_controls:WrongOrder",
    "out_of_band": "tracesim.policies.negative_controls:OutOfBand",
    "robotracer": "tracesim.policies.robotracer:RoboTracer",
    "roborefer": "tracesim.policies.roborefer:RoboRefer",
    "query": "tracesim.policies.query:Query",
    "vlm": "tracesim.policies.vlm:Vlm",
    "transformers": "tracesim.policies.transformers:Transformers",
    "replay": "tracesim.policies.replay:Replay",
}


def policy_class(kind: str) -> type[Policy] | type[Privileged]:
    """Return the class of a policy.

    Raises:
        ConfigurationError: The kind is unknown.
    """
    if kind not in POLICIES:
        raise unknown_name("policy", kind, POLICIES)
    module, attribute = POLICIES[kind].split(":")
    found: type[Policy] | type[Privileged] = getattr(import_module(module), attribute)
    return found


def make_policy(kind: str, options: Mapping[str, Any]) -> Policy | Privileged:
    """Return a policy with options.

    Args:
        kind: Key of `POLICIES`.
        options: Options by name.

    Raises:
        ConfigurationError: The kind or an option is unknown, or the value of an option is invalid.
    """
    made = policy_class(kind)
    taken = inspect.signature(made).parameters
    for option in options:
        if option not in taken:
            raise unknown_name(f"option of policy {kind}", option, taken)
    try:
        policy: Policy | Privileged = _checked(made, options) if dataclasses.is_dataclass(made) else made(**options)
    except TypeError as error:
        raise ConfigurationError(f"policy {kind}: {error}.") from None
    return policy


def _checked(made: Any, options: Mapping[str, Any]) -> Any:
    """Return a dataclass made of options that have its fields' types."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(made).validate_python(dict(options))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(("policy", *(str(step) for step in first["loc"])))
        if first["type"] == "missing":
            raise ConfigurationError(f"{key} is missing: give {key}=... .") from None
        value = str(first["input"]) if first["loc"] else ""
        given = f"{key}={value[:_SHOWN]}{'...' if len(value) > _SHOWN else ''}" if first["loc"] else key
        raise ConfigurationError(f"{given}: {first['msg'][:1].lower()}{first['msg'][1:]}.") from None
