"""The calls of models that a run recorded, and the pictures that were sent."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tracesim.results.call_store import CallStore, read_calls

PICTURES: Final = "pictures"
"""Name of the folder of pictures, in a run's folder and in a report."""

_PICTURE: Final = re.compile(rf"{PICTURES}/[0-9a-f]{{64}}\.(?:png|jpg)")
"""Path of a picture, which is named by its content, where it stands for the picture in what was sent."""


class Calls:
    """The calls of the runs of a report, read once for each run."""

    def __init__(self, report: Path) -> None:
        """Name the folder of the report, to which pictures are copied."""
        self._report = report
        self._runs: dict[Path, dict[int, list[dict[str, Any]]]] = {}

    def of(self, run: Path, seed: int) -> list[dict[str, Any]]:
        """Return the calls about an episode, in their order; none if the run recorded none.

        Raises:
            ConfigurationError: A line of the file is not a call.
        """
        if run not in self._runs:
            self._runs[run] = self._read(run)
        return self._runs[run].get(seed, [])

    def _read(self, run: Path) -> dict[int, list[dict[str, Any]]]:
        found: dict[int, list[dict[str, Any]]] = {}
        if not (run / CallStore.FILE).is_file():
            return found
        for call in read_calls(run / CallStore.FILE):
            if call.seed is None:
                continue
            shown = call.model_dump(include={"turn", "attempt", "seconds", "address", "status", "error", "answered"})
            pictures = [name for name in dict.fromkeys(_pictures(call.sent)) if self._copy(run, name)]
            sent = json.dumps(call.sent, indent=1, ensure_ascii=False)
            found.setdefault(call.seed, []).append(shown | {"sent": sent, "pictures": pictures})
        return found

    def _copy(self, run: Path, name: str) -> bool:
        """Copy a picture to the report, unless it is there; return whether it is."""
        if not (run / name).is_file():
            return False
        if not (self._report / name).exists():
            shutil.copyfile(run / name, self._report / name)
        return True


def _pictures(value: Any) -> Iterator[str]:
    """Yield the paths of pictures in a JSON value."""
    if isinstance(value, str) and _PICTURE.fullmatch(value):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _pictures(inner)
