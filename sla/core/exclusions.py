"""Exclusions (不纳入考核): what is left out of which figures of whom, and who decides that and an appeal (考核申诉)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Annotated, Literal, NamedTuple

import msgspec

from schemas.bilingual import Bilingual
from schemas.errors import ActionNotAllowed, BadInput, FieldError
from schemas.ids import CaseId, DepartmentCode
from schemas.wording import says_something
from sla.core.calendar import Calendar
from sla.core.clocks import Term, deadline_of, term_of
from sla.core.figure_kinds import figure_kinds

#: Asked for instead of single figures: all of them.
WHOLE_CASE = "case"
#: Project choice: a page of reasons; whoever decides reads them all.
TEXT_LIMIT = 1000


class ExclusionState(StrEnum):
    """Where a request to leave a case out stands."""

    #: 待决定
    OPEN = "open"
    #: 已同意，不纳入考核
    GRANTED = "granted"
    #: 未同意，可以申诉一次
    REFUSED = "refused"
    #: 申诉待决定，由另一位督办员
    APPEALED = "appealed"
    #: 申诉未获支持
    UPHELD = "upheld"
    #: 单位已撤回
    WITHDRAWN = "withdrawn"
    #: 同意后又被撤销
    REVOKED = "revoked"


#: What is done to a request, and where that leads from where.
Deed = Literal["grant", "refuse", "revoke", "appeal", "take_back"]
_LEADS: Mapping[tuple[ExclusionState, Deed], ExclusionState] = {
    (ExclusionState.OPEN, "grant"): ExclusionState.GRANTED,
    (ExclusionState.OPEN, "refuse"): ExclusionState.REFUSED,
    (ExclusionState.OPEN, "take_back"): ExclusionState.WITHDRAWN,
    (ExclusionState.REFUSED, "appeal"): ExclusionState.APPEALED,
    (ExclusionState.APPEALED, "grant"): ExclusionState.GRANTED,
    (ExclusionState.APPEALED, "refuse"): ExclusionState.UPHELD,
    (ExclusionState.APPEALED, "take_back"): ExclusionState.WITHDRAWN,
    (ExclusionState.GRANTED, "revoke"): ExclusionState.REVOKED,
    (ExclusionState.GRANTED, "take_back"): ExclusionState.WITHDRAWN,
}
#: Somebody has to decide.
WAITING = frozenset({ExclusionState.OPEN, ExclusionState.APPEALED})


class ExclusionReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a case is to be left out, one of a list."""

    code: str
    label: Bilingual


class ExclusionRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be asked for and how long everybody has, as `sla/data/exclusions.toml` says it with its reasons."""

    ask: str
    decide: str
    appeal: str
    figures: tuple[str, ...]
    reason: tuple[ExclusionReason, ...]

    def until(
        self, term: Literal["ask", "decide", "appeal"], since: datetime, calendar: Calendar
    ) -> datetime:
        """The last moment to ask, decide or appeal, counted from `since`."""
        return deadline_of(since, _term(getattr(self, term)), calendar).due_at


@cache
def _term(text: str) -> Term:
    return term_of(text)


@cache
def exclusion_rule() -> ExclusionRule:
    """The rule of this release, read from its file once; it names only rates that there are."""
    text = (resources.files("sla") / "data" / "exclusions.toml").read_text(encoding="utf-8")
    rule = msgspec.toml.decode(text, type=ExclusionRule)
    if unknown := set(rule.figures) - {kind.code for kind in figure_kinds().rate}:
        raise ValueError(f"no such rates: {sorted(unknown)}")
    return rule


#: What was done to a request.
What = Literal["asked", "granted", "refused", "appealed", "upheld", "withdrawn", "revoked"]


class ExclusionStep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done to a request: who, when and in which words, masked."""

    at: datetime
    by: str
    what: What
    text: str = ""


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    """A request to leave a case out of figures of one department, and what became of it."""

    case_id: CaseId
    number: int
    department: DepartmentCode
    #: Codes of rates; `case`: all of them.
    figures: tuple[str, ...]
    reason: str
    state: ExclusionState
    #: The end of the case that it is about: a case that is reopened has another one, and is counted with it.
    closed_at: datetime
    #: Of one that waits: since when, and by when it is to be decided. Of a refused one: by when it may be appealed.
    since: datetime
    until: datetime | None
    steps: tuple[ExclusionStep, ...]
    tracking_code: str | None = None
    #: The case is closed as it was when this was asked; otherwise the request has lapsed, and changes no figure.
    is_current: bool = True

    @property
    def version(self) -> int:
        """Of what somebody saw who decides: the number of steps."""
        return len(self.steps)

    @property
    def first_decided_by(self) -> str | None:
        """Who decided on the request first, before any appeal; None while nobody has."""
        return next((each.by for each in self.steps if each.what in ("refused", "granted")), None)

    @property
    def was_refused(self) -> bool:
        """Whether it was refused once, also if something was decided since."""
        return any(each.what == "refused" for each in self.steps)

    @property
    def asked_by(self) -> str:
        """Who asked for it first."""
        return self.steps[0].by


#: Where a request stands behind each step.
STANDS: Mapping[What, ExclusionState] = {
    "asked": ExclusionState.OPEN, "granted": ExclusionState.GRANTED, "refused": ExclusionState.REFUSED,
    "appealed": ExclusionState.APPEALED, "upheld": ExclusionState.UPHELD, "withdrawn": ExclusionState.WITHDRAWN,
    "revoked": ExclusionState.REVOKED,
}  # fmt: skip


