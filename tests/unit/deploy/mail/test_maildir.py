"""A real Maildir, written by the standard library as a mail server writes it."""

import mailbox
import os
from pathlib import Path

import pytest

from deploy.mail.maildir import Maildir


@pytest.fixture
def box(tmp_path: Path) -> mailbox.Maildir:
    """An empty one."""
    return mailbox.Maildir(tmp_path / "mail")


def test_letters_wait_in_their_order_and_leave_whole(box: mailbox.Maildir, tmp_path: Path) -> None:
    """The oldest first, new ones and those that somebody has looked at; settled they lie in a folder, byte by byte."""
    names = [box.add(f"Subject: {number}\n\n".encode()) for number in range(3)]
    for age, name in enumerate(names):
        (path,) = (tmp_path / "mail").rglob(f"{name}*")
        os.utime(path, (100 - age, 100 - age))
    seen = mailbox.MaildirMessage(b"Subject: seen\n\n")
    seen.set_subdir("cur")
    seen.add_flag("S")
    box.add(seen)
    with Maildir(str(tmp_path / "mail")).opened() as session:
        waiting = session.waiting(10)
        letters = [session.fetch(name, 100) for name in waiting]
        for name in waiting[:2]:
            session.settle(name, "Huiyin-taken")
        left = session.waiting(10)

    assert [b"Subject: 2\n\n", b"Subject: 1\n\n", b"Subject: 0\n\n", b"Subject: seen\n\n"] == letters
    assert list(waiting[2:]) == list(left)
    taken = mailbox.Maildir(tmp_path / "mail" / ".Huiyin-taken", create=False)
    assert {b"Subject: 2\n\n", b"Subject: 1\n\n"} == {taken.get_bytes(key) for key in taken.iterkeys()}


def test_somebody_else_may_take_a_letter(box: mailbox.Maildir, tmp_path: Path) -> None:
    """Who deletes one meanwhile breaks nothing."""
    key = box.add(b"Subject: x\n\n")
    with Maildir(str(tmp_path / "mail")).opened() as session:
        (name,) = session.waiting(10)
        box.remove(key)

        assert session.fetch(name, 100) is None
        session.settle(name, "Huiyin-taken")


def test_a_letter_is_read_up_to_a_limit(box: mailbox.Maildir, tmp_path: Path) -> None:
    """Nobody fills the memory."""
    box.add(b"Subject: x\n\n" + b"y" * 1000)
    with Maildir(str(tmp_path / "mail")).opened() as session:
        (name,) = session.waiting(1)

        assert 50 == len(session.fetch(name, 50) or b"")


def test_what_is_no_maildir_is_said(tmp_path: Path) -> None:
    """Rather than read as an empty one."""
    with pytest.raises(FileNotFoundError, match="no Maildir"), Maildir(str(tmp_path)).opened():
        pass
