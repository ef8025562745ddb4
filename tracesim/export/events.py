"""What happened in an episode, and when."""

from __future__ import annotations

from dataclasses import dataclass

from tracesim.episode.stories import headline
from tracesim.export.sampled import SampledEpisode


@dataclass(frozen=True)
class Event:
    """Something that happened."""

    time_s: float
    """When, in seconds after the first sample."""

    kind: str
    """What it is: "instruction", "answer", "phase", "contact" or "verdict"."""

    text: str
    """What happened, in words."""

    wrong: bool = False
    """Whether it is a failure."""


def events(episode: SampledEpisode) -> list[Event]:
    """Return the events of an episode in the order of time."""
    found = []
    for number, time_s in enumerate(episode.turn_times_s.tolist()):
        turn = episode.turn(number)
        found.append(Event(time_s, "instruction", turn.instruction))
        found.append(Event(time_s, "answer", turn.answer))
    recorded, before = episode.replayed.outcome.recording, ""
    for time_s, phase in zip((recorded.times_s - episode.start_s).tolist(), recorded.phases.tolist(), strict=True):
        if time_s >= 0.0 and phase != before:
            found.append(Event(time_s, "phase", phase))
            before = phase
    end_s = float(recorded.times_s[-1]) - episode.start_s
    executed = episode.replayed.outcome.executed
    for contact in executed.contacts if executed else ():
        text = f"{contact.moving} touches {contact.other}"
        found.append(Event(contact.time_s - episode.start_s, "contact", text, wrong=True))
    failure = episode.record.failure
    detail = f": {failure.detail}" if failure and failure.detail else ""
    found.append(Event(end_s, "verdict", headline(failure) + detail, wrong=failure is not None))
    return sorted(found, key=lambda event: event.time_s)
