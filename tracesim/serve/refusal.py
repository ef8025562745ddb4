"""Refusal of a request."""

from __future__ import annotations

from pydantic import ValidationError


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
    """Return the refusal for the first thing wrong with a request."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(one) for one in first["loc"])
    why = first["msg"].removeprefix("Value error, ")
    return RefusalError(422, f"{where}: {why[:1].lower()}{why[1:]}" if where else why)
