"""What an episode leaves on disk, and what a run's records say together."""

from tracesim.results.record import (
    SCHEMA_VERSION,
    Demand,
    Key,
    Query,
    Record,
    RecordStore,
    Turn,
    installed_versions,
    latest,
    read_records,
)

__all__ = [
    "SCHEMA_VERSION",
    "Demand",
    "Key",
    "Query",
    "Record",
    "RecordStore",
    "Turn",
    "installed_versions",
    "latest",
    "read_records",
]
