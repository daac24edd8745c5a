"""Reading the whole log, case by case, to check its hash chains, and its ends, to anchor them."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET

from handlers.core.case import Case, CitizenMessage
from handlers.core.chain import ChainHead, Detail, LogEntry
from handlers.store.cases import CASE, to_attachments, to_case
from schemas.ids import CaseId
from schemas.values import Place

_details = msgspec.json.Decoder(Detail)

#: Project choice: rows fetched at once, about a megabyte.
_PREFETCH = 500

_MESSAGE = "tracking_code, channel, received_at, title, text, place, attachments, has_contact"
# Every case, or these; in the order of their ids, as is the log: the two are read side by side.
_CASES = f"""SELECT {CASE}, log_seal, message_seal, {_MESSAGE} FROM handlers.case
    WHERE $1::uuid[] IS NULL OR case_id = ANY ($1) ORDER BY case_id"""  # noqa: S608  made of constants
_ROWS = """SELECT case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash FROM handlers.log
    WHERE $1::uuid[] IS NULL OR case_id = ANY ($1) ORDER BY case_id, seq"""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it stands beside its log, with the seals of both; None where it is older than they."""

    case: Case
    message: CitizenMessage
    message_seal: bytes | None

    @property
    def head(self) -> ChainHead:
        """Where the case says that its log ends."""
        case = self.case
        return ChainHead(seq=case.log_seq, hash=case.log_hash, state=case.state, version=case.version)


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """One case and its log; either may be missing."""

    case_id: CaseId
    held: Held | None
    rows: Sequence[tuple[LogEntry, bytes]]


async def chains(connection: Any, case_ids: Sequence[CaseId] | None = None) -> AsyncIterator[Chain]:
    """Each case with its log, in the order of the ids, streamed; all, or these. Needs an open transaction."""
    cases = aiter(connection.cursor(_CASES, case_ids, prefetch=_PREFETCH))
    rows = aiter(connection.cursor(_ROWS, case_ids, prefetch=_PREFETCH))
    case, row = await anext(cases, None), await anext(rows, None)
    while case is not None or row is not None:
        found = min(each["case_id"] for each in (case, row) if each is not None)
        held, entries = None, []
        if case is not None and case["case_id"] == found:
            held, case = _held(case), await anext(cases, None)
        while row is not None and row["case_id"] == found:
            entries.append((_entry(row), row["hash"]))
            row = await anext(rows, None)
        yield Chain(case_id=CaseId(str(found)), held=held, rows=entries)


def _held(row: Any) -> Held:
    known = {name: row[name] for name in Case.__struct_fields__ if name != "case_id"}
    place = None if row["place"] is None else msgspec.json.decode(row["place"], type=Place)
    message = CitizenMessage(
        case_id=CaseId(str(row["case_id"])), tracking_code=row["tracking_code"], channel=row["channel"],
        received_at=row["received_at"], title=row["title"], text=row["text"], place=place,
        has_contact=row["has_contact"], attachments=to_attachments(row["attachments"]) or UNSET,
    )  # fmt: skip
    return Held(
        case=to_case({**known, "case_id": row["case_id"]}), message=message, message_seal=row["message_seal"]
    )


def _entry(row: Any) -> LogEntry:
    return LogEntry(
        case_id=CaseId(str(row["case_id"])), seq=row["seq"], at=row["at"], actor=row["actor"], role=row["role"],
        action=row["action"], from_state=row["from_state"], to_state=row["to_state"], version=row["version"],
        detail=_details.decode(row["detail"]),
    )  # fmt: skip


# Where each log ends: of every case, or of those whose logs grew since $1.
_ENDS = "SELECT case_id, log_seq AS seq, log_hash AS hash FROM handlers.case"
_ENDS_SINCE = """SELECT DISTINCT ON (case_id) case_id, seq, hash FROM handlers.log
    WHERE at >= $1 ORDER BY case_id, seq DESC"""


async def ends(connection: Any, since: datetime | None) -> AsyncIterator[tuple[bytes, int, bytes]]:
    """Case, number and hash of each log's last row, streamed; of those that grew since then, or all.

    Needs an open transaction.
    """
    cursor = connection.cursor(*((_ENDS,) if since is None else (_ENDS_SINCE, since)), prefetch=2000)
    async for row in cursor:
        yield row["case_id"].bytes, row["seq"], row["hash"]


async def count(connection: Any) -> tuple[int, int]:
    """How many cases there are, and how many rows all their logs have."""
    row = await connection.fetchrow(
        "SELECT (SELECT count(*) FROM handlers.case) AS cases, (SELECT count(*) FROM handlers.log) AS rows"
    )
    return row["cases"], row["rows"]
