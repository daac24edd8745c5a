"""Citizens are told: who hears of what, and, when it is sent, in which words and where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from intake.core import notices as core
from intake.core.keys import IntakeKeys
from intake.core.sealing import Personal, unseal
from intake.core.stopping import case_of_token, stop_token
from intake.store import reachable as store
from intake.store.register import came_with_old_list
from schemas.days import day_of, ends_a_day
from schemas.errors import DataRefused, NotFound
from schemas.event import Event
from schemas.events.intake import SubmissionAccepted
from schemas.ids import CaseId
from schemas.notices import (
    Audience,
    KeptNotice,
    Message,
    Notice,
    NoticeChannel,
    NotSent,
    Occasion,
    quiet_until,
)
from schemas.ports import Step, Unit
from schemas.values import Contact
from schemas.words import ContactPreference


class StopUnknown(NotFound):
    """No notices are stopped by this address."""

    en = "This address stops no notices; it may have been cut off."
    zh = "这个地址不能停止任何通知，可能没有复制完整。"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTools:
    """What citizens' notices are made with."""

    keys: IntakeKeys = field(repr=False)
    zone: ZoneInfo
    public_url: str
    now: Callable[[], datetime]


async def wakes_nobody(unit: Unit, case_id: CaseId) -> bool:
    """Whether the case is a row of an old list: then staff are told in the morning, however urgent it is."""
    return await came_with_old_list(unit.db, case_id)


async def tell_received(unit: Unit, reachable: Sequence[tuple[SubmissionAccepted, NoticeChannel]]) -> None:
    """From now on these citizens are told of news; that their message came, unless the mailbox has answered already."""
    await store.keep(unit.db, [(event.case_id, channel) for event, channel in reachable])
    for event, channel in reachable:
        if core.is_received_news(event, unit.now):
            unit.notify(_notice(event.case_id, channel, core.NoticeCause(Occasion.RECEIVED, "1"), unit.now))


def telling(step: Step) -> Step:
    """`step`, after which citizens are told of what its events say."""

    async def handle_and_tell(unit: Unit, events: Sequence[Event]) -> None:
        await step(unit, events)
        await tell(unit, events)

    return handle_and_tell


async def tell(unit: Unit, events: Sequence[Event]) -> None:
    """Those citizens who left an address are told what these events mean to them."""
    news = [
        (event, told)
        for event in events
        if not core.is_old(event.at, unit.now)
        for told in core.told_by(event)
    ]
    if not news:
        return
    channels = await store.channels_of(unit.db, [event.case_id for event, _ in news])
    for event, told in news:
        if event.case_id in channels:
            unit.notify(_notice(event.case_id, channels[event.case_id], told, event.at))


def _notice(case_id: CaseId, channel: NoticeChannel, told: core.NoticeCause, at: datetime) -> Notice:
    return Notice(
        occasion=told.occasion,
        audience=Audience.CITIZEN,
        at=at,
        mark=told.mark,
        case_id=case_id,
        channel=channel,
        facts=told.facts,
        not_before=at + told.after,
    )


async def citizen_message(unit: Unit, notice: KeptNotice, wording: NoticeTools) -> Message | NotSent:
    """What is sent to the citizen now, by what they left; or why nothing is."""
    if notice.case_id is None or (found := await store.standing_of(unit.db, notice.case_id)) is None:
        return NotSent("stopped")
    standing, sealed = found
    if reason := core.why_outdated(notice.occasion, notice.facts, standing):
        return NotSent(reason)
    # Letters wake nobody; what rings waits for the morning, unless it answers what was sent just now.
    is_silent = notice.channel is NoticeChannel.EMAIL or notice.occasion is Occasion.RECEIVED
    if not is_silent and (until := quiet_until(wording.now(), wording.zone)) is not None:
        return NotSent("quiet-hours", until=until)
    try:
        personal = Personal() if sealed is None else unseal(wording.keys, notice.case_id, sealed)
    except DataRefused:
        return NotSent("unreadable")
    return _message(notice, standing, personal, wording)


def _message(
    notice: KeptNotice, standing: core.Standing, personal: Personal, wording: NoticeTools
) -> Message | NotSent:
    contact = personal.contact or Contact()
    if contact.preference is ContactPreference.NONE:
        return NotSent("unwanted")
    address = {
        NoticeChannel.EMAIL: contact.email,
        NoticeChannel.SMS: core.mobile_of(contact),
        NoticeChannel.PUSH: personal.push_token,
    }.get(notice.channel)
    if not address or notice.case_id is None:
        return NotSent("no-address")
    language = core.language_of(contact, standing.language)
    stop_url = f"{wording.public_url}/unsubscribe/{stop_token(wording.keys.code_secret, notice.case_id)}"
    words = core.words_of(
        notice.occasion,
        standing,
        until=_in_words(notice.facts.get("until"), wording.zone),
        url=f"{wording.public_url}/follow",
        stop_url=stop_url,
        language=language,
    )
    return Message(to=address, language=language, stop_url=stop_url, **words._asdict())


def _in_words(moment: str | None, zone: ZoneInfo) -> str:
    if moment is None:
        return ""
    local = datetime.fromisoformat(moment).astimezone(zone)
    return f"{day_of(local, zone)} 24:00" if ends_a_day(local) else f"{local:%Y-%m-%d %H:%M}"


async def stop_notices(unit: Unit, keys: IntakeKeys, token: str) -> None:
    """The citizen whose letter had this in its address hears no more of that case.

    Raises:
        StopUnknown: it is none of ours.
    """
    case_id = case_of_token(keys.code_secrets, token)
    if case_id is None:
        raise StopUnknown
    await store.stop(unit.db, case_id, unit.now)
