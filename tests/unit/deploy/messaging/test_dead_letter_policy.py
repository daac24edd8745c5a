"""How dead letters are counted, and how much of what outsiders wrote is kept."""

from deploy.messaging.dead_letter_policy import WINDOW_RECORDS, ByteBudget, Recent


def test_dead_letters_are_counted_over_the_last_records() -> None:
    """What happened a thousand records ago no longer counts."""
    recent = Recent()

    assert recent.add(500, 100) == 100
    assert recent.add(500, 50) == 150
    assert recent.add(WINDOW_RECORDS - 500, 0) == 50
    assert recent.add(500, 1) == 1


def test_single_records_are_counted_like_batches() -> None:
    """However small the batches, the window holds the same number of records."""
    recent = Recent()
    counts = [recent.add(1, 1) for _ in range(WINDOW_RECORDS + 10)]

    assert WINDOW_RECORDS == counts[-1]


def test_an_allowance_is_spent_and_comes_again_over_a_day() -> None:
    """So many bytes at once, half of them again after half a day, and never more than all."""
    seconds = [0.0]
    allowance = ByteBudget(100, lambda: seconds[0])

    assert [allowance.spend(60), allowance.spend(60), allowance.spend(40)] == [True, False, True]
    seconds[0] = 12 * 3600
    assert [allowance.spend(51), allowance.spend(50)] == [False, True]
    seconds[0] = 90 * 24 * 3600
    assert [allowance.spend(101), allowance.spend(100), allowance.spend(1)] == [False, True, False]
