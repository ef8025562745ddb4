"""JSON schemas and tables of the documentation."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from jsonschema import Draft202012Validator

from tests.faulty_server import FaultyServer
from tests.test_client import SWIFT, ask
from tracesim.certify.__main__ import main as certify
from tracesim.cli.fields import field_docs, options
from tracesim.cli.json_schemas import json_schemas
from tracesim.cli.markdown_tables import END, with_tables
from tracesim.cli.reference import main, rewrite
from tracesim.errors import ConfigurationError, InfrastructureError
from tracesim.models.calls import recorded
from tracesim.models.client import Client
from tracesim.models.patience import Patience
from tracesim.results.call_store import CallStore
from tracesim.run import main as run
from tracesim.submit.__main__ import main as submit

ROOT = Path(__file__).parents[1]
SCHEMAS = json_schemas()
Json = dict[str, Any]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Json]]:
    """What a split, its run and a sweep leave in files, by kind."""
    folder = tmp_path_factory.mktemp("written")
    split, played, sweep = folder / "click_bell.jsonl", folder / "run", folder / "sweep"
    assert certify(["task=click_bell", "seeds=0", "variation=clean", f"out={split}"]) == 0
    assert run([f"split={split}", "video=false", f"hydra.run.dir={played}"]) == 0
    words = ["task=water_flowers", "variation=clean", "policy=noop", "episodes=1", "video=false"]
    assert run(["--multirun", *words, f"hydra.sweep.dir={sweep}"]) == 0
    for where in (played, sweep):
        assert submit([str(where), f"output={where}.zip"]) == 0
    records = [json.loads(one) for path in folder.rglob("episodes.jsonl") for one in path.read_text().splitlines()]
    return {
        "record": records,
        "split": [json.loads(one) for one in split.read_text().splitlines()],
        "call": _calls(folder),
        "provenance": [json.loads(path.read_text()) for path in folder.rglob("provenance.json")],
        "submission": [json.loads(ZipFile(f"{where}.zip").read("manifest.json")) for where in (played, sweep)],
        "summary": [json.loads((where / "summary.json").read_text()) for where in (played, sweep)],
    }


def _calls(folder: Path) -> list[Json]:
    """Return two calls as a run writes them: one that is answered, and one that fails."""
    with FaultyServer(share=0.0) as server, CallStore(folder) as store, recorded(store):
        with Client(server.url, SWIFT) as client:
            ask(client, "what")
        with Client("http://127.0.0.1:9", Patience(retries=0)) as client, pytest.raises(InfrastructureError):
            ask(client, "what")
    return [json.loads(one) for one in (folder / CallStore.FILE).read_text().splitlines()]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_published_schema_is_current(kind: str, tmp_path: Path) -> None:
    assert main([f"schema={tmp_path}"]) == 0
    made = (tmp_path / f"{kind}.json").read_text()
    assert (ROOT / "docs" / "schema" / f"{kind}.json").read_text() == made, "run make reference"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_written_files_conform_to_their_schema(kind: str, written: dict[str, list[Json]]) -> None:
    Draft202012Validator.check_schema(SCHEMAS[kind])
    validator = Draft202012Validator(SCHEMAS[kind])
    assert len(written[kind]) == 2
    for one in written[kind]:
        validator.validate(one)


@pytest.mark.parametrize(
    ("field", "value"), [("seed", "0"), ("success", None), ("margins", {"band": "0.1"}), ("unknown", 1)]
)
def test_schema_rejects_other_records(field: str, value: object, written: dict[str, list[Json]]) -> None:
    record = written["record"][0]
    assert not Draft202012Validator(SCHEMAS["record"]).is_valid(record | {field: value})


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_field_of_a_file_is_described(kind: str) -> None:
    for name, schema in objects(SCHEMAS[kind]):
        assert schema.get("description"), name
        for field, value in schema["properties"].items():
            assert value.get("description", "").endswith("."), f"{name}.{field}"


def objects(schema: Json) -> Iterator[tuple[str, Json]]:
    """Yield the classes in a schema that have fields, by name."""
    every = {**schema["$defs"], schema["title"]: schema}
    return ((name, one) for name, one in every.items() if "properties" in one)


def test_every_option_is_described() -> None:
    assert {option.key: option.doc for option in options() if not option.doc.endswith(".")} == {}


def test_docstrings_of_bases_come_first_and_are_replaced_by_those_of_the_class() -> None:
    assert list(field_docs(Derived)) == ["kept", "replaced", "added"]
    assert field_docs(Derived)["replaced"] == "Documented\nagain."


@dataclasses.dataclass
class Base:
    kept: int = 0
    """Kept."""
    replaced: int = 0
    """Documented."""
    undocumented: int = 0


@dataclasses.dataclass
class Derived(Base):
    replaced: int = 1
    """Documented
    again."""
    added: int = 0
    """Added."""


def test_a_class_without_source_code_has_no_docstrings() -> None:
    assert field_docs(dataclasses.make_dataclass("Made", ["field"])) == {}


def test_tables_of_documents_are_current() -> None:
    for document in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        text = document.read_text()
        assert with_tables(text) == text, f"run make reference ({document.name})"


def test_a_table_between_its_comments_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "deep" / "options.md"
    document.parent.mkdir()
    document.write_text(f"Before.\n<!-- table: record/Query -->\nold\n{END}\nAfter.\n")
    assert main([f"documents={tmp_path}"]) == 0
    assert main(["table=record/Query"]) == 0
    table = capsys.readouterr().out
    assert "| `prompt` | string | " in table
    assert document.read_text() == f"Before.\n<!-- table: record/Query -->\n{table}{END}\nAfter.\n"


def test_an_unknown_table_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(f"<!-- table: recrd -->\n{END}\n")
    with pytest.raises(ConfigurationError, match=r"page\.md: Unknown table 'recrd'\. Did you mean 'record'"):
        rewrite(document)
