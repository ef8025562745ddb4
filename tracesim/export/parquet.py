"""Parquet files with rows of plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tracesim.machine.extras import optional


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with the same columns, each of one type; missing parent folders are created."""
    pyarrow, parquet = (optional(name, "export", "form=lerobot") for name in ("pyarrow", "pyarrow.parquet"))
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist([dict(row) for row in rows]), path)


def write_texts(path: Path, numbers: Mapping[str, int], column: str) -> None:
    """Write numbers by text, as pandas writes a data frame whose index holds the texts.

    Args:
        path: The file.
        numbers: The numbers.
        column: Name of the column of numbers.
    """
    pyarrow, parquet = (optional(name, "export", "form=lerobot") for name in ("pyarrow", "pyarrow.parquet"))
    index = "__index_level_0__"
    described = [
        {"name": column, "field_name": column, "pandas_type": "int64", "numpy_type": "int64", "metadata": None},
        {"name": None, "field_name": index, "pandas_type": "unicode", "numpy_type": "object", "metadata": None},
    ]
    pandas = {"index_columns": [index], "column_indexes": [], "columns": described}
    table = pyarrow.table({column: list(numbers.values()), index: list(numbers)})
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table.replace_schema_metadata({"pandas": json.dumps(pandas)}), path)
