"""Writing anchors: where every log ends, in one snapshot, kept outside the database."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from deploy import clock, composition
from deploy.accounts.changes import AccountChange
from deploy.audit.account_changes import NOBODY, OPERATORS, compared_accounts
from deploy.audit.anchors import Anchor, AnchorFiles, Log, digest, packed, readable, split
from deploy.audit.pins import Pins
from deploy.audit.restores import restores
from deploy.database.operator_deeds import OperatorDeed
from deploy.database.pool import Pool
from deploy.database.sealed_rows import last_row
from deploy.settings import Settings
from handlers.core.chain import is_keyed
from handlers.store import audit as store
from handlers.store import entry_audit
from routing.store import told

#: What is logged carries the moment at which its transaction began: none takes that long (project choice: statements may
#: take a minute, clocks differ by less), so that an anchor misses nothing that committed late.
OVERLAP = timedelta(minutes=15)


def directory_of(settings: Settings) -> Path:
    """The directory that the daily anchors lie in."""
    return settings.audit_directory or settings.data / "audit"


async def write_anchor(settings: Settings, pool: Pool, *, counts: bool = True) -> Anchor:
    """Anchor what the log is now, in the files of the settings' directory. `counts`: says how much of it there is, too.

    Raises:
        BlockingIOError: another process is writing one there.
    """
    files = AnchorFiles(directory_of(settings))
    with files.writing():
        number, _, lines = await asyncio.to_thread(files.ending)
        last = readable(lines[-1]) if lines else None
        anchor, entries = await _anchor(settings, pool, files, last, number=number + 1, counts=counts)
        previous = digest(lines[-1]) if lines else ""
        anchor = msgspec.structs.replace(anchor, previous=previous).sealed(composition.audit_key(settings))
        await asyncio.to_thread(files.append, anchor, entries)
    return anchor


async def _anchor(
    settings: Settings, pool: Pool, files: AnchorFiles, last: Anchor | None, *, number: int, counts: bool
) -> tuple[Anchor, bytes]:
    """The anchor of this moment, without its seal, and its entries: one snapshot, streamed."""
    at: datetime = clock.now()
    gathered = bytearray()
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        cases, rows_in_all = await store.count(db) if counts else (UNSET, UNSET)
        epoch = await _epoch(db)
        # What was anchored before a restore says nothing of the logs that it brought.
        is_first = last is None or last.epoch != epoch
        since = None if last is None or is_first else last.at - OVERLAP
        async for case, seq, row_hash in store.ends(db, since):
            gathered += packed(case, seq, row_hash, is_plain=not is_keyed(row_hash))
        # An anchor of a sweeper that knew only the cases' logs says nothing of the others.
        of_others = since if last is not None and last.beside is True else None
        for log, rows in (
            (Log.ENTRY, entry_audit.sealed(db, of_others)),
            (Log.TOLD, told.sealed(db, of_others)),
        ):
            async for owner, row, seal in rows:
                gathered += packed(owner, row, seal, is_plain=False, log=log)
        # In each anchor, however old: those of the release before had none.
        for whose, end in (
            (NOBODY, await last_row(db, AccountChange)),
            (OPERATORS, await last_row(db, OperatorDeed)),
        ):
            if end is not None:
                gathered += packed(whose, *end, is_plain=False, log=Log.ACCOUNT)
        broken, found = await compared_accounts(db, composition.audit_keys(settings), Pins())
    differing = (
        [each.key for each in found] if broken is None else [broken.key, *(each.key for each in found)]
    )
    known = set() if since is None else await asyncio.to_thread(files.entries_since, since)
    entries = b"".join(each for each in split(gathered) if each not in known)
    anchor = Anchor(
        number=number, at=at, full=is_first, cases=cases, rows=rows_in_all, entries=digest(entries),
        previous="", epoch=epoch, beside=True, differing=tuple(differing),
    )  # fmt: skip
    return anchor, entries


async def _epoch(db: Any) -> str | UnsetType:
    found = await restores(db)
    return found[-1].epoch if found else UNSET
