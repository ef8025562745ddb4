"""A constraint added outside the package: its class, its examples and its judge are all in this file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, cast

import numpy as np
import pytest

from tests.judge import Asked, Judge
from tests.left_behind import LeftBehind
from tests.motions import BASE_A, STACKED
from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.constraints import Constraint
from tracesim.constraints.table import constraint_table
from tracesim.envs import TASKS
from tracesim.envs.place_empty_cup import PlaceEmptyCup
from tracesim.episode.episode import play
from tracesim.film.panel import HELD, VIOLATED, Panel, as_margins
from tracesim.geometry.curve import Curve, PointOn
from tracesim.tasks.catalogue import Entry


@dataclass(frozen=True)
class Floor(Constraint):
    """A point never comes below a given height.

    Attributes:
        point: The point.
        least_m: Least height above the table.
    """

    point: PointOn
    least_m: float
    name: str = "floor"
    full_scale: ClassVar[float] = 0.2

    def margin(self, curve: Curve) -> float | None:
        """Return the least height reached minus the least height allowed."""
        return float(curve.position(self.point)[:, 2].min()) - self.least_m if curve.has(self.point) else None

    @property
    def ideal(self) -> None:
        """None: higher is never worse."""
        return None


EXAMPLES: Final = [(Floor(BASE_A, -0.3), None)]


def judge_margin(judge: Judge, asked: Asked) -> float:
    return float(judge.path(asked["point"])[:, 2].min()) - float(asked["least_m"])


class RaisedCup(PlaceEmptyCup):
    """A cup that goes onto a coaster and never through the table."""

    least_m: ClassVar[float] = -0.01

    def constraints(self) -> Sequence[Constraint]:
        return [*super().constraints(), Floor(self.layout["cup"].point("base"), self.least_m)]


class TooRaisedCup(RaisedCup):
    """The same, always higher than where the cup stands at first."""

    least_m: ClassVar[float] = 0.01


@pytest.mark.parametrize("task", [RaisedCup, TooRaisedCup])
def test_an_added_constraint_is_judged_recorded_and_read_back(
    task: type[RaisedCup], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TASKS.table, "raised_cup", f"tests.constraints.test_floor:{task.__name__}")
    clean = Variation("clean", clutter=0)
    record = play(EpisodeConfiguration("raised_cup", variation=clean), 0, film=None, curves=tmp_path / "cup.npz")
    ended = None if record.failure is None else (record.failure.stage, record.failure.reason)
    assert ended == (None if task is RaisedCup else ("constraint", "floor"))

    (tmp_path / "cup.json").write_text(record.line())
    left = LeftBehind.by(tmp_path / "cup.json")
    (asked,) = (one for one in left.record["constraints"] if one["name"] == "floor")
    assert (asked["kind"], asked["unit"], asked["final"]) == ("Floor", "m", False)
    again = Judge(cast(Any, left.curve), cast(Any, left.layout)).margin(asked["kind"], asked["fields"])
    assert again == pytest.approx(left.record["margins"]["floor"], abs=1e-4)

    (demand,) = (one for one in Entry.of("raised_cup").demands if one.name == "floor")
    assert demand.meaning == "A point never comes below a given height."
    assert demand.parts.startswith("point: base of cup; least ")


def test_an_added_constraint_appears_in_the_panel_and_in_the_table() -> None:
    floor, panel = Floor(BASE_A, -0.06), Panel(214, 480, None)
    margin = floor.margin(STACKED)
    high, low = (as_margins([floor], {"floor": one}, {"floor": one}) for one in (margin, -0.3))
    assert [high[0].share, low[0].share] == pytest.approx([0.5, -1.0])
    assert [high[0].color, low[0].color] == [HELD, VIOLATED]
    assert not np.array_equal(panel.picture(high, "1.0 s"), panel.picture(low, "1.0 s"))
    assert constraint_table([Floor]).endswith(
        "| `floor` | `Floor` | A point never comes below a given height. | along the path | m |"
    )
