"""The command line of a run: from words to checked configurations, or one line that says what is wrong with them."""

from __future__ import annotations

import dataclasses
import importlib.resources
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracesim.cli.arguments import HELP_WORDS
from tracesim.cli.given_path import as_override, digest, literal, quoted
from tracesim.cli.refusals import refusals
from tracesim.configuration import EpisodeConfiguration, PolicyChoice, RunConfiguration, Variation
from tracesim.errors import ConfigurationError, unknown_name
from tracesim.files.text_files import read_text

if TYPE_CHECKING:
    from hydra._internal.hydra import Hydra
    from omegaconf import DictConfig
    from pydantic import ValidationError

CONFIG_NAME: Final = "run"
_FOLDERS: Final = ("hydra.run.dir", "hydra.sweep.dir", "hydra.sweep.subdir")
_FLAGS: Final = ("--help", "--multirun", "--config-dir")
_PLAIN: Final = re.compile(r"[\w.-]+(,[\w.-]+)*")


@dataclass(frozen=True)
class Command:
    """What was typed: flags, the folder to resume, and overrides in Hydra's grammar."""

    overrides: tuple[str, ...]
    help: bool = False
    multirun: bool = False
    resume: Path | None = None

    @classmethod
    def of(cls, words: Sequence[str]) -> Command:
        """Return the command that `words` spell, its keys and plain names checked without loading Hydra.

        Raises:
            ConfigurationError: a flag, key or name is unknown.
        """
        typed: list[str] = []
        found: list[str] = []
        flags: set[str] = set()
        resume: Path | None = None
        rest = iter(words)
        for word in rest:
            name, equals, value = word.partition("=")
            if name in HELP_WORDS and not equals:
                flags.add("help")
            elif name in ("-m", "--multirun"):
                flags.add("multirun")
            elif name == "--config-dir":
                folder = Path(os.path.expanduser(value if equals else next(rest, "")))
                found.append(_search_path(folder))
            elif name.startswith("-"):
                raise unknown_name("flag", name, _FLAGS)
            elif name == "resume":
                resume = Path(literal(word))
            else:
                typed.append(word)
        multirun = "multirun" in flags or "hydra.mode=MULTIRUN" in typed
        overrides = [*found, *(_checked_override(word, multirun) for word in typed)]
        _check_split_alone(typed)
        return cls(tuple(overrides), "help" in flags, multirun, resume)


def option_names() -> list[str]:
    """Return every key that a command line may set, but those of Hydra and of policies."""
    names = ["policy", "resume"]
    for one in dataclasses.fields(RunConfiguration):
        if one.name != "policy":
            names.append(one.name)
            inner = one.default if dataclasses.is_dataclass(one.default) else None
            names += [f"{one.name}.{nested.name}" for nested in dataclasses.fields(inner)] if inner is not None else []
    names.remove("variation.level")  # what `variation=` chose
    names.remove("split_hash")  # what the file of `split=` held
    return names


def tables() -> Mapping[str, Mapping[str, str]]:
    """Return the registries, each from name to "module:attribute"; imports none of what they name."""
    from tracesim.assets.embodiments import EMBODIMENTS
    from tracesim.envs import TASKS
    from tracesim.policies import POLICIES

    return {"task": TASKS, "policy": POLICIES, "robot": EMBODIMENTS}


def configured_policies() -> list[str]:
    """Return the names of the policies that TraceSim has a configuration for, in `conf/policy`."""
    folder = importlib.resources.files("tracesim.conf") / "policy"
    return sorted(Path(file.name).stem for file in folder.iterdir() if file.name.endswith(".yaml"))


def policy_names() -> list[str]:
    """Return every name that `policy=` takes without a `--config-dir`: those registered, then those configured."""
    registered = tables()["policy"]
    return [*registered, *(name for name in configured_policies() if name not in registered)]


@contextmanager
def hydra() -> Iterator[Hydra]:
    """Yield Hydra, set up to compose `tracesim.conf`; every registered policy is a choice of the group `policy`.

    Hydra is global: an application that runs under Hydra itself gets its own back afterwards.
    """
    from hydra import initialize_config_module
    from hydra.core.config_store import ConfigStore
    from hydra.core.global_hydra import GlobalHydra

    for kind in tables()["policy"]:
        if kind not in configured_policies():
            ConfigStore.instance().store(group="policy", name=kind, node={"kind": kind})
    callers = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with initialize_config_module("tracesim.conf", job_name="run", version_base="1.3"):
            found = GlobalHydra.instance().hydra
            assert found is not None
            yield found
    finally:
        GlobalHydra.instance().clear()
        if callers is not None:
            GlobalHydra.instance().initialize(callers)


