"""What the pages know of episodes: columns for filters and tables, and details that load with an episode's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tracesim.configuration import canonical_json
from tracesim.constraints.table import kinds
from tracesim.failure import STAGES
from tracesim.language.capability import CAPABILITIES
from tracesim.report.calls import Calls
from tracesim.report.drawn import drawn
from tracesim.report.entries import Entries
from tracesim.results.collection import Stored
from tracesim.results.profile import capabilities_of
from tracesim.results.record import Record
from tracesim.results.scores import Scores
from tracesim.results.turn import Turn

Points = Sequence[Sequence[float]]
"""Keypoints of a trace."""

SHARD: Final = 50
"""Number of episodes whose details share a file."""


class Names:
    """Numbers of names in the order in which they first appear."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        """Begin with some names."""
        self._numbers = {name: number for number, name in enumerate(names)}

    def __call__(self, name: str) -> int:
        """Return the number of a name."""
        return self._numbers.setdefault(name, len(self._numbers))

    @property
    def names(self) -> list[str]:
        """All names so far."""
        return list(self._numbers)


@dataclass(frozen=True)
class Attached:
    """What the report has of an episode besides its record."""

    film: bool = False
    """Whether its film is in the report."""

    scene: bool = False
    """Whether its curves are in the report."""


def index(records: Sequence[Record], attached: Sequence[Attached]) -> dict[str, Any]:
    """Return what every page loads: names, entries, and one column for each property of the episodes."""
    entries = Entries(records)
    tasks = Names(sorted({record.task for record in records}))
    reasons, constraints = Names(), Names()
    units: dict[str, list[Any]] = {}
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for record, own, entry in zip(records, attached, entries.numbers, strict=True):
        scores = Scores.of(record)
        units |= {one.name: [one.unit, one.kind, one.final] for one in record.constraints}
        margins: list[float | int] = []
        for name, margin in record.margins.items():
            if margin is not None:
                margins += [constraints(name), short(margin)]
        columns["task"].append(tasks(record.task))
        columns["entry"].append(entry)
        columns["seed"].append(record.seed)
        columns["stage"].append(STAGES.index(record.failure.stage) if record.failure else -1)
        columns["reason"].append(reasons(record.failure.reason) if record.failure else -1)
        columns["predicted"].append(None if record.predicted_success is None else int(record.predicted_success))
        columns["goal"].append(int(scores.goal))
        columns["path"].append(int(scores.path))
        columns["nearest"].append(None if scores.smallest is None else short(scores.smallest))
        columns["deviation"].append(None if record.deviation_m is None else short(record.deviation_m[1]))
        columns["margins"].append(margins)
        columns["film"].append(int(own.film))
        columns["scene"].append(int(own.scene))
    return {
        "tasks": tasks.names,
        "entries": [
            {"label": one.label, "policy": one.policy, "distinct": dict(one.distinct)} for one in entries.entries
        ],
        "capabilities": [
            {"name": name, "meaning": meaning, "tasks": of}
            for name, meaning in CAPABILITIES.items()
            if (of := [number for number, task in enumerate(tasks.names) if name in capabilities_of(task)])
        ],
        "factors": entries.factors,
        "drawn": drawn(records),
        "stages": list(STAGES),
        "reasons": reasons.names,
        "constraints": [_constraint(name, units) for name in constraints.names],
        "shard": SHARD,
        "columns": columns,
    }


_COLUMNS: Final = (
    *("task", "entry", "seed", "stage", "reason", "predicted", "goal", "path", "nearest", "deviation", "margins"),
    *("film", "scene"),
)


def _constraint(name: str, units: dict[str, list[Any]]) -> dict[str, Any]:
    unit, kind, final = units.get(name, ["m", "", False])
    scale = next((one.full_scale for one in kinds() if one.__name__ == kind), 0.05)
    return {"name": name, "unit": unit, "final": final, "scale": scale}


def details(episodes: Sequence[Stored], calls: Calls) -> dict[str, Any]:
    """Return what only the pages of episodes show; the provenance that several have in common is there once."""
    provenance: dict[str, dict[str, Any]] = {}
    found = []
    for one in episodes:
        own = _provenance(one.record)
        key = canonical_json(own)
        provenance.setdefault(key, own)
        called = calls.of(one.folder, one.record.seed)
        found.append(_detail(one) | {"calls": called, "provenance": list(provenance).index(key)})
    return {"episodes": found, "provenance": list(provenance.values())}


def _provenance(record: Record) -> dict[str, Any]:
    return {
        "robot": record.robot,
        "policy": {"name": record.policy, "kind": record.policy_kind, **record.policy_options},
        "variation": record.variation.as_data(),
        "versions": record.versions,
        "configuration_hash": record.configuration_hash,
    }


def _detail(stored: Stored) -> dict[str, Any]:
    record = stored.record
    return {
        "task": record.task,
        "seed": record.seed,
        "instruction": record.instruction,
        "turns": [_turn(turn) for turn in record.turns],
        "failure": None
        if record.failure is None
        else {"stage": record.failure.stage, "reason": record.failure.reason, "detail": record.failure.detail},
        "constraints": [
            {
                "name": one.name,
                "kind": one.kind,
                "unit": one.unit,
                "final": one.final,
                "fields": dict(_scalars(one.fields)),
                "best": _shortened(record.best.get(one.name)),
                "margin": _shortened(record.margins.get(one.name)),
                "predicted": _shortened(record.predicted_margins.get(one.name)),
            }
            for one in record.constraints
        ],
        "deviation": record.deviation_m,
        "visiting": None if record.visiting is None else vars(record.visiting),
        "folder": str(stored.folder),
        "reproducible": record.reproducible,
        "record_hash": record.record_hash,
    }


def _scalars(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the parameters of a constraint that are numbers or words, those of its parts too, but no positions."""
    for key, value in fields.items():
        if isinstance(value, Mapping):
            yield from ((f"{key}.{inner}", one) for inner, one in _scalars(value))
        elif not isinstance(value, list):
            yield key, short(value) if isinstance(value, float) else value


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "instruction": turn.instruction,
        "queries": [{"prompt": one.prompt, "answer": one.answer} for one in turn.queries],
        "prompt": turn.prompt,
        "answer": turn.answer,
        "latency": turn.latency_s,
        "tokens": [turn.prompt_tokens, turn.answer_tokens],
        "finish": turn.finish_reason,
        "image_traces": _by_arm(turn.image_trace, turn.image_traces),
        "traces": [
            [[short(value) for value in point] for point in trace] for trace in _by_arm(turn.trace, turn.traces)
        ],
    }


def _by_arm(one: Points | None, by_arm: Mapping[str, Points] | None) -> list[Points]:
    """Return the trace of a turn, or that of each arm; nothing if there is none."""
    if by_arm is not None:
        return list(by_arm.values())
    return [] if one is None else [one]


def _shortened(value: float | None) -> float | None:
    return None if value is None else short(value)


def short(value: float) -> float:
    """Return a number with four significant digits, so that it keeps its sign."""
    return float(f"{value:.4g}")
