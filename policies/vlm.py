"""Any vision-language model behind an OpenAI-compatible chat server: hosted ones, vLLM, SGLang and the like."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

from tracesim.errors import ConfigurationError
from tracesim.models.completion import Completion
from tracesim.models.grammar import FEWEST_KEYPOINTS, MOST_KEYPOINTS, trace_pattern
from tracesim.models.served import ServedModel
from tracesim.models.server_error import Advice, ServerError
from tracesim.observation import Observation
from tracesim.policy import Reply

_BLIND: Final = (
    r"(image|multimodal|vision).{0,80}\b(not|only|unsupported)\b|\b(not|unsupported)\b.{0,80}(image|multimodal|vision)"
)
_SEEING: Final = "policy.model to one that sees pictures"
_NO_SUCH_MODEL: Final = (
    r"model.{0,80}(not found|not available|does not exist|unknown|invalid)|(unknown|invalid|no such|unsupported) model"
    r"|^model$|not a valid model|decommissioned|no endpoints? found"
)
"""How servers say that a model takes text alone, and that there is no such model."""


@dataclass(kw_only=True)
class Vlm(ServedModel):
    """Asks by `POST /chat/completions`.

    url: up to and including the version, such as http://127.0.0.1:8000/v1. model: as the server calls it.
    api_key_env: the environment variable that holds the key, where one is needed; the key is neither stored nor shown.
    temperature: null leaves it to the server. max_tokens: the most tokens of an answer, thoughts included; null leaves
    it to the server. max_completion_tokens: sent instead of max_tokens, for servers that call it so. structured:
    "json_schema" and "regex" (vLLM's `structured_outputs`) make the server keep to the form of a trace. extra: further
    fields of the request, in place of those of the same name; null leaves a field out.
    """

    server_options: ClassVar[frozenset[str]] = ServedModel.server_options | {"api_key_env"}

    url: str = "http://127.0.0.1:8000/v1"
    model: str = ""
    api_key_env: str = ""
    temperature: float | None = 0.0
    max_tokens: int | None = 2048
    max_completion_tokens: int | None = None
    structured: Literal["none", "json_schema", "regex"] = "none"
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.api_key_env and not os.environ.get(self.api_key_env):
            raise ConfigurationError(f"The environment variable {self.api_key_env} is not set; it has to hold the key.")
        super().__post_init__()

    def headers(self) -> Mapping[str, str]:
        """Return the key, where there is one."""
        return {"Authorization": f"Bearer {os.environ[self.api_key_env]}"} if self.api_key_env else {}

    def ask(self, observation: Observation, prompt: str) -> Reply:
        """Return the model's answer, and what the server says of tokens."""
        picture = f"data:image/png;base64,{b64encode(observation.rgb_png).decode()}"
        content = [{"type": "text", "text": prompt}, {"type": "image_url", "image_url": {"url": picture}}]
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "user", "content": content}],
            "stream": False,  # some servers stream by default
            "temperature": self.temperature,
            self._limit: self.max_tokens if self.max_completion_tokens is None else self.max_completion_tokens,
            **self._form(),
            **self.extra,
        }
        given = {name: value for name, value in body.items() if value is not None}
        return self.post("/chat/completions", given, prompt, Completion.of)

    def note(self, completion: Completion) -> str:
        """Return what explains that a completion holds no answer, and which option cut it short."""
        thought = super().note(completion)
        if completion.finish_reason != "length":
            return thought
        limit = getattr(self, self._limit)
        raised = f"raise policy.{self._limit}" + (f", which is {limit}" if limit is not None else "")
        return f"{thought}; {raised}" if thought else raised

    def advice(self, error: ServerError) -> Advice:
        """Return which option to change after a refusal."""
        said = error.message or error.text
        if error.status in (401, 403) or re.search(r"api.?key", said, re.IGNORECASE):
            return Advice(
                f"Set the environment variable {self.api_key_env} to a key that this server takes."
                if self.api_key_env
                else "Set policy.api_key_env=NAME to the environment variable that holds a key for this server."
            )
        if error.too_long:
            return Advice(
                f"Lower policy.{self._limit}, or let the server take longer prompts (vLLM: --max-model-len).",
                resumable=False,
            )
        if error.takes_no_pictures:
            return Advice(f"Set {_SEEING}.", resumable=False)
        if error.status in (400, 404, 415, 422) and not error.about_money:
            option = self._option(error.parameter, said) or self._option(said, said)
            if option:
                return Advice(f"Set {option}.", resumable=False)
        if error.status == 404:
            return Advice("Set policy.url up to and including the version, such as http://127.0.0.1:8000/v1.")
        return super().advice(error)

    def _option(self, field: str, said: str) -> str:
        """Return the option that changes the field of the request which a text names, or nothing where it names none.

        said: all that the server says of it.
        """
        words = {
            "max_tokens|max_completion_tokens": self._other_limit(said),
            "temperature": "policy.temperature=null, which leaves it to the server",
            r"response_format|json_schema|structured_outputs|guided_|\bgrammar\b|\bregex\b": "policy.structured=none",
            r"\bstream(ing|ed)?\b": "policy.extra.stream=true: event streams are read too",
            **{rf"\b{re.escape(name)}\b": f"policy.extra.{name}=null, which leaves it out" for name in self.extra},
            _BLIND: _SEEING,
            _NO_SUCH_MODEL: "policy.model to a name that the server has and offers to your account",
        }
        return next((option for word, option in words.items() if re.search(word, field, re.IGNORECASE)), "")

    def _other_limit(self, said: str) -> str:
        """Return how to change the field with the most tokens of an answer, after what a server says of it."""
        too_much = re.search(
            "too (large|many|high|big)|at most|less than|exceed|maximum|range|between", said, re.IGNORECASE
        )
        if too_much:
            return f"policy.{self._limit} to what the server allows"
        if self._limit == "max_completion_tokens":
            return "policy.max_completion_tokens=null; then policy.max_tokens is sent"
        if "max_completion_tokens" in said:
            limit = 2048 if self.max_tokens is None else self.max_tokens
            return f"policy.max_completion_tokens={limit}, which is sent instead of max_tokens"
        return "policy.max_tokens=null, which leaves it to the server"

    @property
    def _limit(self) -> str:
        """The field that holds the most tokens of an answer."""
        return "max_tokens" if self.max_completion_tokens is None else "max_completion_tokens"

    def _form(self) -> dict[str, Any]:
        """Return the fields that make a server keep to the form of a trace."""
        if self.structured == "json_schema":
            return {"response_format": {"type": "json_schema", "json_schema": _schema(self.dimensions)}}
        if self.structured == "regex":
            return {"structured_outputs": {"regex": trace_pattern(self.dimensions)}}
        return {}


def _schema(dimensions: int) -> dict[str, Any]:
    point = {"type": "array", "items": {"type": "number"}, "minItems": dimensions, "maxItems": dimensions}
    trace = {"type": "array", "items": point, "minItems": FEWEST_KEYPOINTS, "maxItems": MOST_KEYPOINTS}
    root = {"type": "object", "properties": {"trace": trace}, "required": ["trace"], "additionalProperties": False}
    return {"name": "trace", "strict": True, "schema": root}
