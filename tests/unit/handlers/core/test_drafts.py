"""A reply that begins with a knowledge entry."""

from datetime import date

import msgspec

from handlers.core.drafts import draft_from
from schemas.values import EntryContent

ENTRY = EntryContent(
    questions=("居住证怎么办理", "办居住证要带什么"),
    answer="带身份证到社区。",
    document_number="国令第663号",
    valid_from=date(2026, 1, 1),
    valid_until=date(2027, 1, 1),
    checked_on=date(2026, 11, 2),
)


def test_a_draft_names_its_source() -> None:
    """The answer, then the entry by its title, its document and the day on which it was checked."""
    assert (
        "带身份证到社区。\n\n（参考知识点“居住证怎么办理”，国令第663号，核对日期 2026-11-02）"
        == draft_from(ENTRY)
    )
    assert "，核对" in draft_from(msgspec.structs.replace(ENTRY, document_number=""))
