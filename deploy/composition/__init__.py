"""The composition root: the one place where the four slices, their data and their dependencies meet.

What a slice needs from outside is built here, from settings and a pool: its keys, rules, calendars and subscriptions, and
the adapters of the ports that other slices or deploy itself answer (`acceptance.py`). Processes and commands ask here and
build nothing. What one slice alone needs is imported where it is built: a process of one slice does not wait for the others.
What is done now and then to what the slices keep stands in `housekeeping.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import structlog

from deploy import clock
from deploy.accounts.token_secrets import token_secrets
from deploy.accounts.who_runs import who_runs
from deploy.database.pool import Pool
from deploy.database.sealed_rows import Changing
from deploy.settings import Settings
from schemas.city import City, load_city
from schemas.errors import Unusable
from schemas.ids import AttachmentId, CaseId, DepartmentCode
from schemas.notices import Audience, NoticeChannel
from schemas.ports import Callees, Subscription, Unit
from schemas.values import Attachment

if TYPE_CHECKING:
    from deploy.notices.delivery import Composer
    from intake.core.keys import IntakeKeys
    from routing.core.judgement import Judges, LearnedJudge
    from routing.core.rules import RoutingRules
    from sla.core.calendar import Calendar
    from sla.core.rules import DeadlineRules

log = structlog.get_logger()

SLICES = ("intake", "routing", "handlers", "sla")


def city_of(settings: Settings) -> City:
    """The departments, categories and districts of the directory that the settings name."""
    return load_city(settings.city_directory, settings.time_zone)


def intake_keys(settings: Settings) -> IntakeKeys:
    """Intake's secrets, each derived from the master secret for its purpose alone; former ones open what they closed."""
    from intake.core.keys import IntakeKeys

    fields = {
        "code_secret": "codes", "contact_key": "contacts", "index_key": "contact index", "hash_key": "hashes",
    }  # fmt: skip
    formers = [settings.previously_derived(purpose) for purpose in fields.values()]
    return IntakeKeys(
        **{field: settings.derived(purpose) for field, purpose in fields.items()},
        previous=tuple(
            IntakeKeys(**dict(zip(fields, keys, strict=True))) for keys in zip(*formers, strict=True)
        ),
    )


def known_callees(settings: Settings) -> Callees:
    """How citizens may be asked back."""
    from deploy.composition.callees import KnownCallees

    return KnownCallees(intake_keys(settings))


def audit_key(settings: Settings) -> bytes:
    """What is logged is sealed with it; it is in no database."""
    return settings.derived("audit")


def sign_in_keys(settings: Settings) -> Sequence[bytes]:
    """The first one signs sessions and known devices; what a former one signed holds."""
    return [settings.derived("sign-in"), *settings.previously_derived("sign-in")]


def changing_by_command(settings: Settings) -> Changing:
    """The person who runs this command, as the author of a change to accounts or to the city."""
    return Changing(who_runs(), clock.now(), audit_key(settings))


def audit_keys(settings: Settings) -> Sequence[bytes]:
    """That key and the former ones: what was sealed under them still holds."""
    return [settings.derived("audit"), *settings.previously_derived("audit")]


def routing_rules(settings: Settings) -> RoutingRules:
    """The words and rules by which routing chooses categories and departments."""
    from routing.core.rules import load_rules

    return load_rules(settings.routing_directory, city_of(settings))


class RulesInUse(NamedTuple):
    """The deadline rules, and what is wrong with the file that should be used instead of them; nothing, as a rule."""

    rules: DeadlineRules
    problems: Sequence[Unusable] = ()

    @property
    def trouble(self) -> str:
        """One sentence for whoever watches; empty where the file itself is used."""
        if not self.problems:
            return ""
        said = "; ".join(map(str, self.problems))
        return f"rules file refused, version {self.rules.version} is used: {said}"


def deadline_rules(settings: Settings) -> DeadlineRules:
    """How long each kind of case may take in this city, from the file that the settings name.

    Raises:
        RulesRefused: it cannot be used, and why.
    """
    from sla.core.rules import load_rules

    return load_rules(settings.rules_file, city_of(settings))


