"""Text pasted from Word."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.core.markup import shown, without_markup


def test_what_word_pastes_is_read_as_it_looks() -> None:
    """Its styles and conditions go, its paragraphs stay, its entities are characters."""
    pasted = (
        "<html xmlns:o='urn'><head><style>p{mso-x:1}</style></head><body><!--[if gte mso 9]><xml><w:a>1</w:a></xml>"
        "<![endif]--><p class=MsoNormal>一、东门<span lang=EN-US>&nbsp;</span>积水&amp;没过\n脚踝。<o:p></o:p></p>"
        "<p>二、<b>139</b>00138001</p><table><tr><td>甲</td><td>乙</td></tr></table>尾</body></html>"
    )

    assert "一、东门\xa0积水&没过 脚踝。\n\n二、13900138001\n\n甲 乙\n\n尾" == without_markup(pasted)


@pytest.mark.parametrize("text", ["a<b 且 c>d", "温度<30 度", "<<重要>>", "联系 a@b.c <无>", "1 < 2 > 0 & 3"])
def test_what_is_no_markup_stays(text: str) -> None:
    """People write these signs, too."""
    assert text == without_markup(text)


@example("<![;")
@example("看这里 <![ 甲 ]> 和 <![")
@given(st.text("<>/bp!-&;甲 \n[]", max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    """Whatever is broken in it."""
    without_markup(text)


def test_what_is_said_around_a_broken_section_is_kept() -> None:
    """It is a comment to a browser; one that never ends is text."""
    assert without_markup("路灯<![;x>不亮</b>") == "路灯不亮"
    assert without_markup("路灯<![不亮") == "路灯<![不亮"


@pytest.mark.parametrize(
    "html",
    [
        "<html><head><meta charset=utf-8><body><p>路灯坏了</p></body></html>",
        "<title>无题<body><p>路灯坏了</p>",
        "<style>p{}<p>路灯坏了</p>",
        "<!--[if !mso]><!--><p>路灯坏了</p><!--<![endif]-->",
        "<![if !supportLists]><p>路灯坏了</p><![endif]>",
        "<p>路灯坏了</p><!--[if gte mso 9]><xml><w:a>1</w:a></xml><![endif]>",
    ],
)
def test_what_a_browser_shows_is_kept(html: str) -> None:
    """A head need not end, a condition may hold words, and what is hidden without an end hides nothing."""
    assert "路灯坏了" in without_markup(html)


@pytest.mark.parametrize(
    ("html", "read"),
    [
        ('<p class="a"">路灯坏了</p><p class="b"">第二段</p>', "路灯坏了\n\n第二段"),
        ("<a href=http://x/?q=it's>路灯坏了</a>他说it's bad<br>再见", "路灯坏了他说it's bad\n再见"),
        ("<a href=x?q='y>路灯坏了</a>'s<br>再见'", "路灯坏了's\n再见'"),
        (
            "<div title=O'Neil>路灯坏了三天</div><p>I don't sleep</p><p>结尾</p>",
            "路灯坏了三天\n\nI don't sleep\n\n结尾",
        ),
        ('<p class="a"">人民路5" 水管爆了，请修</p>', '人民路5" 水管爆了，请修'),
        ('<p title = "a>b" >路灯坏了</p>', "路灯坏了"),
        ('<p title="a>路灯坏了</p>', "路灯坏了"),
        ('<p title="a>路灯坏了</p><i lang=">', "路灯坏了"),
        ('<p title="a>路灯坏了</p><i lang="">', "路灯坏了"),
    ],
)
def test_a_quotation_mark_out_of_place_hides_nothing(html: str, read: str) -> None:
    """It opens a value only directly behind `=`; where it never closes, or nothing would be left, the tag ends anyway."""
    assert read == shown(html)


@pytest.mark.parametrize(
    "html",
    [
        '<p>你好</p><a href="http://x>图片</a><p>路灯坏了三个月，没人管</p><img alt="a"><p>谢谢</p>',
        '<p>你好</p><p class="a>路灯坏了三个月，没人管</p><p>地址</p><p class="b">谢谢</p>',
        "<p>你好</p><p class='a>路灯坏了三个月，没人管</p><p class='b'>谢谢</p>",
    ],
)
def test_a_quotation_mark_that_is_never_closed_hides_nothing_between_tags(html: str) -> None:
    """Neither up to the next tag's own mark, nor where a greeting before it is read."""
    read = shown(html)

    assert [line for line in ("你好", "路灯坏了三个月，没人管", "谢谢") if line not in read] == []


@given(
    st.lists(
        st.tuples(
            st.text("ab\"'/ ", max_size=6).map("<p {}>".format),
            st.text("路灯坏了\"'=", min_size=1, max_size=6),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_stands_outside_tags_outlives_every_odd_quotation_mark(pieces: list[tuple[str, str]]) -> None:
    """Whatever marks stand in tags and between them, as long as no value is opened."""
    assert [said for _, said in pieces] == shown("".join(tag + said for tag, said in pieces)).split("\n")


def test_no_message_is_read_as_nothing() -> None:
    """Where all of it is hidden it stands as it was written."""
    assert "<!-- 路灯坏了 -->" == without_markup("<!-- 路灯坏了 -->")


def test_a_number_of_no_character_stops_nothing() -> None:
    """Python reads no number of five thousand digits, and the message is read all the same."""
    assert "路灯\ufffd坏了" == without_markup(f"<b>路灯</b>&#{'1' * 5000};坏了")


@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "<![if ",
        "<!--[if ",
        "<![CDATA[",
        "<a ",
        "<a",
        "<a x='",
        "<a x='>",
        '<a x="',
        "<a = ",
        "</",
        "<?",
        "<style>",
        "<script",
        "<b> </b>",
    ],
)
@pytest.mark.parametrize("behind", ["", ">", "'>"])
def test_what_never_ends_is_looked_for_once(piece: str, behind: str) -> None:
    """Read again from each of them to the end, as it once was, a hundred thousand took hours, and nobody else was read."""
    assert shown(f"路灯坏了<br>{piece * 100_000}{behind}").startswith("路灯坏了")
