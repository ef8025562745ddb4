"""The height of the table, as an axis of variation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tracesim.configuration.variation.axis import Axis, Stream

if TYPE_CHECKING:
    from tracesim.configuration.variation.setting import Setting

TABLE_HEIGHT_M: Final = 0.04
"""Largest difference from the usual height of the table."""


@dataclass(frozen=True)
class TableHeightAxis(Axis):
    """The height of the table."""

    table_height: bool = False
    """Vary the height of the table, by up to 4 cm."""

    def vary_setting(self, setting: Setting, stream: Stream) -> Setting:
        """Return the setting with a higher or a lower table."""
        if not self.table_height:
            return setting
        return replace(setting, raised_m=float(stream("table_height").uniform(-TABLE_HEIGHT_M, TABLE_HEIGHT_M)))
