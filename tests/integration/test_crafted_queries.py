"""Whatever somebody puts into an address, nobody of us fails: every route with a query, on real tables."""

import base64
import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from deploy.composition import suggesting
from deploy.docgen.reference import every_route
from deploy.web import problems
from schemas.city import load_city
from schemas.http import Call, Principal, Route
from schemas.words import Language, Role
from tests.conftest import RecordingUnit

# What takes a file as it flows needs a folder: its names are tried with its own tests.
_ROUTES = [route for route in every_route() if route.query is not None and not route.streams]
_NOBODY = "00000000-0000-0000-0000-000000000000"
_NASTY = (
    "é" * 300, "-1", "9" * 30, "NaN", "1e400", "0001-01-01", "9999-12-31", "2026-02-30", "'; --", "%00", "\\",
    "2026-11-22T00:00:00Z", "00000000-0000-0000-0000-000000000000", "[]", "null", "~", "💧", "\u202e", "a" * 5000,
)  # fmt: skip
_PARTS: tuple[object, ...] = (
    None, True, 0, -1, 2**31, 2**63, 2**200, 1.5, "", "x", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00",
    "2026-11-22", "2026-11-22T00:00:00", "infinity", "00000000-0000-0000-0000-000000000000", [], {}, "\ud800",
)  # fmt: skip


def _cursors(count: int) -> Iterator[str]:
    """What looks like a page's place, and is none: JSON of any shape in base64, and texts joined in the usual ways."""
    chance = random.Random(7)
    for _ in range(count):
        parts = chance.choices(_PARTS, k=chance.randrange(1, 5))
        shape = chance.choice((parts, {"at": parts[0], "id": parts[-1]}, parts[0]))
        encoded = base64.urlsafe_b64encode(json.dumps(shape).encode()).decode()
        joined = chance.choice("|,:~.").join(str(part) for part in parts if part != "\ud800")
        hidden = base64.urlsafe_b64encode(joined.encode()).decode()
        yield from (encoded, encoded.rstrip("="), joined, hidden, hidden.rstrip("="))


@pytest.mark.parametrize("route", _ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_no_query_makes_us_fail(
    unit: RecordingUnit, route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answered, or refused with what is wrong: never 500."""
    assert route.query is not None

    @asynccontextmanager
    async def this_one(*_: object, **__: object) -> AsyncIterator[RecordingUnit]:
        yield unit

    # Suggestions ask by a connection of their own, so that a slow database delays no form.
    monkeypatch.setattr(suggesting, "single_statements", this_one)
    failed = []
    for field in msgspec.structs.fields(route.query):
        for text in (*_NASTY, *_cursors(40)):
            status = await _status(unit, route, {field.encode_name: text})
            if status >= 500:
                failed.append((field.encode_name, text))

    assert failed == []


async def _status(unit: RecordingUnit, route: Route, raw: dict[str, str]) -> int:
    assert route.query is not None
    try:
        query = msgspec.convert(raw, route.query, strict=False)
    except msgspec.ValidationError:
        return 422
    role = min(route.who, default=Role.CITIZEN)
    department = load_city().departments[0].code if role is Role.DEPARTMENT else None
    call = Call(
        principal=Principal(role=role, name="t", department=department),
        language=Language.EN, headers={},
        path={"case_id": _NOBODY, "entry_id": _NOBODY, "attachment_id": _NOBODY, "tracking_code": "0000000000000000",
              "number": "1", "format": "json"},
        address="203.0.113.7", query=query, unit_or_none=unit,
    )  # fmt: skip
    attempt = unit.db.transaction()
    await attempt.start()
    try:
        await route.answer(call)
    except Exception as error:  # noqa: BLE001  judged as the edge judges it
        return problems.refusal_of(error, route.path).status
    finally:
        await attempt.rollback()
    return 200
