"""The base class of axes of variation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np

    from tracesim.configuration.variation.setting import Setting
    from tracesim.layout.layout import Layout

Split = Literal["all", "seen", "unseen"]


class Stream(Protocol):
    """The random streams of one seed of one task."""

    def __call__(self, name: str, varies: bool = True) -> np.random.Generator:
        """Return the generator of a name; it depends on the seed only if it `varies`, and on no other stream."""


@dataclass(frozen=True)
class Axis:
    """Base class of axes: something in which the scenes of two seeds may differ.

    A subclass is a frozen dataclass. Its fields, each with a default, are options of the command line
    (`variation.FIELD`), and the docstring under a field is what help and documentation print. Everything random comes
    from streams of the axis's own, so that no other axis changes with it.
    """

    def check(self) -> None:
        """Check the values of the fields.

        Raises:
            ConfigurationError: a value is out of range.
        """

    def vary_setting(self, setting: Setting, stream: Stream) -> Setting:
        """Return the setting of a seed: as it is, unless the axis varies it."""
        return setting

    def vary_layout(self, layout: Layout, stream: Stream) -> Layout:
        """Return the arranged objects of a seed: as they are, unless the axis varies how they look."""
        return layout
