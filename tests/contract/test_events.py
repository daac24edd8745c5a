"""Yesterday's records are read by today's readers: payloads and schemas that were published stay valid."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from deploy.docgen import compatibility, golden
from deploy.docgen.events import schema_path, schema_text
from schemas.event import EVENT_TYPES, decode, encode

ROOT = Path(__file__).parents[2]
PAYLOADS = sorted((ROOT / golden.GOLDEN).glob("*.json"))


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_type_has_a_payload(name: str) -> None:
    """Each published type has a golden payload (`python -m deploy.docgen` adds one)."""
    assert golden.golden_path(ROOT, name).exists()


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_old_payloads_are_read(path: Path) -> None:
    """A payload as once published is still an event, and loses none of its fields on the way through."""
    body = json.loads(path.read_text(encoding="utf-8"))
    event = decode(EVENT_TYPES[path.stem], path.read_bytes())
    written = json.loads(encode(event))

    assert body == _of_its_fields(written, body)


def _of_its_fields(written: Any, body: Any) -> Any:
    """What was written of the fields that the payload has, at every depth: what is within may have gained some, too."""
    if isinstance(body, dict) and isinstance(written, dict):
        return {name: _of_its_fields(written.get(name), said) for name, said in body.items()}
    if isinstance(body, list) and isinstance(written, list) and len(body) == len(written):
        return [_of_its_fields(one, said) for one, said in zip(written, body, strict=True)]
    return written


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_unknown_fields_are_passed_over(name: str) -> None:
    """A newer producer may add a field: today's reader ignores it."""
    body = dict(golden.sample(EVENT_TYPES[name])) | {"a_field_of_tomorrow": [1, 2]}
    event = decode(EVENT_TYPES[name], json.dumps(body).encode())

    assert "a_field_of_tomorrow" not in json.loads(encode(event))


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_the_schema_is_committed(name: str) -> None:
    """The schema that other systems rely on is today's (`python -m deploy.docgen` writes it)."""
    assert schema_text(EVENT_TYPES[name]) == (ROOT / schema_path(name)).read_text(encoding="utf-8")


def test_no_promise_is_broken() -> None:
    """Nothing that the committed schemas promise is gone."""
    assert compatibility.broken_promises(ROOT) == []


class Place(msgspec.Struct, frozen=True):
    """A value inside."""

    address: str


class Before(msgspec.Struct, frozen=True):
    """An event as published."""

    text: str
    place: Place | None = None


def _schema(**fields: Any) -> dict[str, Any]:
    kind = msgspec.defstruct("Before", [(name, *field) for name, field in fields.items()])
    return msgspec.json.schema(kind)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"text": (str,), "place": (Place | None, None)}, []),
        ({"text": (str,), "place": (Place | None, None), "more": (int, 0)}, []),
        ({"text": (str,)}, ["the field place is gone", "Place is gone"]),
        ({"text": (int,), "place": (Place | None, None)}, ["the field text has another type"]),
        (
            {"text": (str,), "more": (int,), "place": (Place | None, None)},
            ["the field more must now be there, and older records lack it"],
        ),
    ],
)
def test_a_broken_promise_is_named(fields: dict[str, Any], expected: list[str]) -> None:
    """A field that goes, changes its type or becomes necessary is a break; one that is added is not."""
    assert expected == list(compatibility.breaks(msgspec.json.schema(Before), _schema(**fields)))
