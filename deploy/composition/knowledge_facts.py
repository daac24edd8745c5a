"""What routing and handlers know of knowledge entries: see `schemas.ports.KnowledgeFacts`."""

from datetime import datetime

import handlers.steps.entry_ends
import routing.steps.direct
from schemas.ports import Unit
from schemas.reckoned import Reckoned
from schemas.values import EntryFacts


class SlicesFacts:
    """Of enquiries routing knows, of entries handlers."""

    def __init__(self) -> None:
        # What is read for it are all messages, of which an enquiry may be one in ten (project choice).
        self._enquiries: Reckoned[tuple[int, int]] = Reckoned(lambda found: 10 * found[0])

    async def of(self, unit: Unit, since: datetime) -> EntryFacts:
        """One statement of routing's, three of handlers'."""
        enquiries, answered = await self._enquiries.get(
            since.date(), unit.now, lambda: routing.steps.direct.count_enquiries(unit, since)
        )
        live, expired, contradicting = await handlers.steps.entry_ends.count_standing(unit, since)
        return EntryFacts(
            enquiries=enquiries,
            answered=answered,
            live=tuple(live),
            expired=expired,
            contradicting=contradicting,
        )
