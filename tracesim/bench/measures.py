"""Table of measures; the module of a measure is imported when it is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from tracesim.bench.figure import Figure
from tracesim.bench.growth import Growth
from tracesim.bench.options import Options
from tracesim.errors import ConfigurationError, unknown_name

Measured = Figure | Growth
"""Result of a measure: a figure, or the growth of a figure along an axis."""


@dataclass(frozen=True)
class Measure:
    """A measure; its module is named like it and has a function `measure`."""

    does: str
    """What it does, as `--help` prints it."""

    takes: tuple[str, ...] = ()
    """Options that it takes."""

    pinned: bool = True
    """Whether it runs on one core."""


MEASURES: Final = {
    "physics": Measure("execute the expert's traces, against the bare physics steps of the same motion", ("seeds",)),
    "episode": Measure("split an episode into its phases and named functions", ("seeds",)),
    "arrangement": Measure("arrange scenes with 4 and with 10 distractors", ("seeds",)),
    "kinematics": Measure("solve inverse kinematics and check collisions along densified paths", ("seeds",)),
    "observation": Measure("render by size and channels, against SAPIEN's bare call and default shader", ("rounds",)),
    "film": Measure("film an episode, with overlays and encoding", ("rounds",)),
    "first_frame": Measure("start new processes up to their first observation, and --help", ("rounds",)),
    "memory": Measure("play many episodes in one process; seeds=10000 takes hours", ("seeds",)),
    "encoding": Measure("encode the images of an observation as they are sent to servers", ("rounds",)),
    "query": Measure("query a server of recorded answers, against a bare HTTP connection", ("rounds",)),
}
"""Measures with targets; all of them run by default."""

GROWTH: Final = {
    "clutter": Measure("time of arranging, executing and observing, by distractors (from 0 on)", ("seeds",)),
    "keypoints": Measure("time of executing a trace, by its keypoints (2 to 64)", ("seeds",)),
    "cameras": Measure("time of rendering, by cameras in the scene (1 to 4)", ("rounds",)),
    "workers": Measure("episodes a second, by processes (1 and 2)", ("seeds",), pinned=False),
    "episodes": Measure("time and memory, by episodes played before in the process", ("seeds",)),
}
"""Measures of growth, which run on request."""

GROUPS: Final = {"growth": tuple(GROWTH), "all": (*MEASURES, *GROWTH)}
"""Words that stand for several measures."""

_KNOWN: Final = {**MEASURES, **GROWTH}


def chosen(words: Sequence[str], options: Options) -> list[str]:
    """Return the names of the measures to run, each once.

    Args:
        words: Names of measures and groups; none means the default ones, or no measure beside `peer=`.
        options: The options, to see whether each has a measure that takes it.

    Raises:
        ConfigurationError: A name is unknown, or no chosen measure takes a given option.
    """
    for word in words:
        if word not in _KNOWN and word not in GROUPS:
            raise unknown_name("measure", word, (*_KNOWN, *GROUPS))
    default = () if options.peer is not None else tuple(MEASURES)
    names = list(dict.fromkeys(name for word in words or default for name in GROUPS.get(word, (word,))))
    for option, takers in _takers(options).items():
        if not takers.intersection(names):
            one = f"{option}={getattr(options, option)}"
            valid = ", ".join(name for name in _KNOWN if name in takers)
            raise ConfigurationError(f"{one} takes effect with one of these measures only: {valid}.")
    return names


def _takers(options: Options) -> dict[str, set[str]]:
    """Return the measures that take each option that was given."""
    takers = {option: {name for name, one in _KNOWN.items() if option in one.takes} for option in ("rounds", "seeds")}
    takers["plot"] = set(GROWTH)
    if options.peer is not None:
        del takers["rounds"]  # which the peer takes
    return {option: names for option, names in takers.items() if getattr(options, option) is not None}


def run(name: str, options: Options) -> Sequence[Measured]:
    """Run a measure and return what it measured."""
    measured: Sequence[Measured] = import_module(f"tracesim.bench.{name}").measure(options)
    return measured


def is_pinned(name: str) -> bool:
    """Return whether a measure runs on one core."""
    return _KNOWN[name].pinned
