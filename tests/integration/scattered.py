"""The four slices, each as far behind with each topic as chance has it, and everybody who acts on a case meanwhile."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from handlers.core.rules import Actor
from intake.steps import act_on_case as citizen
from intake.store.view import find_view
from routing.core.decisions.chosen_tags import CorrectTags
from routing.steps.correct_tags import correct_tags
from schemas.city import City
from schemas.errors import DataRefused, HuiyinError
from schemas.event import Event
from schemas.http import Principal
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Handler
from schemas.words import Role
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from sla.steps.sweep import sweep
from tests.conftest import RecordingUnit
from tests.integration.everybodys_requests import (
    ANOTHER,
    CASE,
    SURE,
    Request,
    citizen_requests,
    desk_requests,
    dispatcher_requests,
    version_of,
)
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS

_MOMENT = timedelta(seconds=1)


class Place(NamedTuple):
    """Whose reader of which topic, and of which case there: what it reads comes in the order in which it was said."""

    slice: str
    topic: str
    case_id: CaseId


class Scattered(Slices):
    """What is said in a unit, carried to whoever hears it as late as chance has it; every event of one topic in order."""

    def __init__(self, unit: RecordingUnit, city: City, chance: random.Random, *, loses: int = 0) -> None:
        super().__init__(unit, city)
        self._chance = chance
        self._loses = loses
        self._waiting: dict[Place, list[Event]] = {}
        #: What became a dead letter, of which slice.
        self.lost: list[tuple[Place, Event]] = []
        #: All that was said, in order.
        self.said: list[Event] = []

    def post(self) -> None:
        """What was said stands on its topics."""
        for event in self.unit.emitted:
            self.said.append(event)
            for name in self._lines:
                if self.hearing(name, event):
                    place = Place(name, event.producer, event.case_id)
                    self._waiting.setdefault(place, []).append(event)
        self.unit.emitted.clear()

    def hearing(self, name: str, event: Event) -> Sequence[Handler]:
        """What a slice does when it hears it."""
        return [line for line in self._lines[name] if line.event is type(event)]

    async def hear_some(self, most: int) -> None:
        """At most so many events are heard, each by one slice."""
        for _ in range(self._chance.randint(0, most)):
            self.post()
            places = [place for place, events in self._waiting.items() if events]
            if not places:
                return
            place = self._chance.choice(places)
            event = self._waiting[place].pop(0)
            if self._loses and self._chance.random() < 0.05:
                self._loses -= 1
                self.lost.append((place, event))
                continue
            await self.deliver(place, event)

    async def hear_all(self) -> None:
        """Until nobody says more."""
        self._loses = 0
        self.post()
        while any(self._waiting.values()):
            await self.hear_some(8)
            self.post()

    async def replay(self) -> None:
        """What became a dead letter is heard after everything else."""
        while self.lost:
            place, event = self.lost.pop(0)
            await self.deliver(place, event)
            await self.hear_all()

    async def deliver(self, place: Place, event: Event) -> None:
        """One event, by one slice; what it refuses becomes a dead letter."""
        self.unit.now += _MOMENT
        point = self.unit.db.transaction()
        await point.start()
        try:
            for line in self.hearing(place.slice, event):
                await self._hear(line, event)
        except DataRefused:
            await point.rollback()
            self.lost.append((place, event))
        else:
            await point.commit()


def requests(city: City) -> Sequence[Request]:
    """Every request of whoever has a part in the case."""
    every: Iterator[Request] = (
        each
        for requests in (desk_requests(city), dispatcher_requests(city), citizen_requests(SURE.codes))
        for each in requests
        if each.actor is not None
    )
    return [*every]


async def act(slices: Scattered, city: City, chance: random.Random) -> str:
    """Somebody does something; what is refused leaves nothing. Returns what it was, empty where it was refused."""
    unit = slices.unit
    unit.now += timedelta(minutes=chance.choice([0, 1, 3, 90]))
    point = unit.db.transaction()
    await point.start()
    kept = list(unit.emitted)
    try:
        done = await _act(slices, city, chance)
    except HuiyinError:
        done = ""
    if not done:
        await point.rollback()
        unit.emitted[:] = kept
        return ""
    await point.commit()
    return done


async def _act(slices: Scattered, city: City, chance: random.Random) -> str:
    unit = slices.unit
    match chance.randint(0, 30):
        case 0 | 1:
            tags = chance.sample([tag.code for tag in city.tags], 2)
            await correct_tags(unit, city, CASE, CorrectTags(tags=tuple(tags)), "li")
            return f"tags {tags}"
        case 2:
            found = await find_view(unit.db, SURE.codes.tracking_code)
            if found is None or chance.random() < 0.6:
                return ""
            accuses = citizen.Addition(text="交通局路政大队收钱放行超载车，请查")
            await citizen.supplement(unit, KEYS, found, accuses)
            return "accuses"
        case 3:
            await sweep(unit, rules=load_rules(), calendar=named_calendar("china"))
            return "sweep"
    request = chance.choice(requests(city))
    if request.actor is Actor.LEAD or request.actor is Actor.SUPPORTING:
        lead = await unit.db.fetchval("SELECT lead FROM handlers.case WHERE case_id = $1", CASE)
        who = Principal(role=Role.DEPARTMENT, name="wang", department=DepartmentCode(lead or "transport"))
        request = replace(request, principal=who)
    if request.actor is Actor.DISPATCHER and "lead" in request.body:
        lead = chance.choice(["water", "housing", "transport", "education"])
        more: Mapping[str, Any] = {"tags": ["night"]} if chance.random() < 0.3 else {}
        request = replace(request, body={**request.body, "lead": lead, **more})
    refused = await request.send(unit, await version_of(slices, request.action))
    return "" if refused else f"{request.actor}: {request.action}"


__all__ = ["ANOTHER", "CASE", "SURE", "Place", "Scattered", "act", "requests"]
