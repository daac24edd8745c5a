"""What a desk reads. Every statement names the department: nobody else's case can come out of here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from handlers.core.case import Case
from handlers.core.chain import Detail
from handlers.core.history import WORDS, Happening, shown_detail
from handlers.core.rules import Action, Actor
from handlers.core.views import CLOCK_RUNS, DeskLine, DeskOrder, Matter, OtherCase, Position, Supplement
from handlers.store.cases import CASE, to_asks, to_attachments, to_case
from schemas.attachments import told_of
from schemas.ids import CaseId, DepartmentCode, TrackingCode
from schemas.keysets import ENDS
from schemas.ports import Database
from schemas.simplified import spellings_of
from schemas.values import CaseLife, CaseStep, Place
from schemas.words import CaseState, Channel, Kind, Saying, Urgency

_LATE = f"""(overdue OR (due_at < $2 AND state IN ({", ".join(f"'{state}'" for state in CLOCK_RUNS)})))"""
_LINE = f"""case_id, tracking_code, title, state, version, kind, urgency, category, item, tags, channel, lead, due_at,
    {_LATE} AS overdue, received_at, assigned_at, closed_at, urged_count, supervised, asks"""
_PRESSING = "coalesce(due_at, 'infinity')"
#: Nobody sees what is withheld, nor a case that accuses them.
_SEES = "NOT withheld AND $1 <> ALL (accused)"
_LEADS = f"lead = $1 AND {_SEES}"
_SUPPORTS = f"supporting <> '{{}}' AND supporting @> ARRAY[$1] AND {_SEES}"

# Of one item, with one tag, or with all of some words, where that is asked: what the walks find is looked at once more. A
# department has thousands of open cases at most; of ended ones it walks until the page is full, of the rarest item through
# all that it ever led.
_NAMED = """ AND ($10 = '' OR item = $10) AND ($11 = '' OR tags @> ARRAY[$11])
    AND NOT EXISTS (SELECT FROM unnest($12::text[]) AS word WHERE strpos(
        lower(translate(concat_ws(E'\\n', title, text, place->>'address', tracking_code), $13, $14)),
        lower(translate(word, $13, $14))) = 0)"""

# What open cases are sorted by, what comes behind a place, and in which direction.
_ORDERS: Mapping[DeskOrder, tuple[str, str, str]] = {
    "pressing": (_PRESSING, ">", "ASC"),
    "oldest": ("received_at", ">", "ASC"),
    "newest": ("received_at", "<", "DESC"),
}

# Open cases: two walks, merged; of the most pressing first along two indexes.
_OPEN_PART = f"""(SELECT {_LINE} FROM handlers.case
    WHERE {{scope}} AND closed_at IS NULL AND state = ANY ($3::text[]) AND (NOT $4 OR {_LATE}){{named}}
        AND ($5::timestamptz IS NULL OR due_at >= $5) AND ($6::timestamptz IS NULL OR due_at < $6)
        AND ({{by}}, case_id) {{behind}} ($7::text::timestamptz, $8::text::uuid)
    ORDER BY {{by}} {{way}}, case_id {{way}} LIMIT $9)"""  # noqa: S608  made of constants
# Ended cases that the department led, the latest first.
_ENDED_PART = f"""SELECT {_LINE} FROM handlers.case
    WHERE {_LEADS} AND closed_at IS NOT NULL AND state = ANY ($3::text[]) AND (NOT $4 OR {_LATE}){{rare}}
        AND ($5::timestamptz IS NULL OR due_at >= $5) AND ($6::timestamptz IS NULL OR due_at < $6)
        AND (closed_at, case_id) < ($7::text::timestamptz, $8::text::uuid)
    ORDER BY closed_at DESC, case_id DESC LIMIT $9"""  # noqa: S608  made of constants
# What is rare among them has indexes of its own, which want their conditions in these words: no walk over years of answered
# cases for the few that were late, or withdrawn. Of a span of due dates in words that the index answers by itself, which
# holds them last: years of cases outside the span cost its pages, and no row is looked at.
_RARE = {
    "ended": "",
    "due": " AND due_at >= coalesce($5::timestamptz, '-infinity') AND due_at < coalesce($6::timestamptz, 'infinity')",
    "late": " AND overdue",
    "otherwise": " AND state <> 'closed'",
}


def _statements(named: str) -> Mapping[str, str]:
    ended = {which: _ENDED_PART.format(rare=rare + named) for which, rare in _RARE.items()}
    return {order: _open_ones(order, named) for order in _ORDERS} | ended


def _open_ones(order: DeskOrder, named: str) -> str:
    by, behind, way = _ORDERS[order]
    words = {"named": named, "by": by, "behind": behind, "way": way}
    walks = " UNION ALL ".join(_OPEN_PART.format(scope=scope, **words) for scope in (_LEADS, _SUPPORTS))
    return f"SELECT * FROM ({walks}) AS c ORDER BY {by} {way}, case_id {way} LIMIT $9"  # noqa: S608  made of constants


#: By whether an item, a tag or words are named: plans of those that name none are as cheap as if nobody ever did.
_STATEMENTS = {is_named: _statements(_NAMED if is_named else "") for is_named in (False, True)}

# How many open cases stand in each state, and how many are late.
_COUNTS = f"""SELECT state, count(*) AS cases, count(*) FILTER (WHERE {_LATE}) AS late FROM handlers.case
    WHERE closed_at IS NULL AND (({_LEADS}) OR ({_SUPPORTS})) GROUP BY state"""  # noqa: S608  made of constants

_FULL = f"""SELECT {CASE}, tracking_code, channel, received_at, title, text, place, attachments, has_contact
    FROM handlers.case WHERE case_id = $2 AND (lead = $1 OR $1 = ANY (supporting)) AND {_SEES}"""  # noqa: S608  made of constants

# The same rule for the one question whether the department may see the case.
_MAY_SEE = f"""SELECT EXISTS (SELECT FROM handlers.case
    WHERE case_id = $2 AND (lead = $1 OR $1 = ANY (supporting)) AND {_SEES})"""  # noqa: S608  made of constants

# Those of many that may be named beside another from the same telephone: none that is private, whoever has it.
_BESIDE = f"""SELECT case_id::text, tracking_code, title, state, received_at FROM handlers.case
    WHERE case_id = ANY ($2) AND (lead = $1 OR $1 = ANY (supporting)) AND {_SEES}
        AND NOT (protected OR confidential OR kind = 'report') AND accused = '{{}}'
    ORDER BY received_at DESC, case_id DESC"""  # noqa: S608  made of constants

# And what such cases are called.
_CALLED = f"""SELECT case_id, tracking_code, title FROM handlers.case
    WHERE case_id = ANY ($2) AND (lead = $1 OR $1 = ANY (supporting)) AND {_SEES}"""  # noqa: S608  made of constants

_NOWHERE_RISING, _NOWHERE_FALLING = zip(ENDS["timestamptz"], ENDS["uuid"], strict=True)


class DeskScope(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases of a department are asked for, as of a moment. `words`: all of them stand in the case."""

    department: DepartmentCode
    now: datetime
    ended: bool
    states: tuple[str, ...]
    late: bool = False
    due_from: datetime | None = None
    due_until: datetime | None = None
    item: str = ""
    tag: str = ""
    words: tuple[str, ...] = ()
    #: Of open cases; ended ones come the latest first.
    order: DeskOrder = "pressing"


