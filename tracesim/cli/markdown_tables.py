"""Tables of options and of the fields of files, in Markdown, and the documents that hold them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from tracesim.cli.fields import Option, options
from tracesim.cli.groups import descriptions
from tracesim.cli.json_schemas import json_schemas
from tracesim.cli.levels import levels
from tracesim.constraints.table import constraint_table
from tracesim.errors import unknown_name

END: Final = "<!-- end of table -->"
_MARKED: Final = re.compile(rf"(<!-- table: (?P<name>\S+) -->\n).*?({END})", re.DOTALL)


def tables() -> dict[str, str]:
    """Return every table by name: options, levels, constraints, and the fields of each class in a file."""
    every = list(options())
    varied = [option for option in every if option.key.startswith("variation.")]
    found = {
        "options": _options_table(every),
        "options/run": _options_table(option for option in every if option not in varied),
        "options/variation": _options_table(varied),
        "levels": _table(
            ("level", "what varies between seeds"), ((f"`{name}`", said) for name, said in levels().items())
        ),
        "suites": _listed("suite", "tasks"),
        "experiments": _listed("experiment", "plays"),
        "constraints": constraint_table() + "\n",
    }
    for kind, schema in json_schemas().items():
        classes = {name: one for name, one in schema["$defs"].items() if "properties" in one}
        if "properties" in schema:
            found[kind] = _fields_table(schema)
        found |= {f"{kind}/{name}": _fields_table(one) for name, one in classes.items()}
    return found


def with_tables(text: str) -> str:
    """Return a document with every table between the comments `<!-- table: NAME -->` and `END` regenerated.

    Raises:
        ConfigurationError: A comment names a table that does not exist.
    """
    known = tables()

    def made_again(found: re.Match[str]) -> str:
        if found["name"] not in known:
            raise unknown_name("table", found["name"], known)
        return f"{found[1]}{known[found['name']]}{found[3]}"

    return _MARKED.sub(made_again, text)


def _listed(group: str, meaning: str) -> str:
    return _table((group, meaning), ((f"`{name}`", said) for name, said in descriptions(group).items()))


def _options_table(shown: Iterable[Option]) -> str:
    rows = ((f"`{one.key}`", f"`{one.default}`" if one.default else "", _meaning(one)) for one in shown)
    return _table(("option", "default", "meaning"), rows)


def _meaning(option: Option) -> str:
    return (
        f"{option.doc} Values: {', '.join(f'`{value}`' for value in option.values)}." if option.values else option.doc
    )


def _fields_table(schema: Mapping[str, Any]) -> str:
    rows = ((f"`{name}`", _type(one), one.get("description", "")) for name, one in schema["properties"].items())
    return _table(("field", "type", "meaning"), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ("---",) * len(head), *map(_escaped, rows)))


def _escaped(cells: Iterable[str]) -> Iterator[str]:
    return (cell.replace("|", "\\|") for cell in cells)


def _type(schema: Mapping[str, Any]) -> str:
    """Return the type that a JSON schema describes, in words."""
    match schema:
        case {"$ref": str(path)}:
            name = path.rpartition("/")[2]
            return "any" if name == "JsonValue" else f"`{name}`"
        case {"anyOf": list(choices)}:
            return " or ".join(_type(one) for one in choices)
        case {"enum": list(values)}:
            return " or ".join(f"`{json.dumps(value)}`" for value in values)
        case {"const": value}:
            return f"`{json.dumps(value)}`"
        case {"prefixItems": list(items)}:
            return f"[{', '.join(_type(one) for one in items)}]"
        case {"type": "array", "items": items}:
            return f"list of {_type(items)}"
        case {"type": "object", "additionalProperties": dict(values)}:
            return f"object of {_type(values)}"
        case {"type": str(name)}:
            return name
    return "any"
