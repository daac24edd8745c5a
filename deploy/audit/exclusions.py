"""Whether what was asked and decided about leaving a case out of figures (不纳入考核) is what the case's log holds."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from handlers.core.chain import Break, LogEntry, Seal
from handlers.store.audit import Chain
from sla.core.exclusions import STANDS, Exclusion, to_seal

#: Why: a request to leave the case out of figures, or what came of it, is not as the log has it.
EXCLUDED = "excluded"
_PREFIX = "exclusion."


def otherwise_excluded(
    chain: Chain, exclusions: Sequence[Exclusion], seals: Sequence[Seal], before: datetime
) -> Break | None:
    """The log's last row where a request is another. What came after `before` may not have arrived yet."""
    entries = [entry for entry, _ in chain.rows]
    logged = {key: entry for entry in entries if (key := _key(entry)) is not None}
    known = {(each.number, step) for each in exclusions for step in range(1, each.version + 1)}
    lost = [key for key, entry in logged.items() if key not in known and entry.at < before]
    forged = [each for each in exclusions if not all(_hold(each, logged, seals, before))]
    return Break(row=max(1, len(entries)), why=EXCLUDED) if lost or forged else None


def _key(entry: LogEntry) -> tuple[int, int] | None:
    number, step = entry.detail.get("number"), entry.detail.get("step")
    is_one = entry.action.startswith(_PREFIX) and isinstance(number, int) and isinstance(step, int)
    return (int(str(number)), int(str(step))) if is_one else None


def _hold(
    each: Exclusion, logged: dict[tuple[int, int], LogEntry], seals: Iterable[Seal], before: datetime
) -> Iterator[bool]:
    """That it stands where its last step led, and of each step that it is the one of the log."""
    yield bool(each.steps) and each.state is STANDS[each.steps[-1].what]
    for number, step in enumerate(each.steps, 1):
        entry = logged.get((each.number, number))
        if entry is None:
            yield step.at >= before
        else:
            yield entry.detail.get("sealed") in {seal(to_seal(each, number)).hex() for seal in seals}
