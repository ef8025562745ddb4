"""Errors that servers report: what they say, and what a user can do about it."""

from __future__ import annotations

import http
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

_PASSING: Final = frozenset((408, 409, 425, 429))
_NOBODY: Final = frozenset((502, 503, 504))
_LASTING: Final = frozenset((501, 505))
_READ_BYTES: Final = 64 * 1024

_STATUS_BY_TYPE: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "insufficient_quota": 402,
}
"""The HTTP status that an error in the body of a success stands for, by the error's type or code."""

_ABOUT_CONTENT: Final = re.compile(
    r"content.?filter|content.?policy|content management policy|ResponsibleAIPolicyViolation|invalid_prompt"
    r"|data.?inspection.?failed|content exists risk|inappropriate content|\bflagged\b|prohibited_content",
    re.IGNORECASE,
)
"""How services say that their filter refused a prompt: OpenAI, Azure, LiteLLM, OpenRouter, DashScope, DeepSeek."""

_ABOUT_LENGTH: Final = re.compile(
    r"context.?(length|window|size)|(prompt|input|question|request)( tokens?)?( is| are)? too (long|large)"
    r"|too many (input )?tokens",
    re.IGNORECASE,
)
"""How servers say that a prompt is too long."""

_TAKES_NO_PICTURES: Final = re.compile(
    r"image input is not supported|missing data required for image|no endpoints? found that support image"
    r"|at most 0 image|unknown variant .?image_url|not a (multimodal|vision) model"
    r"|(does|do|is|are)(n't| not) (currently )?support(ing)? .{0,20}(image|vision|multimodal|picture)",
    re.IGNORECASE,
)
"""How servers say that a model takes text alone: llama.cpp, Ollama, OpenRouter, vLLM, DeepSeek, LM Studio.

The first two of them say so with HTTP 500.
"""

_NOT_RECORDED: Final = "recorded answer"
"""How `tracesim.serve` says that its file holds no answer to a prompt."""

_ABOUT_MONEY: Final = re.compile(r"insufficient_quota|credit balance|insufficient.{0,10}balance", re.IGNORECASE)


class Advice(NamedTuple):
    """What a user can do about a refusal.

    Attributes:
        text: One or more sentences.
        resumable: Whether a run can be resumed afterwards: no option that decides an answer has to change.
    """

    text: str
    resumable: bool = True


class ErrorInReply(Exception):  # noqa: N818 - what a server says, not how it says it
    """A server reports an error in the body of a reply whose HTTP status is that of a success."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__("an error in the body of a success")
        self.error = ServerError.of(_status(body.get("error") or body), json.dumps(body).encode())


@dataclass(frozen=True)
class ServerError:
    """An error that a server reports.

    Attributes:
        status: The HTTP status that says so, or 200 where it is in the body of a success and says no other.
        message: The server's words; empty where it gives none in a form that is known.
        parameter: The field of the request that it is about, where the server says so.
        text: The whole body.
    """

    status: int
    message: str
    parameter: str
    text: str

    @classmethod
    def of(cls, status: int, body: bytes) -> Self:
        """Return what the body of a reply says.

        Understood are the forms of OpenAI (`error.message`), OpenRouter (`error.metadata.raw` as well), FastAPI
        (`detail`), Flask and `/query` (`error`, `message`).
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
        """The status as HTTP writes it."""
        try:
            return f"HTTP {self.status} {http.HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"HTTP {self.status}"

    @property
    def may_pass(self) -> bool:
        """Whether the same request may be answered when it is made again."""
        if self.about_money or self.takes_no_pictures:
            return False
        return self.status < 300 or self.status in _PASSING or (self.status >= 500 and self.status not in _LASTING)

    @property
    def nobody(self) -> bool:
        """Whether a gateway says that there is no server behind it."""
        return self.status in _NOBODY

    @property
    def about_content(self) -> bool:
        """Whether a content filter refused this prompt."""
        return self.status in (200, 400, 403, 422, 451) and bool(_ABOUT_CONTENT.search(self.text))

    @property
    def too_long(self) -> bool:
        """Whether this prompt is too long; others may not be."""
        return self.status in (400, 413, 422) and bool(_ABOUT_LENGTH.search(self.text))

    @property
    def takes_no_pictures(self) -> bool:
        """Whether the model behind the server takes text alone."""
        return bool(_TAKES_NO_PICTURES.search(self.message or self.text))

    @property
    def about_prompt(self) -> bool:
        """Whether it is about this prompt alone, so that others may be answered."""
        return self.too_long or (self.status == 422 and _NOT_RECORDED in self.text)

    @property
    def about_money(self) -> bool:
        """Whether an account is empty, which some services report as too many requests."""
        return self.status == 402 or (self.status in (400, 429) and bool(_ABOUT_MONEY.search(self.text)))


def advice(error: ServerError) -> Advice:
    """Return what can be done about a refusal, whatever the protocol."""
    if error.about_money:
        return Advice("Charge the account that the key belongs to.")
    if 300 <= error.status < 400:
        return Advice("Set the url to where the server answers: redirects are not followed.")
    match error.status:
        case 401:
            return Advice("Set the API key that this server wants.")
        case 403:
            return Advice("Set what it asks for, such as an API key that is allowed this.")
        case 404:
            return Advice("Set the url to where the server answers; a model's name may be wrong too.")
        case 405 | 501:
            return Advice("Set the url to where the server answers: this address takes no such requests.")
        case 407:
            return Advice(
                "Set the proxy's user and password in the variable that names it, as http://USER:PASSWORD@HOST."
            )
        case 413:
            return Advice("Let the server, or the gateway before it, take larger requests, or send a smaller image.")
    return Advice("")


def _status(error: object) -> int:
    """Return the HTTP status that an error in the body of a success stands for; 200 where it names none."""
    if isinstance(error, str):
        # LM Studio, which adds "Returning 200 anyway".
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
    """Yield the sentences in an error: a text, an object with a message, or FastAPI's list of what is wrong."""
    if isinstance(error, str):
        yield error
    elif isinstance(error, dict):
        message = error.get("message", error.get("msg"))
        if isinstance(message, str):
            where = error.get("loc")
            yield f"{'.'.join(map(str, where))}: {message}" if isinstance(where, list) else message
        metadata = error.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("raw"), str):
            yield metadata["raw"]  # OpenRouter: what the service behind it says
    elif isinstance(error, list):
        for one in error[:3]:
            if isinstance(one, dict):
                yield from _messages(one)
