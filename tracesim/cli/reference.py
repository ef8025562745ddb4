"""`python -m tracesim.cli.reference`: JSON schemas of files, and tables of options and fields for the documentation."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracesim.arguments import arguments, command_status
from tracesim.errors import ConfigurationError, InfrastructureError, unknown_name
from tracesim.files.json_file import write_json
from tracesim.files.text_files import read_text
from tracesim.files.whole_file import write_text

HELP: Final = """\
Write JSON schemas of the files of runs and of splits, and tables of options and fields in Markdown.

Usage
  python -m tracesim.cli.reference                      list the tables
  python -m tracesim.cli.reference table=NAME           print a table
  python -m tracesim.cli.reference [KEY=PATH ...]       write files

Files
  schema=docs/schema   a folder, for record.json, call.json, provenance.json, split.json, submission.json and
                       summary.json
  documents=docs       a document, or a folder of documents (*.md). Every table between the comments
                       <!-- table: NAME --> and <!-- end of table --> is replaced

Exit status
  0 printed or written    2 a wrong key, name or value    3 a file could not be written    130 interrupted
"""


@dataclass(frozen=True)
class Request:
    """Arguments of the command."""

    table: str | None = None
    """Name of the table to print."""

    schema: Path | None = None
    """Folder to write JSON schemas to."""

    documents: Path | None = None
    """Document, or folder of documents, to rewrite."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    return command_status(words, HELP, _do)


def _do(words: Sequence[str]) -> None:
    request = arguments(words, Request)
    if request.schema is not None:
        write_schemas(request.schema)
    if request.documents is not None:
        rewrite(request.documents)
    if request.table is not None or not words:
        _print(request.table)


def write_schemas(folder: Path) -> None:
    """Write the JSON schema of every kind of file to a folder.

    Raises:
        InfrastructureError: A file cannot be written.
    """
    from tracesim.cli.json_schemas import json_schemas

    for kind, schema in json_schemas().items():
        write_json(schema, folder / f"{kind}.json")


def rewrite(path: Path) -> None:
    """Replace the tables in a document, or in all documents below a folder.

    Raises:
        ConfigurationError: A document cannot be read, or asks for a table that does not exist.
        InfrastructureError: A document cannot be written.
    """
    from tracesim.cli.markdown_tables import with_tables

    for document in sorted(path.rglob("*.md")) if path.is_dir() else [path]:
        before = read_text(document)
        try:
            after = with_tables(before)
        except ConfigurationError as error:
            raise ConfigurationError(f"{document}: {error}") from None
        try:
            if after != before:
                write_text(after, document)
        except OSError as error:
            raise InfrastructureError(f"{document}: cannot be written ({error.strerror}).") from error


def _print(name: str | None) -> None:
    from tracesim.cli.markdown_tables import tables

    known = tables()
    if name is not None and name not in known:
        raise unknown_name("table", name, known)
    print("\n".join(known) if name is None else known[name].rstrip("\n"))


if __name__ == "__main__":
    sys.exit(main())
