"""What nobody sees, and what turns the direction of writing, hides no number and no name."""

import pytest

from handlers.core.texts import clean
from schemas.masking import for_department, for_public

#: Direction overrides, embeddings and isolates, their ends, marks of direction, joiners, controls, fillers, tags.
MARKS = [
    "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f", "\u061c",
    "\u200b", "\u200c", "\u200d", "\u2060", "\u2063", "\ufeff", "\u00ad", "\u034f", "\u115f", "\u3164", "\uffa0", "\x01",
    "\x1f", "\x9f", "\U0001d173", "\U000e0041",
]  # fmt: skip


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("official", [True, False])
def test_what_nobody_sees_hides_no_number_and_no_name(mark: str, official: bool) -> None:
    """Within them and around them, in either view; and none of it is left."""
    written = f"已电话{mark}139{mark}0013{mark}80{mark}01告知投诉人王{mark}建国先生。"
    for view in (for_department, for_public):
        shown = view(written, official=official)
        assert mark not in shown
        assert "8001告知投诉人王**先生。" in shown
        assert "0013" not in shown


@pytest.mark.parametrize("mark", ["\v", "\f", "\u202f", "\u205f", "\u180e", "\u2800"])
def test_rare_blanks_part_no_number(mark: str) -> None:
    """White space, and what Mongolian is written with, stay elsewhere."""
    assert "138001" not in for_public(f"电话139{mark}0013{mark}8001", official=True)
    assert mark in for_public(f"ᠰᠠᠢᠨ{mark}ᠰᠠᠶᠢᠨ", official=True)


def test_a_departments_words_are_read_as_they_are_stored() -> None:
    """A number backwards in a direction override was read forwards by everybody; pictures that are joined stay one."""
    said = clean("请拨打\u202e10083100931\u202c，已处理👨\u200d👩\u200d👧\r\n谢谢", "response", public=True)

    assert said == "请拨打10083100931，已处理👨\u200d👩\u200d👧\n谢谢"
