"""Differences between two results of one episode: one from elsewhere (there), and one of this machine (here)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tracesim.failure import Failure

MARGIN_TOLERANCE: Final = 0.001
"""Largest difference between the margins of two machines that still count as equal, metres, radians or seconds."""


def verdict(failure: Failure | None) -> str:
    """Return a verdict in words: "success", or the stage and the reason of the failure."""
    return "success" if failure is None else f"{failure.stage}: {failure.reason}"


def verdict_differences(there: Failure | None, here: Failure | None) -> Iterator[tuple[str, str]]:
    """Yield what differs between two verdicts, and how, unless they are the same."""
    if verdict(there) != verdict(here):
        yield "verdict", f"{verdict(there)} there, {verdict(here)} here"


def margin_differences(
    there: Mapping[str, float | None], here: Mapping[str, float | None], kind: str = "margin"
) -> Iterator[tuple[str, str]]:
    """Yield every constraint whose margins differ by more than `MARGIN_TOLERANCE`, and how.

    Args:
        there: Margins by constraint, in their units; None if not applicable.
        here: Margins of this machine.
        kind: What the margins are called.
    """
    for name in {**there, **here}:
        one, another = there.get(name), here.get(name)
        if one is None and another is None:
            continue
        if one is None or another is None or abs(one - another) > MARGIN_TOLERANCE:
            yield name, f"{kind} {_shown(one)} there, {_shown(another)} here"


def _shown(margin: float | None) -> str:
    return "not applicable" if margin is None else f"{margin:+.5f}"
