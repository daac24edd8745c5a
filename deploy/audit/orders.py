"""Whether what supervisors see of their orders, and of the reports on them, is what the department's log holds."""

from collections.abc import Iterable
from datetime import datetime

from handlers.core.chain import Break, LogEntry
from handlers.core.rules import Action
from handlers.store.audit import Chain
from schemas.events.sla import CaseUrged
from schemas.masking import for_department
from sla.core.orders import Order

#: Why: an order, or what was reported on it, is not as the log has it.
ORDERED = "ordered"


def otherwise_ordered(chain: Chain, orders: Iterable[Order], before: datetime) -> Break | None:
    """The log's last row where an order or a report is another. What came after `before` may not have arrived yet."""
    entries = [entry for entry, _ in chain.rows]
    orders = list(orders)
    told = [order for order in orders if not _is_logged(order, entries) and order.at < before]
    reported = {order.number: order.report for order in orders}
    said = [entry for entry in entries if entry.action == Action.REPORT_BACK]
    lost = [entry for entry in said if not reported.get(_number(entry)) and entry.at < before]
    forged = [order for order in orders if order.report and not _is_reported(order, said)]
    return Break(row=max(1, len(entries)), why=ORDERED) if told or lost or forged else None


def _number(entry: LogEntry) -> int:
    number = entry.detail.get("order")
    return number if isinstance(number, int) else 0


def _is_logged(order: Order, entries: Iterable[LogEntry]) -> bool:
    """As the masker of today shows both: what one of before left may stand in either."""
    text = for_department(order.text, official=True)
    return any(
        entry.action == CaseUrged.name
        and entry.actor == order.by
        and for_department(str(entry.detail.get("text")), official=True) == text
        for entry in entries
        if entry.detail.get("supervised")
    )


def _is_reported(order: Order, said: Iterable[LogEntry]) -> bool:
    return any(_number(entry) == order.number and entry.detail.get("text") == order.report for entry in said)
