"""Base class of policies that query a model server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from tracesim.errors import ConfigurationError, RequestRefusedError
from tracesim.models import server_error
from tracesim.models.client import Client
from tracesim.models.completion import Completion
from tracesim.models.patience import Patience
from tracesim.models.prompting import ModelPolicy
from tracesim.models.server_error import Advice, ServerError
from tracesim.policy import Reply


@dataclass(kw_only=True)
class ServedModel(ModelPolicy, Patience):
    """Policy that queries a model server over HTTP."""

    server_options: ClassVar[frozenset[str]] = frozenset(
        ("url", "timeout_s", "retries", "backoff_s", "longest_wait_s", "budget_queries", "budget_s", "in_flight")
    )

    url: str
    """Address of the server."""

    in_flight: int = 4
    """Largest number of questions that may wait for an answer at once."""

    def __post_init__(self) -> None:
        """Check the options and create the client, so that mistakes are reported before anything is played."""
        ModelPolicy.__post_init__(self)
        if self.in_flight < 1:
            raise ConfigurationError(f"policy.in_flight={self.in_flight}: has to be 1 or more.")
        Patience.__post_init__(self)
        self.client  # noqa: B018 - checks the URL

    @cached_property
    def client(self) -> Client:
        """Client for the server, shared by threads."""
        return Client(self.url, self, self.headers(), self.advice)

    def close(self) -> None:
        """Close the connections; pending questions fail."""
        self.client.close()

    def headers(self) -> Mapping[str, str]:
        """Return the headers of every request."""
        return {}

    def advice(self, error: ServerError) -> Advice:
        """Return what the user can do about a refusal, in terms of the policy's options."""
        match error.status:
            case 404 | 405 | 501:
                return Advice("Set policy.url to the address of the server.")
            case 422 if error.about_prompt and not error.too_long:
                return Advice("Let the server answer from a file that has this question.")
            case 400 | 415 | 422 if not error.about_money:
                return Advice("Change the option that it names; --help policy=NAME lists them.", resumable=False)
        return server_error.advice(error)

    def post(self, path: str, body: Mapping[str, object], prompt: str, read: Callable[[Any], Completion]) -> Reply:
        """Send a request and return the reply; if a content filter rejects the prompt, the reply is a refusal.

        Args:
            path: Path to append to the URL.
            body: Content of the request.
            prompt: Final prompt, for the reply.
            read: Parser of the response; see `tracesim.models.client.Client.post`.

        Raises:
            InfrastructureError: There was no valid answer.
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
        """Return an explanation for a completion without an answer."""
        return f"{completion.reasoning} characters of reasoning" if completion.reasoning else ""


def query_completion(response: object) -> Completion:
    """Return the completion in a response of either `/query` protocol; see `query_answer`."""
    return Completion(query_answer(response))


def query_answer(response: object) -> str:
    """Return the answer in a response of either `/query` protocol.

    An answer of `null` means that the model succeeded but said nothing. Source: the clients in the public repositories
    of RoboTracer (11f09e1) and RoboRefer.

    Raises:
        ValueError: The response has no answer.
    """
    if not isinstance(response, dict) or response.get("result") != 1:
        raise ValueError('no "result": 1')
    answer = response.get("answer", False)
    if answer is not None and not isinstance(answer, str):
        raise ValueError('no text in "answer"')
    return answer or ""
