"""Adapters of intake's ports: what it asks Postgres and the disk when a message or file arrives, and who cleans up.

Apart from the rest, since only the web, `huiyin mail`, `huiyin import` and the sweeper need them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog

import intake.steps.promises
import intake.store.attachments
import intake.store.nonce
import intake.store.register
import intake.store.sent_rows
import intake.store.silent
import intake.subscribers
from deploy import clock
from deploy.composition import attachment_keys
from deploy.database.coalescing import Coalescer
from deploy.database.in_time import within
from deploy.database.pool import TRANSIENT, UNCERTAIN, Pool
from deploy.database.progress import reached_by
from deploy.database.unit_of_work import unit_of_work
from deploy.files.clamd import Clamd, Unscanned
from deploy.files.store import files_of
from deploy.observability import metrics
from deploy.settings import Settings
from deploy.web.remembered import Remembered
from handlers.steps.read_cases import DeskAccess
from intake.core.files.attachments import KEPT_WAITING_FOR, UNNAMED_KEPT_FOR
from intake.core.known_rows import KnownRow, RowNote
from intake.core.mini_app_signature import NONCE_KEPT_FOR, NonceUnsure
from intake.steps.accept import CameBefore
from intake.steps.filing import Cabinet
from intake.store.attachments import StoredFile
from schemas.bilingual import Bilingual
from schemas.errors import Unavailable
from schemas.ids import AttachmentId, CaseId
from schemas.ports import Database
from schemas.values import Attachment

log = structlog.get_logger()

_T = TypeVar("_T")

#: Promised dates that are counted in one transaction (project choice: some tenths of a second).
_PROMISES_AT_ONCE = 5000
#: How long intake waits for Postgres to say whether it knows an idempotency key (project choice: nobody notices so little;
#: what is not known in time is accepted, and registered once).
KNOWN_KEY_SECONDS = 0.25
#: The same for the files that a message names (project choice: there are few such messages, and registration asks again).
KNOWN_FILES_SECONDS = 2.0
#: How long whoever waits for Postgres to keep what it has to be asked for waits (project choice: people wait no longer).
KEPT_SECONDS = 10.0
#: Project choices: how old the sum of what waits may be; files that are swept in one go; between two looks at what died
#: processes left; and how many days old that is: two, so that no upload is under way, to more than is held after a restore.
_WAITING_SECONDS = 10.0
_SWEPT_AT_ONCE = 500
_BETWEEN_ORPHANS = timedelta(hours=1)
_ORPHANS_FROM = range(2, 24)


async def _kept(pool: Pool, work: Callable[[Database], Awaitable[_T]]) -> _T:
    """What Postgres answers, in a transaction.

    Raises:
        Unavailable: not in time; whether it is kept nobody knows, and the same once more is kept once.
    """
    try:
        return await within(KEPT_SECONDS, _in_transaction(pool, work))
    except TimeoutError as error:
        raise Unavailable("postgres") from error


async def _in_transaction(pool: Pool, work: Callable[[Database], Awaitable[_T]]) -> _T:
    async with pool.acquire() as db, db.transaction():
        return await work(db)


class PostgresKnownKeys:
    """What intake asks Postgres about an idempotency key; with Postgres away the answer is that nobody knows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._coalescer = Coalescer(self._ask)

    async def content_hash(self, key_hash: str) -> str | None:
        """The hash of what was sent with this key; None where nothing was, or where Postgres does not say in time."""
        try:
            # One question has its time; whoever waits for another's first has twice as much.
            return await self._coalescer.get(key_hash)
        except TRANSIENT as error:
            log.warning("known-keys.unasked", error=type(error).__name__)
            return None

    async def received(self, key_hashes: Sequence[str]) -> Mapping[str, CameBefore]:
        """What was sent with each; nothing where Postgres does not say in time."""
        try:
            return await within(KNOWN_KEY_SECONDS, self._received(key_hashes))
        except TRANSIENT as error:
            log.warning("known-keys.unasked", error=type(error).__name__)
            return {}

    async def _received(self, key_hashes: Sequence[str]) -> Mapping[str, CameBefore]:
        async with self._pool.acquire() as db:
            found = await intake.store.register.received_under_keys(db, key_hashes)
        return {key: CameBefore(at=at, is_withdrawn=is_withdrawn) for key, at, is_withdrawn in found}

    async def _ask(self, key_hashes: Sequence[str]) -> Mapping[str, str]:
        return await within(KNOWN_KEY_SECONDS, self._content_hashes(key_hashes))

    async def _content_hashes(self, key_hashes: Sequence[str]) -> Mapping[str, str]:
        async with self._pool.acquire() as db:
            return await intake.store.register.content_hashes_of_keys(db, key_hashes)


