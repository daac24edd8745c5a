"""Whether citizens, and everybody, are shown the answers that were given: departments', which logs hold, or dispatchers'."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from deploy import clock
from deploy.audit.anchors import shortened
from deploy.database.pool import Connection
from handlers.core.chain import Break, Seal, Why
from handlers.store.audit import Chain
from intake.store.audit import Shown
from routing.store.told import DispatcherSaid
from schemas.masking import for_public
from schemas.masking.spellings import unstyled

#: Why: the citizen is shown another answer than was given, or none · everybody is · the citizen was told of a later row ·
#: what a dispatcher told is not as it was written · what was found of it is not what stands there.
SHOWN, PUBLISHED, TOLD, UNSAID, FOUND = "shown", "published", "told", "unsaid", "found"
#: What one slice says reaches the next long before, or `/readyz` has been red (project choice).
IN_FLIGHT = timedelta(hours=1)
#: Processes of the release before make no seals, and run on beside the new ones for a while: what they told and wrote is no
#: fault (project choice: a day, within which every place has the new release).
_CHANGES_OVER = timedelta(days=1)
#: States that handlers alone tells of, once it has logged them.
_TOLD_BY_HANDLERS = frozenset({"assigned", "in_progress", "suspended", "replied", "closed", "reopened"})
_APPROVE = "approve"
#: What a masker leaves, and what may have stood there (project choice: no address or list of numbers is longer).
_STARS, _HIDDEN = re.compile(r"\*+"), "[^。！？]{0,80}?"
#: After these the citizen reads a newer answer that is no reply to this case: why it was declined, or the other case's.
_ANSWERS_OF_OTHERS = ("decline", "merge")

#: Since when what is kept of some kind is sealed.
Beginnings = Mapping[str, datetime]


class GivenAnswer(NamedTuple):
    """One answer that somebody gave: when, in which words, and the row that says so."""

    at: datetime
    words: str
    row: int
    #: It was another case's: what that one's citizen declared is hidden from this one's.
    is_anothers: bool = False


class BesideLog(NamedTuple):
    """What is known of a case beside its log: what dispatchers told and found, with seals, and what the pages show."""

    told: Sequence[tuple[DispatcherSaid, bytes]] = ()
    shown: Shown | None = None
    #: What anchors know of `told`: the version, and the end of the seal.
    anchored: Sequence[tuple[int, bytes]] = ()
    #: What stands of second readings: version, moment, by whom, whether it was found right.
    read: Sequence[tuple[int, datetime, str, bool]] = ()


async def beginnings(connection: Connection, anchored_at: datetime | None) -> Beginnings:
    """Since when nothing is without a seal; of what this does not say anything: since ever.

    `anchored_at`: when an anchor first knew of seals, whatever the database says since; None without one.
    """
    rows = await connection.fetch("SELECT what, at FROM deploy.sealed_since")
    return {row["what"]: min(row["at"], anchored_at or row["at"]) + _CHANGES_OVER for row in rows}


def answers_of(chain: Chain | None, told: Sequence[tuple[DispatcherSaid, bytes]]) -> Sequence[GivenAnswer]:
    """Every answer that was given to the case's citizen, the first one first."""
    rows = [] if chain is None else [entry for entry, _ in chain.rows]
    logged = [
        GivenAnswer(row.at, str(row.detail["response"]), row.seq)
        for row in rows
        if row.action == _APPROVE and "response" in row.detail
    ]
    said = [
        GivenAnswer(each.at, each.words, len(rows) or 1, each.what == "merged")
        for each, _ in told
        if each.what in ("answered", "declined", "merged")
    ]
    return sorted(logged + said)


