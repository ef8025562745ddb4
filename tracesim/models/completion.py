"""What a chat server says of one completion."""

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
    """A model's answer as a server sends it.

    Attributes:
        text: What the model said, or the text of its refusal; empty where it said nothing.
        finish_reason: Why it stopped, None where the server does not say.
        refused: Whether it refused.
        reasoning: How many characters it thought, where the server separates that from the answer.
        prompt_tokens: As the server counts them, None where it does not.
        answer_tokens: The same for the answer, thoughts included where the server includes them.
    """

    text: str
    finish_reason: str | None = None
    refused: bool = False
    reasoning: int = 0
    prompt_tokens: int | None = None
    answer_tokens: int | None = None

    @classmethod
    def of(cls, response: Any) -> Self:
        """Return the first choice of a chat completion, sent whole or as a stream of chunks.

        A completion without any text is one: the model spent its tokens on thinking, refused or said nothing.
        Source: OpenAI's API reference, "The chat completion object" and "The chat completion chunk object";
        `reasoning_content` and `reasoning` are DeepSeek's, vLLM's and OpenRouter's.

        Raises:
            ValueError: It is no chat completion, or a stream that was cut off before its end.
            ErrorInReply: The server reports an error instead.
        """
        if isinstance(response, EventStream):
            response = _whole(response)
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
        said, refusal = _said(message.get("content"))
        refusal = refusal or _text(message.get("refusal"))
        refused = not said.strip() and bool(refusal.strip())
        ended = choice.get("finish_reason")
        usage = response.get("usage")
        counted = usage if isinstance(usage, dict) else {}
        return cls(
            text=refusal if refused else said,
            finish_reason=ended[:_LONGEST_WORD] if isinstance(ended, str) and ended else None,
            refused=refused,
            reasoning=max(len(_text(message.get(name))) for name in _REASONING),
            prompt_tokens=_count(counted.get("prompt_tokens")),
            answer_tokens=_count(counted.get("completion_tokens")),
        )


def _first_choice(response: dict[str, Any]) -> dict[str, Any]:
    """Return the choice that counts; an empty one where a completion has none."""
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
    """Tell whether a server reports an error: OpenAI's form, or the older one of vLLM and SGLang."""
    return bool(response.get("error")) or response.get("object") == "error"


def _is_completion(response: dict[str, Any]) -> bool:
    return response.get("object") in ("chat.completion", "chat.completion.chunk")


def _said(content: object) -> tuple[str, str]:
    """Return the text and the refusal in a message's content: null, a text, or a list of parts."""
    if content is None or isinstance(content, str):
        return content or "", ""
    if not isinstance(content, list):
        raise ValueError("content that is no text")
    said, refusals = [], []
    for part in content:
        if isinstance(part, str):
            said.append(part)
        elif not isinstance(part, dict):
            raise ValueError("a part of the content that is no object")
        elif part.get("type") == "refusal":
            refusals.append(_text(part.get("refusal")))
        elif part.get("type", "text") in ("text", "output_text"):  # others are thoughts, pictures and the like
            said.append(_text(part.get("text")))
    return "".join(said), "".join(refusals)


def _whole(stream: EventStream) -> dict[str, Any]:
    """Return the completion whose chunks a stream holds, in the form of one that is sent whole."""
    said, refusals, thoughts = [], [], []
    ended = usage = None
    completion = False
    for event in stream.events:
        if not isinstance(event, dict):
            raise ValueError("an event that is no object")
        if _is_error(event) and not event.get("choices"):
            raise ErrorInReply(event)
        usage = event.get("usage") or usage
        completion = completion or _is_completion(event) or isinstance(usage, dict)
        for choice in _list(event.get("choices")):
            if not isinstance(choice, dict):
                raise ValueError("a choice that is no object")
            if isinstance(choice.get("error"), dict):
                raise ErrorInReply(choice)
            if choice.get("index") not in (0, None):
                continue
            completion = True
            delta = choice.get("delta") or choice.get("message") or {}
            if not isinstance(delta, dict):
                raise ValueError("a delta that is no object")
            text, refusal = _said(delta.get("content"))
            said.append(text)
            refusals += [refusal, _text(delta.get("refusal"))]
            thoughts.append(max((_text(delta.get(name)) for name in _REASONING), key=len))
            ended = choice.get("finish_reason") or ended
    if not completion:
        raise ValueError("a stream that holds no chat completion")
    if not stream.done and ended is None:
        raise ValueError("it was cut off before its end")
    message = {"content": "".join(said), "refusal": "".join(refusals), "reasoning": "".join(thoughts)}
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
