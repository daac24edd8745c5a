"""What dispatchers are told: that new items wait, some times a day; of an emergency, or what may be one, at once."""

from collections.abc import Mapping
from datetime import datetime

from routing.core.classify import Classification
from routing.core.decisions.review import RoutingCase
from routing.core.doubts import Doubt
from schemas.events.intake import CaseRegistered
from schemas.ids import CaseId
from schemas.notices import Audience, Notice, Occasion
from schemas.words import Urgency

#: What there is to do, by occasion, in Chinese and English.
SENTENCES: Mapping[Occasion, tuple[str, str]] = {
    Occasion.WAITING: (
        "新到 {new} 件待处理，共 {waiting} 件在等。",
        "New to decide: {new}; waiting altogether: {waiting}.",
    ),
    Occasion.EMERGENCY: (
        "有一件特急诉求待派单，请立即处理。",
        "An emergency waits to be dispatched; please see to it at once.",
    ),
    Occasion.SUSPECTED: (
        "有一件诉求疑似有人遇险，尚未核实，请立即核实。",
        "A case sounds as if somebody were in danger; nobody has looked into it yet: please do so at once.",
    ),
    Occasion.DANGER_SAID: (
        "市民对一件诉求又说了情况，有人遇险或疑似遇险，请立即查看。",
        "A citizen has said more of a case, and somebody is in danger, or may be: please look at it at once.",
    ),
}
#: Somebody may be in danger, and no department has the case.
UNDISPATCHED = frozenset({Occasion.EMERGENCY, Occasion.SUSPECTED})
#: Nobody waits for the morning with these.
AT_ONCE = UNDISPATCHED | {Occasion.DANGER_SAID}


def danger_notice(event: CaseRegistered, opinion: Classification, at: datetime) -> Notice | None:
    """Of an emergency that no department has, or of what only sounds like danger: said once.

    None of anything else, nor of a row of an old list: a file of last year's calls wakes nobody, and they hear of it with
    the round.
    """
    if event.of_old_list:
        return None
    if opinion.urgency is Urgency.EMERGENCY:
        occasion = Occasion.EMERGENCY
    elif Doubt.SOUNDS_DANGEROUS in opinion.doubts:
        occasion = Occasion.SUSPECTED
    else:
        return None
    return _to_dispatchers(occasion, event.case_id, str(event.version + 1), at)


def alarm_notice(case: RoutingCase, mark: str, at: datetime) -> Notice:
    """Of a case whose citizen tells of danger since, as it is by now. `mark`: of the words (`words_mark`)."""
    if case.state != "open":
        return _to_dispatchers(Occasion.DANGER_SAID, case.case_id, mark, at)
    is_sure = case.urgency is Urgency.EMERGENCY
    occasion = Occasion.EMERGENCY if is_sure else Occasion.SUSPECTED
    return _to_dispatchers(occasion, case.case_id, mark, at)


def _to_dispatchers(occasion: Occasion, case_id: CaseId, mark: str, at: datetime) -> Notice:
    return Notice(occasion=occasion, audience=Audience.DISPATCHERS, at=at, mark=mark, case_id=case_id)


def waiting_notice(new: int, waiting: int, *, day: str, round_at: datetime, at: datetime) -> Notice | None:
    """What came since the last round, and how much waits; None where nothing came. No case is named."""
    if not new:
        return None
    return Notice(
        occasion=Occasion.WAITING,
        audience=Audience.DISPATCHERS,
        at=at,
        mark=round_at.isoformat(),
        facts={"new": str(new), "waiting": str(waiting), "day": day},
    )