def otherwise_shown(
    chain: Chain | None, beside: BesideLog, seals: Sequence[Seal], since: Beginnings
) -> Break | None:
    """The row beside which something else is shown or told than it says; what intake has not heard of is not looked at."""
    last = max(1, 0 if chain is None else len(chain.rows))
    if any(seal not in [make(each.text()) for make in seals] for each, seal in beside.told):
        return Break(row=last, why=UNSAID)
    if set(beside.anchored) - {(each.version, shortened(seal)) for each, seal in beside.told}:
        return Break(row=last, why=Why.ANCHOR)
    if _is_found_otherwise(beside, since):
        return Break(row=last, why=FOUND)
    if beside.shown is None:
        return None
    if chain is not None and chain.held is not None:
        is_later = beside.shown.version is not None and beside.shown.version > chain.held.case.version
        if is_later and beside.shown.state in _TOLD_BY_HANDLERS:
            return Break(row=len(chain.rows) + 1, why=TOLD)
    if _is_read_though_taken_back(beside):
        return Break(row=last, why=PUBLISHED)
    return _other_answer(chain, answers_of(chain, beside.told), beside.shown, since, last)


def _is_read_though_taken_back(beside: BesideLog) -> bool:
    """Whether everybody reads what dispatchers took back a while ago, or found wrong."""
    at = None if beside.shown is None else beside.shown.published_at
    back = [each.at for each, _ in beside.told if each.what in ("undone", "wrong")]
    return at is not None and any(at <= each < clock.now() - IN_FLIGHT for each in back)


def _is_found_otherwise(beside: BesideLog, since: Beginnings) -> bool:
    """Whether what stands of second readings is what their readers said."""
    said = {
        (each.version, each.at, each.by, each.what == "right")
        for each, _ in beside.told
        if each.what in ("right", "wrong")
    }
    stands = {each for each in beside.read if each[1] >= _start(since)}
    return stands != {each for each in said if each[1] >= _start(since)}


def _start(since: Beginnings) -> datetime:
    return since.get("told", datetime.min.replace(tzinfo=UTC))


def _other_answer(
    chain: Chain | None, given: Sequence[GivenAnswer], shown: Shown, since: Beginnings, last: int
) -> Break | None:
    for at, words, why in (
        (shown.response_at, shown.response, SHOWN),
        (shown.published_at, shown.published, PUBLISHED),
    ):
        same = [each for each in given if each.at == at]
        if same and not any(_is_said(str(words), each, why, by_staff=shown.hides_words) for each in same):
            return Break(row=same[-1].row, why=why)
        if at is not None and not same and (at >= _start(since) or _is_nobodys(chain, given, at)):
            return Break(row=given[-1].row if given else last, why=why)
    is_kept_back = bool(given) and (shown.response_at is None or shown.response_at < given[-1].at)
    if is_kept_back and shown.version is not None and given[-1].at < clock.now() - IN_FLIGHT:
        return Break(row=given[-1].row, why=SHOWN)
    return None


def _is_said(words: str, given: GivenAnswer, why: str, *, by_staff: bool) -> bool:
    is_as_given = why == SHOWN and not given.is_anothers
    return words == given.words if is_as_given else hides_nothing_else(words, given.words, by_staff=by_staff)


def _is_nobodys(chain: Chain | None, given: Sequence[GivenAnswer], at: datetime) -> bool:
    """Whether an answer without a seal is younger than the last that was approved, and no other case's or refusal."""
    if chain is None or not given:
        return False
    others = any(entry.action in _ANSWERS_OF_OTHERS for entry, _ in chain.rows)
    return at > given[-1].at and not others


def hides_nothing_else(published: str, logged: str, *, by_staff: bool = False) -> bool:
    """Whether the first is the second but for what is masked, by whichever masker, and of whomever the citizen named.

    Stars for more than half of it are no mask, unless staff hid words `by_staff`, of which nothing is known.
    """
    if published in (logged, for_public(logged, official=True)):
        return True
    if not by_staff and 2 * len(_STARS.sub("", published)) < len(logged):
        return False
    kept, told = _STARS.split(unstyled(published)), unstyled(logged)
    if by_staff:
        return _stand_in_order(kept, told)
    return re.fullmatch(_HIDDEN.join(map(re.escape, kept)), told, re.DOTALL) is not None


def _stand_in_order(parts: Sequence[str], text: str) -> bool:
    """Whether the text begins with the first of them, ends with the last, and holds the others between, in their order."""
    first, *others = parts
    if not others:
        return text == first
    *between, last = others
    at = len(first)
    for part in between:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return text.startswith(first) and text.endswith(last) and at <= len(text) - len(last)
