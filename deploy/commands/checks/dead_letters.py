"""What `huiyin doctor` finds of our own events that a consumer put aside: what they tell, that slice does not know."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

from deploy import composition
from deploy.commands.checks.findings import Finding
from deploy.database.inbox import known_events
from deploy.database.pool import connect, open_pool
from deploy.messaging.dead.dead_letters import StoredLetter, stored_letters
from deploy.messaging.records.envelope import FORGOTTEN, UNKNOWN_TYPE
from deploy.messaging.records.signature import EventKeys, event_keys
from deploy.reconcile.deeds import hearers_of
from deploy.settings import Settings
from schemas.bilingual import Bilingual
from schemas.event import EVENT_TYPES
from schemas.ids import EventId, is_uuid
from schemas.topics import COMMANDS, SUBMISSIONS, topic_name


class _PutAside(NamedTuple):
    """One event of ours among the dead letters."""

    event_id: EventId
    type: str
    #: The consumer that could not handle it, and why.
    stage: str
    reason: str


class _Sent(NamedTuple):
    """A record as it lay on its own topic, as far as its signature goes."""

    topic: str
    key: bytes | None
    value: bytes | None


async def check_letters(settings: Settings) -> Finding:
    """Whether a consumer put an event of ours aside that it should hear, and has not handled it since.

    Citizens' messages are another check's, departments' commands their senders' affair; and what is too old for any inbox
    nobody can tell: `huiyin reconcile` says again what is missing of it.
    """
    aside = [each async for each in _put_aside(settings)]
    waiting = Counter(each.reason for each in await _not_handled(settings, aside)) if aside else Counter()
    if not waiting:
        well = Bilingual(
            zh="没有未处理的事件停在死信中", en="no event of ours is left among the dead letters"
        )
        return Finding(check="letters", state="ok", found=well)
    reasons = ", ".join(f"{reason} ({count})" for reason, count in sorted(waiting.items()))
    return Finding(
        check="letters",
        state="fail",
        found=Bilingual(
            zh=f"有消费者把本系统的事件放入死信，至今未处理：{reasons}",
            en=f"events of ours were put aside by a consumer, and are not handled: {reasons}",
        ),
        remedy=_OF_ANOTHER_RELEASE if waiting.keys() == {UNKNOWN_TYPE} else _OF_A_FAULT,
    )


_OF_ANOTHER_RELEASE = Bilingual(
    zh="由不认识该事件的旧版本放入：停止旧版本的所有 huiyin work 后，在七天内运行：huiyin dead-letters replay --reason "
    "unknown_type",
    en="an earlier release that does not know them did that: stop every `huiyin work` of it, then within seven days: huiyin "
    "dead-letters replay --reason unknown_type",
)
_OF_A_FAULT = Bilingual(
    zh="查看：huiyin dead-letters list；修正后在七天内运行：huiyin dead-letters replay",
    en="see: huiyin dead-letters list; mend it, then within seven days: huiyin dead-letters replay",
)


async def _put_aside(settings: Settings) -> AsyncIterator[_PutAside]:
    keys, prefix = event_keys(settings), settings.topic_prefix
    others = {topic_name(short, prefix) for short in (SUBMISSIONS, COMMANDS)}
    async for letter in stored_letters(settings):
        topic, reason = letter.fact("topic"), letter.fact("reason")
        if topic not in others and reason != FORGOTTEN and (said := _said(letter, topic, keys)) is not None:
            yield _PutAside(
                EventId(_text(said, "ce_id")), _text(said, "ce_type"), letter.fact("stage"), reason
            )


def _said(letter: StoredLetter, topic: str, keys: EventKeys) -> Mapping[str, bytes | None] | None:
    """Its headers, where one of our slices signed it for that topic: what another wrote is no event of ours."""
    whole = letter.original()
    said = dict(whole.headers)
    is_ours = keys.have_signed(_Sent(topic, whole.key, whole.value), said) and is_uuid(_text(said, "ce_id"))
    return said if is_ours else None


def _text(said: Mapping[str, bytes | None], name: str) -> str:
    return (said.get(name) or b"").decode(errors="replace")


async def _not_handled(settings: Settings, aside: list[_PutAside]) -> list[_PutAside]:
    """A type that this release does not know, either, is a later one's: nobody here can have handled it."""
    async with open_pool(settings) as pool:
        hearers = hearers_of(await composition.subscriptions(settings, pool, composition.SLICES))
    heard: dict[str, list[_PutAside]] = defaultdict(list)
    for each in aside:
        event_class = EVENT_TYPES.get(each.type)
        if event_class is None or each.stage in hearers.get(event_class, ()):
            heard[each.stage].append(each)
    waiting: list[_PutAside] = []
    async with connect(settings) as db:
        for stage, events in heard.items():
            known = await known_events(db, [stage], [each.event_id for each in events])
            waiting += [each for each in events if each.event_id not in known]
    return waiting
