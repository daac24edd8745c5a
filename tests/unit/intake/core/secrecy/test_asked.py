"""Secrecy that is asked for by words alone, or by a field that is none of ours."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.secrecy.asked import (
    asked_for_secrecy,
    asks_for_secrecy,
    refuses_publication,
    withholds,
)
from intake.core.secrecy.fields import asks_beside, names_secrecy
from schemas.simplified import simplified


@pytest.mark.parametrize(
    "text",
    [
        "请保密", "请替我保密，谢谢", "我要求保密", "希望保密", "麻烦帮我保密一下", "我想匿名反映物业乱收费", "匿名举报",
        "不要说是我说的",
        "千万别让他们知道是我", "别让物业知道是我", "please keep this CONFIDENTIAL", "Keep my name secret",
        "不要让人知道是我们家说的",
        "别讲是我", "不要告诉他们泄露我", "不要对他们透露是我", "不想透露我的姓名", "请勿泄漏我的电话", "不愿意让人知道身份",
        "I want to be kept anonymous", "請替我保密，謝謝", "麻煩幫我保密", "匿名檢舉某工廠", "請為舉報人保密",
        "务必对我的信息保密", "注意保密", "我的信息能否保密，请对我的身份保密", "不要讓人知道是我", "不願透露姓名",
        "千万不要告诉他是我举报的", "不要告诉物业是我说的", "请隐去我的姓名", "请保护举报人隐私", "保护好我的个人信息",
        "请不要把我的信息告诉被举报人", "别把我电话给他们", "怕打击报复", "Please do not disclose my name",
        "I wish to remain anonymous", "don't tell them it was me", "please keep this private",
        "请对我的姓名和电话保密", "请将本人姓名、电话保密", "请对来信人保密", "希望个人信息保密", "请为我们保密",
        "怕被村干部报复", "不要把我的姓名透露给开发商", "不要把我的电话告诉城管",
        "请保密处理", "希望保密处理", "要求保密处理", "务必保密处理", "需要保密处理", "请替我保密处理", "请保密单位",
        "请保密学校",
        "请保密工作单位", "请为我保密工号", "希望保密员工姓名", "请保密学号", "请务必保密单位名称，怕被开除", "请予以保密",
        "希望你们保密",
        "请对此事保密", "请物业对我的信息保密", "担心他们报复我", "请不要把我的信息泄露出去", "请隐去姓名",
        "怕书记报复", "怕村支书报复", "怕厂里报复，没敢说", "怕被报复了", "担心遭到打击报复", "恐遭报复，望理解",
        "怕报复所以没留名",
        "害怕對方找人報復",
        "证人怕报复不敢作证", "怕老师报复孩子", "担心我家被报复", "隐去姓名", "希望隐去姓名和电话", "请务必隐去我的手机号",
        "反映人要求匿名", "市民要求对其信息保密", "群众希望对其姓名、电话保密", "请匿名处理", "别跟物业说是我反映的",
        "不想讓鄰居知道是我投訴的",
        "不要让邻居知道我的名字", "不要告诉房东我的名字", "别告诉邻居我是谁", "不要把我的手机号告诉物业",
        "别把我的名字说出去",
        "不要泄露举报人信息", "不希望公开我的姓名", "【保密】路灯坏了", "此件需保密",
        "特别怕报复", "我特别担心物业报复", "特別怕被報復", "不说名字，我特别怕被村里报复", "恐怕是要遭报复",
        "怕是会遭报复", "我怕是会被他们报复", "個別怕報復", "分别怕报复",
        "please don't fail to keep my name secret", "Make sure you do not fail to keep my name private",
        "Last year you didn't keep my name private so keep my name secret",
        "Last year you didn't keep my name private so keep it secret",
        "Last time they did not keep my name secret. Please keep my name private this time",
        "别跟邻居说是我家举报的", "别跟他们说是我家", "别跟邻居说是我家，要吵架的",
        "I would like this to stay anonymous", "I'd rather remain anonymous", "keep my address private",
        "please keep my phone number private", "Keep my identity secret", "please withhold my name",
        "不要跟村里说是我家揭发的", "不要跟村里说是我家申诉的", "别跟他们说是我家曝光的", "别跟他说是我家检举的",
        "别跟物业说是我家告的", "别跟邻居说是我们家提的", "别对房东说是我们举报的", "别跟楼上说是我家反映噪音的",
        "别跟邻居说是我家举报违建的", "别跟学校说是我们家长反映的", "不要跟他们说是我家孩子反映的", "別跟鄰居說是我家揭發的",
        "别让老板猜到是我", "不要让物业查到是我投诉的", "别把我供出去", "不要把我暴露", "请不要暴露我", "别出卖我",
        "不要提我的名字", "答复里不要出现我的名字", "请勿提到举报人姓名", "不要提到我", "请不要署我的名",
        "帮我保个密", "请为举报人保守秘密", "这事别说出去", "请勿外传", "秘密举报", "个人信息请勿外泄",
        "怕被穿小鞋", "怕孩子在班里被老师针对", "怕他们找我家麻烦", "怕老板知道是我举报", "怕被公司知道",
        "不敢实名", "不方便留姓名", "恕不署名", "请以匿名方式处理", "请匿名转办", "请保护举报人", "务必保护投诉人",
        "不要告诉老板谁投诉的", "别说是谁举报的", "就说是你们检查发现的", "就说你们自己发现的",
        "don't let them know it was me", "Don't let my boss know", "Please don't tell the landlord who complained",
        "do not tell my landlord that I complained", "I don't want to be named", "I don't want my name mentioned",
        "leave my name out please", "Keep me out of it", "Please protect my identity", "do not name me",
        "I want to report anonymously", "afraid they will retaliate", "they may retaliate against my family",
        "keep this between us",
        "望保密", "万望保密，不胜感激", "路灯坏了，求保密", "姓名保密", "电话请保密", "替我们保密", "给举报人保密", "保密！",
        "麻烦匿名一下", "请给我匿名", "怕领导秋后算账", "怕被找后账", "怕他们整我", "担心对我不利",
        "please don't pass my details to the landlord", "I'd rather not give my name", "without mentioning me",
        "My employer must not find out",
        "别说是我，就是怕他找事", "不要告诉房东是我，就是这个意思", "不要讲是我，整个村都怕他", "别告诉他是我，别人也投诉过",
        "不要说是我家，就是怕他们", "别说是我，换别人也会投诉", "别跟村长说是我，就是别人也怕他",
        "别说是我，就是别人也不敢惹他", "不要说是我家嫌饭店油烟太大晚上睡不着才投诉的",
        "别说是我家打的热线", "不要告诉他是我家占道停车拍的照", "别说是我家噪声扰民提出的", "不能透露是我家不让他养狗",
        "不要说是我家漏水投诉的", "别说是我家嫌臭打的12345", "不要说是我家没办法才投诉的", "别说是我家漏水找你们的",
        "不要告诉他是我家没给钱举报的", "不要说是我们家嫌噪音投诉的", "别说是我家没同意，是匿名", "別說是我家被堵門投訴的",
        "just between us: the caretaker sleeps", "my boss must not know", "it's just between us", "keep it just between us",
        "my boss must not know where this came from", "告诉他就说是检查时发现的", "别说是我家装修太吵了打了热线",
        "不要说是我，就是别人也会知道",
        "Please do not mention my name", "I am afraid of retaliation", "not reported before for fear of reprisal",
    ],
)  # fmt: skip
def test_words_that_ask_for_it(text: str) -> None:
    """However somebody says them."""
    assert asks_for_secrecy("路灯坏了。", text)


@pytest.mark.parametrize(
    "text",
    [
        "不用保密", "无需保密，可以公开", "保密局门口的路灯坏了", "商业秘密被泄露", "请告诉我什么时候修",
        "不要说是我们的问题", "请按保密协议办", "请问银行保密制度在哪看", "要求保密柜修好",
        "物业没有保护我的隐私", "我不怕报复", "匿名信是谁写的",
        "别把垃圾放我家门口", "请告诉我是谁说的", "tell me who repaired it", "請告訴我什麼時候修",
        "公司要求我对工资保密，否则开除", "老师要求学生保密，不让家长知道", "希望医院对病人资料保密", "请物业对监控录像保密",
        "别告诉我是我没交钱", "不要告诉我是我的问题", "不要把我的电话给推销公司", "老人担心报复性涨价",
        "老师担心学生报复同学",
        "商家隐藏电话", "商家抹去电话", "物业有义务保护我的隐私", "领导要求员工对此事保密", "不要告诉客户是我的错",
        "不怕报复", "我不怕他报复", "我不害怕报复", "不用怕报复，实名举报", "别怕报复", "哪怕他报复我", "怕是报复",
        "我怕的不是报复",
        "千万别怕报复", "你别怕报复", "怕是报复吧", "别跟邻居说是我家漏水", "不要跟大家说是我家漏水",
        "the office failed to keep my data private", "Hotel didn't keep my name secret", "why do they keep it secret",
        "邻居怕我报复", "怕什么报复", "谁会怕报复", "没有人怕报复", "无需担心报复",
        "不希望公开电话亭拆除", "报复社会", "怕他报复社会", "担心有人报复社会", "公司报复性裁员", "怕商家报复性涨价",
        "报复性消费",
        "举报后被报复，车被划了", "书记打击报复举报人", "担心打击报复举报人的现象", "扬言要报复我",
        "广告隐去重要信息", "商家隐去姓名", "隐去价格标签", "隐藏电话，不接投诉", "物业隐藏收费标准", "网站能否隐藏电话号码",
        "收到匿名信", "匿名电话骚扰", "问卷要求匿名填写", "匿名评教打不开", "公司要求对其商业信息保密",
        "领导要求对此事保密", "不要说是我没交费", "别说我了", "不要让老人知道我儿子生病", "不要跟孩子说我病了",
        "不要跟医生说是我的责任",
        "别跟楼下说是我家地漏堵了", "不要跟他们说是我家弄坏的", "别跟他们说是我家同意的", "不要跟交警说是我们撞的",
        "别跟老师说是我家孩子欺负人", "不要说是我家的线路老化", "別跟鄰居說是我家漏水",
        "别说是我，就是年轻人也爬不上", "不要说是我家，就是老人也受不了", "不要说是我家漏水，楼上更漏",
        "医生就说是检查发现的", "the wall is just between us", "my neighbour must not know how to drive",
        "别让老人发现是假货", "不要提高我的电费", "不要写错我的姓名", "物业暴露我的电话", "保护投诉渠道",
        "如何保护举报人权益",
        "声音传出去很远", "不要外传的谣言", "国家保守秘密的规定", "秘密会议记录", "不怕被穿小鞋", "怕麻烦", "怕家里老人知道",
        "不怕领导知道", "不想实名认证", "不能实名购票", "一位不愿具名的人士说",
        "不想留名额给别人", "商家怕打击", "怕打击孩子信心", "就说检查发现的问题没改", "系统不能显示我的信息",
        "APP不能显示我的名字", "不能写我的名字在房产证上", "学校不能提我的名字表扬", "秘密调查记者被打", "秘密处理垃圾",
        "担心物业修整我家墙", "做到安全、保密", "是否保密", "they leave me out", "please do not use my name card",
        "匿名留言板", "不知道谁说的", "就说没人管",
        "don't let dogs into the park", "do not name the street after him", "leave my car out of the list",
        "I want to complain about noise", "I am not afraid they will retaliate", "the bank did not protect my identity",
        "【保密协议】", "文件柜的保密标签掉了", "此件保密费没发",
        "keep the park private", "keep the room private", "anonymous letter", "I received an anonymous letter",
        "please keep my address updated", "they did not keep my address private",
        "the bank failed to keep my number private",
        "I am not afraid of retaliation", "residents can report without fear of reprisal", "confidentiality agreement",
        "do not give me a ticket", "nobody mentioned my name", "They withhold my deposit",
        "don't tell me it was me who broke it", "can reports be anonymous?", "please keep this private road open",
    ],
)  # fmt: skip
def test_words_that_do_not(text: str) -> None:
    """Also where the word is in them."""
    assert not asks_for_secrecy(text)


@pytest.mark.parametrize(
    "more",
    [
        {"isConfidential": True}, {"Confidential": "yes"}, {"anonymous": 1}, {"匿名": "是"}, {"是否匿名": "√"},
        {"private": True},
        {"contact": {"isAnonymous": True}}, {"不公开": "是"}, {"secret": ["name"]}, {"隱私": "是"}, {"隱藏姓名": True},
        {"是否实名": "否"}, {"是否實名": False}, {"实名举报": "匿名"}, {"是否公开姓名": 0}, {"isRealName": False},
        {"contact": {"show_name": "no"}}, {"個人信息是否公開": "看情況"}, {"隐藏我的电话": "是"}, {"是否实名": "不是"},
        {"publish_name": False}, {"can_show_name": "no"}, {"canShowName": "maybe"}, {"publish_name": "不同意"},
        {"show_name": "yes but hide it"}, {"show_name": "仅内部"}, {"是否隐藏": "是"}, {"是否隱藏？": True},
        {"是否公开姓名": "可能"},
        {"是否公开姓名": "可以，但要打码"}, {"是否公开姓名": "是，仅限内部"}, {"是否公开姓名": "同意部分公开"},
        {"是否实名": "11"}, {"show_name": "可以，但要打码"}, {"publish_name": "实名但保密"}, {"publish_name": "只公开姓"},
        {"是否公开姓名": "是（不公开）"}, {"是否公开姓名": "是/否"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_field_of_another_name_asks_for_it(more: Any, *, ascii_only: bool) -> None:
    """Whatever its sender calls it, and however its characters are written."""
    assert asks_beside(json.dumps({"title": "a", **more}, ensure_ascii=ascii_only).encode())


@given(
    st.sampled_from(("是否", "我", "")),
    st.sampled_from(
        ("不希望公开", "不予公開", "拒绝公开", "谢绝公开", "勿公开", "密级", "涉密", "匿名", "PRIVACY")
    ),
    st.sampled_from(("姓名", "身份信息", "_flag", "")),
)
def test_whatever_a_column_is_heeded_by_a_field_is_too(before: str, asks: str, behind: str) -> None:
    """One list of names counts for files and for bodies: the quick look at a body passes over none of them."""
    name = before + asks + behind

    assert names_secrecy(simplified(name.lower()))
    assert asks_beside(json.dumps({"title": "a", name: "是"}, ensure_ascii=False).encode())


@pytest.mark.parametrize(
    "body",
    [
        {"title": "a"}, {"confidential": False}, {"confidential": True}, {"isConfidential": False}, {"匿名": "否"},
        {"private": None}, {"是否实名": "是"}, {"是否實名": "實名"}, {"实名举报": True}, {"是否公开姓名": None},
        {"isRealName": True}, {"realName": "张三"}, {"是否实名认证": "否"}, {"show_name": ""}, {"公开电话": "12345"},
        {"隐藏列": "是"}, {"tv_show_name": "no"}, {"show_name": "Friends"}, {"publish_name": "Daily News"},
        {"姓名是否公开": "是的"}, {"是否实名": "已实名"}, {"是否实名": "实名举报"}, {"是否实名": "✔️"}, {"是否实名": 1.0},
        {"是否公开姓名": "可以公开姓名"}, {"是否公开姓名": "我同意"}, {"是否公开姓名": "没问题"}, {"是否公开姓名": "可以啊"},
        {"是否公开姓名": "同意对外公开我的姓名和电话"}, {"是否实名": "已经实名登记了"},
        {"是否公開姓名": "好的，同意公開"},
        {"can_show_name": "Yes please"}, {"may_publish_name": "I agree"}, {"publish_name": "ok"}, {"是否公开姓名": "ＹＥＳ"},
        {"show_name": "星光大道"}, {"show_name": "人民日报"}, {"publish_name": "人民日报"}, {"publish_name": "商务印书馆"},
        {"show_name": "不详"}, {"show_name": "不见不散"}, {"是否公开姓名": "已勾选"}, {"是否公开姓名": "是（公开）"},
        {"是否公开姓名": "是/公开"}, {"是否公开姓名": "可以，谢谢"},
        {"american_show_name": "no"}, {"菜单是否隐藏": "是"}, {"是否隐藏价格": "是"}, {"是否隐藏": "否"},
        {"已阅读隐私政策": True}, {"text": "请保密 isConfidential"}, ["anonymous"], "anonymous",
    ],
)  # fmt: skip
def test_nothing_else_does(body: Any) -> None:
    """Our own field is read where the body is; a no is a no; what stands in a text is no field."""
    assert not asks_beside(json.dumps(body).encode())


@pytest.mark.parametrize("body", [b'{"anonymous', b'["anonymous', b"[" * 100_000, b""])
def test_what_is_no_json_is_none(body: bytes) -> None:
    """Whoever reads the body says so."""
    assert not asks_beside(body)


@pytest.mark.parametrize(
    "beside",
    [
        b'"id":1e999',
        b'"id":' + b"9" * 40,
        b'"note":"\xff"',
        b'"\xff":1',
    ],
)
def test_no_other_field_hides_the_wish(beside: bytes) -> None:
    """A value that nobody can read, in a field that nobody looks at, is no reason to miss it, nor to fail."""
    assert asks_beside(b'{"isAnonymous": true, ' + beside + b"}")
    assert not asks_beside(b'{"title": "a", ' + beside + b"}")


@pytest.mark.parametrize("wish", [b"1e999", b"9" * 40, b'"\xff"'])
def test_a_wish_that_nobody_can_read_protects(wish: bytes) -> None:
    """It was said under a name that asks for secrecy."""
    assert asks_beside(b'{"contact": {"secret": ' + wish + b"}}")


def test_a_mark_before_the_body_hides_nothing() -> None:
    """Some programs put one before UTF-8, and their messages are taken."""
    assert asks_beside(b'\xef\xbb\xbf{"isAnonymous": true}')


def test_two_fields_of_one_name_are_both_heard() -> None:
    """One in the body, one in a part of it."""
    assert asks_beside(b'{"isAnonymous": true, "contact" : {"isAnonymous": false}}')
    assert asks_beside(b'{"isAnonymous": false, "contact" : {"isAnonymous": true}}')


@pytest.mark.parametrize("answer", ["需要", "要的", "嗯，要", "是的，千万别说是我", "随便吧你们看", "好的"])
@pytest.mark.parametrize("question", ["您的信息需要保密吗？", "要不要给您匿名", "请问是否需要保密"])
def test_who_is_asked_and_does_not_say_no_gets_it(question: str, answer: str) -> None:
    """What nobody understands protects whoever called."""
    assert asked_for_secrecy(question, answer)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("您的信息需要保密吗？", "不用"),
        ("需要给您保密吗", "嗯，不需要，谢谢"),
        ("要不要匿名？", "可以公开"),
        ("请问您贵姓？", "需要"),
        ("我们会为您保密。", "好的"),
    ],
)
def test_a_plain_no_or_another_question_asks_for_nothing(question: str, answer: str) -> None:
    """Nor does a promise of the agent's."""
    assert not asked_for_secrecy(question, answer)


