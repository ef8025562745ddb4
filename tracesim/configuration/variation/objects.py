"""The task's own objects, as axes of variation.

They decide which generators of a `Draw` depend on the seed. A task draws its objects from them again and again, until
the scene can be seen and solved: that is done in `tracesim.arrangement`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracesim.configuration.variation.axis import Axis, Split, Stream

if TYPE_CHECKING:
    from tracesim.layout.randomness import Draw

GENERATORS: Final = {"places": "poses", "shapes": "shapes", "sizes": "sizes", "colors": "colors"}
"""By generator of a `Draw`, the field that says whether it depends on the seed."""


@dataclass(frozen=True)
class ObjectsAxes(Axis):
    """The poses, shapes, sizes and colours of the task's own objects."""

    poses: bool = True
    """Vary where the task's objects stand, and the numbers in the instruction."""

    shapes: bool = True
    """Vary the shapes of the task's objects."""

    sizes: bool = True
    """Vary the sizes of the task's objects."""

    colors: bool = True
    """Vary the colours of the task's objects."""

    shape_split: Split = "all"
    """Shapes to draw from: those for training (seen), those held out (unseen), or both (all)."""

    def draw(self, stream: Stream) -> Draw:
        """Return the generators that a task draws its objects from."""
        from tracesim.layout.randomness import Draw

        return Draw(
            places=stream("task", self.poses),
            shapes=stream("shapes", self.shapes),
            sizes=stream("sizes", self.sizes),
            colors=stream("colors", self.colors),
            shape_split=self.shape_split,
        )

    @property
    def held(self) -> tuple[str, ...]:
        """The generators of a `Draw` that do not depend on the seed."""
        return tuple(generator for generator, varies in GENERATORS.items() if not getattr(self, varies))
