"""The form of an answer as a regular expression, and decoding that cannot leave it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from tracesim.errors import ConfigurationError
from tracesim.machine.extras import optional

Dimensions = Literal[2, 3]

PURPOSE: Final = "Constrained decoding"

FEWEST_KEYPOINTS: Final = 2
MOST_KEYPOINTS: Final = 10
"""Published answers have 4 to 10 keypoints; less than 2 are no trace."""

LONGEST_TRACE: Final = len("[]") + MOST_KEYPOINTS * len("(1000, 1000, 99.999), ") - len(", ")
"""Characters, and so the most tokens, of an answer in this form."""

_COORDINATE: Final = "(0|[1-9][0-9]{0,2}|1000)"
# No point is seen at the camera itself: a depth begins at a millimetre. Models leave trailing zeros out.
_DEPTH: Final = r"(0\.(0{0,2}[1-9]|0?[1-9][0-9]|[1-9][0-9]{2})|[1-9][0-9]?\.[0-9]{1,3})"


def trace_pattern(dimensions: Dimensions | None = 3) -> str:
    """Return the regular expression of a trace as RoboTracer writes it; None allows 2D and 3D, not mixed.

    `[(u, v, d), ...]` of 2 to 10 keypoints, u and v integers of 0-1000, d metres with one to three decimals, more than
    0 and less than 100; `[(u, v), ...]` in 2D. Servers with structured output take it as well. Source: the raw answers
    in RoboTracer's public repository at commit 11f09e1.
    """
    if dimensions is None:
        return f"({trace_pattern(3)}|{trace_pattern(2)})"
    point = rf"\({_COORDINATE}, {_COORDINATE}" + (f", {_DEPTH}" if dimensions == 3 else "") + r"\)"
    return rf"\[{point}(, {point}){{{FEWEST_KEYPOINTS - 1},{MOST_KEYPOINTS - 1}}}\]"


class Grammar:
    """What a tokenizer's vocabulary may write, by a regular expression.

    tokenizer: of a checkpoint, transformers' class over a Rust tokenizer. vocabulary: how many tokens the model scores.
    ends: the tokens that end an answer. Raises `ConfigurationError` where llguidance is missing, or cannot use the
    tokenizer.
    """

    def __init__(self, pattern: str, tokenizer: Any, vocabulary: int, ends: Sequence[int]) -> None:
        llguidance = optional("llguidance", "vlm", PURPOSE)
        wrapped = optional("llguidance.hf", "vlm", PURPOSE).from_tokenizer
        try:
            self._tokens = wrapped(tokenizer, n_vocab=vocabulary, eos_token=list(ends))
        except ValueError as error:
            raise ConfigurationError(f"Constrained decoding cannot use {type(tokenizer).__name__}: {error}.") from None
        self._grammar = llguidance.LLMatcher.grammar_from_regex(pattern)
        self._matcher = llguidance.LLMatcher

    def constraint(self) -> Constraint:
        """Return the constraint of one answer from its beginning."""
        return Constraint(self._matcher(self._tokens, self._grammar))


class Constraint:
    """Keeps one answer within a grammar; a logits processor of transformers, for a batch of one."""

    def __init__(self, matcher: Any) -> None:
        self._matcher = matcher
        self._begun = False

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return scores (1, V) with -inf for every token that would leave the grammar."""
        torch = optional("torch", "vlm", PURPOSE)
        if self._begun:
            self._matcher.consume_token(int(input_ids[0, -1]))
        self._begun = True
        allowed = torch.frombuffer(bytearray(self._matcher.compute_logit_bias()), dtype=torch.uint8).bool()
        return scores.masked_fill(~allowed[: scores.shape[-1]].to(scores.device), -float("inf"))
