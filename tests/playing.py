"""A player without simulation, for tests of runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tracesim.configuration import EpisodeConfiguration
from tracesim.errors import PlacementError
from tracesim.failure import Failure
from tracesim.results.record import Record


def never(seed: int) -> bool:
    """Return that no seed fails."""
    return False


class Playing:
    """Plays episodes without simulation.

    An episode fails if `fails` returns true for its seed. Asking about a seed in `raises` raises that error, once.
    """

    def __init__(
        self,
        raises: dict[int, BaseException] | None = None,
        fails: Callable[[int], bool] = never,
        in_flight: int = 1,
        without_scene: int | None = None,
    ) -> None:
        self.raises = dict(raises or {})
        self.fails = fails
        self.in_flight = in_flight
        self.without_scene = without_scene
        self.seeds: list[int] = []

    def __call__(self, configuration: EpisodeConfiguration) -> Playing:
        self.configuration = configuration
        return self

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> PlayedEpisode:
        for path in (film, curves):
            if path is not None:
                path.write_bytes(b"pictures")
        if seed == self.without_scene:
            raise PlacementError("nothing fits")
        return PlayedEpisode(self, seed)

    def close(self) -> None:
        self.closed = True


class PlayedEpisode:
    def __init__(self, playing: Playing, seed: int) -> None:
        self.playing = playing
        self.seed = seed
        self.asked = False

    def ask(self) -> None:
        self.asked = True
        self.playing.seeds.append(self.seed)
        if self.seed in self.playing.raises:
            raise self.playing.raises.pop(self.seed)

    def play(self) -> Record:
        if not self.asked:
            self.ask()
        return self.record()

    def record(self) -> Record:
        failure = Failure("constraint", "band", "margin -0.003") if self.playing.fails(self.seed) else None
        return Record.of(
            self.playing.configuration, self.seed, success=failure is None, failure=failure, margins={"band": 0.01}
        )
