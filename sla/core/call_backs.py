"""Call-backs (回访): who is asked, drawn so that nobody chooses; and what may be said of how it went."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Annotated, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from schemas.errors import ActionNotAllowed, BadInput, FieldError
from schemas.ids import CaseId, DepartmentCode
from schemas.wording import says_something
from sla.core.lives import Happened

#: How a telephone call can end without an answer; `silent` is the page's.
WhyNot = Literal["no_answer", "refused", "wrong_number"]
Solved = Literal["yes", "partly", "no", "cannot"]
#: `open`: to be asked; `done`: answered; `unreached`: tried as often as the rule says, or silent; `void`: the case is not
#: closed any more.
CallBackState = Literal["open", "done", "unreached", "void"]
#: Project choice: a note is a few sentences; the case itself holds the rest.
NOTE_LIMIT = 500


class CallBackReason(StrEnum):
    """Why a case is called back; of several the first."""

    #: 差评
    RATED = "rated"
    #: 重办件
    REOPENED = "reopened"
    #: 抽样
    SAMPLE = "sample"


class CallBackRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom the centre calls back, as `sla/data/call_backs.toml` says it with its reasons."""

    bad_rating: int
    sample_share: Annotated[float, msgspec.Meta(ge=0, le=1)]
    sample_least: int
    sample_most: int
    tries: Annotated[int, msgspec.Meta(ge=1)]
    apart_hours: Annotated[int, msgspec.Meta(ge=1)]
    claim_minutes: Annotated[int, msgspec.Meta(ge=1)]
    page_days: Annotated[int, msgspec.Meta(ge=1)]
    most_redos: int
    days_made_up: int

    def sample_size(self, closed: int) -> int:
        """How many of so many are drawn; rounded up, so that no department with a case is left out."""
        share = -(-closed * round(self.sample_share * 10_000) // 10_000)
        return min(closed, max(self.sample_least, min(share, self.sample_most)))


@cache
def call_back_rule() -> CallBackRule:
    """The rule of this release, read from its file once."""
    text = (resources.files("sla") / "data" / "call_backs.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=CallBackRule)


class CallBackCandidate(NamedTuple):
    """A case that was closed with an answer, or rated bad, on the day that is drawn."""

    case_id: CaseId
    version: int
    #: Who has it; None: a dispatcher answered alone.
    department: DepartmentCode | None
    leads: Sequence[str]
    closed_at: datetime
    is_rated_bad: bool
    is_reopened: bool
    #: It was closed that day: what was only rated then is in nobody's sample.
    is_closed_that_day: bool


class DrawnCase(NamedTuple):
    """A case that is called back, and why."""

    case: CallBackCandidate
    why: CallBackReason


def lot_of(day: date, case_id: CaseId, key: bytes) -> bytes:
    """The case's lot of that day: the same however often it is drawn, and known to nobody beforehand."""
    return hmac.digest(key, f"{day.isoformat()}|{case_id}".encode(), "sha256")


def draw(
    candidates: Sequence[CallBackCandidate], day: date, key: bytes, rule: CallBackRule
) -> list[DrawnCase]:
    """Every bad rating, every case that was done once more, and of each department's others the lowest lots."""
    drawn = [DrawnCase(each, why) for each in candidates if (why := _surely(each)) is not None]
    taken = {each.case.case_id for each in drawn}
    pool = [each for each in candidates if each.is_closed_that_day]
    for _, group in groupby(sorted(pool, key=_department), key=_department):
        closed = list(group)
        others = [each for each in closed if each.case_id not in taken]
        others.sort(key=lambda each: lot_of(day, each.case_id, key))
        drawn += [DrawnCase(each, CallBackReason.SAMPLE) for each in others[: rule.sample_size(len(closed))]]
    return sorted(drawn, key=lambda each: each.case.case_id)


def _surely(case: CallBackCandidate) -> CallBackReason | None:
    if case.is_rated_bad:
        return CallBackReason.RATED
    return CallBackReason.REOPENED if case.is_reopened else None


def _department(case: CallBackCandidate) -> str:
    return case.department or ""


class CallResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a dispatcher writes down after a call."""

    reached: bool
    why_not: WhyNot | None = None
    contacted: bool | None = None
    solved: Solved | None = None
    satisfied: bool | None = None
    note: str = ""
    #: Have it done once more; left out: where it is not settled.
    redo: bool | None = None

    @property
    def is_redo(self) -> bool:
        """Whether it is done once more, in the same step."""
        return self.solved == "no" if self.redo is None else self.redo


def check(result: CallResult, redos: int, rule: CallBackRule) -> None:
    """`redos`: how often call-backs had the case done once more before.

    Raises:
        BadInput: what is missing, or does not fit together, field by field.
    """
    errors = list(_asked(result) if result.reached else _not_reached(result))
    if len(result.note) > NOTE_LIMIT:
        errors.append(FieldError("note", f"最多 {NOTE_LIMIT} 个字符。", f"At most {NOTE_LIMIT} characters."))
    if result.reached and result.is_redo and redos >= rule.most_redos:
        zh = f"回访已重办过 {redos} 次；请选择不再重办，由督办员处理。"
        en = f"Call-backs had it done anew {redos} times; choose no redo, a supervisor takes it on."
        errors.append(FieldError("redo", zh, en))
    if errors:
        raise BadInput(errors)


def _not_reached(result: CallResult) -> Iterable[FieldError]:
    if result.why_not is None:
        yield FieldError("why_not", "请选择没有接通的原因。", "Choose why nobody was reached.")


def _asked(result: CallResult) -> Iterable[FieldError]:
    if result.contacted is None:
        yield FieldError(
            "contacted", "请选择单位是否联系过。", "Choose whether the department contacted them."
        )
    if result.solved is None:
        yield FieldError("solved", "请选择是否解决。", "Choose whether it is settled.")
    if result.satisfied is None:
        yield FieldError("satisfied", "请选择是否满意。", "Choose whether they are content.")
    if result.solved == "cannot" and not says_something(result.note):
        yield FieldError("note", "请写明为什么无法解决。", "Say why it cannot be settled.")
    if result.solved == "no" and result.is_redo and not says_something(result.note):
        yield FieldError(
            "note", "请写明哪里没有解决，承办单位要看。", "Say what is not settled: the department reads it."
        )
    if result.redo and result.solved in ("yes", "cannot"):
        yield FieldError(
            "redo", "已解决或无法解决的不重办。", "What is settled, or cannot be, is not done anew."
        )


def counted(result: CallResult) -> Mapping[Happened, int]:
    """What figures count of a call-back that came to its end, with the values; what was not answered is in none."""
    said = {
        Happened.CONTACTED: result.contacted,
        Happened.SOLVED: {"yes": 2, "partly": 1, "no": 0}.get(result.solved or ""),
        Happened.CONTENT: result.satisfied,
    }
    answers = (
        {what: int(value) for what, value in said.items() if value is not None} if result.reached else {}
    )
    return {Happened.ASKED_BACK: int(result.reached), **answers}


class CallBack(msgspec.Struct, frozen=True, kw_only=True):
    """One call-back of a case, and what came of it."""

    case_id: CaseId
    number: int
    day: date
    why: CallBackReason
    state: CallBackState
    drawn_at: datetime
    department: DepartmentCode | None = None
    #: Asked on the citizen's page until then; None: by telephone.
    until: datetime | None = None
    #: Who is calling now, and until when that holds; None: nobody.
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    tries: int = 0
    tried_at: datetime | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    why_not: str | None = None
    contacted: bool | None = None
    solved: str | None = None
    satisfied: bool | None = None
    note: str | None = None
    redo: bool = False


class ListedCallBack(CallBack, frozen=True, kw_only=True):
    """The same in a list. `due_at`: of its clock, while that runs."""

    tracking_code: str | None = None
    due_at: datetime | None = None


#: One of a case, or one in a list.
_C = TypeVar("_C", bound=CallBack)


def as_claimed(call: _C, now: datetime) -> _C:
    """The same; a claim whose time is over is none."""
    if call.claimed_until is None or now < call.claimed_until:
        return call
    return replace(call, claimed_by=None, claimed_until=None)


class BeingCalled(ActionNotAllowed):
    """Another dispatcher is calling this citizen."""

    code = "being-called"
    zh = "{name} 正在回访，{until} 之前由其拨打和填写。"
    en = "{name} is calling; until {until} nobody else does, or writes anything down."


def check_claim(call: CallBack, name: str, now: datetime, zone: ZoneInfo) -> None:
    """Whoever is not the one who is calling may not.

    Raises:
        BeingCalled: somebody else is, with who and until when.
    """
    held = as_claimed(call, now)
    if held.claimed_by and held.claimed_until and held.claimed_by != name:
        raise BeingCalled(name=held.claimed_by, until=f"{held.claimed_until.astimezone(zone):%H:%M}")


class NumberNotShown(ActionNotAllowed):
    """Whoever writes down that nobody was reached was not shown the number since the last call."""

    code = "number-not-shown"
    zh = "请先点“显示电话”并拨打，没有接通再填写。"
    en = "Show the number first, and ring up; that nobody was reached is written down after that."


def check_shown(held: "HeldCallBack", name: str) -> None:
    """Nobody writes down a call in vain for which they had no number, however long ago they asked for it.

    Whom they did reach may have rung up themselves.

    Raises:
        NumberNotShown: somebody else was shown it since, or nobody was since the last call.
    """
    if held.shown_to != name:
        raise NumberNotShown


def calls_apart(times: Iterable[datetime], apart: timedelta) -> int:
    """How many calls in vain count, of those at these times: none that came soon after one that does."""
    counted: list[datetime] = []
    for at in sorted(times):
        if not counted or at - counted[-1] >= apart:
            counted.append(at)
    return len(counted)


class HeldCallBack(NamedTuple):
    """An open call-back that is held until the unit ends, and its case."""

    call_back: CallBack
    version: int
    leads: Sequence[str]
    answered_by: str
    #: The case is closed as it was when it was drawn.
    is_current: bool
    #: No department has it: a dispatcher answered alone.
    is_direct: bool
    redos: int
    #: Who was shown the number last; None: nobody since the last call, or whoever was gave it back.
    shown_to: str | None


def says_the_same(settled: CallBack, result: CallResult) -> bool:
    """Whether that is what was written down of it; the note, which is masked when it is kept, aside."""
    if not result.reached:
        return settled.state == "unreached" and settled.why_not == result.why_not
    kept = (settled.state, settled.contacted, settled.solved, settled.satisfied, settled.redo)
    return kept == ("done", result.contacted, result.solved, result.satisfied, result.is_redo)


def may_call(name: str, department: DepartmentCode | None, leads: Iterable[str], answered_by: str) -> bool:
    """Whether this dispatcher may: neither of a unit that had the case, nor who answered it."""
    return department not in set(leads) and (not answered_by or answered_by != name)


def days_to_draw(reached: date, drawn: Mapping[date, object], rule: CallBackRule) -> list[date]:
    """The days that are over and were not drawn yet, the first first. `reached`: the first day that is not over."""
    days = [reached - timedelta(days=back) for back in range(rule.days_made_up, 0, -1)]
    return [day for day in days if day not in drawn]
