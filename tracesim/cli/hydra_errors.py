"""Hydra's errors as messages of one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from tracesim.errors import ConfigurationError, unknown_name


@contextmanager
def hydra_errors() -> Iterator[None]:
    """Raise the errors of Hydra, OmegaConf and PyYAML inside the context as `ConfigurationError`."""
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    try:
        yield
    except (HydraException, OmegaConfBaseException) as error:
        raise _configuration_error(error) from None
    except YAMLError as error:
        raise ConfigurationError(f"not YAML ({' '.join(str(error).split())}).") from None


def _configuration_error(error: Exception) -> ConfigurationError:
    from hydra.errors import MissingConfigException

    if isinstance(error, MissingConfigException) and error.options and error.missing_cfg_file:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        return unknown_name(group, name, error.options)
    text = str(error)
    ambiguous = re.match(r"Ambiguous value for argument '(.*)'", text)
    if ambiguous:
        return ConfigurationError(f"{ambiguous[1].lstrip('+')}: several values need --multirun.")
    if error.__cause__ is not None:
        text = f"{text.splitlines()[0]} {str(error.__cause__).splitlines()[0]}."
    else:
        # Further lines of OmegaConf repeat the key in its own terms.
        text = re.sub(r"\n\s+(full_key|reference_type|object_type)[:=].*", "", text)
    return ConfigurationError(" ".join(re.sub(r"See https?://\S+ for details", "", text).split()))
