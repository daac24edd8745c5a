"""How texts are written down."""

from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from intake.core.wording import matchable, normalised, one_line, simplified


def test_full_width_letters_and_digits_become_half_width() -> None:
    """Chinese punctuation stays as it is."""
    assert "电话138，A座 a@b.c！" == normalised("电话１３８，Ａ座　ａ＠ｂ．ｃ！")


def test_white_space_is_tidied() -> None:
    """One blank, one line end, nothing at the edges; a blank line between paragraphs stays one."""
    assert "一 二\n三\n\n四" == normalised("  一 \t 二\r\n　三 \n\n \n\n 四\u2029 ")
    assert "一 二" == one_line(" 一\n \n二 ")


def test_invisible_characters_go() -> None:
    """They would hide words from masking and from readers."""
    assert "13812345678" == normalised("138\u200b1234\u202e5678\ufeff")


def test_pictures_that_are_one_stay_one() -> None:
    """A family, a firewoman, the flag of pride; a joiner anywhere else goes."""
    for picture in ("👨‍👩‍👧", "👩🏽‍🚒", "🏳️‍🌈", "❤️‍🔥"):
        assert picture == normalised(f"{picture}\u200b")
    assert "13812345678" == normalised("138\u200d1234\u200d5678")


@given(st.text(alphabet=" \n\u3000\ra", max_size=12))
def test_no_blank_stands_beside_a_line_end(text: str) -> None:
    """Nor do three line ends follow one another, nor two blanks, however they were mixed."""
    assert not [odd for odd in (" \n", "\n ", "\n\n\n", "  ") if odd in normalised(text)]


@given(st.text(max_size=60))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    """What is stored is stable, and can be stored."""
    once = normalised(text)

    assert once == normalised(once)
    assert "\x00" not in once
    once.encode()


def test_traditional_text_is_simplified_for_matching_only_where_it_differs() -> None:
    """Simplified text costs no copy."""
    assert "噪音扰民" == simplified("噪音擾民")
    assert simplified("噪音扰民") is None
    assert "路灯坏了 abc" == matchable("路燈壞了 ＡＢＣ")


def test_the_quick_look_finds_every_text_that_conversion_changes() -> None:
    """Phrases are only converted where one of their characters is."""
    for text in ("乾淨", "瞭解", "憑藉", "后面", "這裏的電線桿", "藉口", "著作"):
        assert (simplified(text) or text) == OpenCC("hk2s").convert(text)


def test_characters_that_only_hong_kong_or_taiwan_writes_are_simplified() -> None:
    """衞 for 卫, and 著 for 着 but where it is 著 everywhere."""
    assert "卫生服务中心排着队，效果显著" == simplified("衞生服務中心排著隊，效果顯著")
    assert "著名景点的卫生" == simplified("著名景點的衛生")
    assert simplified("著名作家的着装") is None


def test_what_taiwan_calls_otherwise_is_found_by_our_words() -> None:
    """Only in Traditional text, and only what means nothing else here."""
    assert "出租车乱收费，网络信息不对" == simplified("計程車亂收費，網路資訊不對")
    assert "互联网络服务，社区幼儿园的停车位" == simplified("網際網路服務，社群幼稚園的停車格")
    assert "专案组调取档案，执行电网路线" == simplified("專案組調取檔案，執行電網路線")
    assert simplified("数位专案人员的资讯") is None


def test_very_many_spaces_are_one() -> None:
    """Looked at once, and not from each of them to the last: whoever sends them holds up nobody else's message."""
    assert "灯 坏了\n请修" == normalised(f"灯{' ' * 300_000}坏了 \n 请修")
