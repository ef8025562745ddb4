"""A stand-in replaces a package only while others are imported."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from tracesim.machine.stand_ins import stand_ins


@pytest.fixture
def plots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a package with a module, both of which state that they are real."""
    package = tmp_path / "unused_plots"
    package.mkdir()
    for module in ("__init__", "axes"):
        (package / f"{module}.py").write_text("REAL = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("unused_plots", "unused_plots.axes"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "unused_plots"


def test_within_the_block_a_package_is_empty_and_after_it_is_itself(plots: str) -> None:
    with stand_ins(plots, f"{plots}.axes"):
        assert not hasattr(import_module(f"{plots}.axes"), "REAL")
        assert import_module(plots).axes is import_module(f"{plots}.axes")
    assert import_module(f"{plots}.axes").REAL


def test_a_package_that_is_loaded_stays(plots: str) -> None:
    loaded = import_module(plots)
    with stand_ins(plots, f"{plots}.axes"):
        assert import_module(plots) is loaded
        assert import_module(f"{plots}.axes").REAL
    assert import_module(plots) is loaded


def test_after_an_error_within_the_block_a_package_can_be_imported(plots: str) -> None:
    with pytest.raises(RuntimeError), stand_ins(plots):
        raise RuntimeError
    assert import_module(plots).REAL