class PostgresSentRows:
    """The rows of all lists that were sent, as Postgres knows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def note(self, list_hash: bytes, rows: Sequence[KnownRow]) -> None:
        """As `intake.core.known_rows.SentRows`, in one transaction that is committed."""
        await self._committed(lambda db: intake.store.sent_rows.note(db, list_hash, rows))

    async def claim(self, list_hash: bytes, rows: Sequence[KnownRow]) -> Mapping[CaseId, RowNote | None]:
        """As `intake.core.known_rows.SentRows`, in one transaction that is committed."""
        return await self._committed(lambda db: intake.store.sent_rows.claim(db, list_hash, rows))

    async def _committed(self, work: Callable[[Database], Awaitable[_T]]) -> _T:
        try:
            return await _kept(self._pool, work)
        except TRANSIENT as error:
            raise Unavailable("postgres") from error


class PostgresNonces:
    """Which requests of mini-apps came before, as Postgres knows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def use(self, app: str, nonce: str, now: datetime) -> bool:
        """Note that the app used `nonce`, committed before this returns; False where it had been used before.

        Raises:
            NonceUnsure: perhaps committed; it is not made fresh again later, when it may be another request's already.
        """
        try:
            return await _kept(
                self._pool, lambda db: intake.store.nonce.use_nonce(db, app, nonce, now, NONCE_KEPT_FOR)
            )
        except (Unavailable, *UNCERTAIN) as error:
            raise NonceUnsure("postgres") from error

    async def forget(self, app: str, nonce: str) -> None:
        """The request was not accepted after all: it may come again with the same nonce, unless Postgres is away."""
        try:
            await _kept(self._pool, lambda db: intake.store.nonce.forget_nonce(db, app, nonce))
        except (Unavailable, *TRANSIENT) as error:
            # Why it was not accepted is what its sender has to hear.
            log.warning("nonces.unforgotten", app=app, error=type(error).__name__)


class PostgresSilentCalls:
    """Calls in which nobody said anything, in Postgres and in the metrics."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, silence: intake.store.silent.Silence) -> None:
        """Keep the call, committed before it returns; counted where it was not kept before."""
        if await _kept(self._pool, lambda db: intake.store.silent.keep_silence(db, silence)):
            metrics.SILENT_CALLS.inc()


class PostgresFileRows:
    """What Postgres knows of files; with Postgres away, of those that a message names, nobody knows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting = Remembered(self._count_waiting, _WAITING_SECONDS)

    async def keep(self, file: StoredFile, now: datetime, uploader: bytes | None) -> StoredFile:
        """The row that stands for the file; committed before it returns."""
        return await _kept(self._pool, lambda db: intake.store.attachments.keep_file(db, file, now, uploader))

    async def find(
        self, ids: Sequence[AttachmentId], since: datetime, case_id: CaseId | None = None
    ) -> Mapping[AttachmentId, Attachment] | None:
        """Those that were uploaded since then, and no case has but this one; None where Postgres does not say in time."""
        return await self._in_time(lambda db: intake.store.attachments.find_files(db, ids, since, case_id))

    async def name(
        self, ids: Sequence[AttachmentId], since: datetime, case_id: CaseId, now: datetime
    ) -> Mapping[AttachmentId, Attachment] | None:
        """The same, and they wait for the message that names them."""
        return await self._in_time(
            lambda db: intake.store.attachments.name_files(db, ids, since, case_id, now)
        )

    async def contents(self, ids: Sequence[AttachmentId]) -> Mapping[AttachmentId, str] | None:
        """The hash of what each holds; None where Postgres does not say in time."""
        return await self._in_time(lambda db: intake.store.attachments.hashes_of_files(db, ids))

    async def _in_time(self, ask: Callable[[Database], Awaitable[_T]]) -> _T | None:
        try:
            return await within(KNOWN_FILES_SECONDS, self._asked(ask))
        except TRANSIENT as error:
            log.warning("known-files.unasked", error=type(error).__name__)
            return None

    async def _asked(self, ask: Callable[[Database], Awaitable[_T]]) -> _T:
        async with self._pool.acquire() as db:
            return await ask(db)

    async def waiting_bytes(self) -> int:
        """Bytes of files that no message names yet, as counted some seconds ago."""
        return await self._waiting.get()

    async def waiting_bytes_of(self, uploader: bytes) -> int:
        """Bytes of this uploader that wait for a message now."""
        return await _kept(self._pool, lambda db: intake.store.attachments.waiting_bytes_of(db, uploader))

    async def _count_waiting(self) -> int:
        return await _kept(self._pool, intake.store.attachments.waiting_bytes)


