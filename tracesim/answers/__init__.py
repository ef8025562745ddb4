"""From a model's text to the trace that it means."""

from tracesim.answers.reading import REASONS, THOUSANDTHS, Answer, Convention, Parser, Scale, read, written

__all__ = ["REASONS", "THOUSANDTHS", "Answer", "Convention", "Parser", "Scale", "read", "written"]
