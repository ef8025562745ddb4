"""MCAP files with Foxglove's messages, one file an episode."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

from tracesim.export.form import Form, Options
from tracesim.export.sampled import SampledEpisode
from tracesim.machine.extras import check_installed, importing

LAYOUT_FILE: Final = "foxglove-layout.json"


class Mcap(Form):
    """Writes `NAME.mcap` of every episode, and a layout for Foxglove.

    Times begin at 0 with the first sample. The topics are

    - `/tf`: the frames of all bodies and links, of the tool centre point ("tcp") and of the cameras, in "world".
    - `/scene/bodies`: the hulls of all bodies and links, fixed to these frames.
    - `/scene/paths`: the trace as answered, the planned path, and the path that the functional point has taken.
    - `/camera/NAME/image`, `/camera/NAME/depth` (millimetres) and `/camera/NAME/calibration`.
    - `/margins`: the margin of each constraint if the episode ended there, by name; null if it does not apply.
    - `/state`: phase, turn, opening of the hand in metres, and positions of the joints in radians or metres.
    - `/log`: instructions and answers; `/events`: phases, contacts and the verdict.

    The record is attached as `record.json`.
    """

    draws: ClassVar[bool] = True

    def __init__(self, folder: Path, options: Options) -> None:
        """Prepare to write; see `Form`."""
        super().__init__(folder, options)
        check_installed("foxglove", "export", "form=mcap")
        self._constraints: dict[str, None] = {}

    def add(self, episode: SampledEpisode) -> str | None:
        """Write the file of an episode."""
        with importing("export", "form=mcap"):
            from tracesim.export.foxglove_file import write
        write(self.folder / f"{episode.name}.mcap", episode, self.options)
        self._constraints |= dict.fromkeys(episode.margins)
        return None

    def finish(self) -> None:
        """Write the layout."""
        from tracesim.export.foxglove_layout import layout

        text = layout(self.options.cameras, tuple(self._constraints))
        (self.folder / LAYOUT_FILE).write_text(text, encoding="utf-8")
