"""Ask the citizen for what the department cannot do without (补充材料)."""

from datetime import timedelta

from msgspec.structs import replace

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField, head
from handlers.core.asks import AskedQuestion
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.moments import MomentText, moment_of
from handlers.core.rules import MAX_QUESTIONS, STAY, Action, Actor, Facts, Rule
from handlers.core.texts import Sentence, clean
from schemas.city import City
from schemas.events.commands import AskCitizen
from schemas.events.handlers import QuestionAsked
from schemas.words import CaseState, Urgency

#: Project choice: a week holds a weekend, on which people look for papers; the rest of the limit stays for the work.
LONGEST_QUESTION = timedelta(days=7)
#: Project choice: a pressing matter has a day in all, and nobody decides on a question but whoever asks it.
LONGEST_PRESSING_QUESTION = timedelta(days=1)


class Ask(Body, frozen=True, kw_only=True):
    """What the citizen is asked, and until when the case waits for the answer: a day, or a moment."""

    text: Sentence
    until: MomentText


def longest_question(urgency: Urgency) -> timedelta:
    """How long the case waits for an answer at most."""
    return LONGEST_QUESTION if urgency is Urgency.NORMAL else LONGEST_PRESSING_QUESTION


def ask(case: Case, body: Ask, by: By, state: CaseState, city: City) -> CaseChange:
    """Ask the citizen: the department's own clock stands still until the answer, or until the time for it has passed."""
    text = clean(body.text, "text", public=True)
    until = moment_of(body.until, "until", now=by.now, longest=longest_question(case.urgency), zone=city.zone)
    asks = replace(
        case.asks, question=AskedQuestion(text=text, until=until), question_count=case.asks.question_count + 1
    )
    event = QuestionAsked(**head(case, by), department=case.lead, text=text, until=until)
    return change(
        case, by, Action.ASK, {"text": text, "until": until.isoformat()}, (event,), text=text,
        state=state, version=event.version, asks=asks,
    )  # fmt: skip


def _may_ask_back(facts: Facts) -> bool:
    return facts.may_ask and not facts.is_emergency and facts.question_count < MAX_QUESTIONS


ASK = DepartmentAction(
    rule=Rule(
        action=Action.ASK,
        actors=[Actor.LEAD],
        states=[CaseState.IN_PROGRESS],
        target=STAY,
        guard=_may_ask_back,
    ),
    body=Ask,
    perform=ask,
    command=AskCitizen,
    says=QuestionAsked,
    summary="Ask the citizen for what is missing (补充材料)",
    form=Form(
        place=14,
        button="向市民询问",
        folded="请市民补充材料或说明",
        warning="只问一次，请一次问全。等待期间本单位的答复时限暂停，最长 7 天（紧急件 1 天）；市民不答，到期继续办理。",
        fields=[
            FormField(name="text", label="问什么", hint="市民会看到。不要写姓名、电话等个人信息。"),
            FormField(name="until", label="等到哪一天", kind="date"),
        ],
    ),
    done="已向市民询问；答复时限暂停到市民回答或期满。",
    happened="请市民补充",
)
