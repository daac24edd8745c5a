"""What was answered before, as pages get it in tests."""

from collections.abc import Sequence
from datetime import UTC, datetime

from schemas.ids import DepartmentCode, EntryId
from schemas.ports import Unit
from schemas.values import NearAnswer

ENTRY_ID = EntryId("0198b2c4-0000-7000-8000-00000000000e")
BY_ENTRY = NearAnswer(
    url=f"/knowledge/{ENTRY_ID}",
    title=(("居住证", True), ("怎么办理<b>", False)),
    excerpt=(("带身份证到社区。", False),),
    department=DepartmentCode("police"),
    at=datetime(2026, 11, 1, tzinfo=UTC),
    entry_id=ENTRY_ID,
    response="带身份证到社区。",
    words=("居住证",),
)
PUBLISHED = NearAnswer(
    url="/published/ABCD-EFGH-JKLM-NPQR",
    title=(("居住证", True), ("丢了", False)),
    excerpt=(("已补办。", False),),
    department=DepartmentCode("gone"),
    at=datetime(2026, 11, 1, tzinfo=UTC),
    tracking_code="ABCD-EFGH-JKLM-NPQR",
    response="已补办。",
    words=("居住证",),
)


class Near:
    """Answers the same about any case, and remembers what it was asked."""

    def __init__(self, found: Sequence[NearAnswer] | None = (BY_ENTRY, PUBLISHED)) -> None:
        self.found = found
        self.asked: list[tuple[str, str, str]] = []

    async def beside(self, unit: Unit, title: str, text: str, *, but: str) -> Sequence[NearAnswer] | None:
        """What it was made with."""
        self.asked.append((title, text, but))
        return self.found
