"""What whoever writes by e-mail is answered: whom to call stands before everything else."""

from datetime import UTC, datetime

import msgspec
import pytest

from intake.core.danger import EmergencyLine, lines_to_call
from intake.core.letters.letter import Letter
from intake.steps.accept import Receipt
from intake.steps.answer_letter import danger_letter, receipt_letter
from schemas.ids import AccessCode, TrackingCode
from schemas.words import Language

_OWN = "hotline@city.example"
_AT = datetime(2026, 11, 23, tzinfo=UTC)
_LETTER = Letter(message_id="<1@example.org>", sender="zhang@example.org", subject="楼下", text="楼下着火了")


def _receipt(language: Language, *lines: EmergencyLine) -> Receipt:
    return Receipt(
        tracking_code=TrackingCode("AAAA-BBBB-CCCC-DDDD"),
        access_code=AccessCode("12345678"),
        received_at=datetime(2026, 11, 23, tzinfo=UTC),
        follow_url="https://city/follow",
        secrecy="保密",
        call_now=lines_to_call(lines, language),
    )


@pytest.mark.parametrize("language", list(Language))
def test_danger_comes_before_the_codes(language: Language) -> None:
    """In the language of the letter; of anything else nobody is frightened."""
    lines = (EmergencyLine.FIRE, EmergencyLine.AMBULANCE)
    told, calm = (
        receipt_letter(_LETTER, _receipt(language, *each), own_address=_OWN, language=language).get_content()
        for each in (lines, ())
    )

    assert all(number in told.splitlines()[0] for number in ("119", "120"))
    assert told.index("120") < told.index("12345678") < told.index("保密")
    assert not any(line in calm for line in ("119", "120 "))


@pytest.mark.parametrize("language", list(Language))
def test_an_addition_that_tells_of_danger_is_answered(language: Language) -> None:
    """To whoever wrote, as an answer to that letter, which no program answers; without the codes."""
    lines = lines_to_call([EmergencyLine.FIRE], language)
    first, mail = (
        danger_letter(_LETTER, lines, own_address=_OWN, language=language, at=at)
        for at in (datetime(2026, 11, 23, 7, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC))
    )
    other = danger_letter(
        msgspec.structs.replace(_LETTER, text="着火了"), lines, own_address=_OWN, language=language, at=_AT
    )

    assert (_LETTER.sender, _LETTER.message_id, "auto-replied") == (
        mail["To"],
        mail["In-Reply-To"],
        mail["Auto-Submitted"],
    )
    assert lines[0].text in mail.get_content()
    assert "Mon, 23 Nov 2026 08:00:00 +0000" == mail["Date"]
    assert first["Message-ID"] == mail["Message-ID"] != other["Message-ID"]
    assert mail["Message-ID"].endswith("@city.example>")
    assert "119" in mail["Subject"]
    assert not any(line in mail["Subject"] for line in ("110", "120"))
