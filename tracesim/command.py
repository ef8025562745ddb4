"""The command line of a run: from words to checked configurations, or one line that says what is wrong with them."""

from __future__ import annotations

import dataclasses
import importlib.resources
import itertools
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from tracesim.arguments import HELP_WORDS
from tracesim.configuration import EpisodeConfiguration, PolicyChoice, RunConfiguration, Variation
from tracesim.errors import ConfigurationError, unknown_name
from tracesim.text_files import read_text

if TYPE_CHECKING:
    from hydra._internal.hydra import Hydra
    from omegaconf import DictConfig
    from pydantic import ValidationError

CONFIG_NAME: Final = "run"
CONFIGURATION_FILE: Final = "configuration.yaml"
SWEEP_FILE: Final = "multirun.yaml"
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
        overrides: list[str] = []
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
                overrides.append(_search_path(folder))
            elif name.startswith("-"):
                raise unknown_name("flag", name, _FLAGS)
            elif name == "resume":
                resume = Path(os.path.expanduser(value))
            else:
                overrides.append(_checked_override(word))
        _check_split_alone(overrides)
        multirun = "multirun" in flags or "hydra.mode=MULTIRUN" in overrides
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


def _composed(overrides: Sequence[str]) -> DictConfig:
    """Return what Hydra composes from `overrides`, its own node included; call within `hydra()`.

    Raises:
        ConfigurationError: Hydra refuses.
    """
    from hydra import compose

    with refusals():
        return compose(CONFIG_NAME, list(overrides), return_hydra_config=True)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what Hydra refuses inside into a `ConfigurationError`."""
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    try:
        yield
    except (HydraException, OmegaConfBaseException) as error:
        raise _said_in_one_line(error) from None
    except YAMLError as error:
        raise ConfigurationError(f"not YAML ({' '.join(str(error).split())}).") from None


def checked_composition(overrides: Sequence[str]) -> DictConfig:
    """Return what Hydra composes from `overrides`, once its configuration has passed every check.

    Raises:
        ConfigurationError: it did not.
    """
    composition = _composed(overrides)
    configuration_of(composition, composition.hydra.runtime.choices["policy"])
    return composition


def variation_named(name: str) -> Variation:
    """Return the variation that `variation=NAME` chooses.

    Raises:
        ConfigurationError: there is none of that name.
    """
    task = next(iter(tables()["task"]))
    with hydra():
        composition = _composed([_checked_override(f"variation={name}"), f"task={task}"])
        return configuration_of(composition, composition.hydra.runtime.choices["policy"]).variation


def output_folder(composition: DictConfig, mode: Literal["run", "sweep"]) -> Path:
    """Return where Hydra writes a run or a sweep.

    Raises:
        ConfigurationError: `hydra.run.dir` or `hydra.sweep.dir` refers to something that is not there.
    """
    with refusals():
        return Path(str(composition.hydra[mode].dir))


def configuration_of(composition: DictConfig, policy: str) -> RunConfiguration:
    """Return the checked configuration in what Hydra composed; `policy` is the choice of that group.

    Raises:
        ConfigurationError: a name, type or value is wrong.
    """
    from omegaconf import OmegaConf

    with refusals():
        values = OmegaConf.to_container(OmegaConf.masked_copy(composition, _run_keys(composition)), resolve=True)
    assert isinstance(values, dict)
    values["policy"] = _choice(policy, values["policy"])
    if values["split"] is not None:
        from tracesim.split import Split

        values |= Split.read(Path(os.path.expanduser(str(values["split"])))).as_run
    configuration = parsed(values)
    check(configuration)
    return configuration


def _choice(name: str, node: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the fields of a `PolicyChoice` from a node of the group `policy`."""
    from tracesim.policies import POLICIES, policy_class

    options = dict(node)
    kind = options.pop("kind", name)
    about_server = policy_class(kind).server_options if kind in POLICIES and options else ()
    server = {key: options.pop(key) for key in about_server if key in options}
    return {"name": name, "kind": kind, "options": options, "server": server}


