"""Refusal of a request."""

from __future__ import annotations

from pydantic import ValidationError

from tracesim.errors import Fault


class RefusalError(Exception):
    """A request is refused.

    Attributes:
        status: HTTP status of the response.
    """

    def __init__(self, status: int, why: str) -> None:
        """Store the refusal.

        Args:
            status: HTTP status of the response.
            why: Reason, in one line.
        """
        super().__init__(why)
        self.status = status


def invalid(error: ValidationError) -> RefusalError:
    """Return the refusal of a request that pydantic refuses."""
    return RefusalError(422, str(Fault.first(error)))
