"""Routes of the server."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

import anyio
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tracesim.errors import TraceSimError
from tracesim.serve.backend import Answered, Backend, CannotAnswerError
from tracesim.serve.pictures import Allowed
from tracesim.serve.question import Asked, read_chat, read_query
from tracesim.serve.refusal import RefusalError

LARGEST_REQUEST_BYTES: Final = 32 * 1024 * 1024
"""Largest body of a request."""

_READ_ANYWAY: Final = 8
"""Multiple of the largest body up to which a larger one is still read before it is refused."""


def app(backend: Backend, folder: Path | None = None) -> Starlette:
    """Return the application for both `/query` protocols and OpenAI's chat completions.

    Questions are answered one at a time; a question whose client disconnects before its turn is dropped.

    Args:
        backend: Source of answers.
        folder: Only folder whose files requests may name, or None to refuse requests that name files.
    """
    service = _Service(backend, Allowed(folder))
    return Starlette(
        routes=[
            Route("/", service.hello),
            Route("/query", service.query, methods=["POST"]),
            Route("/v1/chat/completions", service.chat, methods=["POST"]),
            Route("/v1/models", service.models),
        ],
        exception_handlers={
            RefusalError: _refusal_response,
            CannotAnswerError: _refusal_response,
            TraceSimError: _refusal_response,
            HTTPException: _refusal_response,
            ClientDisconnect: _refusal_response,
            Exception: _refusal_response,
        },
    )


class _Service:
    def __init__(self, backend: Backend, allowed: Allowed) -> None:
        self._backend = backend
        self._allowed = allowed
        self._turn = anyio.Lock()
        self._numbers = itertools.count(1)
        self._started_s = int(time.time())

    async def hello(self, request: Request) -> Response:
        return PlainTextResponse("Hello, World!")

    async def models(self, request: Request) -> Response:
        model = {"id": self._backend.name, "object": "model", "created": self._started_s, "owned_by": "tracesim"}
        return _json({"object": "list", "data": [model]})

    async def query(self, request: Request) -> Response:
        answer = await self._answer(request, lambda body: read_query(body, self._allowed))
        return _json({"result": 1, "answer": answer.text})

    async def chat(self, request: Request) -> Response:
        answer = await self._answer(request, read_chat)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": answer.text},
            "logprobs": None,
            "finish_reason": "length" if answer.cut else "stop",
        }
        completion: dict[str, Any] = {
            "id": f"chatcmpl-{next(self._numbers)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self._backend.name,
            "choices": [choice],
        }
        if answer.prompt_tokens is not None and answer.answer_tokens is not None:
            completion["usage"] = {
                "prompt_tokens": answer.prompt_tokens,
                "completion_tokens": answer.answer_tokens,
                "total_tokens": answer.prompt_tokens + answer.answer_tokens,
            }
        return _json(completion)

    async def _answer(self, request: Request, read: Callable[[Any], Asked]) -> Answered:
        body = await _body(request)
        asked = await run_sync(lambda: read(_decode(body)), abandon_on_cancel=True)
        async with self._turn:
            if await request.is_disconnected():
                raise ClientDisconnect
            try:
                return await run_sync(self._backend.answer, *asked, abandon_on_cancel=True)
            except anyio.get_cancelled_exc_class():
                raise RefusalError(503, "the server is shutting down.") from None


async def _body(request: Request) -> bytes:
    """Return the body of a request.

    A body that is too large is read for a while and discarded before the refusal, since a client that is still sending
    would only see a broken connection and not the reason.
    """
    kept, size = bytearray(), 0
    async for piece in request.stream():
        size += len(piece)
        if size <= LARGEST_REQUEST_BYTES:
            kept += piece
        elif size > _READ_ANYWAY * LARGEST_REQUEST_BYTES:
            break
    if size > LARGEST_REQUEST_BYTES:
        raise RefusalError(413, f"the request is larger than {LARGEST_REQUEST_BYTES // 2**20} MiB.")
    return bytes(kept)


def _decode(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise RefusalError(400, "the request is not JSON.") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _json(value: object, status: int = 200) -> Response:
    # In ASCII, since a model may answer with a lone surrogate, which UTF-8 cannot represent.
    return Response(json.dumps(value), status, media_type="application/json")


async def _refusal_response(request: Request, error: Exception) -> Response:
    """Return an error as one line, in the form of the protocol of the request."""
    status, why = 500, f"the server failed ({type(error).__name__}); see its terminal."
    match error:
        case RefusalError():
            status, why = error.status, str(error)
        case CannotAnswerError():
            status, why = 422, str(error)
        case TraceSimError():
            why = str(error)
        case HTTPException():
            status, why = error.status_code, error.detail
        case ClientDisconnect():
            status, why = 400, "the client has disconnected."
    line = " ".join(why.split())
    if request.url.path.startswith("/v1/"):
        kind = "invalid_request_error" if status < 500 else "server_error"
        return _json({"error": {"message": line, "type": kind, "code": status}}, status)
    return _json({"result": 0, "error": line}, status)
