"""Regular expression of a valid answer, and decoding constrained to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from tracesim.errors import ConfigurationError
from tracesim.machine.extras import optional

Dimensions = Literal[2, 3]
"""Numbers per keypoint."""

PURPOSE: Final = "Constrained decoding"
"""What needs the extra, for error messages."""

FEWEST_KEYPOINTS: Final = 2
"""Fewest keypoints of a trace."""

MOST_KEYPOINTS: Final = 10
"""Most keypoints of a constrained trace; published answers have 4 to 10."""

LONGEST_TRACE: Final = len("[]") + MOST_KEYPOINTS * len("(1000, 1000, 99.999), ") - len(", ")
"""Length of the longest constrained trace, characters, which is also the largest number of tokens."""

_COORDINATE: Final = "(0|[1-9][0-9]{0,2}|1000)"
# The smallest depth is a millimetre, since no visible point is at the camera itself. Models omit trailing zeros.
_DEPTH: Final = r"(0\.(0{0,2}[1-9]|0?[1-9][0-9]|[1-9][0-9]{2})|[1-9][0-9]?\.[0-9]{1,3})"


def trace_pattern(dimensions: Dimensions | None = 3) -> str:
    """Return the regular expression of a trace in RoboTracer's form.

    In 3D it matches `[(u, v, d), ...]` with 2 to 10 keypoints, u and v integers of 0-1000, and d in metres with one to
    three decimals, more than 0 and less than 100; in 2D, `[(u, v), ...]`. Servers with structured output accept it too.
    Source: the raw answers in RoboTracer's public repository at commit 11f09e1.

    Args:
        dimensions: 2 or 3, or None to allow a 2D or a 3D trace.
    """
    if dimensions is None:
        return f"({trace_pattern(3)}|{trace_pattern(2)})"
    point = rf"\({_COORDINATE}, {_COORDINATE}" + (f", {_DEPTH}" if dimensions == 3 else "") + r"\)"
    return rf"\[{point}(, {point}){{{FEWEST_KEYPOINTS - 1},{MOST_KEYPOINTS - 1}}}\]"


class Grammar:
    """Regular expression compiled for the vocabulary of a tokenizer."""

    def __init__(self, pattern: str, tokenizer: Any, vocabulary: int, ends: Sequence[int]) -> None:
        """Compile a regular expression.

        Args:
            pattern: Regular expression of a whole answer.
            tokenizer: Tokenizer of the checkpoint, a transformers class backed by a Rust tokenizer.
            vocabulary: Number of tokens that the model scores.
            ends: Tokens that end an answer.

        Raises:
            ConfigurationError: llguidance is missing, or cannot use the tokenizer.
        """
        llguidance = optional("llguidance", "vlm", PURPOSE)
        wrapped = optional("llguidance.hf", "vlm", PURPOSE).from_tokenizer
        try:
            self._tokens = wrapped(tokenizer, n_vocab=vocabulary, eos_token=list(ends))
        except ValueError as error:
            raise ConfigurationError(f"Constrained decoding cannot use {type(tokenizer).__name__}: {error}.") from None
        self._grammar = llguidance.LLMatcher.grammar_from_regex(pattern)
        self._matcher = llguidance.LLMatcher

    def constraint(self) -> Constraint:
        """Return the constraint for one answer from its beginning."""
        return Constraint(self._matcher(self._tokens, self._grammar))


class Constraint:
    """Logits processor for transformers that keeps one answer within a grammar; for a batch of one."""

    def __init__(self, matcher: Any) -> None:
        """Start from the beginning of an answer.

        Args:
            matcher: llguidance's matcher of the grammar.
        """
        self._matcher = matcher
        self._begun = False

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return the scores with -inf for every token that would leave the grammar.

        Args:
            input_ids: (1, T), tokens of the prompt and the answer so far.
            scores: (1, V), scores of the next token.
        """
        torch = optional("torch", "vlm", PURPOSE)
        if self._begun:
            self._matcher.consume_token(int(input_ids[0, -1]))
        self._begun = True
        allowed = torch.frombuffer(bytearray(self._matcher.compute_logit_bias()), dtype=torch.uint8).bool()
        return scores.masked_fill(~allowed[: scores.shape[-1]].to(scores.device), -float("inf"))