async def lines(
    db: Database, asked: DeskScope, *, after: Position | None, limit: int
) -> tuple[DeskLine, ...]:
    """Up to `limit` lines of the department's list, from behind the position `after` on, or from its beginning."""
    statement, arguments = _listed(asked, after, limit)
    return tuple(_line(row, asked.department) for row in await db.fetch(statement, *arguments))


async def called(
    db: Database, department: DepartmentCode, case_ids: Sequence[CaseId]
) -> Mapping[CaseId, tuple[TrackingCode, str]]:
    """Tracking code and title of those of the cases that the department sees."""
    rows = await db.fetch(_CALLED, department, case_ids)
    return {CaseId(str(row["case_id"])): (row["tracking_code"], row["title"]) for row in rows}


async def beside(
    db: Database, department: DepartmentCode, case_ids: Sequence[CaseId]
) -> tuple[OtherCase, ...]:
    """Those of the cases that the department sees and that may be named beside another one, the latest first."""
    rows = await db.fetch(_BESIDE, department, case_ids)
    return tuple(msgspec.convert(dict(row), OtherCase) for row in rows)


async def count_lines(db: Database, asked: DeskScope, *, most: int) -> int:
    """How many lines the list has from its beginning on; `most` where it has at least as many."""
    statement, arguments = _listed(asked, None, most)
    counted: int = await db.fetchval(f"SELECT count(*) FROM ({statement}) AS found", *arguments)  # noqa: S608  ours
    return counted


