"""Text and title of a call, made of what was said."""

import pytest

from intake.core.calls.call_words import text_of, title_of
from schemas.masking import for_department
from schemas.values import Turn


def _turns(*said: tuple[str, str]) -> tuple[Turn, ...]:
    return tuple(Turn(speaker="agent" if who == "a" else "citizen", text=text) for who, text in said)


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ((("c", "喂"), ("c", "你好，请问一下"), ("c", "医保卡丢了怎么补办？在线等")), "医保卡丢了怎么补办"),
        ((("c", "停水"),), "停水"),
        ((("c", "嗯嗯"),), "来电"),
        ((("a", "请讲"),), "来电"),
        ((("c", "很" * 80),), "很" * 60),
    ],
)
def test_titles_of_odd_calls(said: tuple[tuple[str, str], ...], title: str) -> None:
    """Always a title, never longer than sixty characters."""
    assert title == title_of(_turns(*said))


@pytest.mark.parametrize(
    ("said", "title"),
    [
        (
            (("c", "家里停水了"), ("a", "身份证号？"), ("c", "三四零一零二"), ("c", "一九九零零三零七")),
            "家里停水了",
        ),
        ((("c", "家里停水了"), ("a", "怎么称呼您"), ("c", "张三丰，弓长张，三丰收的丰")), "家里停水了"),
        ((("a", "请问您贵姓"), ("c", "姓张"), ("c", "家里停水三天了")), "家里停水三天了"),
        ((("a", "请问您贵姓"), ("c", "姓张，家里停水三天了")), "姓张，家里停水三天了"),
        ((("c", "幺三九零零幺三八零零幺"),), "来电"),
        (
            (
                ("a", "您好，12345热线，请问怎么称呼，有什么可以帮您？"),
                ("c", "金寨路128号门口路灯坏了三天没人修"),
                ("c", "好的谢谢你，麻烦尽快处理"),
            ),
            "金寨路128号门口路灯坏了三天没人修",
        ),
        (
            (
                ("a", "请问您的联系电话？"),
                ("c", "13900138001"),
                ("c", "金寨路128号门口路灯坏了"),
                ("a", "好的"),
                ("c", "已经三天了没有人来管"),
            ),
            "金寨路128号门口路灯坏了",
        ),
        (
            (
                ("a", "您反映的是哪家手机店？"),
                ("c", "金寨路的手机店卖假货不退钱"),
                ("c", "好的谢谢你，麻烦尽快处理"),
            ),
            "金寨路的手机店卖假货不退钱",
        ),
        (
            (("a", "请问怎么称呼"), ("c", "王小明，金寨路的路灯坏了三天了"), ("c", "好的谢谢你，再见")),
            "王**，金寨路的路灯坏了三天了",
        ),
        ((("a", "怎么称呼"), ("c", "叫我老王就行"), ("c", "楼上漏水漏到我家")), "楼上漏水漏到我家"),
    ],
)
def test_who_calls_and_from_where_is_no_title(said: tuple[tuple[str, str], ...], title: str) -> None:
    """Half of a number that is told in turns, and a name that an agent asked for, would stand there unhidden."""
    assert title == title_of(_turns(*said))


@pytest.mark.parametrize(
    "answer",
    [
        "我的号码是一三九零", "王小明，家住金寨路三十号", "是李大桥，木子李，大小的大，桥梁的桥", "我记得开头是三四零一零二",
        "那就写张丽华吧，我媳妇", "小明的拼音加qq点com", "皖A后面是一二三四五",
    ],
)  # fmt: skip
@pytest.mark.parametrize("question", ["请问您贵姓，电话多少", "请问反映人姓名和号码", "身份证是哪个号码"])
def test_an_answer_to_who_calls_is_no_title_where_others_tell(question: str, answer: str) -> None:
    """However long it is, and though nothing of it can be hidden."""
    told = _turns(
        ("c", "喂"), ("a", question), ("c", answer), ("a", "请讲"), ("c", "楼上漏水漏到我家好几天了")
    )

    assert "楼上漏水漏到我家好几天了" == title_of(told)


@pytest.mark.parametrize(
    "goodbye", ["好的谢谢你，再见", "好的，谢谢您，麻烦尽快处理一下", "没有了，就这样吧，辛苦了"]
)
def test_thanks_and_a_goodbye_tell_nothing(goodbye: str) -> None:
    """An answer that tells more than who calls is a better title."""
    told = _turns(("a", "请问怎么称呼"), ("c", "刚才说过，金寨路的路灯坏了"), ("c", goodbye))

    assert "刚才说过，金寨路的路灯坏了" == title_of(told)


