"""Chat completions as servers send them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Self

from tracesim.models.event_stream import EventStream
from tracesim.models.server_error import ErrorInReply

_REASONING: Final = ("reasoning_content", "reasoning")
_MOST_TOKENS: Final = 2**53
_LONGEST_WORD: Final = 60


@dataclass(frozen=True)
class Completion:
    """A model's answer as sent by a server."""

    text: str
    """Answer, or text of the refusal; empty if the model said nothing."""

    finish_reason: str | None = None
    """Why the model stopped, or None if the server does not say."""

    refused: bool = False
    """Whether the model refused to answer."""

    reasoning: int = 0
    """Number of characters of reasoning, if the server separates it from the answer."""

    prompt_tokens: int | None = None
    """Tokens of the prompt as counted by the server, or None if it does not count them."""

    answer_tokens: int | None = None
    """Tokens of the answer as counted by the server, which may include reasoning; None if it does not count them."""

    @classmethod
    def of(cls, response: Any) -> Self:
        """Return the first choice of a chat completion, sent as a whole or as a stream of chunks.

        A completion without text is valid: the model used all tokens for reasoning, refused, or said nothing.
        Source: OpenAI's API reference, "The chat completion object" and "The chat completion chunk object";
        `reasoning_content` and `reasoning` are used by DeepSeek, vLLM and OpenRouter.

        Args:
            response: JSON value or `EventStream`.

        Raises:
            ValueError: It is not a chat completion, or it is a stream that breaks off.
            ErrorInReply: The server reports an error instead.
        """
        if isinstance(response, EventStream):
            response = _merge_chunks(response)
        if not isinstance(response, dict):
            raise ValueError("not an object")
        choice = _first_choice(response)
        if "message" not in choice and isinstance(choice.get("delta"), dict):
            return cls.of(EventStream((response,)))
        message = choice.get("message")
        if message is None and isinstance(choice.get("text"), str):
            raise ValueError("a text completion, not a chat completion")
        if message is None and isinstance(choice.get("finish_reason"), str):
            message = {}
        if not isinstance(message, dict):
            raise ValueError("a choice without a message")
        text, refusal = _split_content(message.get("content"))
        refusal = refusal or _text(message.get("refusal"))
        refused = not text.strip() and bool(refusal.strip())
        ended = choice.get("finish_reason")
        usage = response.get("usage")
        counted = usage if isinstance(usage, dict) else {}
        return cls(
            text=refusal if refused else text,
            finish_reason=ended[:_LONGEST_WORD] if isinstance(ended, str) and ended else None,
            refused=refused,
            reasoning=max(len(_text(message.get(name))) for name in _REASONING),
            prompt_tokens=_count(counted.get("prompt_tokens")),
            answer_tokens=_count(counted.get("completion_tokens")),
        )


def _first_choice(response: dict[str, Any]) -> dict[str, Any]:
    """Return the first choice, or an empty one if a completion has none."""
    choices = response.get("choices")
    if not choices:
        if _is_error(response):
            raise ErrorInReply(response)
        if choices == [] and (isinstance(response.get("usage"), dict) or _is_completion(response)):
            return {"message": {}}
        raise ValueError("no choices")
    if not isinstance(choices, list) or not isinstance(choices[0], dict):
        raise ValueError("choices of another form")
    first = next((one for one in choices if isinstance(one, dict) and one.get("index") == 0), choices[0])
    if isinstance(first.get("error"), dict):
        raise ErrorInReply(first)
    found: dict[str, Any] = first
    return found


def _is_error(response: dict[str, Any]) -> bool:
    """Return whether a server reports an error, in OpenAI's form or the older one of vLLM and SGLang."""
    return bool(response.get("error")) or response.get("object") == "error"


def _is_completion(response: dict[str, Any]) -> bool:
    return response.get("object") in ("chat.completion", "chat.completion.chunk")


def _split_content(content: object) -> tuple[str, str]:
    """Return the text and the refusal in the content of a message: null, a text, or a list of parts."""
    if content is None or isinstance(content, str):
        return content or "", ""
    if not isinstance(content, list):
        raise ValueError("content that is not text")
    texts, refusals = [], []
    for part in content:
        if isinstance(part, str):
            texts.append(part)
        elif not isinstance(part, dict):
            raise ValueError("a part of the content that is not an object")
        elif part.get("type") == "refusal":
            refusals.append(_text(part.get("refusal")))
        elif part.get("type", "text") in ("text", "output_text"):  # others are reasoning, images and the like
            texts.append(_text(part.get("text")))
    return "".join(texts), "".join(refusals)


def _merge_chunks(stream: EventStream) -> dict[str, Any]:
    """Return the completion in a stream of chunks, in the form of a completion that is sent as a whole."""
    texts, refusals, thoughts = [], [], []
    ended = usage = None
    completion = False
    for event in stream.events:
        if not isinstance(event, dict):
            raise ValueError("an event that is not an object")
        if _is_error(event) and not event.get("choices"):
            raise ErrorInReply(event)
        usage = event.get("usage") or usage
        completion = completion or _is_completion(event) or isinstance(usage, dict)
        for choice in _list(event.get("choices")):
            if not isinstance(choice, dict):
                raise ValueError("a choice that is not an object")
            if isinstance(choice.get("error"), dict):
                raise ErrorInReply(choice)
            if choice.get("index") not in (0, None):
                continue
            completion = True
            delta = choice.get("delta") or choice.get("message") or {}
            if not isinstance(delta, dict):
                raise ValueError("a delta that is not an object")
            text, refusal = _split_content(delta.get("content"))
            texts.append(text)
            refusals += [refusal, _text(delta.get("refusal"))]
            thoughts.append(max((_text(delta.get(name)) for name in _REASONING), key=len))
            ended = choice.get("finish_reason") or ended
    if not completion:
        raise ValueError("a stream without a chat completion")
    if not stream.done and ended is None:
        raise ValueError("the stream breaks off")
    message = {"content": "".join(texts), "refusal": "".join(refusals), "reasoning": "".join(thoughts)}
    return {"choices": [{"message": message, "finish_reason": ended}], "usage": usage}


def _list(value: object) -> Iterable[Any]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ValueError("choices of another form")
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_TOKENS else None
