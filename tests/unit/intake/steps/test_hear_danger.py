"""Which messages are listened to at once, and which in a thread."""

import threading

import pytest

from intake.core.danger import EmergencyLine, finder_of
from intake.steps.hear_danger import lines_heard


class _Ear:
    """Hears danger in everything, and knows where it was asked."""

    stirs = staticmethod(finder_of())

    def __init__(self) -> None:
        self.asked_in: list[threading.Thread] = []

    def hears(self, _title: str, _text: str, /) -> bool:
        """Always."""
        self.asked_in.append(threading.current_thread())
        return True


@pytest.mark.parametrize(
    ("characters", "is_at_once"), [(20, True), (1_900, True), (2_100, False), (10_000, False)]
)
async def test_only_a_long_message_is_listened_to_in_a_thread(characters: int, is_at_once: bool) -> None:
    """A thread for each of some hundred characters made all others wait 5 ms at every turn; a long one holds up nobody."""
    ear = _Ear()

    assert list(EmergencyLine) == await lines_heard(ear, [("路灯", "亮" * characters)])
    assert [is_at_once] == [thread is threading.current_thread() for thread in ear.asked_in]
