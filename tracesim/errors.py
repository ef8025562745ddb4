"""What TraceSim raises when a user, a machine or a scene is at fault."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from gymnasium.error import ClosedEnvironmentError, ResetNeeded


class TraceSimError(Exception):
    """Anything TraceSim raises on purpose; its text is written for the user."""


class ConfigurationError(TraceSimError):
    """A name, value or file given by the user is wrong."""


class DoesNotApplyError(ConfigurationError):
    """A policy has nothing to do in this scene, though it may have in another of the same task."""


class PlacementError(TraceSimError):
    """The objects of a scene do not fit on the table under the rules asked for."""


class RendererError(TraceSimError):
    """Pixels were asked for and no Vulkan device can draw them."""


class InfrastructureError(TraceSimError):
    """Something outside the benchmark (a server, a disk) failed; the episode may be retried."""


class BudgetSpentError(InfrastructureError):
    """A run has asked as much as it was allowed to; it may be resumed with a new budget."""


class ResetNeededError(TraceSimError, ResetNeeded):
    """A step was asked for before a reset, or after the end of the episode, whose verdict stands."""


class ClosedError(TraceSimError, ClosedEnvironmentError):
    """An environment was used after `close()`."""


def unknown_name(what: str, name: str, valid: Iterable[str]) -> ConfigurationError:
    """Return the error for a `name` that is not among the `valid` ones of its kind, nearest first."""
    names = sorted(valid)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return ConfigurationError(f"Unknown {what} {name!r}.{hint} Valid: {', '.join(names)}.")
