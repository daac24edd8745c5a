"""Carries what the site says to whoever hears it, by the real tables of subscriptions, without a Kafka between."""

from collections.abc import Sequence
from typing import Any

from deploy import composition
from deploy.database.unit_of_work import unit_of_work
from schemas.event import EVENT_TYPES, Event, decode
from schemas.events.intake import CaseRegistered
from schemas.ids import CaseId
from schemas.ports import Handler, Subscription
from schemas.topics import topic_name
from tests.integration.deploy.web.city_of_files import FileCity

#: The rules give it to housing.
LAMP = {"title": "楼道灯坏了", "text": "光明小区三号楼的楼道灯坏了一个月，物业不管，请住建局处理。"}
SLICES = ("intake", "routing", "handlers", "sla")


async def carry(city: FileCity) -> list[Event]:
    """Let everybody hear all that was said until nothing is said any more; the events, in order."""
    tables = await composition.subscriptions(city.settings, city.pool, SLICES)
    said: list[Event] = []
    fresh, city.kafka.events = city.kafka.events, []
    for event in fresh:
        said.append(event)
        await _hear(city, tables, topic_name("submissions"), event)
    while rows := await _taken(city):
        for row in rows:
            event = decode(EVENT_TYPES[row["type"]], row["body"])
            said.append(event)
            await _hear(city, tables, row["topic"], event)
    return said


async def _taken(city: FileCity) -> list[Any]:
    rows = await city.pool.fetch("DELETE FROM deploy.outbox RETURNING *")
    return sorted(rows, key=lambda row: row["id"])


async def _hear(city: FileCity, tables: Sequence[Subscription], topic: str, event: Event) -> None:
    for table in tables:
        heard = topic in [topic_name(short) for short in table.topics]
        if heard and type(event) in table.table:
            await _step(city, table.table[type(event)], event)


async def _step(city: FileCity, handler: Handler, event: Event) -> None:
    key = composition.audit_key(city.settings)
    async with unit_of_work(city.pool, prefix=city.settings.topic_prefix, audit_key=key) as unit:
        prepared = () if handler.prepare is None else (handler.prepare([event]),)
        await handler.step(unit, [event], *prepared)


async def lamp_case(city: FileCity, *ids: str, **more: object) -> tuple[Any, CaseId]:
    """The codes of a new message, and the id of its case at housing."""
    _, codes = await city.submit(*ids, **{**LAMP, **more})
    said = await carry(city)
    case_id = next(event.case_id for event in said if isinstance(event, CaseRegistered))
    return codes, case_id
