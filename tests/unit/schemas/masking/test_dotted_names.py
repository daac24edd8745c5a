"""Names of several parts with a dot between, and what else is written so; what looks like an address and is none."""

import pytest

from schemas.masking import for_department, for_public

_NAMES = [
    "克里斯蒂娜·罗德里格斯",
    "阿卜杜拉·艾山",
    "麦麦提·阿卜来提",
    "阿依古丽·吾守尔",
    "热依扎·阿里木江",
    "帕丽旦·吾斯曼",
    "叶尔兰·哈孜别克",
    "艾克拜尔·肉孜",
    "爱德华·科林斯",
    "安德烈·伊万诺夫",
    "迪丽热巴·迪力木拉提",
    "古丽米热·阿布都",
    "买买提江·阿不来提",
    "塔依尔·依布拉音",
    "沙拉木·沙地克",
    "迈克尔·乔丹",
    "亚历山大·彼得罗夫",
    "玛利亚·冈萨雷斯",
    "珍妮·布朗",
    "丹尼尔·米勒",
    "胡安·卡洛斯·费尔南德斯",
    "哈桑•优素福",
    "叶卡捷琳娜・伊万诺娃",
]
_BESIDE = (
    ("", "反映停水"),
    ("市民", "来电投诉"),
    ("外教", "态度差"),
    ("经理", "先生打人"),
    ("店长", "，请处理"),
    ("", "，请处理"),
    ("在小区被", "打了"),
    ("租客", "的狗咬人"),
)
_STAYS = (
    "格力·奥克斯空调坏了",
    "奥迪·特斯拉专修店",
    "凯迪拉克·玛莎拉蒂车主",
    "法拉利·兰博基尼，夜里噪音大",
    "保利·罗兰香谷反映停水",
    "奥园·玛丽山投诉物业",
    "伊利·安慕希投诉",
    "马克·吐温小镇",
    "哈密·吐鲁番的瓜",
    "小区群里@物业公司晚上10点网络断了",
    "各位邻居@所有人9点公司来修",
    "我们业主@物业每天早上八点信息都不回",
    "通知@业主.网络今晚维修",
    "发现2小老鼠，8点30出来",
    "比例5%4012.5元",
    "单价3@2.5元",
)


@pytest.mark.parametrize("name", _NAMES)
def test_a_name_with_a_dot_goes_whole_or_not_at_all(name: str) -> None:
    """Whatever stands beside it: half of one tells whose it is, and the words beside it are everybody's."""
    wholly = [f"{before}{name[0]}**{behind}" for before, behind in _BESIDE]

    assert wholly == [for_public(f"{before}{name}{behind}") for before, behind in _BESIDE]
    assert wholly == [for_public(shown) for shown in wholly]


@pytest.mark.parametrize("text", _STAYS)
def test_brands_lists_chats_times_and_shares_stay(text: str) -> None:
    """In both views."""
    assert [text, text] == [for_department(text), for_public(text)]


def test_what_stands_behind_a_hidden_name_stays() -> None:
    """A shop is not a part of whoever complains of it."""
    assert for_public("市民张三·万达广场店投诉") == "市民张*·万达广场店投诉"
    assert for_public("业主阿依古丽·海林路堵车") == "业主阿**·海林路堵车"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张三@例子.中国联系我", "***@例子.中国联系我"),
        ("邮箱张三@例子点中国", "***@例子点中国"),
        ("zhang小老鼠qq点com", "z***@qq点com"),
        ("12345678%40qq.com", "1***@qq.com"),
    ],
)
def test_addresses_of_such_makes_are_hidden(text: str, shown: str) -> None:
    """A dot that is spelled out, and a domain that words go on behind."""
    assert shown in for_public(text)
