"""A withdrawal that tells of pressure is told from one whose matter is settled."""

import pytest

from routing.core.accusations.forced_withdrawal import tells_of_pressure

PRESSED = (
    "局里的王科长上门威胁我，要我撤诉",
    "他们让我撤的",
    "村里找我谈话，叫我不要再告了",
    "不撤就取消低保",
    "被迫撤回",
    "老板说不撤诉就开除我",
    "领导打电话要求撤回",
    "怕影响孩子上学",
    "得罪不起他们，算了",
    "工作人员说撤了才给办证",
    "我不敢再反映了",
    "学校老师劝我们家长撤回",
    "社区让我签字撤单",
    "迫于压力",
    "They told me to withdraw it",
    "I was forced to take it back",
    "I am afraid of what they will do",
    "The manager threatened me",
)
FREE = (
    "",
    "已经修好了，谢谢",
    "问题已解决",
    "物业打电话来说修好了，不用再处理",
    "重复提交，撤回这一件",
    "写错了地址，重新提交",
    "没有人威胁我，自愿撤回",
    "自愿撤回，没有受到任何压力",
    "不是被迫的，确实解决了",
    "城管来了，当天就处理好了",
    "我自己找到原因了",
    "已与对方协商一致",
    "Solved, thank you",
    "Nobody threatened me, it is simply done",
    "I sent it twice",
)


@pytest.mark.parametrize("text", PRESSED)
def test_pressure_is_heard(text: str) -> None:
    """Force, threats, fear, and what is given or refused for taking it back."""
    assert tells_of_pressure(text)


@pytest.mark.parametrize("text", FREE)
def test_a_settled_matter_is_none(text: str) -> None:
    """Nor pressure that is denied."""
    assert not tells_of_pressure(text)
