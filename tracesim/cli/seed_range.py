"""Ranges of seeds on command lines."""

from __future__ import annotations

import re

from tracesim.errors import ConfigurationError


def seeds_from(text: str) -> range:
    """Return the seeds that a text such as "3-7" or "3" stands for; raises `ConfigurationError` for any other text."""
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    seeds = range(0) if found is None else range(int(found[1]), int(found[2] or found[1]) + 1)
    if not seeds:
        raise ConfigurationError(f"seeds={text}: the first and the last seed, such as seeds=0-49, or a single one.")
    return seeds
