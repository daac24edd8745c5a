"""The composition root: the one place where the four slices, their data and their dependencies meet.

What a slice needs from outside is built here, from settings and a pool: its keys, rules, calendars and subscriptions, and
the adapters of the ports that other slices or deploy itself answer. Processes and commands ask here and build nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from pydantic import SecretStr

import handlers.store.commands
import handlers.subscribers
import intake.store
import intake.store.attachments
import intake.subscribers
import routing.steps.merging
import routing.store.models
import routing.subscribers
import sla.store
import sla.subscribers
from deploy import clock
from deploy.accounts.command_keys import TokenKeys
from deploy.accounts.token_secrets import token_secrets
from deploy.accounts.tries import forget_old_tries
from deploy.database.beats import forget_silent
from deploy.database.coalescing import Coalescer
from deploy.database.inbox import forget_handled
from deploy.database.pool import TRANSIENT, Pool
from deploy.database.rate_limits import forget_full
from deploy.database.unit_of_work import unit_of_work
from deploy.files.clamd import Clamd, Unscanned
from deploy.files.store import files_of
from deploy.observability import metrics
from deploy.settings import Settings
from deploy.web.remembered import Remembered
from handlers.steps.read_cases import DeskAccess
from intake.core.attachments import KEPT_WAITING_FOR
from intake.core.keys import IntakeKeys
from intake.core.signature import NONCE_KEPT_FOR
from intake.steps.attach import Cabinet
from intake.steps.remask import remask_answers
from intake.store.attachments import StoredFile
from intake.store.remasking import Table
from routing.core.judgement import RULES, Judges, LearnedJudge, load_judge
from routing.core.rules import RoutingRules, load_rules
from schemas.city import City, load_city
from schemas.ids import AttachmentId, CaseId
from schemas.ports import Subscription
from schemas.values import Attachment
from sla.core.calendar import Calendar, named_calendar
from sla.core.rules import DeadlineRules, parse_rules, rules_text
from sla.core.rules import load_rules as load_deadline_rules
from sla.core.written import RulesRefused

log = structlog.get_logger()

SLICES = ("intake", "routing", "handlers", "sla")
#: For subscriptions that are only looked at: nothing is ever encrypted or signed with it.
_NO_SECRET = SecretStr("0123456789abcdef" * 2)
#: How long intake waits for Postgres to say whether it knows an idempotency key (project choice: nobody notices so little;
#: what is not known in time is accepted, and registered once).
KNOWN_KEY_SECONDS = 0.25
#: The same for the files that a message names (project choice: there are few such messages, and registration asks again).
KNOWN_FILES_SECONDS = 2.0
#: Project choices: how old the sum of what waits may be; files that are swept in one go; between two looks at what died
#: processes left; and how many days old that is: two, so that no upload is under way, to some more than any file waits.
_WAITING_SECONDS = 10.0
_SWEPT_AT_ONCE = 500
_BETWEEN_ORPHANS = timedelta(hours=1)
_ORPHANS_FROM = range(2, 14)
#: How long an operator still sees what a process said last (project choice: until the next working day).
_SILENT_PROCESSES_KEPT = timedelta(days=1)
#: After this long every limit is whole again: a debt is a minute's worth, and a bucket fills up in another.
_DEBTS_PAID = timedelta(minutes=2)


def city_of(settings: Settings) -> City:
    """The departments, categories and districts of the directory that the settings name."""
    return load_city(settings.city_directory, settings.time_zone)


def intake_keys(settings: Settings) -> IntakeKeys:
    """Intake's secrets, each derived from the master secret for its purpose alone; former ones open what they closed."""
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


def audit_key(settings: Settings) -> bytes:
    """What is logged is sealed with it; it is in no database."""
    return settings.derived("audit")


def audit_keys(settings: Settings) -> Sequence[bytes]:
    """That key and the former ones: what was sealed under them still holds."""
    return [settings.derived("audit"), *settings.previously_derived("audit")]


def routing_rules(settings: Settings) -> RoutingRules:
    """The words and rules by which routing chooses categories and departments."""
    return load_rules(settings.routing_directory, city_of(settings))


class RulesInUse(NamedTuple):
    """The deadline rules, and what is wrong with the file that should be used instead of them; nothing, as a rule."""

    rules: DeadlineRules
    problems: Sequence[str] = ()

    @property
    def trouble(self) -> str:
        """One sentence for whoever watches; empty where the file itself is used."""
        if not self.problems:
            return ""
        return f"rules file refused, version {self.rules.version} is used: {'; '.join(self.problems)}"


def deadline_rules(settings: Settings) -> DeadlineRules:
    """How long each kind of case may take in this city, from the file that the settings name.

    Raises:
        RulesRefused: it cannot be used, and why.
    """
    return load_deadline_rules(settings.rules_file, city_of(settings))


