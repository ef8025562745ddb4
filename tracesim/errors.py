"""Exceptions and warnings of TraceSim, for faults of the user, the machine or a scene."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from gymnasium.error import ClosedEnvironmentError, ResetNeeded


class TraceSimError(Exception):
    """Base class of the errors that TraceSim raises on purpose; the message is written for the user."""


class ConfigurationError(TraceSimError):
    """A name, value or file given by the user is wrong."""


class DoesNotApplyError(ConfigurationError):
    """A policy has nothing to do in this scene, although it may in another scene of the same task."""


class PlacementError(TraceSimError):
    """The objects of a scene do not fit on the table under the given rules."""


class RendererError(TraceSimError):
    """Images are needed, and no Vulkan device can draw them."""


class InfrastructureError(TraceSimError):
    """Something outside the benchmark (a server, a disk) failed; the episode may be retried."""


class BudgetSpentError(InfrastructureError):
    """A run has used up its budget of requests; it can be resumed with a new budget."""


class RequestRefusedError(InfrastructureError):
    """A server refused a request for a reason that holds for every other request too, such as its form or its key.

    Attributes:
        status: HTTP status of the refusal.
        about_content: Whether a content filter refused this prompt, which counts as an answer of the model's service.
        about_prompt: Whether the refusal concerns this prompt alone, for example its length; others may be answered.
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
        """Store the reason for the refusal.

        Args:
            message: What the server said and what the user can do, in one line.
            status: See the class.
            about_content: See the class.
            about_prompt: See the class.
            resumable: See the class.
        """
        super().__init__(message)
        self.status = status
        self.about_content = about_content
        self.about_prompt = about_prompt
        self.resumable = resumable


class TraceSimWarning(UserWarning):
    """Something in the environment does not work and was replaced; the message says what, and which setting helps."""


class ResetNeededError(TraceSimError, ResetNeeded):
    """`step()` was called before `reset()`, or after the episode had ended and been judged."""


class ClosedError(TraceSimError, ClosedEnvironmentError):
    """An environment was used after `close()`."""


def unknown_name(what: str, name: str, valid: Iterable[str]) -> ConfigurationError:
    """Return the error for a name that does not exist, with the most similar valid name and a list of all of them.

    Args:
        what: Kind of name, such as "task".
        name: Name that was given.
        valid: Names that exist.
    """
    names = sorted(valid)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return ConfigurationError(f"Unknown {what} {name!r}.{hint} Valid: {', '.join(names)}.")
