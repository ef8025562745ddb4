"""Text that can be written to a file: a model may answer half of a surrogate pair."""

from __future__ import annotations


def without_surrogates(text: str) -> str:
    """Return text that UTF-8 can encode."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def encodable(text: object) -> object:
    """Return a text so that UTF-8 can encode it, and anything else as it is."""
    return without_surrogates(text) if isinstance(text, str) else text