async def rules_in_use(settings: Settings, pool: Pool) -> RulesInUse:
    """Those of the file, or the last good ones where it cannot be used: a mistake in it stops no clock.

    Raises:
        RulesRefused: it cannot be used, and there never was a good one.
    """
    import sla.store.rules_text
    from sla.core.rules import parse_kept_rules, parse_rules, rules_text
    from sla.core.written import RulesRefused

    city = city_of(settings)
    async with pool.acquire() as db:
        try:
            text = rules_text(settings.rules_file)
            rules = parse_rules(text, city)
        except RulesRefused as refused:
            kept = await sla.store.rules_text.last_good_rules(db)
            if kept is None:
                raise
            log.error("rules.refused", problems=[*map(str, refused.problems)])
            rules, outdated = parse_kept_rules(kept, city)
            if outdated:
                log.warning("rules.kept", version=rules.version, problems=[*map(str, outdated)])
            return RulesInUse(rules, refused.problems)
        await sla.store.rules_text.keep_good_rules(db, rules.version, text)
        return RulesInUse(rules)


async def calendar_of(settings: Settings, pool: Pool, rules: DeadlineRules) -> Calendar:
    """The working calendar that the rules name, with those of its departments and the days that were imported."""
    import sla.store.calendar_days
    import sla.store.rules_text
    from sla.core.calendars import city_calendar

    async with pool.acquire() as db:
        declared = await sla.store.calendar_days.declared_days(db)
        former = await sla.store.rules_text.rules_texts(db)
    return city_calendar(
        rules.calendar, rules.calendars, declared=declared, former=former, zone=settings.time_zone
    )


async def calendar_stamp(pool: Pool) -> str:
    """A text that changes whenever days are imported: then deadlines are computed anew."""
    import sla.store.calendar_days

    async with pool.acquire() as db:
        return await sla.store.calendar_days.calendar_stamp(db)


async def refresh_judges(settings: Settings, pool: Pool, judges: Judges) -> None:
    """Let `judges` be the models that are to run now, with every ruling.

    Raises:
        ValueError: one cannot be loaded; this process tries it once.
    """
    import routing.store.models
    import routing.store.precision
    import routing.store.rulings
    from routing.core.decisions.rulings_in_force import Rulings
    from routing.core.judgement import RULES

    async with pool.acquire() as db:
        judges.rulings = Rulings(await routing.store.rulings.in_force(db), city_of(settings))
        wanted = {each.state: each.version for each in await routing.store.models.running(db)}
        wished = await routing.store.precision.newest(db)
    for state in ("active", "shadow"):
        judge, version = getattr(judges, state), wanted.get(state)
        if version not in judges.refused and version != (judge.version if judge else None):
            try:
                setattr(judges, state, await _learned_judge(settings, pool, version))
            except ValueError:
                judges.refused.add(version)
                raise
            log.info("model.loaded", state=state, version=version or RULES)
    for judge in filter(None, (judges.active, judges.shadow)):
        judge.wish(wished)


async def _learned_judge(settings: Settings, pool: Pool, version: str | None) -> LearnedJudge | None:
    import routing.store.models
    from routing.core.judgement import load_judge

    if version is None:
        return None
    async with pool.acquire() as db:
        numbers = await routing.store.models.numbers_of(db, version)
    if numbers is None:
        return None
    # A second of work, off the event loop.
    return await asyncio.to_thread(load_judge, routing_rules(settings), numbers, version)


def consumer_groups() -> Sequence[Subscription]:
    """Every consumer group with the topics that it reads, for asking how far they are; these hear nothing."""
    import handlers.subscribers
    import intake.subscribers
    import routing.subscribers
    import sla.subscribers

    every = (intake.subscribers, routing.subscribers, handlers.subscribers, sla.subscribers)
    return [
        Subscription(name=name, topics=read, handlers=())
        for each in every
        for name, read in each.GROUPS.items()
    ]