@pytest.mark.parametrize("words", ["我不想透露姓名，某局长受贿", "请不要公开我的身份", "别暴露我的电话"])
def test_who_would_not_be_named_asks_for_it(words: str) -> None:
    """Without the word for it."""
    assert asks_for_secrecy(words)


@pytest.mark.parametrize(
    "name", ["不願透露", "匿名檢舉", "隱去姓名", "不便告知", "不肯说", "拒绝留名", "不留名", "保密（怕报复）"]
)
def test_who_would_not_say_their_name_asks_for_it(name: str) -> None:
    """Where a name belongs."""
    assert withholds(name)


@pytest.mark.parametrize("name", ["张三", "不详", "市民", "無", "匿名", "无需保密"])
def test_who_left_no_name_asks_for_nothing(name: str) -> None:
    """There is none to keep."""
    assert not withholds(name)


@pytest.mark.parametrize(
    "words",
    ["請不要公開我的信件", "不希望公開", "不要上网", "别发到网上", "不要發布到網上", "本件不公开"],
)
def test_who_wants_nobody_else_to_read_of_it_is_heard(words: str) -> None:
    """In Traditional characters, too, and whatever they call it."""
    assert refuses_publication("路灯坏了。", words)


@pytest.mark.parametrize(
    "words", ["物业拒绝公开账目", "为什么不公开招标结果", "网上公布的电话打不通", "要求公開收支"]
)
def test_what_is_said_of_others_refuses_nothing(words: str) -> None:
    """Many complain that something is not made public."""
    assert not refuses_publication(words)


