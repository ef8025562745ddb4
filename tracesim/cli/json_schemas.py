"""JSON schemas of the files that TraceSim writes."""

from __future__ import annotations

from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from tracesim.cli.fields import field_docs
from tracesim.models.calls import CALL_SCHEMA, Call
from tracesim.results.manifest import MANIFEST_SCHEMA, Manifest
from tracesim.results.provenance import PROVENANCE_SCHEMA, Provenance
from tracesim.results.record import SCHEMA_VERSION, Record
from tracesim.results.split import SPLIT_SCHEMA, Line
from tracesim.results.summary import Summary

_FILES: Final[dict[str, tuple[str, str, Any]]] = {
    "record": (f"record:{SCHEMA_VERSION}", "TraceSim record: a line of episodes.jsonl", Record),
    "call": (f"call:{CALL_SCHEMA}", "TraceSim call: a line of calls.jsonl", Call),
    "provenance": (
        f"provenance:{PROVENANCE_SCHEMA}",
        "TraceSim provenance: provenance.json of a run",
        Provenance,
    ),
    "split": (f"split:{SPLIT_SCHEMA}", "TraceSim split: a line of a file of certified seeds", Line),
    "submission": (f"submission:{MANIFEST_SCHEMA}", "TraceSim submission: manifest.json of a packed result", Manifest),
    "summary": ("summary", "TraceSim summary: summary.json of a run, or of a sweep", Summary | list[Summary]),
}


class _Documented(GenerateJsonSchema):
    """Describes every property by the docstring under its field."""

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        return self._described(super().model_schema(schema), schema["cls"])

    def dataclass_schema(self, schema: Any) -> JsonSchemaValue:
        return self._described(super().dataclass_schema(schema), schema["cls"])

    def _described(self, schema: JsonSchemaValue, owner: type) -> JsonSchemaValue:
        docs = field_docs(owner)
        for name, value in schema.get("properties", {}).items():
            value.pop("title", None)  # repeats the name
            if name in docs:
                value["description"] = " ".join(docs[name].split())
        return schema


def json_schemas() -> dict[str, JsonSchemaValue]:
    """Return the JSON schemas by the kind of file: record, call, provenance, split, submission or summary."""
    return {kind: _json_schema(*told) for kind, told in _FILES.items()}


def _json_schema(identifier: str, title: str, shape: Any) -> JsonSchemaValue:
    adapter: TypeAdapter[Any] = TypeAdapter(shape)
    schema = adapter.json_schema(mode="serialization", schema_generator=_Documented)
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"urn:tracesim:{identifier}", "title": title}
    return head | {key: value for key, value in schema.items() if key not in head}
