"""Stand-ins for packages that other packages import, and that TraceSim has no use for: their import takes time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def stand_ins(*names: str) -> Iterator[None]:
    """Give empty modules to what imports packages within a block, unless one of them is loaded already.

    After the block the packages can be imported as usual.

    Args:
        names: Names of packages and, after them, of their modules.
    """
    if any(name in sys.modules for name in names):
        yield
        return
    modules = {name: ModuleType(name) for name in names}
    for name, module in modules.items():
        parent, _, own = name.rpartition(".")
        if parent in modules:
            setattr(modules[parent], own, module)
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name in names:
            sys.modules.pop(name, None)
