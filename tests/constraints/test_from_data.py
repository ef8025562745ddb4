"""Constraints made again from the data that records hold of them."""

from __future__ import annotations

import pytest

from tests.test_language import placed
from tests.test_read_back import recorded
from tracesim.constraints.from_data import from_data
from tracesim.envs import TASKS
from tracesim.errors import ConfigurationError, UnknownNameError
from tracesim.geometry.hulls import HullShape
from tracesim.layout.gripper import GRIPPER, PROP


@pytest.mark.parametrize("task", TASKS)
def test_constraints_made_again_from_a_record_give_its_margins(task: str) -> None:
    record, made = recorded(task, 0)
    _, curve = placed(task, 0)
    shapes = {**made.layout.shapes, GRIPPER: HullShape.of(PROP)}
    for one in record.constraints:
        again = from_data(one.kind, one.name, one.fields, shapes)
        assert (again.name, again.unit, again.final) == (one.name, one.unit, one.final)
        assert again.margin(curve) == pytest.approx(record.margins[one.name], abs=2e-4)  # corners are rounded
        assert again.as_data() == one.fields


def test_data_of_no_constraint_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="Upright"):
        from_data("Uprigth", "upright", {}, {})
    with pytest.raises(ConfigurationError, match="upright: not the data of a Upright"):
        from_data("Upright", "upright", {"body": "cup", "lean": 1}, {})
