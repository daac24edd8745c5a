"""Where somebody fell, lies or is stuck, in the words in which it is told. All invented."""

import pytest

from routing.core.classify import classify
from routing.core.rules import load_rules
from schemas.words import Urgency

RULES = load_rules()
#: What one did right before falling into water takes nothing back, nor does paint beside who lies there.
DANGERS = (
    "小孩玩水掉河里了",
    "老人钓鱼掉水里了",
    "女游客拍照掉海里了",
    "孩子玩着掉井里",
    "男孩游泳掉水库了",
    "有人倒地上没人扶",
    "老人倒地上油漆味很重",
    "老人困电梯里，喊救命没人来",
    "孩子掉坑里爬不上来",
    "墙体倾斜往下沉，里面还有人",
    "我没法呼吸了，胸口疼",
)
#: What is over and to be paid for, poured out or lived in, and causes that take the breath of many.
EVERYDAY = (
    "昨天我困电梯里一小时，要求赔偿",
    "前天孩子困电梯里两小时，物业不道歉",
    "今早我困电梯里十分钟后放出来了",
    "我掉坑里摔了，要求市政赔医药费",
    "上班路上我掉沟里了，井盖没盖",
    "我们掉坑里了，买了烂尾楼",
    "老人掉坑里了，被保健品骗了",
    "学生掉坑里了，培训机构跑路",
    "老人躺地上不让拆",
    "我困车里了，堵高速两小时",
    "师傅倒路边一车土",
    "邻居倒雪地一盆水",
    "两栋楼之间建电梯，住户不同意",
    "电梯楼层之间按钮失灵，住户不便",
    "小区两栋楼之间的电梯，孩子老人经常坐",
    "墙体倾斜往下沉，老人还在屋里住，请社区鉴定",
    "天花板塌了一块，人还在屋里住",
    "货架倒了，店员在里面",
    "棚子倒了，里面有人摆摊",
    "围挡倒了，工人在里面吃饭",
    "我无法呼吸，楼下喷漆",
    "我无法呼吸，公交太多人",
    "我无法呼吸，邻居养鸽子",
    "我无法呼吸，教室没装新风",
    "老人腰疼不见好，找了一上午没挂上号",
    "女儿没有回信，找了一天工作",
    "孩子没回执单，找了一下午",
    "老人没到账，找了半天",
    "天然气一直漏发账单",
    "天然气一直漏算",
    "火锅店越烧越旺",
    "香火越烧越旺",
)


@pytest.mark.parametrize("text", DANGERS)
def test_danger_as_it_is_spoken_is_found(text: str) -> None:
    """Each is an emergency."""
    assert classify(RULES, "", text).urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("text", EVERYDAY)
def test_the_same_words_of_every_day_are_none(text: str) -> None:
    """None is an emergency."""
    assert classify(RULES, "", text).urgency is not Urgency.EMERGENCY
