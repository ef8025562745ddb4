from __future__ import annotations

import pytest

from tracesim.bench import Figure


@pytest.mark.parametrize(("value", "said"), [(0.3, "met"), (0.5, "met"), (0.6, "missed")])
def test_a_figure_says_in_plain_text_whether_it_meets_its_target(value: float, said: str) -> None:
    assert Figure("ratio", value, 0.5, "").row() == ("ratio", f"{value:g}", f"at most 0.5, {said}")
    assert Figure("time", value, None).row()[2] == ""
