"""What staff and other systems are sent: that there is something to do and where, never what a citizen wrote."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from deploy import clock
from deploy.notices import endpoints
from deploy.notices.endpoints import Endpoint
from handlers.core import notices as desk
from handlers.core.notices import Standing
from handlers.steps.notices import standing_of
from intake.steps.notices import wakes_nobody
from routing.core import notices as dispatch
from routing.steps.notices import code_of_undispatched, is_live, waits_for_dispatch
from schemas.days import day_of, ends_a_day
from schemas.notices import (
    Audience,
    KeptNotice,
    Message,
    NoticeChannel,
    NoticeState,
    NotSent,
    Occasion,
    quiet_until,
)
from schemas.ports import Unit
from schemas.words import Language
from sla.core import notices as watch
from sla.steps.exclusions import concerns, waits_for_decision
from sla.steps.reports import waits_for_word

SENTENCES: Mapping[Occasion, tuple[str, str]] = {
    **desk.SENTENCES,
    **dispatch.SENTENCES,
    **watch.SENTENCES,
}
_LETTER = (
    "{sentence}\n{code}\n请登录查看：{url}\n\n这封信由系统自动发出，请勿回复。\n",
    "{sentence}\n{code}\nSign in to see it: {url}\n\nThis letter was sent automatically; please do not answer it.\n",
)
_CODE = ("查询号：{code}\n", "Tracking code: {code}\n")
#: What they count is of their day.
_OF_A_DAY = frozenset({Occasion.DIGEST, Occasion.WAITING})
_EXCLUSIONS = frozenset({Occasion.EXCLUSION_ASKED, Occasion.EXCLUSION_OVERDUE, Occasion.EXCLUSION_DECIDED})
#: Where each audience works.
PLACES = {Audience.DEPARTMENT: "/desk", Audience.DISPATCHERS: "/review", Audience.SUPERVISORS: "/watch"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffWording:
    """Words what staff are sent; asks first whether it still concerns them."""

    zone: ZoneInfo
    public_url: str
    now: Callable[[], datetime] = clock.now

    async def compose(self, unit: Unit, notice: KeptNotice) -> Message | NotSent:
        """The letter, or the body of the webhook; or why there is none."""
        endpoint = await endpoints.find(unit.db, notice.endpoint_id or "")
        if endpoint is None:
            return NotSent("removed")
        # Whether one that is switched off takes messages again is what its test is for.
        if endpoint.disabled_at is not None and notice.occasion is not Occasion.TEST:
            return NotSent("disabled", state=NoticeState.FAILED)
        if notice.occasion in _OF_A_DAY and self._is_of_another_day(notice):
            return NotSent("outdated")
        if await _is_done(unit, notice):
            return NotSent("outdated")
        standing = await standing_of(unit, notice)
        if isinstance(standing, NotSent):
            if not await _is_told_all_the_same(unit, notice):
                return standing
            standing = None
        if endpoint.channel is NoticeChannel.WEBHOOK:
            return self._for_a_system(notice, endpoint, await _code_for_a_system(unit, notice, standing))
        until = quiet_until(self.now(), self.zone)
        if until is not None and not await _is_told_at_night(unit, notice, standing):
            return NotSent("quiet-hours", until=until)
        return self._letter(notice, endpoint, standing)

    def _is_of_another_day(self, notice: KeptNotice) -> bool:
        """Whoever tries again what failed moves its moment, and not what was counted."""
        counted = notice.facts.get("day") or day_of(notice.at, self.zone).isoformat()
        return counted != day_of(self.now(), self.zone).isoformat()

    def _letter(self, notice: KeptNotice, endpoint: Endpoint, standing: Standing | None) -> Message:
        is_told = is_named(notice, standing)
        code = standing.tracking_code if standing is not None and is_told else ""
        url = self.public_url + self._place(notice, is_told=is_told)
        language = endpoint.language
        subject, text = letter_words(notice.occasion, notice.facts, language, self.zone, code=code, url=url)
        return Message(to=endpoint.address, language=language, subject=subject, text=text, short=subject)

    def _place(self, notice: KeptNotice, *, is_told: bool) -> str:
        if notice.occasion is Occasion.ENTRY_ENDS:
            return "/desk/entries?state=expiring"
        if notice.occasion is Occasion.ENTRY_HELD:
            return f"/desk/entries/{notice.facts['entry_id']}"
        place = place_of(notice.occasion, notice.audience)
        if not is_told or notice.case_id is None or place == "/watch":
            return place
        return f"{place}/{notice.case_id}"

    def _for_a_system(self, notice: KeptNotice, endpoint: Endpoint, code: str | None) -> Message | NotSent:
        if endpoint.audience is Audience.CITY and code is None and notice.case_id is not None:
            return NotSent("private")
        data = {"audience": notice.audience.value, "department": notice.department, **notice.facts}
        if code is not None:
            data |= {"case_id": notice.case_id, "tracking_code": code}
        body = {"type": f"notice.{notice.occasion}", "timestamp": notice.at, "data": data}
        return Message(
            to=endpoint.address,
            language=endpoint.language,
            subject="",
            text=msgspec.json.encode(body).decode(),
            short="",
            secrets=endpoint.secrets(self.now()),
        )


async def _is_told_at_night(unit: Unit, notice: KeptNotice, standing: Standing | None) -> bool:
    """Nobody waits for the morning with an emergency, unless it stood in an old list and nobody has touched it since."""
    if notice.occasion in dispatch.AT_ONCE:
        return True
    if notice.case_id is None or standing is None or not standing.is_emergency:
        return False
    return not await wakes_nobody(unit, notice.case_id) or await is_live(unit, notice.case_id)


async def _is_done(unit: Unit, notice: KeptNotice) -> bool:
    """What it asks for was done meanwhile: the emergency is dispatched, the supervisor has spoken."""
    if notice.case_id is None:
        return False
    if notice.occasion in dispatch.UNDISPATCHED:
        return not await waits_for_dispatch(unit, notice.case_id)
    if notice.occasion is Occasion.ORDER_REPORTED:
        return not await waits_for_word(unit, notice.case_id, int(notice.facts.get("order", "0")))
    if notice.occasion in (Occasion.EXCLUSION_ASKED, Occasion.EXCLUSION_OVERDUE):
        number, step = (int(notice.facts.get(name, "0")) for name in ("exclusion", "step"))
        return not await waits_for_decision(unit, notice.case_id, number, step)
    return False


def place_of(occasion: Occasion, audience: Audience) -> str:
    """Where that audience looks at what it is told of."""
    return "/exclusions" if occasion in _EXCLUSIONS else PLACES.get(audience, "/watch")


async def _is_told_all_the_same(unit: Unit, notice: KeptNotice) -> bool:
    """What a department asked of a case that another has by now it is told without its code: it may appeal for some days."""
    if notice.occasion is not Occasion.EXCLUSION_DECIDED or notice.case_id is None:
        return False
    return await concerns(unit, notice.case_id, int(notice.facts.get("exclusion", "0")), notice.department)


async def _code_for_a_system(unit: Unit, notice: KeptNotice, standing: Standing | None) -> str | None:
    """The code of the case where it may be named; of what no department has had a dispatcher's room knows that."""
    if standing is None and notice.case_id is not None:
        return await code_of_undispatched(unit, notice.case_id)
    return standing.tracking_code if standing is not None and is_named(notice, standing) else None


