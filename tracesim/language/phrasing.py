"""A phrasing: templates that all ask for the same, some to train on and some held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

import numpy as np

from tracesim.configuration import Language


@dataclass(frozen=True)
class Phrasing:
    """How one instruction is said; every template has the same fields.

    instruction: the canonical template. paraphrases: more that may be trained on. unseen: those that are held out.
    object_name, destination: the parts of the canonical one that say what is to move and where to.
    """

    instruction: str
    object_name: str
    destination: str
    paraphrases: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields of all its templates."""
        return fields(self.instruction) | fields(self.object_name) | fields(self.destination)

    def templates(self, split: Language) -> tuple[str, ...]:
        """Return the templates of a split; the canonical one is a seen one, too."""
        return {
            "canonical": (self.instruction,),
            "seen": (self.instruction, *self.paraphrases),
            "unseen": self.unseen,
        }[split]

    def template(self, split: Language, rng: np.random.Generator) -> str:
        """Return one of a split's templates."""
        choice = self.templates(split)
        return choice[int(rng.integers(len(choice)))]

    def asking(self, renamed: Mapping[str, str]) -> Phrasing:
        """Return the same with fields renamed: old name to new."""
        if not renamed:
            return self
        table = {name: name for name in self.fields} | dict(renamed)

        def of(template: str) -> str:
            return template.format(**{name: f"{{{new}}}" for name, new in table.items()})

        more = (tuple(map(of, templates)) for templates in (self.paraphrases, self.unseen))
        return Phrasing(of(self.instruction), of(self.object_name), of(self.destination), *more)


def fields(template: str) -> frozenset[str]:
    """Return the names of a template's fields."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)