def policy_choice(words: Sequence[str]) -> PolicyChoice:
    """Return the policy that `policy=NAME` and `policy.OPTION=VALUE` choose, for tools that play no tasks.

    `--config-dir DIR` is taken as well. Raises `ConfigurationError` for anything else, and for an unknown name.
    """
    from omegaconf import OmegaConf

    overrides = Command.of(words).overrides
    with hydra():
        composition = _composed(overrides)
        with refusals():
            node = OmegaConf.to_container(composition.policy, resolve=True)
    assert isinstance(node, dict)
    return PolicyChoice(**_choice(composition.hydra.runtime.choices["policy"], node))


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

        make_policy(policy.kind, policy.arguments)
    variation = configuration.variation
    if variation.counterfactual != "none" or variation.clutter_kinds:
        from tracesim.arrangement import check_possible
        from tracesim.envs import task_class

        check_possible(configuration.task, task_class(configuration.task), variation)


def sweep_samples(overrides: Sequence[str]) -> Iterator[list[str]]:
    """Yield the overrides of enough jobs of a sweep that each of its values occurs in one; call within `hydra()`.

    Raises:
        ConfigurationError: an override cannot be parsed.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser

    with refusals():
        parsed_overrides = OverridesParser.create().parse_overrides(list(overrides))
    choices: list[list[str]] = []
    for override in parsed_overrides:
        line = str(override.input_line)
        if override.is_sweep_override() and override.is_discrete_sweep():
            choices.append([f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()])
        elif not override.is_sweep_override():
            choices.append([line])
    first = [values[0] for values in choices]
    yield first
    for place, values in enumerate(choices):
        for value in values[1:]:
            yield [*first[:place], value, *first[place + 1 :]]


def stored(folder: Path) -> RunConfiguration:
    """Return the configuration of the run in `folder`, whatever has become of its policy's server and key.

    Raises:
        ConfigurationError: there is none, or it is not one of this version's.
    """
    from omegaconf import OmegaConf

    values = OmegaConf.to_container(_loaded(folder / CONFIGURATION_FILE))
    assert isinstance(values, dict)
    try:
        configuration = parsed(values)
        check(configuration.anywhere)
    except ConfigurationError as error:
        raise ConfigurationError(f"{folder / CONFIGURATION_FILE}: {error}") from None
    return configuration


def store_configuration(configuration: RunConfiguration, folder: Path) -> None:
    """Write the configuration of the run in `folder`."""
    from omegaconf import OmegaConf

    OmegaConf.save(OmegaConf.create(dataclasses.asdict(configuration)), folder / CONFIGURATION_FILE)


def stored_sweep(folder: Path) -> list[str]:
    """Return the overrides with which the sweep in `folder` was started, but where it was to be written.

    Raises:
        ConfigurationError: there is none.
    """
    from omegaconf import OmegaConf

    overrides = OmegaConf.to_container(_loaded(folder / SWEEP_FILE).hydra.overrides)
    assert isinstance(overrides, dict)
    return [
        one
        for one in itertools.chain(overrides["hydra"], overrides["task"])
        if not one.startswith(("hydra.sweep.dir=", "resume="))
    ]


def resumed(overrides: Sequence[str], configuration: RunConfiguration, folder: Path) -> RunConfiguration:
    """Return the configuration of the run in `folder` as it goes on with what is given together with `resume`.

    Only where the policy's server is, and how patiently it is asked, may change. Raises `ConfigurationError` where
    something else does.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser

    from tracesim.policies import policy_class

    about_server = policy_class(configuration.policy.kind).server_options
    known = dataclasses.asdict(configuration)
    server = known["policy"].pop("server")
    known["policy"] |= known["policy"].pop("options")
    for line in overrides:
        with refusals():
            override = OverridesParser.create().parse_override(line)
            value = override.value()
        key = override.key_or_group
        if key.removeprefix("policy.") in about_server:
            server[key.removeprefix("policy.")] = value
            continue
        found: object = known
        for step in key.split("."):
            found = found.get(step, "nothing") if isinstance(found, dict) else "nothing"
        if isinstance(found, dict):
            found = found.get("name", found.get("level", "nothing"))
        found = list(found) if isinstance(found, tuple) else found
        if type(found) is not type(value) or found != value:
            what = "cannot be given" if key.startswith("hydra") else f"the run has {key}={found}"
            raise ConfigurationError(f"{line} with resume={folder}: {what}. Leave it out, or start another run.")
    going_on = dataclasses.replace(configuration, policy=dataclasses.replace(configuration.policy, server=server))
    check(going_on)
    return going_on


