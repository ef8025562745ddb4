"""Which episodes' curves go into a report: they are large, so that a report of many episodes holds a selection."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, zip_longest
from pathlib import Path

from tracesim.results.collection import Stored


def chosen(episodes: Sequence[Stored], limit: int | None) -> dict[int, Path]:
    """Return the curves files of the episodes whose curves a report holds, by the number of the episode.

    Those with a film come first. The others are taken in turns from each task, policy and stage of failure, so that
    every kind of episode is there.

    Args:
        episodes: All episodes.
        limit: Greatest number of episodes; None for all that have curves.
    """
    filmed: list[int] = []
    groups: dict[tuple[str, str, str], list[int]] = {}
    files: dict[int, Path] = {}
    for number, one in enumerate(episodes):
        record, file = one.record, one.curves_file
        if file is None:
            continue
        files[number] = file
        if record.video is not None:
            filmed.append(number)
        else:
            ended = record.failure.stage if record.failure else ""
            groups.setdefault((record.task, record.policy, ended), []).append(number)
    in_turns = chain.from_iterable(zip_longest(*groups.values()))
    ranked = [*filmed, *(number for number in in_turns if number is not None)]
    return {number: files[number] for number in ranked[:limit]}
