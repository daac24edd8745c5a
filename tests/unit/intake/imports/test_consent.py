"""Secrecy and publication, as exports write them: only a word that is known to allow publication does."""

from collections.abc import Mapping, Sequence

import pytest

from intake.core.draft import Draft
from intake.imports.cells import error_cell
from intake.imports.rows import read
from schemas.errors import FieldError
from tests.unit.intake.imports.files import row_of

#: A word, and whether a note says that it was not understood.
_SECRET = (
    ("是", False), ("√", False), ("✓", False), ("Ｙ", False), ("TRUE", False), ("1", False), ("要求保密", False),
    ("需保密", False), ("（保密）", False), ("不公开", False), ("對", False), ("保密件", True), ("勾选", True),
    ("✔️", False), ("1.0", False), ("2", True), ("x", True), ("按规定", True), ("确认", True),
)  # fmt: skip
_OPEN = (
    "实名",
    "實名",
    "無",
    "否\u200b",
    "\ufeff不保密",
    "0.0",
    "不匿名",
    "否",
    "不",
    "No",
    "0",
    "FALSE",
    "×",
    "不保密",
    "无需 保密",
    "不需要",
    "无需",
    "未要求",
    "沒有",
    "公开",
    "",
    "无",
    "/",
    "—",
)
_ALLOWED = (
    "是", "公开", "可公开", "同意", "同意公开。", "√", "Yes", "1", "公開", "同意公開", "願意", "✔️", "1.0", "公开\u200b",
    "好", "已同意", "本人同意", "对外公开", "主动公开", "OK",
)  # fmt: skip
_REFUSED = (
    ("否", False), ("不公开", False), ("不同意公开", False), ("✗", False), ("保密", False), ("", False), ("/", False),
    ("暂不公开", False), ("依申请公开", False), ("未同意", False), ("不予公开", False),
    ("部分公开", True), ("2", True), ("待定", True),
)  # fmt: skip


def draft_of(row: Mapping[str, object]) -> Draft:
    """The message in a row of these columns."""
    return read(row_of(row)).draft


def notes_of(row: Mapping[str, object]) -> Sequence[FieldError]:
    """What is said of it."""
    return read(row_of(row)).notes


def _row(column: str, word: object) -> dict[str, object]:
    return {"内容": "停水三天了", column: word}


@pytest.mark.parametrize(("word", "is_noted"), _SECRET)
def test_whatever_may_ask_for_secrecy_does(word: str, is_noted: bool) -> None:
    """A word that nobody foresaw too, which is then said."""
    row = _row("是否保密", word)

    assert draft_of(row).confidential
    assert is_noted == bool(notes_of(row))


@pytest.mark.parametrize("word", _OPEN)
def test_who_asks_for_no_secrecy_gets_none(word: str) -> None:
    """A plain no, or nothing."""
    row = _row("是否保密", word)

    assert (False, []) == (draft_of(row).confidential, notes_of(row))


@pytest.mark.parametrize("word", _ALLOWED)
def test_who_allows_publication_is_believed(word: str) -> None:
    """A plain yes, or the column's own word."""
    row = _row("是否公开", word)

    assert (True, []) == (draft_of(row).publish, notes_of(row))


@pytest.mark.parametrize(("word", "is_noted"), _REFUSED)
def test_whatever_may_refuse_publication_does(word: str, is_noted: bool) -> None:
    """The column 保密's own word beside it too: it once published what was to be kept."""
    row = _row("是否公开", word)

    assert not draft_of(row).publish
    assert is_noted == bool(notes_of(row))


@pytest.mark.parametrize(
    "column", ["是否实名", "實名舉報", "是否公开姓名", "是否愿意公開身份", "isRealName", "can_show_name"]
)
@pytest.mark.parametrize(
    ("word", "is_secret", "is_noted"),
    [
        ("否", True, False), ("匿名", True, False), ("×", True, False), ("不同意", True, False), ("FALSE", True, False),
        ("不愿意", True, False), ("看情况", True, True), ("2", True, True), ("是", False, False), ("√", False, False),
        ("實名", False, False), ("已实名", False, False), ("是的", False, False),
        ("可以，但要打码", True, True), ("可能", True, True), ("是/否", True, True), ("同意部分公开", True, True),
        ("OK", False, False), ("Yes, please", False, False), ("I agree", False, False), ("我同意", False, False),
        ("可以公开姓名", False, False), ("没问题", False, False),
        ("同意公開", False, False), ("", False, False), ("/", False, False), ("无", False, False),
    ],
)  # fmt: skip
def test_who_would_not_be_named_is_kept_secret(
    column: str, word: str, is_secret: bool, is_noted: bool
) -> None:
    """A column may ask for the opposite: its no is a wish for secrecy."""
    row = _row(column, word)

    assert (is_secret, is_noted) == (draft_of(row).confidential, bool(notes_of(row)))


def test_a_row_without_the_columns_is_not_published() -> None:
    """And is no secret."""
    found = draft_of({"内容": "停水三天了"})

    assert (False, False) == (found.publish, found.confidential)


def test_of_two_columns_the_stricter_counts() -> None:
    """Exports join the lists of several systems."""
    row: dict[str, object] = {
        "内容": "停水三天了",
        "保密": "否",
        "是否保密": "√",
        "公开": "是",
        "是否公开": "否",
    }

    assert (True, False) == (draft_of(row).confidential, draft_of(row).publish)


def test_json_says_it_with_its_own_words() -> None:
    """True and false, and null for nothing."""
    assert draft_of(_row("confidential", True)).confidential
    assert draft_of(_row("publish", True)).publish
    assert not draft_of(_row("publish", None)).publish
    assert not draft_of(_row("confidential", False)).confidential


def test_a_cell_that_is_an_error_asks_for_protection() -> None:
    """Nobody knows what it said: secret, not public, and noted."""
    broken = error_cell("#REF!")
    row: dict[str, object] = {"内容": "停水三天了", "是否保密": broken, "是否公开": broken}

    assert (True, False) == (draft_of(row).confidential, draft_of(row).publish)
    assert {"confidential", "publish"} == {note.field for note in notes_of(row)}
