"""Optional dependencies, imported where they are used; a missing one names the extra that brings it."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from tracesim.errors import ConfigurationError

Extra = Literal["vlm", "serve", "open3d"]
"""The names in `[project.optional-dependencies]` of pyproject.toml, less those for development: `dev` and `docs`."""


def optional(module: str, extra: Extra, purpose: str) -> Any:
    """Import and return a module that an extra brings; its own types say next to nothing.

    purpose: what needs the module, the beginning of a sentence. Raises `ConfigurationError` if it cannot be imported.
    """
    with importing(extra, purpose):
        found = importlib.import_module(module)
    if found.__file__ is None:  # a folder of that name, in the current folder for example
        raise ConfigurationError(f"{purpose} needs {module}: {remedy(extra)}.")
    return found


def check_installed(module: str, extra: Extra, purpose: str) -> None:
    """Raise `ConfigurationError` where a module is not installed; it is looked up and not imported, which is fast."""
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:  # a folder of that name has no origin
        raise ConfigurationError(f"{purpose} needs {module}: {remedy(extra)}.")


@contextmanager
def importing(extra: Extra, purpose: str) -> Iterator[None]:
    """Turn an import that fails inside into a `ConfigurationError` that names the extra and how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{purpose} needs {error.name}: {remedy(extra)}.") from None
    except (ImportError, OSError) as error:  # installed and broken; a shared library that is missing is an OSError
        said = " ".join(str(error).split())
        raise ConfigurationError(
            f"{purpose} needs a package that cannot be loaded ({said}): {remedy(extra)}."
        ) from None


def remedy(extra: Extra) -> str:
    """Return the command that installs an extra."""
    return f"pip install 'tracesim[{extra}]'"