def composed(overrides: Sequence[str]) -> DictConfig:
    """Return what Hydra composes from `overrides`, its own node included; call within `hydra()`.

    Raises:
        ConfigurationError: Hydra refuses.
    """
    from hydra import compose

    with refusals():
        return compose(CONFIG_NAME, list(overrides), return_hydra_config=True)


def checked_composition(overrides: Sequence[str]) -> DictConfig:
    """Return what Hydra composes from `overrides`, once its configuration has passed every check.

    Raises:
        ConfigurationError: it did not.
    """
    composition = composed(overrides)
    configuration_of(composition, composition.hydra.runtime.choices["policy"])
    return composition


def variation_named(name: str) -> Variation:
    """Return the variation that `variation=NAME` chooses.

    Raises:
        ConfigurationError: there is none of that name.
    """
    task = next(iter(tables()["task"]))
    with hydra():
        composition = composed([_checked_override(f"variation={name}"), f"task={task}"])
        return configuration_of(composition, composition.hydra.runtime.choices["policy"]).variation


def configuration_of(composition: DictConfig, policy: str, home: Path | None = None) -> RunConfiguration:
    """Return the checked configuration in what Hydra composed; `policy` is the choice of that group.

    home: the folder that relative paths in it start from, by default the current one; it holds absolute ones.

    Raises:
        ConfigurationError: a name, type or value is wrong.
    """
    from omegaconf import OmegaConf

    with refusals():
        values = OmegaConf.to_container(OmegaConf.masked_copy(composition, _run_keys(composition)), resolve=True)
    assert isinstance(values, dict)
    home = Path.cwd() if home is None else home
    values["policy"] = _choice(policy, values["policy"], home)
    if values["split"] is not None:
        from tracesim.results.split import Split

        split = Path(os.path.abspath(home / os.path.expanduser(str(values["split"]))))
        values |= {**Split.read(split).as_run, "split_hash": digest(split)}
    configuration = parsed(values)
    check(configuration)
    return configuration


def _choice(name: str, node: object, home: Path) -> dict[str, Any]:
    """Return the fields of a `PolicyChoice` from a node of the group `policy`; relative paths start from `home`.

    Raises:
        ConfigurationError: the node is no mapping, or a file that it names cannot be read.
    """
    from tracesim.policies import POLICIES, policy_class

    if not isinstance(node, Mapping):
        raise ConfigurationError(
            f"policy={name}: its file holds no options. Valid: lines such as kind: vlm, url: ... ."
        )
    options = {str(key): value for key, value in node.items()}
    kind = options.pop("kind", name)
    if not isinstance(kind, str) or (kind == name and name not in POLICIES):
        said = f"kind: {kind} in its file" if kind != name else "its file says no kind"
        raise ConfigurationError(f"policy={name}: {said}. Valid: kind: NAME, one of {', '.join(POLICIES)}.")
    chosen = policy_class(kind) if kind in POLICIES and options else None
    files: dict[str, str] = {}
    for key in options if chosen is not None else ():
        assert chosen is not None
        if key in chosen.file_options and isinstance(options[key], str) and options[key]:
            path = Path(os.path.abspath(home / os.path.expanduser(options[key])))
            if os.path.exists(path):  # else it is a name, or the policy will say what is wrong
                options[key] = str(path)
                if key not in chosen.server_options:
                    files[key] = digest(path)
    about_server = () if chosen is None else chosen.server_options
    server = {key: options.pop(key) for key in about_server if key in options}
    return {"name": name, "kind": kind, "options": options, "server": server, "files": files}


def policy_choice(words: Sequence[str]) -> PolicyChoice:
    """Return the policy that `policy=NAME` and `policy.OPTION=VALUE` choose, for tools that play no tasks.

    `--config-dir DIR` is taken as well. Raises `ConfigurationError` for anything else, and for an unknown name.
    """
    from omegaconf import OmegaConf

    overrides = Command.of(words).overrides
    with hydra():
        composition = composed(overrides)
        with refusals():
            node = OmegaConf.to_container(composition.policy, resolve=True)
    return PolicyChoice(**_choice(composition.hydra.runtime.choices["policy"], node, Path.cwd()))


def parsed(values: Mapping[Any, Any]) -> RunConfiguration:
    """Return plain values as a typed configuration.

    Raises:
        ConfigurationError: a key is unknown or missing, or a value has the wrong type or range.
    """
    from pydantic import TypeAdapter, ValidationError

    if values.get("task") in (None, "", "???"):
        raise ConfigurationError(f"task is missing: give task=NAME. Valid: {', '.join(sorted(tables()['task']))}.")
    try:
        return TypeAdapter(RunConfiguration).validate_json(json.dumps(values))
    except ValidationError as error:
        raise _first_fault(error) from None


