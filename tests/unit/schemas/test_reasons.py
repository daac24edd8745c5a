"""What sent a case somewhere is said in its reader's language."""

from datetime import date

from schemas.city import load_city
from schemas.reasons import basis_in, by_catalogue, by_ruling, by_sound, in_words, said_in
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


def test_what_alone_made_an_emergency_is_said_too_and_sends_nothing() -> None:
    """With the words, or without them where they may not be told."""
    sound, item = by_sound("5b3c", "叫不醒"), by_catalogue(_CITY.item["property-fee"])

    assert sound.words == in_words(sound, Language.ZH, _CITY)
    assert sound.words == f"{said_in(Language.ZH, _CITY, 'sound', ['5b3c'])}：“叫不醒”"
    assert "An emergency by no rule, but by how it sounds (model 5b3c): “叫不醒”" == in_words(
        sound, Language.EN, _CITY
    )
    assert item == basis_in([sound, item])
    assert basis_in([sound]) is None


def test_what_nobody_knows_any_more_is_said_as_it_was_written() -> None:
    """Words of a message, what an earlier release kept, and an item that the city gave up."""
    for reason in (
        Reason(words="路灯", weight=2.0),
        Reason(words="按派单目录：旧事项", weight=1.0),
        Reason(words="按派单目录：旧事项", weight=1.0, code="catalogue", facts=("gone",)),
    ):
        assert reason.words == in_words(reason, Language.EN, _CITY)