async def subscriptions(
    settings: Settings,
    pool: Pool,
    slices: Sequence[str],
    *,
    judges: Judges | None = None,
) -> Sequence[Subscription]:
    """What these slices hear. `judges`: who judges messages beside the rules, now and later."""
    found: list[Subscription] = []
    if "intake" in slices:
        found += _of_intake(settings)
    if "routing" in slices:
        found += _of_routing(settings, judges)
    if "handlers" in slices:
        found += _of_handlers(settings)
    if "sla" in slices:
        found += await _of_sla(settings, pool)
    return found


def _of_intake(settings: Settings) -> Sequence[Subscription]:
    import intake.subscribers

    return intake.subscribers.subscriptions(
        keys=intake_keys(settings), city=city_of(settings), told_by=citizens_channels(settings)
    )


def citizens_channels(settings: Settings) -> frozenset[NoticeChannel]:
    """What citizens can be told by here."""
    addresses = {
        NoticeChannel.EMAIL: settings.smtp_url,
        NoticeChannel.SMS: settings.sms_url,
        NoticeChannel.PUSH: settings.push_url,
    }
    return frozenset(channel for channel, address in addresses.items() if address)


def _of_routing(settings: Settings, judges: Judges | None) -> Sequence[Subscription]:
    import routing.subscribers

    return routing.subscribers.subscriptions(
        city=city_of(settings), rules=routing_rules(settings), judges=judges
    )


def _of_handlers(settings: Settings) -> Sequence[Subscription]:
    import handlers.subscribers
    from deploy.accounts.command_keys import TokenKeys

    keys = TokenKeys(token_secrets(settings), shows_demo=settings.shows_demo)
    files = _KeptFiles(settings.attachments_per_message)
    return handlers.subscribers.subscriptions(city=city_of(settings), command_keys=keys, files=files)


@dataclass(frozen=True, slots=True)
class _KeptFiles:
    """What intake keeps, for a process that loads intake only once a department names a file: see `NamedFiles`."""

    most_files: int

    async def give(
        self,
        unit: Unit,
        case_id: CaseId,
        department: DepartmentCode,
        hashes: Mapping[AttachmentId, str],
        *,
        pictures_only: bool,
    ) -> tuple[Attachment, ...]:
        """In the transaction of the command."""
        from intake.steps.enclose import enclose

        return await enclose(
            unit,
            self.most_files,
            case_id,
            tuple(hashes),
            hashes=hashes,
            pictures_only=pictures_only,
            department=department,
        )


def composers(settings: Settings, now: Callable[[], datetime] = clock.now) -> dict[Audience, Composer]:
    """Who words the notices of each audience: the slice that knows it."""
    from deploy.notices.staff import StaffWording
    from intake.steps.notices import NoticeTools, citizen_message

    zone = city_of(settings).zone
    citizens = NoticeTools(keys=intake_keys(settings), zone=zone, public_url=settings.base_url, now=now)
    staff = StaffWording(zone=zone, public_url=settings.base_url, now=now).compose
    return {**dict.fromkeys(Audience, staff), Audience.CITIZEN: partial(citizen_message, wording=citizens)}


async def _of_sla(settings: Settings, pool: Pool) -> Sequence[Subscription]:
    import sla.subscribers

    rules, calendar = await rules_and_calendar(settings, pool)
    return sla.subscribers.subscriptions(rules=rules, calendar=calendar)


async def rules_and_calendar(settings: Settings, pool: Pool) -> tuple[DeadlineRules, Calendar]:
    """The deadline rules in use, and the working calendar that they count by.

    Raises:
        RulesRefused: no rules can be used.
        CalendarTooShort: the calendar does not reach far enough.
    """
    rules = (await rules_in_use(settings, pool)).rules
    return rules, await calendar_of(settings, pool, rules)


def attachment_keys(settings: Settings) -> Sequence[bytes]:
    """What signs the addresses of files and makes their ids; behind it the former ones, which made ids, too."""
    return [settings.derived("attachments"), *settings.previously_derived("attachments")]