def cabinet_of(settings: Settings, pool: Pool) -> Cabinet:
    """What takes files and gives them out."""
    key, *former_keys = attachment_keys(settings)
    return Cabinet(
        files=files_of(settings),
        rows=PostgresFileRows(pool),
        scanner=Clamd(settings.clamd) if settings.clamd else Unscanned(),
        access=DeskAccess(),
        key=key,
        former_keys=former_keys,
        most_bytes=settings.attachment_max_bytes,
        most_files=settings.attachments_per_message,
        most_waiting_bytes=settings.attachments_waiting_bytes,
    )


async def tally_promises(settings: Settings, pool: Pool) -> int:
    """Count promised dates that are settled into the sums of their figures, a bounded piece at a time; how many."""
    async with unit_of_work(pool, prefix=settings.topic_prefix) as unit:
        return await intake.steps.promises.tally_promises(unit, _PROMISES_AT_ONCE)


class FileSweeper:
    """Removes files that no case will ever have, a bounded piece at a time."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._files = files_of(settings)
        self._pool = pool
        self._orphans_at = datetime.min.replace(tzinfo=UTC)

    async def sweep(self, restored_at: datetime | None = None) -> int:
        """Those whose message never came, and those that a process left when it died; how many blobs.

        A file that no message names goes once every message that could is registered: the registering consumer says so.
        `restored_at`: when an older copy took the database's place, if ever. What came before that its rows do not tell of
        truly: it waits as long as Kafka has what may name it.
        """
        now = clock.now()
        held_until = restored_at if restored_at and restored_at > now - KEPT_WAITING_FOR else None
        async with self._pool.acquire() as db:
            registered = await reached_by(db, intake.subscribers.REGISTERS) or now - KEPT_WAITING_FOR
            unnamed_before = min(now, registered) - UNNAMED_KEPT_FOR
            gone = await intake.store.attachments.sweep_waiting(
                db, now - KEPT_WAITING_FOR, unnamed_before, _SWEPT_AT_ONCE, since=held_until
            )
        await self._files.forget(gone)
        if now - self._orphans_at < _BETWEEN_ORPHANS:
            return len(gone)
        self._orphans_at = now
        return len(gone) + await self._sweep_orphans(now, held_until)

    async def trouble(self) -> Bilingual | None:
        """Why our folder keeps nothing just now, if so."""
        trouble = await self._files.trouble()
        return trouble.in_both() if trouble else None

    async def _sweep_orphans(self, now: datetime, held_until: datetime | None) -> int:
        """Blobs of past days that no row speaks of, and halves of some: an upload under way is younger."""
        swept = 0
        for day in (now - timedelta(days=ago) for ago in _ORPHANS_FROM):
            swept += await self._files.forget_unfinished(f"{day:%Y-%m-%d}")
            if held_until and day.date() <= held_until.date():
                continue
            async for blobs in self._files.list_day(f"{day:%Y-%m-%d}"):
                async with self._pool.acquire() as db:
                    orphans = await intake.store.attachments.unknown_blobs(db, blobs)
                await self._files.forget(orphans)
                swept += len(orphans)
        return swept
