"""What is taken of a letter's text where it answers us."""

import pytest

from intake.core.letters.letter_text import codes_in, own_words, without_access_codes
from tests.unit.intake.messages import KEYS, message

CODES = message().codes


@pytest.mark.parametrize(
    "quoted",
    [
        "在 2026年11月23日，城市热线 <a@b.example> 写道：\n> 查询码",
        "On Mon, 23 Nov 2026, City wrote:\n> code",
        "------------------ 原始邮件 ------------------\n发件人: 城市",
        "-----Original Message-----\nFrom: City <a@b.example>",
        "发件人：城市热线",
        "> 您的来信已收到",
    ],
)
def test_an_answer_is_what_its_sender_wrote(quoted: str) -> None:
    """Without the letter that it answers, as programs quote it."""
    assert "昨晚又坏了。\n请来看。" == own_words(f"昨晚又坏了。\n请来看。\n\n{quoted}")


def test_an_answer_of_nothing_but_a_quotation_stands() -> None:
    """Nothing is lost where the markers mislead."""
    assert "> 只有引用" == own_words("> 只有引用")


def test_codes_are_found_however_they_are_written() -> None:
    """In brackets, in small letters, without hyphens; what only looks like one is none."""
    code = CODES.tracking_code
    text = f"Re: 已收到 [{code.lower()}] {code.replace('-', '')} AAAA-BBBB-CCCC-DDDD 1234567890123456"

    assert [code] == codes_in(text, KEYS.code_secrets)


def test_the_secret_of_a_case_stays_with_its_citizen() -> None:
    """Who quotes our answer shows no department the access code."""
    text = f"查询码：{CODES.access_code}，{CODES.access_code.lower()}"
    hidden = without_access_codes(text, [CODES.tracking_code], KEYS.code_secrets)

    assert "查询码：********，********" == hidden


def test_a_code_is_looked_for_where_somebody_may_have_put_one() -> None:
    """Behind hundreds of thousands of characters nobody does: a letter of megabytes holds up no other."""
    code, far = CODES.tracking_code, " " * 300_000

    assert [code] == codes_in(f"{code}{far}", KEYS.code_secrets)
    assert [] == codes_in(f"{far}{code}", KEYS.code_secrets)