async def rules_in_use(settings: Settings, pool: Pool) -> RulesInUse:
    """Those of the file, or the last good ones where it cannot be used: a mistake in it stops no clock.

    Raises:
        RulesRefused: it cannot be used, and there never was a good one.
    """
    city = city_of(settings)
    async with pool.acquire() as db:
        try:
            text = rules_text(settings.rules_file)
            rules = parse_rules(text, city)
        except RulesRefused as refused:
            kept = await sla.store.last_good_rules(db)
            if kept is None:
                raise
            log.error("rules.refused", problems=refused.problems)
            return RulesInUse(parse_rules(kept, city), refused.problems)
        await sla.store.keep_good_rules(db, rules.version, text)
        return RulesInUse(rules)


async def calendar_of(settings: Settings, pool: Pool, rules: DeadlineRules) -> Calendar:
    """The working calendar that the rules name, with the years that were imported."""
    name = rules.calendar
    async with pool.acquire() as db:
        return named_calendar(
            name, overrides=await sla.store.calendar_overrides(db, name), zone=settings.time_zone
        )


async def calendar_stamp(settings: Settings, pool: Pool) -> str:
    """A text that changes whenever days of that calendar are imported: then deadlines are computed anew."""
    name = (await rules_in_use(settings, pool)).rules.calendar
    async with pool.acquire() as db:
        return await sla.store.calendar_stamp(db, name)


async def refresh_judges(settings: Settings, pool: Pool, judges: Judges) -> None:
    """Let `judges` be the models that are to run now. ValueError: one cannot be loaded; this process tries it once."""
    async with pool.acquire() as db:
        wanted = {each.state: each.version for each in await routing.store.models.running(db)}
    for state in ("active", "shadow"):
        judge, version = getattr(judges, state), wanted.get(state)
        if version not in judges.refused and version != (judge.version if judge else None):
            try:
                setattr(judges, state, await _learned_judge(settings, pool, version))
            except ValueError:
                judges.refused.add(version)
                raise
            log.info("model.loaded", state=state, version=version or RULES)


async def _learned_judge(settings: Settings, pool: Pool, version: str | None) -> LearnedJudge | None:
    if version is None:
        return None
    async with pool.acquire() as db:
        numbers = await routing.store.models.numbers_of(db, version)
    if numbers is None:
        return None
    # A second of work, off the event loop.
    return await asyncio.to_thread(load_judge, routing_rules(settings), numbers, version)


async def subscriptions(
    settings: Settings,
    pool: Pool,
    slices: Sequence[str],
    *,
    secrets: bool = True,
    judges: Judges | None = None,
) -> Sequence[Subscription]:
    """What these slices hear. Without `secrets` they can only be looked at: `status` asks for their names.

    `judges`: who judges messages beside the rules, now and later.
    """
    city = city_of(settings)
    found: list[Subscription] = []
    if "intake" in slices:
        keys = intake_keys(settings if secrets else settings.model_copy(update={"secret_key": _NO_SECRET}))
        found += intake.subscribers.subscriptions(keys=keys, city=city)
    if "routing" in slices:
        found += routing.subscribers.subscriptions(city=city, rules=routing_rules(settings), judges=judges)
    if "handlers" in slices:
        found += handlers.subscribers.subscriptions(
            city=city,
            command_keys=TokenKeys(
                token_secrets(settings) if secrets else None, shows_demo=settings.shows_demo
            ),
        )
    if "sla" in slices:
        rules = (await rules_in_use(settings, pool)).rules
        calendar = await calendar_of(settings, pool, rules)
        found += sla.subscribers.subscriptions(rules=rules, calendar=calendar)
    return found


class PostgresKnownKeys:
    """What intake asks Postgres about an idempotency key; with Postgres away the answer is that nobody knows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._coalescer = Coalescer(self._ask)

    async def content_hash(self, key_hash: str) -> str | None:
        """The hash of what was sent with this key; None where nothing was, or where Postgres does not say in time."""
        try:
            async with asyncio.timeout(KNOWN_KEY_SECONDS):
                return await self._coalescer.get(key_hash)
        except TRANSIENT as error:
            log.warning("known-keys.unasked", error=type(error).__name__)
            return None

    async def _ask(self, key_hashes: Sequence[str]) -> Mapping[str, str]:
        async with asyncio.timeout(KNOWN_KEY_SECONDS), self._pool.acquire() as db:
            return await intake.store.content_hashes_of_keys(db, key_hashes)


class PostgresNonces:
    """Which requests of mini-apps came before, as Postgres knows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def use(self, app: str, nonce: str, now: datetime) -> bool:
        """Whether this is the app's first request with `nonce`; committed before it returns."""
        async with self._pool.acquire() as db, db.transaction():
            return await intake.store.use_nonce(db, app, nonce, now, NONCE_KEPT_FOR)

    async def forget(self, app: str, nonce: str) -> None:
        """The request was not accepted after all: it may come again with the same nonce."""
        async with self._pool.acquire() as db:
            await intake.store.forget_nonce(db, app, nonce)


