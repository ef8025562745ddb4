"""Data as JavaScript files: a page that is opened from a file may load scripts, but may not fetch JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tracesim.files.whole_file import write_text

_ESCAPED = str.maketrans({"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""Characters that a text may only have as escapes, so that no text of a model ends or begins a tag."""


def script(name: str, data: Any) -> str:
    """Return a script that hands data to the page under a name; see `page/data.js`."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return f"receive({json.dumps(name)},{text.translate(_ESCAPED)})\n"


def write_script(folder: Path, name: str, data: Any) -> None:
    """Write the script of some data to `NAME.js` in a folder."""
    write_text(script(name, data), folder / f"{name}.js")
