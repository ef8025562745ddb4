"""The table top and the room, as an axis of variation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tracesim.configuration.variation.axis import Stream
from tracesim.configuration.variation.materials import MaterialSplit

if TYPE_CHECKING:
    from tracesim.configuration.variation.setting import Setting


@dataclass(frozen=True)
class BackgroundAxis(MaterialSplit):
    """The table top and the room."""

    background: bool = False
    """Vary the table top and the room."""

    def vary_setting(self, setting: Setting, stream: Stream) -> Setting:
        """Return the setting in another room, at a table with another top."""
        from tracesim.assets.room import choose_top, room
        from tracesim.assets.table_tops import TOPS, tops_of

        if not self.background:
            return setting
        tops = tops_of(self.material_split)
        drawn = choose_top(stream("room"), tops)
        top = next(name for name, one in TOPS.items() if one is drawn)
        return replace(setting, room=partial(room, stream("room"), tops), top=top)
