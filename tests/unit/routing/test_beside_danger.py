"""Places, times and things beside a danger, and what only begins like one. All invented."""

import pytest

from routing.core.classify import classify
from schemas.words import Urgency
from tests.unit.routing.rules_alone import rules_alone

RULES = rules_alone()
#: A cinema, a kitchen, a museum or last year beside it take nothing back.
DANGERS = (
    "汽车着了，保险公司电话打不通，人在里面",
    "女子被捅在上面三楼",
    "有人在电视台门口被捅",
    "邻居放火，点的是楼道垃圾桶",
    "毒蛇钻进药店卧室",
    "学生在宿舍被刺伤，凶手还是去年转来的同学",
    "有人持枪闯进电影院",
    "有人在电影院放火",
    "公司项目部有人被捅",
    "有人正在田家庄村口放火",
    "邻居拿菜刀堵在我家厨房",
    "挖到炮弹，在博物馆工地",
    "有人在树林里被捅",
    "老人在公园树下被砍",
    "有人在案板前被捅了",
    "同学被砍，视频我发群里了",
    "老板被捅，赔钱的事没谈拢",
    "有人持枪在加油站",
    "有人持枪威胁民警",
    "有人持枪闯进游戏厅",
    "有人拿着枪冲进演播厅",
    "有人在火药厂放火",
    "有人在垃圾站旁放火",
    "前夫在我家电视机前放火",
    "邻居家厨房着了，路灯都灭了",
    "培训学校门口有可疑包裹，滴答响",
    "玩具店门口有可疑箱子，里面有电线",
    "我妈吃了老鼠药，狗一直叫",
    "爸爸喝了敌敌畏，鱼塘边躺着",
    "有人往养鱼的水池里投毒",
    "井里有人喊救命，旁边钓鱼的都跑了",
    "吊车倒了压到人，人行道上都是血",
    "火锅店煤气罐在喷火",
    "护栏断了，游客掉下悬崖",
    "烟花厂工地挖到一颗手榴弹",
    "糖厂地下挖出炮弹",
    "孩子在游戏厅被打晕了",
    "茶馆厨房进了一条眼镜蛇",
    "有人在地铁轨道上，工人没看见",
    "他拿菜刀追快递员",
    "有人拿水果刀堵在安检口",
    "司机往人群里开，游戏厅门口",
    "他被捅到肚子了",
    "孩子被捅破肚子",
    "同事被砍倒在树下",
    "工人被砍了三刀，工资都没结",
    "狗在小区不牵绳乱冲撞，咬伤了老人",
    "狗在小区没拴绳，乱冲撞扑倒了孩子",
    "人在影视城门口被砍",
    "我们在电影学院门口看到有人持枪",
    "有人拿菜刀堵在厨师休息室门口",
    "我女儿被捅了，凶手以前是她同学",
    "有人放火，烧的是我家草房",
    "我妈喝了除草剂，鸡鸭都没人管了",
    "他正拿菜刀砸电视，要砍人",
    "我在看电影时有人放火",
    "孩子吃了老鼠药，包装上写假冒产品，正在吐",
    "同事被砍了单子掉一地，快来",
    "桥断了有人掉下悬崖，去年装的护栏没用",
)
#: Wages, trees and orders that are cut, what is passed on to those above, and what is otherwise no danger.
QUIET = (
    "他被砍了编制",
    "她被捅咕着买保险",
    "狗不拴绳在小区乱撞，吓人",
    "我被砍了工资",
    "我被砍了半年奖金",
    "孩子被捅马蜂窝吓到",
    "他被捅到上级部门了",
    "宠物狗在小区不牵绳乱冲撞",
    "我妈吃了老鼠药假冒产品没效果",
    "公司往人群开音响，扰民车",
    "我突然被砍了工资",
    "同事们刚刚都被砍绩效",
    "我被砍单了，商家不发货",
    "老人被砍价砍烦了",
    "他被砍了一半的补贴",
    "司机被砍了两个月提成",
    "邻居被砍树队吵到",
    "我被砍头息了，网贷公司",
    "他被捅娄子的实习生连累",
    "我被捅到媒体了",
    "老板被捅给上面领导了",
    "民警持枪巡逻很安心",
    "他持枪证办不下来",
    "有人放火烧荒",
    "邻居放火烧落叶，呛人",
    "有人放火锅底料在楼道",
    "家里阳台着了凉气",
    "商场可疑箱子没人认领怎么处理",
    "流浪猫吃了老鼠药死了",
    "邻居家的狗喝了百草枯",
    "河里有人喊口号划船",
    "股民说股价掉下悬崖",
    "剧组演员拿菜刀冲进巷子拍戏",
    "拿菜刀站着切菜的师傅没戴手套",
    "电影里有人持枪抢银行，孩子吓哭",
    "游戏里有人放火，不适合儿童",
    "发现楼道的电动车是定时炸弹",
    "我捡到一个手雷糖",
    "地铁轨道上的垃圾没人清",
    "大楼往人群开大灯的车",
    "工友被太阳打晕了",
    "小狗在小区没牵绳，乱撞",
    "动物园进了新的眼镜蛇",
)
#: Told of, played, past or perhaps nothing: pressing all the same, so that somebody reads it soon.
LOOKED_AT = (
    "演习里有人持枪抢银行",
    "去年他拿菜刀堵在我家门口",
    "新闻里有人在商场放火",
    "工地挖到炮弹模型",
    "博物馆展柜里发现炮弹",
    "小说里有人被捅",
    "有人在田里放火",
    "有人投毒毒死流浪猫",
    "有人被砍案什么时候判",
    "有人持枪在街上，像是玩具枪",
    "电视剧里他拿菜刀站在门口",
    "幸好没压到人，吊车倒了差点压到人",
    "前年有人在电影院放火",
    "怕孩子掉下悬崖，想装护栏",
)


@pytest.mark.parametrize("text", DANGERS)
def test_a_place_or_a_time_beside_danger_takes_nothing_back(text: str) -> None:
    """Each is an emergency."""
    assert classify(RULES, "", text).urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("text", QUIET)
def test_what_only_begins_like_danger_is_none(text: str) -> None:
    """None is an emergency."""
    assert classify(RULES, "", text).urgency is not Urgency.EMERGENCY


@pytest.mark.parametrize("text", LOOKED_AT)
def test_danger_that_is_in_doubt_is_pressing(text: str) -> None:
    """It is no emergency, and never goes out as if nothing were said."""
    assert classify(RULES, "", text).urgency is Urgency.URGENT