def is_named(notice: KeptNotice, standing: Standing | None) -> bool:
    """Whether the case may be named in what is sent: it is known, and neither protected nor confidential."""
    return notice.case_id is not None and standing is not None and not standing.is_private


def letter_words(
    occasion: Occasion, facts: Mapping[str, str], language: Language, zone: ZoneInfo, *, code: str, url: str
) -> tuple[str, str]:
    """Subject and text. `code`: empty where the case is not named."""
    until = facts.get("until")
    words = {**facts, "until": "" if until is None else moment_in_words(until, zone)}
    sentence = language.choose(*SENTENCES[occasion]).format(**words)
    named = language.choose(*_CODE).format(code=code) if code else ""
    letter = language.choose(*_LETTER).format(sentence=sentence, code=named, url=url)
    return sentence.rstrip("。."), letter


def together(messages: Sequence[Message]) -> Message:
    """Many letters to one office as one: nobody reads the thirtieth."""
    first = messages[0]
    subject = first.language.choose(f"{len(messages)} 条新通知", f"{len(messages)} new notices")
    return msgspec.structs.replace(
        first, subject=subject, short=subject, text="\n".join(message.text for message in messages)
    )


def moment_in_words(moment: str, zone: ZoneInfo) -> str:
    """As the city's clocks show it; midnight as the end of its day."""
    local = datetime.fromisoformat(moment).astimezone(zone)
    return f"{day_of(local, zone)} 24:00" if ends_a_day(local) else f"{local:%Y-%m-%d %H:%M}"
