"""Resuming a run: its stored configuration, with the options that may change."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracesim.cli.composition import check
from tracesim.cli.given_path import digest
from tracesim.cli.hydra_errors import hydra_errors
from tracesim.configuration import RunConfiguration
from tracesim.errors import ConfigurationError
from tracesim.policies import POLICIES

if TYPE_CHECKING:
    from tracesim.results.provenance import Provenance
    from tracesim.results.record import Record


def resumed_configuration(overrides: Sequence[str], configuration: RunConfiguration, folder: Path) -> RunConfiguration:
    """Return the configuration with which a run is resumed.

    Options of the policy's server and the number of processes may change, and a file may have moved as long as its
    content is the same.

    Args:
        overrides: What is given together with `resume=DIR`.
        configuration: The stored configuration.
        folder: The folder of the run.

    Raises:
        ConfigurationError: Another option differs from the stored one, or a file has changed.
    """
    policy = configuration.policy
    about_server = POLICIES[policy.kind].server_options if policy.kind in POLICIES else frozenset()
    server, options = dict(policy.server), dict(policy.options)
    split, props, workers = configuration.split, configuration.props, configuration.workers
    for override, key, value in _parse(overrides):
        option = key.removeprefix("policy.") if key.startswith("policy.") else ""
        if option in about_server:
            server[option] = value
        elif option in policy.files:
            options[option] = os.path.abspath(str(value))
        elif key == "split" and configuration.split_hash is not None:
            split = os.path.abspath(str(value))
        elif key == "props" and configuration.props_hash is not None:
            props = os.path.abspath(str(value))
        elif key == "workers" and type(value) is int:
            workers = value
        else:
            _check_same(override, key, value, configuration, folder)
    policy = dataclasses.replace(policy, options=options, server=server)
    changed = dataclasses.replace(configuration, split=split, props=props, workers=workers, policy=policy)
    check_unchanged(changed.files, folder)
    try:
        check(changed)
    except ConfigurationError as error:
        raise ConfigurationError(f"resume={folder}: {error}") from None
    return changed


def check_unchanged(files: Mapping[str, str], folder: Path) -> None:
    """Check that the content of files is what it was when a run or sweep was started.

    Args:
        files: SHA-256 by path.
        folder: The folder of the run or sweep.

    Raises:
        ConfigurationError: A file cannot be read, or its content has changed.
    """
    for path, stored in files.items():
        if not os.path.exists(path):
            raise ConfigurationError(
                f"{path}: no such file or folder, and the run in {folder} needs it. Valid: the same file in its place, "
                "or its new path given with its option."
            )
        if digest(Path(path)) != stored:
            raise ConfigurationError(
                f"{path} has changed since the run in {folder} was started. Valid: the file as it was, or another run."
            )


def check_same_code(records: Iterable[Record], before: Provenance | None, provenance: Provenance, folder: Path) -> None:
    """Check that a run is resumed by the code and with the packages that it was played with so far.

    Args:
        records: The records of the run.
        before: Its provenance up to now, if it is known.
        provenance: Its provenance from now on.
        folder: The folder of the run.

    Raises:
        ConfigurationError: Something differs that may change verdicts.
    """
    from tracesim.results.versions import VERDICT_PACKAGES, installed_versions

    played = {(package, record.versions.get(package)) for record in records for package in VERDICT_PACKAGES}
    for package, was in sorted((package, was) for package, was in played if was is not None):
        if was != (found := installed_versions()[package]):
            raise ConfigurationError(
                f"{folder} was played with {package} {was}, and {found} is installed: verdicts may differ. "
                f"Valid: pip install '{package}=={was}', or another run."
            )
    last, now = before.sessions[-1].code if before is not None else None, provenance.sessions[-1].code
    if played and last is not None and last.digest != now.digest:
        commit = f" (commit {last.commit[:12]}{', with changes' * bool(last.dirty)})" if last.commit else ""
        raise ConfigurationError(
            f"{folder} was played by other code of TraceSim{commit}: verdicts may differ. "
            "Valid: that code, or another run."
        )


def _parse(overrides: Sequence[str]) -> list[tuple[str, str, object]]:
    """Return overrides, each with its key and its value."""
    from hydra.core.override_parser.overrides_parser import OverridesParser

    with hydra_errors():
        parsed = OverridesParser.create().parse_overrides(list(overrides))
        return [(str(one.input_line), one.key_or_group, one.value()) for one in parsed]


def _check_same(override: str, key: str, value: object, configuration: RunConfiguration, folder: Path) -> None:
    """Raise `ConfigurationError` if an override differs from the configuration of a run."""
    stored = _stored(key, configuration)
    if type(stored) is not type(value) or stored != value:
        what = "cannot be given" if key.startswith("hydra") else f"the run has {key}={stored}"
        raise ConfigurationError(f"{override} with resume={folder}: {what}. Leave it out, or start another run.")


def _stored(key: str, configuration: RunConfiguration) -> object:
    """Return the value of an option in a configuration, "nothing" if it has no such option."""
    policy = configuration.policy
    own = {"name": policy.name, "kind": policy.kind, **policy.options}
    stored: Any = dataclasses.asdict(configuration) | {"policy": own}
    for step in key.split("."):
        stored = stored.get(step, "nothing") if isinstance(stored, dict) else "nothing"
    if isinstance(stored, dict):
        stored = stored.get("name", stored.get("level", "nothing"))
    return list(stored) if isinstance(stored, tuple) else stored
