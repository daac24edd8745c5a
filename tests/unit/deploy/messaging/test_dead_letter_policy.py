"""How dead letters are counted, and how much of what outsiders wrote is kept."""

import pytest
from structlog.testing import capture_logs

from deploy.messaging.dead import dead_letter_policy
from deploy.messaging.dead.dead_letter_policy import WINDOW_RECORDS, ByteBudget, DeadLetterPolicy, Recent
from deploy.messaging.dead.dead_letters import DeadLetter
from deploy.observability import metrics
from tests.unit.deploy.messaging.one_consumer import Letters, record


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


def _ours(number: int) -> DeadLetter:
    return DeadLetter(record=record(number), stage="policy", reason="odd")


def _theirs(number: int) -> DeadLetter:
    return DeadLetter(record=record(number), stage="policy", reason="forged", is_ours=False)


def _policy(letters: Letters) -> DeadLetterPolicy:
    return DeadLetterPolicy("policy", letters, limit=100)  # type: ignore[arg-type]  # in memory


def _counted(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(f"huiyin_{name}_total", {"group": "policy", **labels}) or 0.0


async def test_each_of_ours_is_kept_and_counted() -> None:
    """Whatever outsiders write beside it."""
    letters, before = Letters(), _counted("dead_letters", reason="odd")
    await _policy(letters).put([_ours(1), _theirs(2), _ours(3)], 10)

    assert [1, 2, 3] == [letter.record.offset for letter in letters.kept]
    assert 2 == _counted("dead_letters", reason="odd") - before


async def test_what_outsiders_write_fills_no_log() -> None:
    """A line for all of a batch, and the next not before ten seconds have gone: reasons, and where the last one lies."""
    policy = _policy(Letters())
    with capture_logs() as lines:
        await policy.put([_ours(1)], 10)
        for _ in range(3):
            await policy.put([_theirs(2), _theirs(3), _ours(4)], 10)

    assert [
        {"event": "consumer.refuses", "log_level": "warning", "group": "policy", "reasons": {"forged": 2}, "kept": 2,
         "last": "huiyin.intake.v1 0/3"}
    ] == lines  # fmt: skip


async def test_what_outsiders_write_fills_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond their allowance copies are counted, and lie where they wrote them; ours are kept all the same."""
    monkeypatch.setattr(dead_letter_policy, "BUDGET_BYTES", 2048)
    letters, before = Letters(), _counted("refused_records", reason="forged", kept="no")
    await _policy(letters).put([_theirs(1), _theirs(2), _theirs(3), _ours(4)], 10)

    assert [1, 2, 4] == [letter.record.offset for letter in letters.kept]
    assert 1 == _counted("refused_records", reason="forged", kept="no") - before
