"""What policies share whose model stands behind a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from tracesim.errors import ConfigurationError, RequestRefusedError
from tracesim.models import server_error
from tracesim.models.client import Client, Patience
from tracesim.models.completion import Completion
from tracesim.models.prompting import ModelPolicy
from tracesim.models.server_error import Advice, ServerError
from tracesim.policy import Reply


@dataclass(kw_only=True)
class ServedModel(ModelPolicy):
    """A model behind a server.

    url: of the server. timeout_s, retries, backoff_s, longest_wait_s, budget_queries, budget_s: see
    `tracesim.models.client.Patience`. in_flight: how many episodes' questions may wait for an answer at once.
    """

    server_options: ClassVar[frozenset[str]] = frozenset(
        ("url", "timeout_s", "retries", "backoff_s", "longest_wait_s", "budget_queries", "budget_s", "in_flight")
    )

    url: str
    timeout_s: float = 60.0
    retries: int = 4
    backoff_s: float = 0.5
    longest_wait_s: float = 30.0
    budget_queries: int | None = None
    budget_s: float | None = None
    in_flight: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.in_flight < 1:
            raise ConfigurationError(f"policy.in_flight={self.in_flight}: at least one query is in flight.")
        self.client  # noqa: B018 - a wrong URL is said before anything is played

    @cached_property
    def client(self) -> Client:
        """The connection to the server; threads share it."""
        patience = Patience(
            timeout_s=self.timeout_s,
            retries=self.retries,
            backoff_s=self.backoff_s,
            longest_wait_s=self.longest_wait_s,
            budget_queries=self.budget_queries,
            budget_s=self.budget_s,
        )
        return Client(self.url, patience, self.headers(), self.advice)

    def close(self) -> None:
        """Let connections go; questions that are on their way fail."""
        self.client.close()

    def headers(self) -> Mapping[str, str]:
        """Return the headers that every request carries."""
        return {}

    def advice(self, error: ServerError) -> Advice:
        """Return what can be done about a refusal, in terms of the policy's options."""
        match error.status:
            case 404 | 405 | 501:
                return Advice("Set policy.url to where the server answers.")
            case 422 if error.about_prompt and not error.too_long:
                return Advice("Let the server answer from a file that has this question.")
            case 400 | 415 | 422 if not error.about_money:
                return Advice("Set the option that it names; --help with policy=NAME lists them.", resumable=False)
        return server_error.advice(error)

    def post(self, path: str, body: Mapping[str, object], prompt: str, read: Callable[[Any], Completion]) -> Reply:
        """Return the reply to a request; a prompt that a content filter refuses has been answered with a refusal.

        read: as `understood` of `tracesim.models.client.Client.post`.
        """
        try:
            completion, latency_s = self.client.post(path, body, read)
        except RequestRefusedError as refusal:
            if not refusal.about_content:
                raise
            return Reply("", prompt, refused=True, note=str(refusal))
        return Reply(
            completion.text,
            prompt,
            latency_s,
            completion.prompt_tokens,
            completion.answer_tokens,
            finish_reason=completion.finish_reason,
            refused=completion.refused,
            note=self.note(completion),
        )

    def note(self, completion: Completion) -> str:
        """Return what explains that a completion holds no answer."""
        return f"{completion.reasoning} characters of reasoning" if completion.reasoning else ""


def query_completion(response: object) -> Completion:
    """Return the completion in a response of either `/query` protocol; see `answered`."""
    return Completion(answered(response))


def answered(response: object) -> str:
    """Return the answer in a response of either `/query` protocol; raises `ValueError` where there is none.

    `null` is the answer of a model that said nothing: the server says of it that it succeeded.

    Source: the clients in the public repositories of RoboTracer (11f09e1) and RoboRefer.
    """
    if not isinstance(response, dict) or response.get("result") != 1:
        raise ValueError('no "result": 1')
    answer = response.get("answer", False)
    if answer is not None and not isinstance(answer, str):
        raise ValueError('no text in "answer"')
    return answer or ""
