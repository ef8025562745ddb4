"""`python -m tests.mutants [ROOM ...]`: mutate rooms, all by default, and list the mutants that survive."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutant import Change, Mutant, equivalent
from tests.mutants.room import Part, Room
from tests.mutants.workspace import Workspace


@dataclass(frozen=True)
class Score:
    """How the mutants of a room fared; those that no test could kill are counted apart."""

    room: Room
    mutants: Sequence[Mutant]
    equivalent: frozenset[Change]

    @property
    def survivors(self) -> list[Mutant]:
        """The mutants that survive and are not equivalent."""
        return [one for one in self.mutants if one.survived and one.change not in self.equivalent]

    @property
    def alike(self) -> int:
        """The number of mutants that survive and are equivalent."""
        return sum(one.survived for one in self.mutants) - len(self.survivors)

    @property
    def rate(self) -> float:
        """The share of mutants that are killed, of those that could be."""
        could = len(self.mutants) - self.alike
        return (could - len(self.survivors)) / could

    def row(self, minutes: float) -> str:
        """Return the room's row of the table."""
        killed = len(self.mutants) - self.alike - len(self.survivors)
        counts = f"{len(self.mutants):8} {killed:7} {len(self.survivors):9} {self.alike:11}"
        return f"{self.room.name:12} {counts} {self.rate:7.1%} {self.room.least:6.0%} {minutes:8.1f}"


HEADER = "room          mutants  killed  survived  equivalent    rate  least  minutes"


def main(words: Sequence[str]) -> int:
    """Print each room's score and its survivors; return 1 if a room's rate is below its least, 2 for a wrong name."""
    rooms = Room.all()
    if unknown := [word for word in words if word not in rooms]:
        print(f"{unknown[0]}: not a room of rooms.toml. Valid: {', '.join(rooms)}.", file=sys.stderr)
        return 2
    known = frozenset(equivalent())
    scores = []
    for name in words or rooms:
        begun = time.monotonic()
        mutants = [one for part in rooms[name].parts for one in judged(part)]
        scores.append(Score(rooms[name], mutants, known))
        print(HEADER, scores[-1].row((time.monotonic() - begun) / 60.0), sep="\n")
        print(*Counter(one.outcome for one in scores[-1].mutants).items())
        print(*(one.change for one in scores[-1].survivors), "", sep="\n", flush=True)
    return int(any(score.rate < score.room.least for score in scores))


def judged(part: Part) -> list[Mutant]:
    """Return all mutants of a part, with what its tests made of them."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.make(Path(folder, "clone"), part)
        workspace.run()
        return workspace.mutants()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
