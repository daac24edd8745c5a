"""What a changed schema would break for those who already read or write the event."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.docgen import events
from schemas.event import EVENT_TYPES

#: Words about a field, which may change; the rest is the promise.
_WORDS = ("description", "default", "title")


def broken_promises(root: Path) -> Sequence[str]:
    """One sentence for each change since the committed schemas that older records would not survive."""
    return [problem for name in EVENT_TYPES for problem in _since_committed(root, name)]


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> Sequence[str]:
    """One phrase for each promise of the schema `old` that `new` does not keep."""
    return [
        problem for name, promised in old["$defs"].items() for problem in _in(name, promised, new["$defs"])
    ]


def _since_committed(root: Path, name: str) -> Iterator[str]:
    path = root / events.schema_path(name)
    if not path.exists():
        return
    today = json.loads(events.schema_text(EVENT_TYPES[name]))
    for problem in breaks(json.loads(path.read_text(encoding="utf-8")), today):
        yield f"{name}: {problem}; fields are only added, so publish the change as the next version"


def _in(name: str, old: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    if name not in definitions:
        yield f"{name} is gone"
        return
    new = definitions[name]
    if gone := set(old.get("enum", ())) - set(new.get("enum", ())):
        yield f"{name} no longer has {', '.join(sorted(gone))}"
    yield from _fields(old, new)


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for field, promised in before.items():
        if field not in after:
            yield f"the field {field} is gone"
        elif _promise(promised) != _promise(after[field]):
            yield f"the field {field} has another type"
    for field in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"the field {field} must now be there, and older records lack it"


def _promise(field: Mapping[str, Any]) -> Mapping[str, Any]:
    return {word: value for word, value in field.items() if word not in _WORDS}
