"""Whether the other words of departments that citizens read are those of the log: progress, questions, promised dates."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from handlers.core.chain import Break, LogEntry
from handlers.core.rules import Action
from handlers.store.audit import Chain
from intake.core.following.view import TimelineEntry
from intake.store.audit import Shown

#: Why: the citizen reads words, a question or a promised date that nobody wrote so.
WORDED = "worded"
#: Lines of the citizen's page that hold a department's words, the action that wrote them, and where its row has them.
_WRITTEN: Mapping[str, tuple[Action, str]] = {
    "progress": (Action.PROGRESS, "text"),
    "promised": (Action.GRANT_PROMISE, "plan"),
    "matter_asked": (Action.ASK_PART, "text"),
}


def otherwise_worded(chain: Chain, shown: Shown | None) -> Break | None:
    """The log's last row where the citizen reads other words of a department than it wrote, at another moment, or none's."""
    if shown is None:
        return None
    rows = [entry for entry, _ in chain.rows]
    is_so = all(_is_written(line, rows) for line in shown.lines)
    is_so = is_so and _is_asked(shown, rows) and _is_promised(shown, rows)
    return None if is_so else Break(row=max(1, len(rows)), why=WORDED)


def _is_written(line: TimelineEntry, rows: list[LogEntry]) -> bool:
    if line.event not in _WRITTEN:
        return True
    action, name = _WRITTEN[line.event]
    return _any(rows, action, lambda row: row.at == line.at and row.detail.get(name) == line.words)


def _is_asked(shown: Shown, rows: list[LogEntry]) -> bool:
    question = shown.question
    if question is None:
        return True
    return _any(
        rows,
        Action.ASK,
        lambda row: (
            row.detail.get("text") == question.text and _moment(row.detail.get("until")) == question.until
        ),
    )


def _is_promised(shown: Shown, rows: list[LogEntry]) -> bool:
    day = shown.promised_on
    return day is None or _any(
        rows, Action.GRANT_PROMISE, lambda row: row.detail.get("date") == day.isoformat()
    )


def _any(rows: list[LogEntry], action: Action, fits: Callable[[LogEntry], bool]) -> bool:
    return any(fits(row) for row in _of(rows, action))


def _of(rows: list[LogEntry], action: Action) -> Iterator[LogEntry]:
    return (row for row in rows if row.action == action)


def _moment(told: object) -> datetime | None:
    return datetime.fromisoformat(told) if isinstance(told, str) else None
