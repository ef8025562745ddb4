"""Policies by kind; a module is imported when its policy is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tracesim.errors import ConfigurationError, unknown_name

if TYPE_CHECKING:
    from tracesim.policy import Policy, Privileged

POLICIES: Final = {
    "expert": "tracesim.policies.expert:Expert",
    "noisy_expert": "tracesim.policies.noisy_expert:NoisyExpert",
    "noop": "tracesim.policies.negative_controls:Noop",
    "straight_line": "tracesim.policies.negative_controls:StraightLine",
    "wrong_order": "tracesim.policies.negative_controls:WrongOrder",
    "out_of_band": "tracesim.policies.negative_controls:OutOfBand",
}


def make_policy(kind: str, options: Mapping[str, Any]) -> Policy | Privileged:
    """Return the policy of that kind; raises `ConfigurationError` for an unknown kind or a wrong option."""
    if kind not in POLICIES:
        raise unknown_name("policy", kind, POLICIES)
    module, attribute = POLICIES[kind].split(":")
    made = getattr(import_module(module), attribute)
    try:
        policy: Policy | Privileged = made(**options)
    except TypeError as error:
        raise ConfigurationError(f"policy {kind}: {error}.") from None
    return policy