async def remask(settings: Settings, pool: Pool, table: Table, after: CaseId | None) -> CaseId | None:
    """Mask the next published answers of an earlier masker anew, behind `after`; None once there are no more."""
    async with unit_of_work(pool, prefix=settings.topic_prefix) as unit:
        return await remask_answers(unit, intake_keys(settings), table, after)


async def leave_private_cases(settings: Settings, pool: Pool) -> int:
    """Take some cases out of those that nobody else may read; how many of those there were."""
    async with unit_of_work(pool, prefix=settings.topic_prefix) as unit:
        return await routing.steps.merging.leave_private_cases(unit)


class PostgresSilentCalls:
    """Calls in which nobody said anything, in Postgres and in the metrics."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, silence: intake.store.Silence) -> None:
        """Keep the call, committed before it returns; counted where it was not kept before."""
        async with self._pool.acquire() as db:
            if await intake.store.keep_silence(db, silence):
                metrics.SILENT_CALLS.inc()


class PostgresFileRows:
    """What Postgres knows of files; with Postgres away, of those that a message names, nobody knows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting = Remembered(self._count_waiting, _WAITING_SECONDS)

    async def keep(self, file: StoredFile, now: datetime) -> StoredFile:
        """The row that stands for the file; committed before it returns."""
        async with self._pool.acquire() as db:
            return await intake.store.attachments.keep_file(db, file, now)

    async def find(
        self, ids: Sequence[AttachmentId], since: datetime
    ) -> Mapping[AttachmentId, Attachment] | None:
        """Those that were uploaded since then; None where Postgres does not say in time."""
        try:
            async with asyncio.timeout(KNOWN_FILES_SECONDS), self._pool.acquire() as db:
                return await intake.store.attachments.find_files(db, ids, since)
        except TRANSIENT as error:
            log.warning("known-files.unasked", error=type(error).__name__)
            return None

    async def waiting_bytes(self) -> int:
        """As of some seconds ago."""
        return await self._waiting.get()

    async def _count_waiting(self) -> int:
        async with self._pool.acquire() as db:
            return await intake.store.attachments.waiting_bytes(db)


def attachment_key(settings: Settings) -> bytes:
    """What signs the addresses of files."""
    return settings.derived("attachments")


def cabinet_of(settings: Settings, pool: Pool) -> Cabinet:
    """What takes files and gives them out."""
    return Cabinet(
        files=files_of(settings),
        rows=PostgresFileRows(pool),
        scanner=Clamd(settings.clamd) if settings.clamd else Unscanned(),
        access=DeskAccess(),
        key=attachment_key(settings),
        most_bytes=settings.attachment_max_bytes,
        most_files=settings.attachments_per_message,
        most_waiting_bytes=settings.attachments_waiting_bytes,
    )


class FileSweeper:
    """Removes files that no case will ever have, a bounded piece at a time."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._files = files_of(settings)
        self._pool = pool
        self._orphans_at = datetime.min.replace(tzinfo=UTC)

    async def sweep(self) -> int:
        """Those whose message never came, and those that a process left when it died; how many blobs."""
        now = clock.now()
        async with self._pool.acquire() as db:
            gone = await intake.store.attachments.sweep_waiting(db, now - KEPT_WAITING_FOR, _SWEPT_AT_ONCE)
        await self._files.forget(gone)
        if now - self._orphans_at < _BETWEEN_ORPHANS:
            return len(gone)
        self._orphans_at = now
        return len(gone) + await self._sweep_orphans(now)

    async def _sweep_orphans(self, now: datetime) -> int:
        """Blobs of past days that no row speaks of: an upload under way is younger."""
        swept = 0
        for ago in _ORPHANS_FROM:
            async for blobs in self._files.list_day(f"{now - timedelta(days=ago):%Y-%m-%d}"):
                async with self._pool.acquire() as db:
                    orphans = await intake.store.attachments.unknown_blobs(db, blobs)
                await self._files.forget(orphans)
                swept += len(orphans)
        return swept


async def prune(settings: Settings, pool: Pool) -> None:
    """Forget what is no longer needed, a bounded piece at a time, so that no table grows for ever."""
    before = clock.now() - timedelta(days=settings.inbox_days)
    async with pool.acquire() as db:
        await forget_handled(db, before)
        await forget_silent(db, clock.now() - _SILENT_PROCESSES_KEPT)
        await handlers.store.commands.forget_answers(db, before)
        await forget_old_tries(db, clock.now())
        await forget_full(db, clock.now() - _DEBTS_PAID)
