"""The reader's own choice wins, then the browser's, then Chinese."""

import pytest

from deploy.web.site.preferences import language_of, large_text, take_choices
from schemas.words import Language


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, Language.ZH),
        ({"accept-language": "en-GB,en;q=0.9"}, Language.EN),
        ({"accept-language": "fr-FR, de;q=0.9"}, Language.ZH),
        ({"accept-language": "fr, en;q=0.5, zh;q=0.4"}, Language.EN),
        ({"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}, Language.ZH),
        ({"accept-language": "en;q=0, zh-TW;q=0.1"}, Language.ZH),
        ({"accept-language": "en;q=lots"}, Language.ZH),
        ({"accept-language": "en", "cookie": "huiyin_language=zh"}, Language.ZH),
        ({"accept-language": "zh", "cookie": "huiyin_language=en"}, Language.EN),
        ({"accept-language": "en", "cookie": "huiyin_language=tlh"}, Language.EN),
    ],
)
def test_language(headers: dict[str, str], expected: Language) -> None:
    """The cookie, then the best of Accept-Language that we speak, then Chinese."""
    assert expected is language_of(headers)


def test_large_text() -> None:
    """Large text is for those who chose it."""
    assert large_text({"cookie": "huiyin_size=large"})
    assert not large_text({"cookie": "huiyin_size=normal"})
    assert not large_text({})


def test_a_choice_in_a_form() -> None:
    """It becomes a cookie and leaves the form as it was; what is no choice is dropped."""
    form = {"title": "路灯", "_lang": "en", "_size": "huge"}

    assert take_choices(form) == {"huiyin_language": "en"}
    assert form == {"title": "路灯"}
