"""Words that one list of the rules says twice; lists that are apart say what they like."""

from pathlib import Path

import pytest

from routing.core.doublings import Doubling, doublings
from routing.core.rules import FILES


def _found(directory: Path, file: str, text: str) -> list[Doubling]:
    for name in FILES:
        (directory / f"{name}.toml").write_text(text if name == file else "", "utf-8")
    return list(doublings(directory))


def test_the_shipped_rules_say_nothing_twice() -> None:
    """They are read where there is no folder."""
    assert [] == list(doublings(None))


@pytest.mark.parametrize(
    ("file", "text", "entry", "key"),
    [
        # One list, whichever strength stands first in the file.
        ("kinds", '[[kind]]\nkind = "help"\nleaning = ["路燈"]\nstrong = ["路灯"]', "help", "kind."),
        ("kinds", '[[kind]]\nkind = "help"\nstrong = ["路燈"]\ndecisive = ["路灯"]', "help", "kind."),
        ("categories", '[[category]]\ncode = "roads"\nstrong = ["路灯", "路", "路燈"]', "roads", "category."),
        # The entry goes by its code before its name.
        ("departments", '[[department]]\nname = "住建"\ncode = "housing"\nwords = ["路灯", "路燈"]', "housing",
         "department.words"),
        ("urgency", 'urgent = ["路灯", "路燈"]', "", "urgent"),
        ("misconduct", '[misconduct.parts]\nlight = ["路灯", "路燈"]', "", "misconduct.parts.light"),
        # A table within an entry is the entry's.
        ("scope", '[[outside]]\nname = "法院"\n[outside.more]\nwords = ["路灯", "路燈"]', "法院",
         "outside.more.words"),
    ],
)  # fmt: skip
def test_each_is_told_with_its_place(tmp_path: Path, file: str, text: str, entry: str, key: str) -> None:
    """The file, the entry, the key with the tables around it, and which word stands before it."""
    assert [Doubling(file, entry, key, "路燈", "路灯")] == _found(tmp_path, file, text)


def test_the_first_one_is_named_however_often_it_is_said(tmp_path: Path) -> None:
    """Each that follows counts for nothing."""
    assert [("路燈", "路灯"), ("路灯", "路灯")] == [
        (found.word, found.theirs)
        for found in _found(tmp_path, "urgency", 'urgent = ["路灯", "路燈", "路灯"]')
    ]


@pytest.mark.parametrize(
    "text",
    [
        'urgent = ["路灯"]\nemergency = ["路燈"]',
        '[[kind]]\nkind = "help"\nstrong = ["路灯"]\n[[kind]]\nkind = "report"\nstrong = ["路燈"]',
        '[[kind]]\nkind = "help"\nstrong = ["路灯"]\nunless = ["路燈"]',
        "numbers = [1, 1]\nflag = true\nword = '路灯'",
    ],
)
def test_apart_a_word_may_stand_in_each(tmp_path: Path, text: str) -> None:
    """Other lists, other entries; numbers are no words."""
    assert [] == _found(tmp_path, "urgency", text)
