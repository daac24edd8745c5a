"""A name made of parts, and growing pauses: one rule for parts and processes."""

from deploy.processes.lives import name_of, parts_of, pause_seconds


def test_a_name_tells_its_parts() -> None:
    """What wrote it and what reads it agree; a process of one part is called after that."""
    assert parts_of("relay") == ("relay",)
    assert parts_of("intake+relay") == ("intake", "relay")
    assert parts_of(name_of(("intake", "routing", "sweep"))) == ("intake", "routing", "sweep")


def test_pauses_double_up_to_the_longest() -> None:
    """A quarter of a second first, half a minute at most, however often it failed."""
    assert [pause_seconds(doublings) for doublings in range(9)] == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30]
    assert pause_seconds(5_000) == 30
    assert pause_seconds(2, first=0.5, longest=1.5) == 1.5
