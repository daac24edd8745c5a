"""The description of a department's action, from which lifecycle, API, pages, commands and words are derived."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec

from handlers.core.case import By, Case, CaseChange
from handlers.core.rules import Action, Rule
from schemas.city import City
from schemas.events.commands import Command
from schemas.words import CaseState


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What every action carries: the version of the case that was seen."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


#: What comes of it: of the case, the body, who acts, the state that follows, and the city.
Perform = Callable[[Case, Any, By, CaseState, City], CaseChange]


@dataclass(frozen=True, kw_only=True)
class DepartmentAction:
    """One action of a department. The Chinese texts are looked up in `locale/en.po` for English pages."""

    #: Who may do it, when, and where it leads.
    rule: Rule
    body: type[Body]
    perform: Perform
    #: The same, asked for on Kafka; with the body's fields.
    command: type[Command]
    #: Its line in the API's documentation.
    summary: str
    #: What its form is called.
    form: str
    #: What is said to whoever did it.
    done: str
    #: What the timeline says.
    happened: str
    #: What the form's fields are called.
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> Action:
        """The last part of the API's address, too."""
        return self.rule.action


def head(case: Case, by: By) -> dict[str, Any]:
    """The first fields of an event that makes the next version of the case."""
    return {"case_id": case.case_id, "version": case.version + 1, "at": by.now}
