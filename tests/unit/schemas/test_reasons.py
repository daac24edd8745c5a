"""What sent a case somewhere is said in its reader's language."""

from datetime import date

from schemas.city import load_city
from schemas.reasons import by_catalogue, by_ruling, in_words
from schemas.values import Reason
from schemas.words import Language

_CITY = load_city()


def test_a_rule_is_said_in_the_readers_language() -> None:
    """From its code and facts."""
    item, ruling = by_catalogue(_CITY.item["property-fee"]), by_ruling(date(2026, 11, 26), 3)

    assert "按派单目录：物业费" == item.words == in_words(item, Language.ZH, _CITY)
    assert "By the dispatch catalogue: Property fees" == in_words(item, Language.EN, _CITY)
    assert ruling.words == in_words(ruling, Language.ZH, _CITY)
    assert "By ruling 3 of 2026-11-26" == in_words(ruling, Language.EN, _CITY)


def test_what_nobody_knows_any_more_is_said_as_it_was_written() -> None:
    """Words of a message, what an earlier release kept, and an item that the city gave up."""
    for reason in (
        Reason(words="路灯", weight=2.0),
        Reason(words="按派单目录：旧事项", weight=1.0),
        Reason(words="按派单目录：旧事项", weight=1.0, code="catalogue", facts=("gone",)),
    ):
        assert reason.words == in_words(reason, Language.EN, _CITY)