@pytest.mark.parametrize(
    "summary", ["。家里停水三天。已登记", "！！\n家里停水三天", "\u200b。家里停水三天；"]
)
@pytest.mark.parametrize("words", ["喂", "\u200b", "\u200b。"])
def test_a_summary_that_begins_with_a_full_stop_gives_a_title(summary: str, words: str) -> None:
    """So that the call is not refused for having none."""
    assert "家里停水三天" == title_of(_turns(("c", words)), summary)


def test_a_summary_of_full_stops_alone_is_no_title() -> None:
    """There is always one."""
    assert "来电" == title_of(_turns(("c", "喂")), "。！")


@pytest.mark.parametrize(
    ("question", "answers", "told"),
    [
        ("您好，12345热线，请问怎么称呼您？", ("王小明",), "小明"),
        ("您好，怎么称呼，有什么可以帮您？", ("王小明，我家停水三天了",), "小明"),
        ("请问您叫什么名字", ("欧阳娜娜",), "娜娜"),
        ("先报一下您家里的电话", ("62213456",), "2213"),
        ("请先报一下您的银行卡号", ("6222 0212", "3456 7890", "123"), "3456"),
        ("请问您的微信号", ("zhangsan88",), "zhangsan88"),
        ("您的手机号？", ("13900", "13900138001"), "13900"),
    ],
)
def test_who_calls_is_hidden_where_it_is_asked_before_all_else(
    question: str, answers: tuple[str, ...], told: str
) -> None:
    """The question alone tells what the first words are: it stands before them."""
    text = text_of(_turns(("a", question), *(("c", answer) for answer in answers), ("c", "路灯坏了三天")))

    assert told not in for_department(text)


def test_what_an_agent_says_first_is_left_out_where_it_tells_nothing_of_the_answer() -> None:
    """A greeting that asks for the matter stands in no text."""
    said = (("a", "您好，请问怎么称呼，有什么可以帮您？"), ("c", "金寨路128号门口路灯坏了"))

    assert text_of(_turns(*said)) == "金寨路128号门口路灯坏了"


def test_a_name_that_was_asked_for_stands_behind_its_question() -> None:
    """However long the answer: the question tells that it is a name, which is hidden then."""
    said = text_of(_turns(("c", "家里停水了"), ("a", "怎么称呼您"), ("c", "张三丰，弓长张，三丰收的丰")))

    assert "家里停水了\n（话务员）怎么称呼您\n张**，弓长张，**" == for_department(said)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ((("c", "停水了"), ("c", "三天")), "停水了\n三天"),
        ((("a", "哪里？"), ("c", "阳光花园")), "阳光花园"),
        ((("c", "停水了"), ("a", "哪里？"), ("c", "很" * 12)), f"停水了\n（话务员）哪里？\n{'很' * 12}"),
        ((("c", "停水了"), ("a", "哪里？"), ("c", "很" * 13)), f"停水了\n{'很' * 13}"),
        (
            (("c", "停水"), ("a", "哪里？"), ("c", "阳光"), ("c", "花园")),
            "停水\n（话务员）哪里？\n阳光\n花园",
        ),
        ((("a", "喂？"), ("a", "请讲")), "（话务员）喂？\n（话务员）请讲"),
    ],
)
def test_a_question_stands_before_a_short_answer_and_nowhere_else(
    said: tuple[tuple[str, str], ...], text: str
) -> None:
    """Only once something was told, only if the answer is twelve characters or fewer, and only before the first of them."""
    assert text == text_of(_turns(*said))


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("停水停了三", "停水停了三天没人管"),
        ("停水停了三天", "停水停了三天"),
        ("停水了，停了三天，；电也没有。", "停水了，停了三天"),
        ("停水三天了！没人管？快来", "停水三天了"),
    ],
)
def test_a_title_is_one_sentence_that_says_something(words: str, title: str) -> None:
    """Six characters are enough; what ends it is cut off, with a comma before it."""
    assert title == title_of(_turns(("c", words), ("c", "停水停了三天没人管")))


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (
            "Hello, do you speak English? The elevator at Wangjiang Road 12, Donghu district has been broken for days.",
            "The elevator at Wangjiang Road 12, Donghu district has been",
        ),
        (
            "Good morning! I only speak English. There is no water in my flat. Please help.",
            "There is no water in my flat",
        ),
        (
            "Hi there, um, the lamp at No. 12 Road of Mr. Wang is out",
            "the lamp at No. 12 Road of Mr. Wang is out",
        ),
        ("您好，hello，望江路12号的路灯坏了", "望江路12号的路灯坏了"),
        ("History books burn in the museum", "History books burn in the museum"),
        ("Hello? Can you speak English please?", "来电"),
        (f"{'a' * 70} is broken", "a" * 60),
    ],
)
def test_who_calls_in_english_has_a_title_too(words: str, title: str) -> None:
    """Neither hello, nor what is asked about the language, nor half a word at its end."""
    assert title == title_of(_turns(("c", words)))
