"""Policies by kind; the module of a policy is imported when it is looked up."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracesim.configuration import ControllerOptions, EpisodeConfiguration
from tracesim.errors import ConfigurationError, Fault, unknown_name
from tracesim.registry import Registry

if TYPE_CHECKING:
    from tracesim.policy import Policy, Privileged

Configuration = TypeVar("Configuration", bound=EpisodeConfiguration)

_TABLE: Final = {
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
    "oracle": "tracesim.policies.oracle:Oracle",
}

POLICIES: Final[Registry[type[Policy] | type[Privileged]]] = Registry("policy", _TABLE)


def policy_class(kind: str) -> type[Policy] | type[Privileged]:
    """Return the class of a policy; raises `UnknownNameError`."""
    return POLICIES[kind]


def as_played(configuration: Configuration) -> Configuration:
    """Return a configuration with what its policy itself sets.

    A policy that answers with two points leaves the path between them to the controller (`controller.repair`).

    Raises:
        UnknownNameError: There is no such policy.
    """
    if not POLICIES[configuration.policy.kind].point_pair:
        return configuration
    return dataclasses.replace(configuration, controller=ControllerOptions(repair=True))


def make_policy(kind: str, options: Mapping[str, Any]) -> Policy | Privileged:
    """Return a policy with options.

    Args:
        kind: Key of `POLICIES`.
        options: Options by name.

    Raises:
        ConfigurationError: The kind or an option is unknown, or the value of an option is invalid.
    """
    made = POLICIES[kind]
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
        raise Fault.first(error).as_option("policy") from None
