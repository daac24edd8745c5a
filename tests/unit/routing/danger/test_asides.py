"""Danger beside what says nothing of it: where one stands, who was told before, who does not come. All invented."""

from collections.abc import Sequence

import pytest

from routing.core.classify import Classification, classify
from schemas.simplified import as_read
from schemas.words import Urgency
from tests.unit.routing.rules_alone import rules_alone

RULES = rules_alone()
#: Each is danger by a listed word, by a pair, or by what meets.
_DANGERS = (
    "有人持刀",
    "男子挟持了一个女孩",
    "狼狗扑倒一个小孩在咬",
    "工人掉进化粪池没上来",
    "三岁的孩子一个人趴在窗台外面",
    "煤气漏得很厉害，头晕",
)
#: A cinema, a course, an insurance office, a year, a rule: none of it is about the danger.
_ASIDES = (
    "刚看完电影出来",
    "刚下培训课出来",
    "我在保险公司上班",
    "我在去年租的这套房子里",
    "我以前在这家厂上班",
    "旁边是申请加装电梯的那栋楼",
    "这里天天堵车",
    "请问是打这个电话吗",
    "去交医保费的路上",
)
#: The same behind it: reproaches, haste, and that it is no film.
_BEHIND = (
    "去年就闹过一次",
    "以前也发生过",
    "早就反映过有隐患",
    "一直没整改",
    "新闻都不报",
    "预防工作不到位",
    "什么时候能来",
    "费用我们出",
    "救护车多少钱都行",
    "不是演习",
    "这不是在拍戏",
    "像拍电影一样",
    "周围噪音很大听不清",
    "要是再不来就完了",
)
#: These clauses are what the message is about.
_STAGED = (
    "刚看完电影出来，有人持刀那段太吓人了",
    "刚参加完消防演练回来，着火时怎么逃生都讲了",
    "我家对面在拍戏，有人持刀",
    "楼下在拍短剧，有人拿菜刀追人",
    "旁边在演习，有人喊着火了",
    "在电影里，男子挟持了一个女孩",
    "刚下培训课出来，老师教我们有人触电怎么办",
    "刚看完展览出来，里面有煤气爆炸的模型",
    "我在书里，读到煤气中毒的故事",
    "孩子说学校演了一出话剧，里面有人被绑架，道具枪太逼真",
    "在去年被淹的小区里，老人被困的事处理了吗",
    "我在去年起火的那栋楼里，想问补偿",
    "从医院回来，食物中毒报销要什么材料",
    "刚买完菜回来，电视里说有人落水",
    "刚上完课回来，孩子说学了溺水自救",
)
#: Whoever it befalls, of whatever trade; who threatens; what comes in, stops, or is breathed by many.
_BY_KIND = (
    "租客被砍",
    "送外卖的骑手被捅了",
    "村长被砍",
    "校长在办公室被捅",
    "护士被砍",
    "三个人被砍",
    "钓鱼的人掉水库",
    "村民埋土里",
    "船员掉海里了",
    "维修工困电梯",
    "清洁工被电了",
    "他说今晚就弄死我",
    "昨天跟到门口，说我再不开门就泼硫酸",
    "收到炸弹威胁学校",
    "邻居提刀砍门",
    "蛇钻进孩子卧室",
    "大坝渗水变大了",
    "全家吃完饭都吐了",
    "有人要跳娄",
    "老公要杀我",
    "毒蜂蛰了昏过去",
    "水漫进养老院了",
    "学生被围殴",
    "缆车停半空吹大风",
    "厂房冒黄烟",
    "那个醉汉开着车在步行街里乱冲",
    "阿婆俾車撞到，躺喺斑馬線度郁唔到",
)
#: The same words of things, prices, films, what is over, and what one only asks.
_NONE_OF_IT = (
    "绿化带的树被砍",
    "门口香樟被砍了",
    "员工被砍福利",
    "居民被砍水费补贴",
    "剧里女孩的戏份被砍",
    "邻居的手机掉水里了",
    "师傅把油倒地上",
    "作业要弄死我了",
    "蚊子要杀了我",
    "这个游戏打死我也不玩了",
    "房价要杀我",
    "买了深水炸弹鸡尾酒",
    "蛇皮袋扔在卧室门口",
    "看了讲蛇在教室里的绘本",
    "砍门面租金",
    "轮胎被扎没气了",
    "每年一到雨季水漫进学校操场",
    "广告牌停半空没人修",
    "烟囱每天冒黄烟，环保不管",
    "外卖电动车开着车灯乱冲",
    "网友吐槽，我们都吐了口水",
    "物业被业主舆论挟持",
    "来电人咨询电梯困人应该打什么电话",
    "市民反映短信诈骗自称绑架其儿子，儿子就在身边",
    "市民咨询山体滑坡治理工程什么时候完工",
    "手机爆炸后怎么维权",
    "踩踏花坛没人管",
    "山上以前有过泥石流，想问现在住的地方在不在名单里",
    "山洪预警短信收到三条，其实没下雨",
)


def _opinion(text: str) -> Classification:
    return classify(RULES, "", as_read(text))


def _alarms(messages: Sequence[str]) -> list[str]:
    return [text for text in messages if _opinion(text).urgency is Urgency.EMERGENCY]


@pytest.mark.parametrize("danger", _DANGERS)
def test_an_aside_takes_nothing_back(danger: str) -> None:
    """Before the danger or behind it; what was told before, and by whom, too."""
    asides = [f"{aside}，{danger}" for aside in _ASIDES] + [f"{danger}，{aside}" for aside in _BEHIND]

    assert asides == _alarms(asides)


def test_what_a_clause_is_about_takes_it_back() -> None:
    """A film that is told, a drill that goes on, what a course taught."""
    assert [] == _alarms(_STAGED)


def test_whoever_it_befalls_is_known_by_kind() -> None:
    """Not by a list of people; and what befalls things, prices and films is none."""
    assert ([*_BY_KIND], []) == (_alarms(_BY_KIND), _alarms(_NONE_OF_IT))