def quoted(value: object) -> str:
    """Return a value as Hydra's grammar quotes it."""
    text = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


def _search_path(folder: Path) -> str:
    if not folder.is_dir() or folder == Path():
        raise ConfigurationError(
            f"--config-dir {folder}: no such folder. Valid: --config-dir DIR, with DIR/policy/*.yaml."
        )
    for path in (*folder.glob("*.yaml"), *folder.glob("*/*.yaml")):
        read_text(path)  # Hydra would not say which file it cannot read
    return f"hydra.searchpath=[{quoted(folder.resolve().as_uri())}]"


def _checked_override(word: str) -> str:
    """Return the override, with options of a policy marked as addable: `check` compares them with what it takes."""
    key, equals, value = word.partition("=")
    bare = key.lstrip("+~")
    root = bare.split(".")[0].split("/")[0].split("@")[0]
    if root == "hydra":
        return word
    if not equals or key.startswith("~"):
        raise ConfigurationError(
            f"{word!r} is not an option. Valid: key=value, such as task=water_flowers; see --help."
        )
    if bare.startswith("policy.") and len(bare) > len("policy."):
        return f"++{bare}={value}"
    if bare == "variation.level":
        raise ConfigurationError(f"{word}: a level's name alone varies nothing; give variation={value}.")
    if bare not in option_names():
        raise unknown_name("option", bare, option_names())
    if bare in ("policy", "variation") and value in ("", "null"):
        raise ConfigurationError(f"{word}: choose one of those that --help lists.")
    if bare in ("task", "robot") and _PLAIN.fullmatch(value):
        for name in value.split(","):
            if name not in tables()[bare]:
                raise unknown_name(bare, name, tables()[bare])
    return word


def _check_split_alone(overrides: Sequence[str]) -> None:
    """Raise `ConfigurationError` where something is given that a split says, too."""
    given = {line: line.partition("=")[0].lstrip("+").partition(".")[0] for line in overrides}
    split = next((line for line, key in given.items() if key == "split" and not line.endswith("=null")), None)
    for line, key in given.items():
        if split is not None and key in ("task", "seed", "episodes", "variation", "robot"):
            raise ConfigurationError(f"{line} with {split}: the split says it, and every seed is played. Leave it out.")


def _run_keys(composition: DictConfig) -> list[str]:
    return [str(key) for key in composition if key not in ("hydra", "resume")]


def _loaded(path: Path) -> DictConfig:
    from omegaconf import DictConfig, OmegaConf

    try:
        values = OmegaConf.load(path)
    except OSError:
        raise ConfigurationError(f"{path}: no such file; resume=DIR wants the folder of a run or a sweep.") from None
    except Exception as error:  # PyYAML's and OmegaConf's own have no common ancestor
        raise ConfigurationError(f"{path}: not YAML ({' '.join(str(error).split())}).") from None
    if not isinstance(values, DictConfig):
        raise ConfigurationError(f"{path}: not a configuration.")
    return values


def _said_in_one_line(error: Exception) -> ConfigurationError:
    from hydra.errors import MissingConfigException

    if isinstance(error, MissingConfigException) and error.options and error.missing_cfg_file:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        return unknown_name(group, name, error.options)
    text = str(error)
    ambiguous = re.match(r"Ambiguous value for argument '(.*)'", text)
    if ambiguous:
        return ConfigurationError(f"{ambiguous[1]}: several values need --multirun.")
    if error.__cause__ is not None:
        text = f"{text.splitlines()[0]} {str(error.__cause__).splitlines()[0]}."
    else:
        # Further lines of OmegaConf repeat the key in its own terms.
        text = re.sub(r"\n\s+(full_key|reference_type|object_type)[:=].*", "", text)
    return ConfigurationError(" ".join(re.sub(r"See https?://\S+ for details", "", text).split()))


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
