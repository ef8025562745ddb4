"""The policy chosen on the command line of a tool, with the same options as for a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tracesim.arguments import root_key
from tracesim.cli.composition import policy_choice
from tracesim.errors import ConfigurationError
from tracesim.policies import make_policy
from tracesim.policy import Policy


def policy_words(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words for the policy, `policy=NAME` and `policy.OPTION=VALUE`, and all others."""
    chosen = [word for word in words if root_key(word) == "policy"]
    return chosen, [word for word in words if word not in chosen]


def chosen_policy(words: Sequence[str], config_dir: Path | None = None) -> Policy:
    """Return the policy that words choose.

    Args:
        words: `policy=NAME` and `policy.OPTION=VALUE`.
        config_dir: A folder of further configurations.

    Raises:
        ConfigurationError: No policy is chosen, a name or option is invalid, or the policy needs a simulated scene.
    """
    if not any(word.startswith("policy=") for word in words):
        raise ConfigurationError("policy is missing: give policy=NAME.")
    choice = policy_choice([*words, *([] if config_dir is None else [f"--config-dir={config_dir}"])])
    policy = make_policy(choice.kind, choice.arguments)
    if not isinstance(policy, Policy):
        raise ConfigurationError(f"policy {choice.kind} needs a simulated scene, and a picture has none.")
    return policy