def _listed(asked: DeskScope, after: Position | None, limit: int) -> tuple[str, Sequence[object]]:
    is_falling = asked.ended or asked.order == "newest"
    place = _place(after) if after else (_NOWHERE_FALLING if is_falling else _NOWHERE_RISING)
    is_narrowed = bool(asked.item or asked.tag or asked.words)
    named = (asked.item, asked.tag, list(asked.words), *_spellings(asked.words)) if is_narrowed else ()
    span = (asked.late, asked.due_from, asked.due_until)
    which = _of_ended(asked) if asked.ended else asked.order
    arguments = (asked.department, asked.now, list(asked.states), *span, *place, limit, *named)
    return _STATEMENTS[is_narrowed][which], arguments


def _spellings(words: Sequence[str]) -> tuple[str, str]:
    # Plain words have none: the tables take a tenth of a second to be ready.
    return spellings_of("".join(words)) if any(not word.isascii() for word in words) else ("", "")


def _of_ended(asked: DeskScope) -> str:
    if asked.late:
        return "late"
    is_of_span = asked.due_from is not None or asked.due_until is not None
    if CaseState.CLOSED in asked.states and is_of_span:
        return "due"
    return "ended" if CaseState.CLOSED in asked.states else "otherwise"


def _place(position: Position) -> tuple[str, str]:
    """The position as the statements compare it: a case without a deadline comes after all others."""
    moment, case_id = position
    return "infinity" if moment is None else moment.isoformat(), str(case_id)


def _line(row: Any, department: DepartmentCode) -> DeskLine:
    known = dict(row.items())
    parts = to_asks(known.pop("asks")).parts
    asked = next((part for part in parts if part.department == department), None)
    known.update(
        has_part=asked is not None,
        part_until=asked.until if asked else None,
        case_id=str(row["case_id"]),
        state=CaseState(row["state"]),
        kind=Kind(row["kind"]),
        urgency=Urgency(row["urgency"]),
        tags=tuple(row["tags"]),
        channel=Channel(row["channel"]),
        part=Actor.LEAD if row["lead"] == department else Actor.SUPPORTING,
    )
    return DeskLine(**known)


async def counts(db: Database, department: DepartmentCode, now: datetime) -> tuple[Mapping[str, int], int]:
    """How many open cases the department has in each state, and how many of all of them are late."""
    rows = await db.fetch(_COUNTS, department, now)
    return {row["state"]: row["cases"] for row in rows}, sum(row["late"] for row in rows)


async def find(db: Database, case_id: CaseId, department: DepartmentCode) -> tuple[Case, Matter] | None:
    """The case and what the citizen sent, if this department takes part in it."""
    row = await db.fetchrow(_FULL, department, case_id)
    if row is None:
        return None
    known = dict(row.items())
    place = known.pop("place")
    matter = Matter(
        tracking_code=known.pop("tracking_code"),
        channel=Channel(known.pop("channel")),
        received_at=known.pop("received_at"),
        title=known.pop("title"),
        text=known.pop("text"),
        place=None if place is None else msgspec.json.decode(place, type=Place),
        attachments=to_attachments(known.pop("attachments")),
        has_contact=known.pop("has_contact"),
    )
    return to_case(known), matter


async def may_see(db: Database, case_id: CaseId, department: DepartmentCode) -> bool:
    """Whether this department may see the case now, as `find` decides it."""
    return bool(await db.fetchval(_MAY_SEE, department, case_id))


async def merged_into(db: Database, case_id: CaseId) -> CaseId | None:
    """The case that its log names at the latest merging; None: it was never merged."""
    into: str | None = await db.fetchval(
        """SELECT detail ->> 'into' FROM handlers.log WHERE case_id = $1 AND action = $2
        ORDER BY seq DESC LIMIT 1""",
        case_id,
        Action.MERGE.value,
    )
    return CaseId(into) if into else None


_HISTORY = """SELECT seq, at, action AS event, actor, role, to_state AS state, version, detail
    FROM handlers.log WHERE case_id = $1"""
