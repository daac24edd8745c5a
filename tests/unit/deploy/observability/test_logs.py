"""What the logs say of what says itself over and over."""

import logging

from deploy.observability.logs import Repetitions


class Clock:
    """Seconds."""

    now = 0.0

    def __call__(self) -> float:
        """What it is set to."""
        return self.now


def _said(filtered: Repetitions, text: str, *args: object, name: str = "aiokafka.conn") -> str | None:
    record = logging.LogRecord(name, logging.ERROR, "f", 1, text, args, None)
    return record.getMessage() if filtered.filter(record) else None


def test_of_lines_that_are_alike_one_a_minute_is_said() -> None:
    """The first at once, then how many there were; whatever differs only in its facts is alike."""
    clock = Clock()
    filtered = Repetitions(clock)
    flood = []
    for tick in range(40 * 150):
        clock.now = tick / 40
        flood.append(_said(filtered, "Unable connect to node with id %s: %s", tick % 3, "refused"))

    assert [
        "Unable connect to node with id 0: refused",
        "Unable connect to node with id 0: refused (and 2399 times before)",
        "Unable connect to node with id 0: refused (and 2399 times before)",
    ] == [line for line in flood if line]


def test_other_lines_are_said_meanwhile() -> None:
    """Of another logger, another level, or with other words."""
    filtered = Repetitions(Clock())

    assert ["a", None, "b", "a"] == [
        _said(filtered, "a"), _said(filtered, "a"), _said(filtered, "b"), _said(filtered, "a", name="asyncio"),
    ]  # fmt: skip


def test_a_thousand_kinds_of_lines_are_not_remembered() -> None:
    """Whoever puts a number into each cannot fill our memory."""
    filtered = Repetitions(Clock())
    for number in range(3000):
        _said(filtered, f"{number} failed")

    assert len(filtered._said) <= 500
