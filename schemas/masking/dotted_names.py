"""Hides names of several parts with a dot between, as Uyghur and foreign names are written: 古丽·买买提, 大卫·史密斯.

Estates, brands and lists have such dots as well: 万科·城市之光. A name is known by a part that is hidden already, or by the
characters of all its parts, with which such names are spelled.
"""

from schemas.patterns import compiled_later

_DOT = "·•・‧∙⋅"
#: With these such names are spelled, and hardly any estate, shop or place.
_SPELLS = (
    "阿艾埃尔古丽莉娜扎买提热西孜合曼努依明马木吐逊托乎迪力亚帕再娅汗尼牙莫玉素甫库别克斯卡德米吉布拉伊拜坎夏衣沙塔赛乃则麦穆图凯祖茹仙"
    "姆约翰史密玛琳伦罗杰森鲍勃威廉詹迈顿奥格瑞恩菲利普莎菈蒂诺夫维奇柳谢弗洛纳特莱妮雅巴伯卢"
)
#: Beside a part that is hidden, such names have others, too: 大卫·史**, 安娜·李**.
_MORE = (
    "大卫安文高华海东保让明玛里比波多万达戴道登邓杜朵法费芬福盖甘哈豪赫亨胡霍基加贾简金卡康科可肯拉兰朗劳雷蕾理林路梅门蒙敏娜"
    "南妮宁欧潘佩彭皮平萨瑟珊苏索泰汤唐陶韦魏温沃武希肖辛雪逊杨耶叶英珍芝"
)
#: As far as one goes on (project choice: nobody's part is longer), and how many dots one has.
_LONGEST, _MOST = 10, 3
#: Behind these words it is not somebody's: a brand, a place, a prize.
_THING = (
    "品牌|专卖|充电|酒店|餐|咖啡|面包|蛋糕|影院|公馆|公寓|小区|小镇|广场|国际|花园|中心|大街|地区|学校|中学|小学|大学|幼儿园"
    "|奖|杯|路|店|馆|村|县|市|区"
)
_MADE = compiled_later(
    rf"[{_SPELLS}]{{2,{_LONGEST}}}(?:[{_DOT}][{_SPELLS}]{{2,{_LONGEST}}}){{1,{_MOST}}}(?![{_DOT}]|{_THING})"
)
_BESIDE = compiled_later(
    rf"(?:[{_SPELLS}{_MORE}]{{1,{_LONGEST}}}\*{{0,2}}|[\u4e00-\u9fff]\*{{1,2}}[{_SPELLS}{_MORE}]{{0,{_LONGEST}}})"
    rf"(?:[{_DOT}](?:[{_SPELLS}{_MORE}]{{1,{_LONGEST}}}\*{{0,2}}|[\u4e00-\u9fff]\*{{1,2}})"
    rf"[{_SPELLS}{_MORE}]{{0,{_LONGEST}}}){{1,{_MOST}}}"
)
#: What every such name has, and hardly any other text.
DOT_HINT = compiled_later(f"[{_DOT}]")
#: Characters of the shortest name that no hidden part gives away, without its dot: 喀什·古城 is none (project choice).
_SHORTEST = 5


def hide_dotted(text: str) -> str:
    """`text`, in which `DOT_HINT` stands, with `古**` for such names."""
    text = _BESIDE.sub(lambda name: f"{name[0][0]}**" if "*" in name[0] else name[0], text)
    return _MADE.sub(lambda name: f"{name[0][0]}**" if len(name[0]) > _SHORTEST else name[0], text)
