"""What the routes of this slice depend on: keys, Kafka, the city, the time."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Protocol

from intake.core.accepting import Envelope
from intake.core.codes import ANONYMOUS_SOURCE, Sender
from intake.core.danger import WORDS_ALONE, DangerEar
from intake.core.files.attachments import NAMED_WITHIN
from intake.core.following.view import View
from intake.core.keys import IntakeKeys
from intake.steps.accept import KnownKeys, Reception
from intake.steps.accept_call import SilentCalls
from intake.steps.attach import files_of_case
from intake.steps.filing import Cabinet
from intake.steps.suggest import Suggestion
from intake.web.addresses import SignedAddresses, holders_of
from schemas.attachments import ShownAttachment
from schemas.city import City
from schemas.errors import BadInput, FieldError
from schemas.http import Call, Principal
from schemas.ids import TrackingCode
from schemas.ports import CaseEntries, KnowledgeFacts, Publisher, Unit, ViewCounts
from schemas.values import ViewCount
from schemas.words import Channel, Language, Role

#: Tells the moment.
Now = Callable[[], datetime]
#: For routes without a unit of work, which would tell the moment; deploy may give its own.
UTC_CLOCK: Now = partial(datetime.now, UTC)
_CHANNELS = tuple(channel.value for channel in Channel)


class Suggestions(Protocol):
    """What may have answered a message before it is sent."""

    async def __call__(self, title: str, text: str, /) -> Sequence[Suggestion]:
        """The nearest, three at most; none where it must not wait, nothing is near, or nobody can say in time."""
        ...


async def no_suggestions(_title: str, _text: str) -> Sequence[Suggestion]:
    """Of an installation, or a test, that offers none."""
    return ()


class Nonces(Protocol):
    """Which signed requests of mini-apps came before, told by their nonces; each call is a transaction of its own."""

    async def use(self, app: str, nonce: str, now: datetime) -> bool:
        """Note that the app used this nonce; False where it had been used before: the request is a copy of an earlier one.

        Raises:
            NonceUnsure: nobody can say.
        """
        ...

    async def forget(self, app: str, nonce: str) -> None:
        """Make the nonce fresh again where that can be: nothing came of the request that used it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the routes depend on, made once for a process."""

    keys: IntakeKeys
    reception: Reception
    mini_apps: Mapping[str, str]
    nonces: Nonces
    silent_calls: SilentCalls
    views: ViewCounts
    city: City
    #: The one that days are counted and dates are said in.
    zone: tzinfo
    suggestions: Suggestions = no_suggestions
    #: None: no figures of knowledge are made here.
    facts: KnowledgeFacts | None = None
    #: What was made of cases for everybody; None: nobody here knows.
    entries: CaseEntries | None = None
    #: None: no files are taken here, and none are shown.
    cabinet: Cabinet | None = None
    clock: Now = UTC_CLOCK
    entropy: Callable[[int], bytes] = secrets.token_bytes

    def envelope(self, sender: Sender, key: str | None, language: Language) -> Envelope:
        """What accepting needs to know beside the message, as of now: sender, key or else randomness, language."""
        # With a key the codes follow from it: the kernel need not be asked.
        entropy = self.entropy(32) if key is None else b""
        return Envelope(sender=sender, key=key, now=self.clock(), entropy=entropy, language=language)

    def received_at(self, tracking_code: TrackingCode) -> datetime:
        """When an unregistered message came: this process knows if it took it, otherwise it was a moment ago."""
        return self.reception.recent.received_at(tracking_code) or self.clock()

    async def view_count(self, unit: Unit | None, case: View) -> ViewCount | None:
        """How often staff opened the case; None where nobody can say: not registered yet, or no database to ask."""
        if unit is None or case.registered_at is None:
            return None
        return await self.views.count(unit, case.case_id)

    def named_since(self) -> datetime:
        """Files that were uploaded since then may be named by a message."""
        return self.clock() - NAMED_WITHIN

    async def files_of(self, call: Call, case: View) -> tuple[ShownAttachment, ...]:
        """The files of the case as its citizen gets them, with addresses for the browser or program that asks."""
        unit = call.unit_or_none
        if unit is None or self.cabinet is None or not case.has_files:
            return ()
        files = await files_of_case(unit, case.case_id)
        holder = next(iter(holders_of(call, self.cabinet.key)), "")
        addresses = SignedAddresses(key=self.cabinet.key)
        return addresses.shown(files, case.case_id, Principal(), self.clock(), holder)


def dependencies_of(
    *,
    keys: IntakeKeys,
    publisher: Publisher,
    known_keys: KnownKeys,
    mini_apps: Mapping[str, str],
    nonces: Nonces,
    silent_calls: SilentCalls,
    views: ViewCounts,
    city: City,
    public_url: str,
    cabinet: Cabinet | None = None,
    suggestions: Suggestions = no_suggestions,
    ear: DangerEar = WORDS_ALONE,
    facts: KnowledgeFacts | None = None,
    entries: CaseEntries | None = None,
    clock: Now = UTC_CLOCK,
) -> Dependencies:
    """The dependencies of the API and the pages, from what deploy hands over."""
    return Dependencies(
        keys=keys,
        reception=Reception(
            keys=keys,
            publisher=publisher,
            known_keys=known_keys,
            public_url=public_url.rstrip("/"),
            cabinet=cabinet,
            ear=ear,
        ),
        cabinet=cabinet,
        mini_apps=mini_apps,
        nonces=nonces,
        silent_calls=silent_calls,
        views=views,
        city=city,
        suggestions=suggestions,
        facts=facts,
        entries=entries,
        zone=city.zone,
        clock=clock,
    )


def web_sender(principal: Principal, channel: str | None = None) -> Sender:
    """Who sends over the API: anybody, or the holder of a token, by its name, with the channel as it was.

    Raises:
        BadInput: no such channel, or somebody without a token says another than `web`.
    """
    is_citizen = principal.role is Role.CITIZEN
    if channel is not None and channel not in ([Channel.WEB.value] if is_citizen else _CHANNELS):
        said = ", ".join(_CHANNELS)
        raise BadInput(
            [
                FieldError(
                    "channel",
                    f"须为其中之一：{said}；除 web 外须持有令牌。",
                    f"Must be one of: {said}; others than web need a token.",
                )
            ]
        )
    sent_by = Channel(channel or Channel.WEB)
    return Sender(channel=sent_by) if is_citizen else Sender(channel=sent_by, source=source_of(principal))


def source_of(principal: Principal) -> str:
    """A token's name as a source; one that is called like the anonymous source does not become anonymous."""
    return f"token:{principal.name}" if principal.name == ANONYMOUS_SOURCE else principal.name
