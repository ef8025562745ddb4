"""TraceSim: the simulation benchmark for spatial traces.

Importing it registers the gymnasium environments by name and imports neither SAPIEN nor any task. The errors that
environments raise are here by name as well.
"""

from __future__ import annotations

import gc
import os
import sys

_is_command = sys.argv[:1] == ["-m"]  # so it is while Python imports this package in order to run a module of it
if _is_command:
    gc.disable()  # Nothing that is imported below is garbage; looking for it takes a tenth of a command's start.
    # Its matrices are small: a second thread would wait for work in a busy loop, and slow down whatever else runs.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import gymnasium

from tracesim.envs import TASKS
from tracesim.errors import (
    ClosedError,
    ConfigurationError,
    PlacementError,
    RendererError,
    ResetNeededError,
    TraceSimError,
)
from tracesim.machine.lavapipe import prepare_import

__all__ = [
    "ClosedError",
    "ConfigurationError",
    "PlacementError",
    "RendererError",
    "ResetNeededError",
    "TraceSimError",
    "__version__",
]

__version__ = "0.1.0"

prepare_import()

for _name in TASKS:
    _id = f"TraceSim-{''.join(word.capitalize() for word in _name.split('_'))}-v1"
    if _id not in gymnasium.registry:
        gymnasium.register(_id, entry_point="tracesim.env:TraceEnv", kwargs={"task": _name}, disable_env_checker=True)

if _is_command:
    gc.freeze()
    gc.enable()
