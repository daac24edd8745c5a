"""The description of a department's action, from which lifecycle, API, pages, commands and words are derived."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from handlers.core.case import By, Case, CaseChange
from handlers.core.rules import Action, Rule
from schemas.city import City
from schemas.event import Event
from schemas.events.commands import Command
from schemas.words import CaseState


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What every action carries: the version of the case that was seen."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


#: What comes of it: of the case, the body, who acts, the state that follows, and the city.
Perform = Callable[[Case, Any, By, CaseState, City], CaseChange]


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One input of a form. `most`: of a number its value; what is too long is refused whole, and no browser cuts it."""

    name: str
    label: str
    hint: str = ""
    kind: Literal["text", "number", "date", "departments"] = "text"
    rows: int = 3
    most: int = 0
    #: Which departments are offered: those that have no part in the case, that support it, or whose part is awaited.
    among: Literal["others", "supporting", "asked"] = "others"
    is_optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Form:
    """The form on the desk's page. `place`: forms are shown in ascending order of it."""

    place: int
    button: str
    #: How much the button stands out: the next step, one among several, or one with consequences.
    look: Literal["primary", "secondary", "warning"] = "secondary"
    #: What the folded form shows; empty where it always lies open.
    folded: str = ""
    #: What stands above the fields of a form that lies open.
    legend: str = ""
    #: What must be known before it is filled in.
    warning: str = ""
    fields: Sequence[FormField] = ()
    #: The page shows what will be sent before it is.
    has_preview: bool = False


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
    form: Form
    #: What is said to whoever did it.
    done: str
    #: What the timeline says.
    happened: str
    #: The event that it says of the case, which is nobody's to do again; None: it says none that a person does again.
    says: type[Event] | None = None

    @property
    def name(self) -> Action:
        """The last part of the API's address, too."""
        return self.rule.action

    @property
    def labels(self) -> Mapping[str, str]:
        """What the form calls each field."""
        return {field.name: field.label for field in self.form.fields}


def head(case: Case, by: By) -> dict[str, Any]:
    """The first fields of an event that makes the next version of the case."""
    return {"case_id": case.case_id, "version": case.version + 1, "at": by.now}
