"""Write something down, for the inside only (内部办理情况)."""

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField
from handlers.core.case import By, Case, CaseChange, record
from handlers.core.rules import IN_HAND, STAY, Action, Actor, Rule
from handlers.core.texts import LongText, clean
from schemas.city import City
from schemas.events.commands import NoteOnCase
from schemas.words import CaseState


class Note(Body, frozen=True, kw_only=True):
    """What is written down, for the departments of the case only."""

    text: LongText


def note(case: Case, body: Note, by: By, _state: CaseState, _city: City) -> CaseChange:
    """Record the note and tell the departments of the case; its version stays."""
    text = clean(body.text, "text")
    after, entry = record(case, by, Action.NOTE, {"text": text})
    return CaseChange(after=after, entry=entry, what="case.noted", text=text)


NOTE = DepartmentAction(
    rule=Rule(
        action=Action.NOTE,
        actors=[Actor.LEAD, Actor.SUPPORTING],
        states=[*IN_HAND, CaseState.IN_REVIEW, CaseState.REPLIED],
        target=STAY,
    ),
    body=Note,
    perform=note,
    command=NoteOnCase,
    summary="Write a note for the inside",
    form=Form(
        place=6,
        button="保存记录",
        folded="记录内部办理情况",
        fields=[FormField(name="text", label="记录")],
    ),
    done="已记录。",
    happened="内部办理情况",
)