@pytest.mark.parametrize("mark", ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u202e", "\u0000"])
def test_a_mark_that_nobody_sees_hides_no_wish(mark: str) -> None:
    """Copied with the words from a page or a chat; the register leaves it out, and whoever reads the case sees the wish."""
    assert asks_for_secrecy(f"请为我保{mark}密")
    assert refuses_publication(f"请不要公{mark}开我的信")
    assert withholds(f"保{mark}密")
    assert asked_for_secrecy(f"您需要保{mark}密吗？", "需要")
    assert not asked_for_secrecy("您需要保密吗？", f"不{mark}用")


@pytest.mark.parametrize("blank", [" ", "\u3000", "\u00a0"])
def test_a_name_that_is_set_apart_is_a_wish_too(blank: str) -> None:
    """Clerks fill their cell so."""
    assert withholds(f"保{blank}密")
    assert withholds("keep it confidential")


@pytest.mark.parametrize(
    "broken",
    [
        "请{}保密",
        "隐去{}姓名",
        "别说是{}我说的",
        "怕被{}穿小鞋",
        "请为<p>举报人</p>{}<p>保密</p>",
        "请不要{}公开我的姓名",
        "请把我的姓名保{}密",
    ],
)
@pytest.mark.parametrize("end", ["<br>", "<BR/>", "\n", " \r\n　　"])
def test_a_line_that_ends_within_the_words_hides_no_wish(broken: str, end: str) -> None:
    """A page breaks lines so, and a program for letters where they grow long."""
    assert refuses_publication("路灯坏了。" + broken.format(end))
    assert not refuses_publication(f"物业不公开{end}账目，路灯坏了{end}三天")
    assert not asks_for_secrecy(f"我不要求{end}保密")


def test_markup_within_the_words_hides_no_wish() -> None:
    """Pasted from a page or an editor: the register keeps the words alone. What stood within a tag is heard as well."""
    assert asks_for_secrecy("<p>请为<b>我保</b>密</p>")
    assert refuses_publication("不要<b>公开</b>我的信")
    assert refuses_publication("please <i>do not</i> publish this")
    assert asks_for_secrecy("停水<br><title>请为我保密</title>")
    assert not refuses_publication("<p>物业不<b>公开</b>账目</p>")


def test_among_thousands_of_names_one_is_heard() -> None:
    """More than are looked at between quotation marks: a parser reads them, and is as strict."""
    many = {f"k{number}": "a" for number in range(1_000)}

    assert asks_beside(json.dumps(many | {"isAnonymous": True}).encode())
    assert not asks_beside(json.dumps(many | {"isAnonymous": False}).encode())
    assert not asks_beside(json.dumps(many).encode())
