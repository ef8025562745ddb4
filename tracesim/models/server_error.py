"""Errors reported by servers, and advice for the user."""

from __future__ import annotations

import http
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

_TEMPORARY: Final = frozenset((408, 409, 425, 429))
_UNREACHABLE: Final = frozenset((502, 503, 504))
_PERMANENT: Final = frozenset((501, 505))
_READ_BYTES: Final = 64 * 1024

_STATUS_BY_TYPE: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "insufficient_quota": 402,
}
"""Type or code of an error in the body of a successful response -> equivalent HTTP status."""

_ABOUT_CONTENT: Final = re.compile(
    r"content.?filter|content.?policy|content management policy|ResponsibleAIPolicyViolation|invalid_prompt"
    r"|data.?inspection.?failed|content exists risk|inappropriate content|\bflagged\b|prohibited_content",
    re.IGNORECASE,
)
"""Messages of content filters: OpenAI, Azure, LiteLLM, OpenRouter, DashScope, DeepSeek."""

_ABOUT_LENGTH: Final = re.compile(
    r"context.?(length|window|size)|(prompt|input|question|request)( tokens?)?( is| are)? too (long|large)"
    r"|too many (input )?tokens",
    re.IGNORECASE,
)
"""Messages about a prompt that is too long."""

_TAKES_NO_PICTURES: Final = re.compile(
    r"image input is not supported|missing data required for image|no endpoints? found that support image"
    r"|at most 0 image|unknown variant .?image_url|not a (multimodal|vision) model"
    r"|(does|do|is|are)(n't| not) (currently )?support(ing)? .{0,20}(image|vision|multimodal|picture)",
    re.IGNORECASE,
)
"""Messages about a model that only takes text: llama.cpp, Ollama, OpenRouter, vLLM, DeepSeek, LM Studio.

The first two send them with HTTP 500.
"""

_NOT_RECORDED: Final = "recorded answer"
"""Part of the message of `tracesim.serve` for a prompt without a recorded answer."""

_ABOUT_MONEY: Final = re.compile(r"insufficient_quota|credit balance|insufficient.{0,10}balance", re.IGNORECASE)


class Advice(NamedTuple):
    """What a user can do about a refused request."""

    text: str
    """One or more sentences."""

    resumable: bool = True
    """Whether the run can be resumed afterwards, because no option that affects answers has to change."""


class ErrorInReply(Exception):  # noqa: N818 - the error is in the reply
    """A server reports an error in the body of a response whose HTTP status means success.

    Attributes:
        error: The error.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        """Read the error from the JSON body of a response."""
        super().__init__("an error in the body of a successful response")
        self.error = ServerError.of(_status(body.get("error") or body), json.dumps(body).encode())


@dataclass(frozen=True)
class ServerError:
    """Error reported by a server."""

    status: int
    """HTTP status, or 200 for an error without a status in the body of a successful response."""

    message: str
    """Message of the server; empty if its form is not known."""

    parameter: str
    """Field of the request that caused the error, if the server names it."""

    text: str
    """Beginning of the body."""

    @classmethod
    def of(cls, status: int, body: bytes) -> Self:
        """Return the error in the body of a response.

        The forms of OpenAI (`error.message`), OpenRouter (also `error.metadata.raw`), FastAPI (`detail`), Flask and
        `/query` (`error`, `message`) are understood.

        Args:
            status: HTTP status of the response.
            body: Body of the response.
        """
        text = body[:_READ_BYTES].decode(errors="replace")
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, list) and value:  # Gemini
            value = value[0]
        fields = value if isinstance(value, dict) else {}
        error = fields.get("error")
        parameter = error.get("param") if isinstance(error, dict) else None
        messages = (" ".join(_messages(fields.get(name))) for name in ("error", "detail", "message"))
        return cls(
            status=status,
            message=next((one for one in messages if one), ""),
            parameter=parameter if isinstance(parameter, str) else "",
            text=text,
        )

    @property
    def status_line(self) -> str:
        """Status with its standard phrase, such as "HTTP 404 Not Found"."""
        try:
            return f"HTTP {self.status} {http.HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"HTTP {self.status}"

    @property
    def temporary(self) -> bool:
        """Whether the same request may succeed if it is repeated."""
        if self.about_money or self.takes_no_pictures:
            return False
        return self.status < 300 or self.status in _TEMPORARY or (self.status >= 500 and self.status not in _PERMANENT)

    @property
    def unreachable(self) -> bool:
        """Whether a gateway reports that there is no server behind it."""
        return self.status in _UNREACHABLE

    @property
    def about_content(self) -> bool:
        """Whether a content filter refused this prompt."""
        return self.status in (200, 400, 403, 422, 451) and bool(_ABOUT_CONTENT.search(self.text))

    @property
    def too_long(self) -> bool:
        """Whether this prompt is too long."""
        return self.status in (400, 413, 422) and bool(_ABOUT_LENGTH.search(self.text))

    @property
    def takes_no_pictures(self) -> bool:
        """Whether the model behind the server only takes text."""
        return bool(_TAKES_NO_PICTURES.search(self.message or self.text))

    @property
    def about_prompt(self) -> bool:
        """Whether the error concerns this prompt alone, so that others may be answered."""
        return self.too_long or (self.status == 422 and _NOT_RECORDED in self.text)

    @property
    def about_money(self) -> bool:
        """Whether the account has no credit left, which some services report as too many requests."""
        return self.status == 402 or (self.status in (400, 429) and bool(_ABOUT_MONEY.search(self.text)))


def advice(error: ServerError) -> Advice:
    """Return what a user can do about a refused request, independent of the protocol."""
    if error.about_money:
        return Advice("Add credit to the account of the API key.")
    if 300 <= error.status < 400:
        return Advice("Set the url to the address of the server itself: redirects are not followed.")
    match error.status:
        case 401:
            return Advice("Set an API key for this server.")
        case 403:
            return Advice("Set what the server asks for, such as an API key with the required permission.")
        case 404:
            return Advice("Set the url to the address of the server; the name of the model may also be wrong.")
        case 405 | 501:
            return Advice("Set the url to the address of the server: this address does not accept such requests.")
        case 407:
            return Advice("Set user and password of the proxy in its variable, as http://USER:PASSWORD@HOST.")
        case 413:
            return Advice("Allow larger requests on the server or its gateway, or send a smaller image.")
    return Advice("")


def _status(error: object) -> int:
    """Return the HTTP status equivalent to an error in the body of a successful response; 200 if it states none."""
    if isinstance(error, str):
        # From LM Studio, which adds "Returning 200 anyway".
        return 404 if "unexpected endpoint" in error.lower() else 200
    if isinstance(error, dict):
        for name in ("code", "status", "type"):
            said = error.get(name)
            if isinstance(said, str):
                said = int(said) if re.fullmatch("[0-9]{3}", said, re.ASCII) else _STATUS_BY_TYPE.get(said, 0)
            if isinstance(said, int) and 400 <= said < 600:
                return said
    return 200


def _messages(error: object) -> Iterator[str]:
    """Yield the messages in an error: a text, an object with a message, or FastAPI's list of faults."""
    if isinstance(error, str):
        yield error
    elif isinstance(error, dict):
        message = error.get("message", error.get("msg"))
        if isinstance(message, str):
            where = error.get("loc")
            yield f"{'.'.join(map(str, where))}: {message}" if isinstance(where, list) else message
        metadata = error.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("raw"), str):
            yield metadata["raw"]  # OpenRouter: message of the service behind it
    elif isinstance(error, list):
        for one in error[:3]:
            if isinstance(one, dict):
                yield from _messages(one)
