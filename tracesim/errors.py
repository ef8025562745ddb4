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


class RequestRefusedError(InfrastructureError):
    """A server refused a request for a reason that holds for every other one too, such as its form or its key.

    Attributes:
        status: The HTTP status of the refusal.
        about_content: Whether a content filter refused this prompt, which is an answer of the model's service.
        about_prompt: Whether it is about this prompt alone, such as its length; others may be answered.
        resumable: Whether the run can be resumed once the user has followed the advice, because that changes no option
            that is part of the run's configuration.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        about_content: bool = False,
        about_prompt: bool = False,
        resumable: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.about_content = about_content
        self.about_prompt = about_prompt
        self.resumable = resumable


class TraceSimWarning(UserWarning):
    """Something in the environment does not work and was replaced; its text says what, and what to set."""


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
