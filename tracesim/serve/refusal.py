"""A request that is not answered."""

from __future__ import annotations

from pydantic import ValidationError

from tracesim.errors import Fault


class RefusalError(Exception):
    """Why a request is refused, in one line, and the HTTP status that says so."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def invalid(error: ValidationError) -> RefusalError:
    """Return the refusal of a request that pydantic refuses."""
    return RefusalError(422, str(Fault.first(error)))
