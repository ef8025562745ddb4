"""JSON files."""

from __future__ import annotations

import json
from pathlib import Path

from tracesim.errors import InfrastructureError
from tracesim.files.whole_file import write_text


def write_json(value: object, path: Path) -> None:
    """Write a value to a JSON file atomically.

    Raises:
        InfrastructureError: The file cannot be written.
    """
    try:
        write_text(json.dumps(value, indent=2, allow_nan=False) + "\n", path)
    except OSError as error:
        raise InfrastructureError(f"{path}: cannot be written ({error.strerror}).") from error
