"""What the API and the pages show of a case and of a published answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from intake.core.sentences import sentence
from intake.core.view import TimelineEntry, View, allowed_actions
from schemas.city import City
from schemas.labels import label
from schemas.words import CaseState, CitizenAction, Language


class TimelineLine(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to the case."""

    at: datetime
    event: str
    text: str


class PublicResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The answer."""

    text: str
    at: datetime


class CaseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A case as its citizen sees it. Codes are the city's; names are in the caller's language."""

    tracking_code: str
    state: CaseState
    state_label: str
    category: str | None
    department: str | None
    received_at: datetime
    due_at: datetime | None
    version: int
    timeline: list[TimelineLine]
    response: PublicResponse | None
    rating: int | None
    title: str
    text: str
    category_name: str | None
    department_name: str | None
    allowed_actions: list[CitizenAction]


class PublishedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that everybody may read."""

    tracking_code: str
    title: str
    text: str
    response: str
    category: str
    department: str
    region: str | None
    replied_at: datetime
    category_name: str
    department_name: str
    region_name: str | None


class PublishedList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of them, newest first. `total` stops at ten thousand, with `q` at one thousand; `total_exact` says so."""

    items: list[PublishedItem]
    next_cursor: str | None
    total: int
    total_exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How things are shown: the city's names and time zone."""

    city: City
    zone: tzinfo

    def case(self, view: View, language: Language) -> CaseAnswer:
        """The whole case."""
        response = None
        if view.response is not None and view.response_at is not None:
            response = PublicResponse(text=view.response, at=view.response_at)
        return CaseAnswer(
            tracking_code=view.tracking_code,
            state=view.state,
            state_label=label(view.state, language),
            category=view.category,
            department=view.department,
            received_at=view.received_at,
            due_at=view.due_at,
            version=view.version,
            timeline=[self._line(entry, language) for entry in view.whole_timeline],
            response=response,
            rating=view.rating,
            title=view.title,
            text=view.text,
            category_name=_name(self.city.category, view.category, language),
            department_name=_name(self.city.department, view.department, language),
            allowed_actions=allowed_actions(view),
        )

    def published(self, row: Any, language: Language) -> PublishedItem:
        """One published answer."""
        return PublishedItem(
            tracking_code=row["tracking_code"],
            title=row["title"],
            text=row["text"],
            response=row["response"],
            category=row["category"],
            department=row["department"],
            region=row["region"],
            replied_at=row["replied_at"],
            category_name=_name(self.city.category, row["category"], language) or row["category"],
            department_name=_name(self.city.department, row["department"], language) or row["department"],
            region_name=_name(self.city.region, row["region"], language),
        )

    def _line(self, entry: TimelineEntry, language: Language) -> TimelineLine:
        due_date = f"{entry.due_at.astimezone(self.zone):%Y-%m-%d}" if entry.due_at else ""
        return TimelineLine(
            at=entry.at, event=entry.event, text=sentence(entry, language, self.city, due_date)
        )


def _name(named: Mapping[str, Any], code: str | None, language: Language) -> str | None:
    """What people call it; its code where the city has no such thing any more."""
    if code is None:
        return None
    entry = named.get(code)
    return code if entry is None else str(entry.name(language))
