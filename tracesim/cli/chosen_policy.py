"""The policy that a tool's command line chooses, in the words that choose one for a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tracesim.cli.composition import policy_choice
from tracesim.errors import ConfigurationError
from tracesim.policies import make_policy
from tracesim.policy import Policy


def policy_words(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words about a policy, `policy=NAME` and `policy.OPTION=VALUE`, and the others."""
    chosen = [word for word in words if word.partition("=")[0].partition(".")[0] == "policy"]
    return chosen, [word for word in words if word not in chosen]


def chosen_policy(words: Sequence[str], config_dir: Path | None = None) -> Policy:
    """Return the policy that words about one choose, with the configurations below `config_dir` to choose from too.

    Raises `ConfigurationError` for a wrong name or option, and for a policy that needs a simulated scene.
    """
    if not any(word.startswith("policy=") for word in words):
        raise ConfigurationError("policy is missing: give policy=NAME.")
    choice = policy_choice([*words, *([] if config_dir is None else [f"--config-dir={config_dir}"])])
    policy = make_policy(choice.kind, choice.arguments)
    if not isinstance(policy, Policy):
        raise ConfigurationError(f"policy {choice.kind} needs a simulated scene, and a picture has none.")
    return policy