# Of a case that accuses somebody: who had it before, and lost it, would tell whom.
_SINCE_ROUTE = f"""{_HISTORY} AND (NOT $2 OR seq >= coalesce(
    (SELECT max(seq) FROM handlers.log WHERE case_id = $1 AND action = 'route'), 0))"""  # noqa: S608  made of constants
_LATEST = f"{_SINCE_ROUTE} AND ($3::int IS NULL OR seq < $3) ORDER BY seq DESC LIMIT $4"
_OF_PARTS = f"{_SINCE_ROUTE} AND action = ANY ($3::text[]) ORDER BY seq"


async def history(db: Database, case_id: CaseId) -> tuple[Happening, ...]:
    """The rows of a case's log as the desk shows them, the oldest first."""
    rows = await db.fetch(f"{_HISTORY} ORDER BY seq", case_id)
    return tuple(_happening(row) for row in rows)


async def latest_history(
    db: Database, case_id: CaseId, *, since_route: bool, before: int | None, limit: int
) -> list[tuple[int, Happening]]:
    """The latest rows of the log with their numbers, the newest first, before the one numbered so.

    `since_route`: none from before the department that has the case now had it.
    """
    rows = await db.fetch(_LATEST, case_id, since_route, before, limit)
    return [(row["seq"], _happening(row)) for row in rows]


async def history_of_parts(db: Database, case_id: CaseId, *, since_route: bool) -> tuple[Happening, ...]:
    """The rows of the log about what supporting departments were asked for, the oldest first."""
    actions = [Action.ASK_PART, Action.PART, Action.WITHDRAW_PART]
    rows = await db.fetch(_OF_PARTS, case_id, since_route, [each.value for each in actions])
    return tuple(_happening(row) for row in rows)


def _happening(row: Any) -> Happening:
    kept = msgspec.json.decode(row["detail"], type=Detail)
    detail = shown_detail(row["role"], kept)
    words = [str(detail[name]) for name in WORDS if name in detail]
    until = datetime.fromisoformat(str(detail["until"])) if detail.get("until") else None
    known = {**dict(row.items()), "detail": detail, "text": words[0] if words else "", "until": until}
    known.pop("seq")
    return Happening(**known)


# For those who do not handle it: not what a citizen told in confidence or about an official, nor what was merged.
_LIFE = """SELECT state, response FROM handlers.case WHERE case_id = $1 AND NOT confidential AND NOT protected
    AND NOT withheld AND kind <> 'report' AND accused = '{}' AND state <> 'merged'"""


async def life(db: Database, case_id: CaseId) -> CaseLife | None:
    """What became of a case, for those who do not handle it; None where they may not read it, or it is not here."""
    row = await db.fetchrow(_LIFE, case_id)
    if row is None:
        return None
    rows = await history(db, case_id)
    steps = tuple(
        CaseStep(
            at=each.at,
            event=each.event,
            actor=each.actor,
            role=each.role,
            text=each.text,
            lead=_given_to(each),
        )
        for each in rows
        if not each.detail.get("ignored")
    )
    return CaseLife(state=CaseState(row["state"]), response=row["response"], timeline=steps)


def _given_to(row: Happening) -> DepartmentCode | None:
    is_given = row.event == Action.ROUTE and isinstance(row.detail.get("lead"), str)
    return DepartmentCode(str(row.detail["lead"])) if is_given else None


async def latest_supplements(
    db: Database, case_id: CaseId, *, before: int | None, limit: int
) -> list[tuple[int, Supplement]]:
    """What the citizen said of a case since (masked) with its number, the newest first, before the one numbered so."""
    rows = await db.fetch(
        """SELECT supplement_id, at, text, attachments, said FROM handlers.supplement
        WHERE case_id = $1 AND ($2::bigint IS NULL OR supplement_id < $2) ORDER BY supplement_id DESC LIMIT $3""",
        case_id,
        before,
        limit,
    )
    return [(row["supplement_id"], _supplement(row)) for row in rows]


def _supplement(row: Any) -> Supplement:
    files = to_attachments(row["attachments"])
    return Supplement(
        at=row["at"], text=row["text"], attachments=tuple(told_of(file, added_at=row["at"]) for file in files),
        said=Saying(row["said"]),
    )  # fmt: skip
