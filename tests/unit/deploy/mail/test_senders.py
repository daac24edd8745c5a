"""Loops end: nobody is taken, or answered, more often than a person would write."""

from deploy.mail.senders import Senders


def test_too_often_is_too_often() -> None:
    """Each sender by themselves, for an hour; what was only asked is not counted."""
    senders = Senders(2)
    for moment in (0.0, 1.0):
        assert senders.may("a", moment)
        assert senders.may("a", moment)
        senders.count("a", moment)

    assert not senders.may("a", 2.0)
    assert senders.may("b", 2.0)
    assert senders.may("a", 3600.5)
