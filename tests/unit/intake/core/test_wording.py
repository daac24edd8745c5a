"""How texts are written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from intake.core.wording import as_said, matchable, normalised, one_line, simplified


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


def test_a_text_is_simplified_whose_only_traditional_character_is_one_of_ours() -> None:
    """著 stands in Simplified texts too, but not behind what somebody does."""
    assert "狗追着人咬" == simplified("狗追著人咬")
    assert simplified("著名作家的著作，效果显著") is None


def test_what_taiwan_calls_otherwise_is_found_by_our_words() -> None:
    """Only in Traditional text, and only what means nothing else here."""
    assert "出租车乱收费，网络信息不对" == simplified("計程車亂收費，網路資訊不對")
    assert "互联网络服务，社区幼儿园的停车位" == simplified("網際網路服務，社群幼稚園的停車格")
    assert "专案组调取档案，执行电网路线" == simplified("專案組調取檔案，執行電網路線")
    assert simplified("数位专案人员的资讯") is None


@pytest.mark.parametrize(
    ("said", "here"),
    [
        ("伺服器壞了", "服务器坏了"), ("印表機沒紙", "打印机没纸"), ("無法列印", "无法打印"),
        ("這個專案", "这个项目"), ("幼稚園門口", "幼儿园门口"), ("捷運站、捷運營運", "地铁站、地铁营运"),
        ("路邊停車格", "路边停车位"), ("社群活動", "社区活动"), ("應用程式", "应用程序"), ("收到簡訊", "收到短信"),
        ("硬體設備", "硬件设备"), ("網際網路斷了", "互联网络断了"), ("網路過慢、網路障礙", "网络过慢、网络障碍"),
        ("腳踏車被偷", "自行车被偷"), ("計程車繞路", "出租车绕路"), ("沒有訊息", "没有消息"),
        ("員工資訊、施工資訊", "员工信息、施工信息"), ("收集金融資訊", "收集金融信息"), ("交通訊息", "交通消息"),
        ("重大專案", "重大项目"), ("執行程式、開啟程式", "执行程序、开启程序"),
        ("官方程式與安全程式", "官方程序与安全程序"), ("合併列印、自行列印發票", "合并打印、自行打印发票"),
        ("二手印表機", "二手打印机"), ("捷運轉乘", "地铁转乘"), ("不過硬體檢測", "不过硬件检测"),
        ("停車格外側", "停车位外侧"), ("進行社群經營", "进行社区经营"), ("通過程式", "通过程序"),
        ("硬體製造", "硬件制造"), ("投資訊息、工資訊息", "投资消息、工资消息"), ("軟體更新", "软件更新"),
        ("沿著路", "沿着路"),
    ],
)  # fmt: skip
def test_each_of_taiwans_words_is_read(said: str, here: str) -> None:
    """Wherever it stands by itself; what it was stays to be looked for, with as many characters."""
    assert here == simplified(said)
    assert len(here) == len(as_said(said))
    assert here != as_said(said)


@pytest.mark.parametrize(
    "met",
    [
        "侍奉伺服器皿廠", "複印表機構造", "隊列印", "系列印刷廠", "陳列印章", "移送專案件", "大專案例", "專案組",
        "幼稚園丁", "便捷運輸通道被堵", "敏捷運動場", "快捷運送", "簡捷運行", "停車格外困難", "停車格局",
        "旅行社群裡", "公社群眾", "工程式樣", "流程式圖", "課程式", "全程式服務", "過程式", "方程式賽車", "精簡訊問",
        "簡訊問", "強硬體現", "生硬體會", "硬體育墊", "過硬體質", "電網路線", "管網路面", "鐵絲網路障",
        "護欄網路邊", "雙腳踏車上", "腳踏車門", "合計程車次", "通訊息費", "審訊息訴", "工資訊", "投資訊",
        "薪資訊問", "軟體育墊", "鬆軟體操墊", "柔軟體驗", "軟體動物", "顯著", "土著", "名著", "著作權",
    ],
)  # fmt: skip
def test_where_two_other_words_meet_nothing_is_read_as_taiwans(met: str) -> None:
    """The characters stand side by side, and mean something else."""
    assert OpenCC("hk2s").convert(met) == (simplified(met) or met)


def test_very_many_spaces_are_one() -> None:
    """Looked at once, and not from each of them to the last: whoever sends them holds up nobody else's message."""
    assert "灯 坏了\n请修" == normalised(f"灯{' ' * 300_000}坏了 \n 请修")
