"""Tell the citizen how far it is (进展告知)."""

from msgspec.structs import replace

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField
from handlers.core.case import By, Case, CaseChange, record
from handlers.core.rules import STAY, Action, Actor, Rule
from handlers.core.texts import Sentence, clean
from schemas.city import City
from schemas.days import day_of
from schemas.errors import BadInput, FieldError
from schemas.events.commands import TellProgress
from schemas.events.handlers import ProgressNoted
from schemas.words import CaseState

#: In one case and day. Project choice: who works on it all day has more to do than to write, and the citizen's page, which
#: holds all of them, takes some hundredths of a second after half a year of such days.
MOST_NOTES_A_DAY = 10


class Progress(Body, frozen=True, kw_only=True):
    """What was done since, and what comes next, in words for the citizen."""

    text: Sentence


_ENOUGH = (
    f"今天已告知市民 {MOST_NOTES_A_DAY} 次，请合在一起，明天再告知；急需市民知道的，请打电话，或向市民提问。",
    f"The citizen was told {MOST_NOTES_A_DAY} times today. Tell the rest together tomorrow; what cannot wait, by telephone "
    "or by a question.",
)


def tell_progress(case: Case, body: Progress, by: By, _state: CaseState, city: City) -> CaseChange:
    """The citizen reads it on their page; the case's version stays.

    Raises:
        BadInput: it says nothing, or what was told last; or enough was told today.
    """
    text = clean(body.text, "text", public=True)
    if text == case.asks.progress:
        raise BadInput(
            [FieldError("text", "这条进展已经告知市民。", "The citizen was told exactly this before.")]
        )
    today = day_of(by.now, city.zone)
    times = case.asks.progress_times + 1 if case.asks.progress_on == today else 1
    if times > MOST_NOTES_A_DAY:
        raise BadInput([FieldError("text", *_ENOUGH)])
    asks = replace(case.asks, progress=text, progress_on=today, progress_times=times)
    after, entry = record(case, by, Action.PROGRESS, {"text": text}, asks=asks)
    event = ProgressNoted(
        case_id=case.case_id, version=case.version, at=by.now, department=case.lead, text=text
    )
    return CaseChange(after=after, entry=entry, events=(event,), what=event.name, text=text)


PROGRESS = DepartmentAction(
    rule=Rule(
        action=Action.PROGRESS,
        actors=[Actor.LEAD],
        states=[CaseState.IN_PROGRESS, CaseState.SUSPENDED],
        target=STAY,
    ),
    body=Progress,
    perform=tell_progress,
    command=TellProgress,
    says=ProgressNoted,
    summary="Tell the citizen how far it is (进展告知)",
    form=Form(
        place=5,
        button="告知市民",
        folded="向市民告知进展",
        warning="承诺办理的件须定期告知；其他件也可以随时告知。",
        fields=[
            FormField(
                name="text",
                label="进展（给市民看）",
                hint="已经做了什么、接下来做什么。不要写姓名、电话等个人信息。",
            )
        ],
    ),
    done="已告知市民。",
    happened="告知进展",
)
