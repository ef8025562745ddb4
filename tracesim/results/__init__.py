"""Records of episodes, splits of certified seeds, and summaries of runs."""

from tracesim.results.collection import Collection, Stored
from tracesim.results.record import SCHEMA_VERSION, Demand, Key, Record
from tracesim.results.store import RecordStore, latest, read_records
from tracesim.results.turn import Query, Turn
from tracesim.results.versions import installed_versions

__all__ = [
    "SCHEMA_VERSION",
    "Collection",
    "Demand",
    "Key",
    "Query",
    "Record",
    "RecordStore",
    "Stored",
    "Turn",
    "installed_versions",
    "latest",
    "read_records",
]
