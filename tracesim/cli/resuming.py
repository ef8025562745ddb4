"""Resuming: what a run that goes on keeps of its configuration, and what may be another."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tracesim.cli.command_line import check
from tracesim.cli.given_path import digest
from tracesim.cli.refusals import refusals
from tracesim.configuration import RunConfiguration
from tracesim.errors import ConfigurationError


def resumed(overrides: Sequence[str], configuration: RunConfiguration, folder: Path) -> RunConfiguration:
    """Return the configuration of the run in `folder` as it goes on with what is given together with `resume`.

    Where the policy's server is and how patiently it is asked may change, and so may the place of a file, as long as it
    holds what it held.

    Raises:
        ConfigurationError: something else is given, or a file has changed.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser

    from tracesim.policies import POLICIES, policy_class

    policy = configuration.policy
    about_server = policy_class(policy.kind).server_options if policy.kind in POLICIES else frozenset()
    server, options, split = dict(policy.server), dict(policy.options), configuration.split
    known = dataclasses.asdict(configuration)
    for part in ("server", "files", "options"):
        del known["policy"][part]
    known["policy"] |= options
    for line in overrides:
        with refusals():
            override = OverridesParser.create().parse_override(line)
            value = override.value()
        key = override.key_or_group
        option = key.removeprefix("policy.") if key.startswith("policy.") else ""
        if option in about_server:
            server[option] = value
        elif option in policy.files:
            options[option] = _elsewhere(str(value))
        elif key == "split" and configuration.split_hash is not None:
            split = _elsewhere(str(value))
        else:
            _check_same(line, key, value, known, folder)
    going_on = dataclasses.replace(
        configuration, split=split, policy=dataclasses.replace(policy, options=options, server=server)
    )
    check_unchanged(going_on.files, folder)
    try:
        check(going_on)
    except ConfigurationError as error:
        raise ConfigurationError(f"resume={folder}: {error}") from None
    return going_on


def check_unchanged(files: Mapping[str, str], folder: Path) -> None:
    """Check that files, by path, still hold what they held when the run or sweep in `folder` was started.

    Raises:
        ConfigurationError: one cannot be read, or has another SHA-256.
    """
    for path, held in files.items():
        if not os.path.exists(path):
            raise ConfigurationError(
                f"{path}: no such file or folder, and the run in {folder} needs it. Valid: the same at its place, or "
                "elsewhere by giving its option again."
            )
        if digest(Path(path)) != held:
            raise ConfigurationError(
                f"{path} has changed since the run in {folder} was started. Valid: the file as it was, or another run."
            )


def _elsewhere(path: str) -> str:
    return os.path.abspath(path)


def _check_same(line: str, key: str, value: object, known: Mapping[str, object], folder: Path) -> None:
    """Raise `ConfigurationError` where an override says something else than the run's configuration."""
    found: object = known
    for step in key.split("."):
        found = found.get(step, "nothing") if isinstance(found, dict) else "nothing"
    if isinstance(found, dict):
        found = found.get("name", found.get("level", "nothing"))
    found = list(found) if isinstance(found, tuple) else found
    if type(found) is not type(value) or found != value:
        what = "cannot be given" if key.startswith("hydra") else f"the run has {key}={found}"
        raise ConfigurationError(f"{line} with resume={folder}: {what}. Leave it out, or start another run.")
