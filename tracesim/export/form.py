"""Forms: the formats in which episodes are exported."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from tracesim.export.sampled import SampledEpisode
from tracesim.registry import Registry


@dataclass(frozen=True)
class Options:
    """What is written of every episode."""

    rate_hz: int = 10
    """Number of samples per second."""

    cameras: tuple[str, ...] = ("policy",)
    """Names of the cameras that are drawn."""

    depth: bool = True
    """Whether depth is written beside colours."""


class Form(ABC):
    """Writes episodes in one format."""

    draws: ClassVar[bool]
    """Whether pictures are drawn."""

    def __init__(self, folder: Path, options: Options) -> None:
        """Prepare to write.

        Args:
            folder: An empty folder.
            options: What is written of every episode.

        Raises:
            ConfigurationError: A package is missing, or an option has no meaning for this form.
        """
        self.folder = folder
        self.options = options

    @abstractmethod
    def add(self, episode: SampledEpisode) -> str | None:
        """Write an episode; return why it is left out, or None if it was written."""

    @abstractmethod
    def finish(self) -> None:
        """Write what concerns all episodes; called once, after the last one."""

    def close(self) -> None:  # noqa: B027 # most forms keep nothing open
        """Release what is still open; called once, also after an error."""


FORMS: Final = Registry[type[Form]](
    "form",
    {
        "mcap": "tracesim.export.mcap:Mcap",
        "lerobot": "tracesim.export.lerobot:LeRobot",
        "stills": "tracesim.export.stills:Stills",
        "csv": "tracesim.export.csv_tables:CsvTables",
    },
)
"""Forms by the name that a command line gives."""
