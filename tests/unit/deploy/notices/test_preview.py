"""Every notice's words can be seen before anybody reads them."""

from zoneinfo import ZoneInfo

import pytest

from deploy.notices.pages import AUDIENCES, CHANNELS, OCCASIONS, STATES
from deploy.notices.preview import samples
from schemas.notices import Audience, NoticeChannel, NoticeState, Occasion
from schemas.words import Language
from tests.architecture.source import ROOT

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("language", Language)
def test_every_occasion_has_its_words(language: Language) -> None:
    """Whole, in its language, with nothing left to fill in; what is private names no case to staff."""
    found = samples(language, CHINA, "https://city.example")

    # A test is no letter: other systems alone are sent one.
    assert set(Occasion) - {Occasion.TEST} == {sample.occasion for sample in found}
    for sample in found:
        assert "{" not in f"{sample.subject}{sample.text}{sample.short}"
        assert (language is Language.EN) == f"{sample.subject}{sample.text}".replace("…", "").isascii()
        if sample.is_private and sample.audience is not Audience.CITIZEN:
            assert "ABCD" not in sample.text
        assert "ABCD" not in sample.short


def test_every_occasion_is_documented() -> None:
    """Other systems filter webhooks by these words (`notice.missed`): docs/notices.md names each."""
    documented = (ROOT / "docs" / "notices.md").read_text(encoding="utf-8")

    assert [] == [occasion.value for occasion in Occasion if f"`{occasion}`" not in documented]


def test_the_page_knows_every_word() -> None:
    """Of audiences, channels, states and occasions."""
    assert (set(Audience), set(NoticeChannel)) == (set(AUDIENCES), set(CHANNELS))
    assert (set(NoticeState), set(Occasion)) == (set(STATES), set(OCCASIONS))
