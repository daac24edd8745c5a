"""What an import would read, and what it did: sheet by sheet, with the columns and what they mean."""

from collections.abc import Sequence
from itertools import islice

import msgspec

from intake.imports.lines import shown
from intake.imports.run import Import
from intake.imports.tables import Table, count_rows, may_hold_messages, rows_of

#: Rows that a dry run shows of each sheet. Project choice: they fit a screen.
SAMPLE_ROWS = 10


class SheetReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sheet of a file. `why`: it was not read, and for what reason; `rows`: lines below its header that say anything."""

    name: str
    rows: int
    read: bool
    why: str | msgspec.UnsetType = msgspec.UNSET
    why_zh: str | msgspec.UnsetType = msgspec.UNSET
    header_line: int = 0
    #: The sheet whose header counts here, too: this one goes on where that one ended.
    continues: str | msgspec.UnsetType = msgspec.UNSET
    #: What each column was taken for; null: for nothing.
    columns: dict[str, str | None] = {}
    samples: list[dict[str, str]] = []


def reports_of(task: Import) -> list[SheetReport]:
    """Every sheet of the file: read or not, and why not; on a dry run with some of its rows."""
    return [_report(task, table) for table in task.tables]


def has_unread_messages(task: Import) -> bool:
    """Whether a sheet was not read that may hold messages: a script must hear of it."""
    return any(may_hold_messages(table, task.tables) for table in task.tables)


def _report(task: Import, table: Table) -> SheetReport:
    zh, en = table.why or (msgspec.UNSET, msgspec.UNSET)
    return SheetReport(
        name=table.sheet.name,
        rows=count_rows(table) if table.why else task.counted[table.sheet.name],
        read=table.why is None,
        why=en,
        why_zh=zh,
        header_line=table.header_line,
        continues=table.continues or msgspec.UNSET,
        columns=dict(table.columns.values()),
        samples=_samples(task, table) if task.dry_run and not table.why else [],
    )


def _samples(task: Import, table: Table) -> list[dict[str, str]]:
    rows: Sequence[dict[str, str]] = [
        shown(row) for row in islice(rows_of(table, task.choice.columns), SAMPLE_ROWS)
    ]
    return list(rows)