def to_seal(exclusion: Exclusion, number: int) -> bytes:
    """What the seal of a step covers, from 1: the step with its words, and what the request is about."""
    step = exclusion.steps[number - 1]
    about = (exclusion.case_id, exclusion.number, exclusion.department, exclusion.figures, exclusion.reason)
    return b"exclusion\0" + msgspec.json.encode((*about, number, step.what, step.by, step.text))


class ExclusionRefused(ActionNotAllowed):
    """A case that nobody may ask about, or not any more, with the reason."""

    code = "no-exclusion"
    zh = "{zh}"
    en = "{en}"


class StandsInNoFigure(ExclusionRefused):
    """A protected case: it stands in no number, so that there is nothing to leave out."""

    zh = "保密件、举报件和涉及被举报单位的件不计入任何指标，没有什么可以剔除。"
    en = "What is told in confidence, reports or accuses somebody stands in no figure: there is nothing to leave out."


class Excludable(NamedTuple):
    """What is known of a case when a department asks. `counted_at`: its end, or what its citizen said of it last."""

    closed_at: datetime | None
    outcome: str | None
    private: bool
    is_led: bool
    counted_at: datetime | None


def why_not(case: Excludable, now: datetime, calendar: Calendar) -> ExclusionRefused | None:
    """Why the department may not ask; None: it may."""
    if case.private:
        return StandsInNoFigure()
    for holds, zh, en in (
        (not case.is_led, "只有主办过此件的单位可以申请。", "Only a department that led the case may ask."),
        (
            case.outcome == "merged",
            "已并单的件由所并入的件计算，不能申请。",
            "A merged case is counted with the other one.",
        ),
        (
            case.closed_at is None,
            "此件尚未办结，或正在重办；办结后才能申请。",
            "The case has not ended, or is done anew; ask once it has ended.",
        ),
        (
            case.counted_at is not None and now > exclusion_rule().until("ask", case.counted_at, calendar),
            "已超过申请期限。",
            "The time to ask is over.",
        ),
    ):
        if holds:
            return ExclusionRefused(zh=zh, en=en)
    return None


class ExclusionAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What a department asks for: of which figures (`case`: all), why, and in which words."""

    figures: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=50)]
    reason: str
    text: str = ""


def figures_of(ask: ExclusionAsk) -> tuple[str, ...]:
    """What is meant: the whole case, or those of its figures that there are, in the order of the file."""
    if WHOLE_CASE in ask.figures:
        return (WHOLE_CASE,)
    return tuple(each for each in exclusion_rule().figures if each in ask.figures)


def checked(ask: ExclusionAsk, own: Sequence[Exclusion]) -> tuple[str, ...]:
    """The figures, each once, in the order of the file. `own`: what the department asked before about this end.

    Raises:
        BadInput: what is unknown, missing, or was asked for before, field by field.
    """
    rule = exclusion_rule()
    figures = figures_of(ask)
    errors = [*_of_figures(ask, figures, own), *_of_words(ask.text)]
    if ask.reason not in {each.code for each in rule.reason}:
        errors.append(FieldError("reason", "请选择一项原因。", "Choose a reason."))
    if errors:
        raise BadInput(errors)
    return figures


def _of_figures(ask: ExclusionAsk, figures: Sequence[str], own: Sequence[Exclusion]) -> Sequence[FieldError]:
    if not figures or not set(ask.figures) <= {WHOLE_CASE, *exclusion_rule().figures}:
        return [FieldError("figures", "请选择指标，或整件。", "Choose figures, or the whole case.")]
    # What was refused cannot be taken back in its appeal and asked anew: there is one appeal, and another decides it.
    stand = [each for each in own if each.state is not ExclusionState.WITHDRAWN or each.was_refused]
    before = {figure for each in stand for figure in each.figures}
    if before and (WHOLE_CASE in before or WHOLE_CASE in figures or before & set(figures)):
        zh = "本单位已就此件的这项指标申请过；未同意的可以申诉一次。"
        return [FieldError("figures", zh, "Asked for before; what was refused may be appealed once.")]
    return []


def _of_words(text: str) -> Sequence[FieldError]:
    if not says_something(text):
        return [FieldError("text", "请写明理由。", "Say why.")]
    if len(text) > TEXT_LIMIT:
        return [FieldError("text", f"最多 {TEXT_LIMIT} 个字符。", f"At most {TEXT_LIMIT} characters.")]
    return []


def check_words(text: str) -> None:
    """Whoever decides or appeals says why.

    Raises:
        BadInput: they do not, or in too many words.
    """
    if errors := _of_words(text):
        raise BadInput(errors)


def next_state(exclusion: Exclusion, deed: Deed) -> ExclusionState:
    """Where this leads.

    Raises:
        ExclusionRefused: nowhere, as the request stands.
    """
    if not exclusion.is_current:
        zh = "此件此后重办过，这项申请已失效；再次办结后可以重新申请。"
        raise ExclusionRefused(
            zh=zh, en="The case was reopened since: the request has lapsed; ask anew once it has ended."
        )
    state = _LEADS.get((exclusion.state, deed))
    if state is None:
        raise ExclusionRefused(
            zh="这项申请现在不能这样处理。", en="As the request stands, this cannot be done."
        )
    return state


def who_may_not(
    exclusion: Exclusion, name: str, department: DepartmentCode | None
) -> ExclusionRefused | None:
    """Why this supervisor may not decide: of the department itself, or who refused it before; None: they may."""
    if department == exclusion.department or name == exclusion.asked_by:
        zh = "由申请单位以外的人决定。"
        return ExclusionRefused(zh=zh, en="Somebody outside the department decides.")
    # Nor does who refused it revoke what another granted on appeal.
    if exclusion.was_refused and name == exclusion.first_decided_by:
        zh = "申诉由另一位督办员决定。"
        return ExclusionRefused(zh=zh, en="Another supervisor decides the appeal.")
    return None