def check(configuration: EpisodeConfiguration) -> None:
    """Check names against the registries, a policy's options against what it takes, and what may vary with the task.

    Raises:
        ConfigurationError: names the valid ones.
    """
    registries = tables()
    policy = configuration.policy
    for what, name in (("task", configuration.task), ("policy", policy.kind), ("robot", configuration.robot)):
        if name not in registries[what]:
            raise unknown_name(what, name, registries[what])
    if policy.options or policy.server:
        from tracesim.policies import make_policy

        seeds = configuration.seeds if isinstance(configuration, RunConfiguration) else ()
        make_policy(policy.kind, policy.arguments).prepare(configuration, seeds)
    variation = configuration.variation
    if variation.counterfactual != "none" or variation.clutter_kinds:
        from tracesim.arrangement.arrangement import check_possible
        from tracesim.envs import task_class

        check_possible(configuration.task, task_class(configuration.task), variation)


def _search_path(folder: Path) -> str:
    if not os.path.isdir(folder) or folder == Path():
        raise ConfigurationError(
            f"--config-dir {folder}: no such folder. Valid: --config-dir DIR, with DIR/policy/*.yaml."
        )
    for path in (*folder.glob("*.yaml"), *folder.glob("*/*.yaml")):
        read_text(path)  # Hydra would not say which file it cannot read
    return f"hydra.searchpath=[{quoted(f'file://{folder.resolve()}')}]"  # Hydra takes %20 literally


def _checked_override(word: str, multirun: bool = False) -> str:
    """Return the override, with options of a policy marked as addable: `check` compares them with what it takes.

    Paths are quoted, so that Hydra's grammar takes every name that a file may have.
    """
    key, equals, value = word.partition("=")
    bare = key.lstrip("+~")
    root = bare.split(".")[0].split("/")[0].split("@")[0]
    if root == "hydra":
        return as_override(word) if equals and bare in _FOLDERS else word
    if not equals or key.startswith("~"):
        raise ConfigurationError(
            f"{word!r} is not an option. Valid: key=value, such as task=water_flowers; see --help."
        )
    if bare.startswith("policy.") and len(bare) > len("policy."):
        addable = f"++{bare}={value}"
        names_file = value != "null" and bare.removeprefix("policy.") in _file_options()
        return as_override(addable, several=multirun) if names_file else addable
    if bare == "variation.level":
        raise ConfigurationError(f"{word}: a level's name alone varies nothing; give variation={value}.")
    if bare not in option_names():
        raise unknown_name("option", bare, option_names())
    if bare in ("policy", "variation") and value in ("", "null"):
        raise ConfigurationError(f"{word}: choose one of those that --help lists.")
    if bare == "split" and value != "null":
        return as_override(word, several=multirun)
    if bare in ("task", "robot") and _PLAIN.fullmatch(value):
        for name in value.split(","):
            if name not in tables()[bare]:
                raise unknown_name(bare, name, tables()[bare])
    return word


@cache
def _file_options() -> frozenset[str]:
    """Return the options of any policy that are the path of a file."""
    from tracesim.policies import POLICIES, policy_class

    return frozenset().union(*(policy_class(kind).file_options for kind in POLICIES))


def _check_split_alone(overrides: Sequence[str]) -> None:
    """Raise `ConfigurationError` where something is given that a split says, too."""
    given = {line: line.partition("=")[0].lstrip("+").partition(".")[0] for line in overrides}
    split = next((line for line, key in given.items() if key == "split" and not line.endswith("=null")), None)
    for line, key in given.items():
        if split is not None and key in ("task", "seed", "episodes", "variation", "robot"):
            raise ConfigurationError(f"{line} with {split}: the split says it, and every seed is played. Leave it out.")


def _run_keys(composition: DictConfig) -> list[str]:
    return [str(key) for key in composition if key not in ("hydra", "resume")]


def _first_fault(error: ValidationError) -> ConfigurationError:
    first = error.errors()[0]
    key = ".".join(str(one) for one in first["loc"])
    if first["type"] == "unexpected_keyword_argument":
        return unknown_name("option", key, option_names())
    if first["type"] == "literal_error":
        # As typed on the command line: false, not False.
        return ConfigurationError(f"{key}={first['input']}. Valid: {first['ctx']['expected'].lower()}.")
    if first["type"] == "tuple_type":
        return ConfigurationError(f"{key}={first['input']}: not a list, such as {key}=[mug,bottle].")
    return ConfigurationError(f"{key}={first['input']}: {first['msg'][:1].lower()}{first['msg'][1:]}.")
