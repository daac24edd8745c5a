"""Hides names of several parts with a dot between, as Uyghur and foreign names are written: 古丽·买买提, 大卫·史密斯.

Estates, brands and lists have such dots as well: 万科·城市之光. A name is known by a part that is hidden already, or by the
characters with which such names are spelled and by what stands beside it. It goes whole, or stays as it is: half of a name
tells whose it is.
"""

import re

from schemas.patterns import compiled_later

_DOT = "·•・‧∙⋅"
#: With these such names are spelled, and hardly any estate, shop or place.
_SPELLS = (
    "阿艾埃尔古丽莉娜扎买提热西孜合曼努依明马木吐逊托乎迪力亚帕再娅汗尼牙莫玉素甫库别克斯卡德米吉布拉伊拜坎夏衣沙塔赛乃则麦穆图凯祖茹仙"
    "姆约翰史密玛琳伦罗杰森鲍勃威廉詹迈顿奥格瑞恩菲利普莎菈蒂诺夫维奇柳谢弗洛纳特莱妮雅巴伯卢卜吾旦肉哈娅"
)
#: With these, too, and many other words as well: they tell a name only beside others, or behind a word that leads to one.
_MORE = (
    "大卫安文高华海东保让明玛里比波多万达戴道登邓杜朵法费芬福盖甘哈豪赫亨胡霍基加贾简金卡康科可肯拉兰朗劳雷蕾理林路梅门蒙敏娜"
    "南妮宁欧潘佩彭皮平萨瑟珊苏索泰汤唐陶韦魏温沃武希肖辛雪逊杨耶叶英珍芝爱昂班贝本彼宾博勒查茨措当狄底第丁厄凡范丰冯富冈戈贡瓜圭罕洪怀惠"
    "吉江捷居君考孔夸奎昆赖黎连列隆鲁吕缪默木慕涅纽农庞琼丘屈守赛桑尚绍舍申施舒思松滕廷通瓦旺翁乌锡香休许因尤于泽佐兹朱卓孜宗山烈来日什苗凌"
    "乔娃蓓黛婷露琪碧姬嘉尹池宝永生元云治智仁顺丹历得开土赫地优不都音甸叙屯唯"
)
_SIGN = f"{_SPELLS}{_MORE}"
#: As far as one goes on (project choice: nobody's part is longer), and how many dots one has.
_LONGEST, _MOST = 10, 3
#: First names that nothing else is called by, whatever stands behind the dot.
_FIRST = (
    "爱德华|安德烈|安德鲁|安东尼奥?|安娜|安妮|亚历山大|亚历克斯|伊丽莎白|克里斯蒂娜|克里斯托弗|大卫|戴维|玛[丽利]亚?|迈克尔|迈克|罗伯特|约翰|威廉|詹姆斯"
    "|托马斯|乔治|查尔斯|彼得|保罗|丹尼尔|马修|史蒂文|史蒂芬|凯文|杰克|杰西卡|艾米丽|索菲亚|卡洛斯|何塞|胡安|路易斯|弗拉基米尔|谢尔盖|伊万|娜塔莎|奥尔加"
    "|德米特里|穆罕默德|艾哈迈德|阿里木江?|珍妮|约瑟夫|娜塔莉|奥列格|詹妮弗|凯瑟琳|叶卡捷琳娜|哈桑|侯赛因"
    "|阿卜杜拉|热依扎|叶尔兰|叶尔江|努尔兰|古丽[\u4e00-\u9fff]{0,3}|阿依[\u4e00-\u9fff]{1,3}"
)
#: What is called with such characters and is nobody: makes of cars and of other things, hotels, towns.
_BRAND = (
    "凯迪拉克|玛莎拉蒂|特斯拉|奥迪|奥克斯|格力|万达|万科|保利|金科|金茂|中海|海尔|沃尔玛|爱玛|雅迪|麦当劳|肯德基|欧尚|迪卡侬|阿玛尼|马自达|斯柯达|兰博基尼"
    "|法拉利|布加迪|林肯|福特|克莱斯勒|宾利|迪士尼|诺基亚|阿迪达斯|耐克|欧莱雅|兰蔻|希尔顿|喜来登|香格里拉|威斯汀|万豪|莱茵|巴黎|罗马|米兰|威尼斯|维也纳"
    "|伦敦|柏林|佛罗伦萨|托斯卡纳|普罗旺斯|巴塞罗那|阿克苏|喀什|克拉玛依|哈密|乌鲁木齐|库尔勒|库车|阿勒泰|拉萨|哈尔滨|齐齐哈尔|马尔代夫|阿里巴巴|美的|奥林匹克"
    "|雅居乐|雅戈尔|利海|海伦堡|奥特莱斯|奥莱|洛克|亚马逊|优衣库|西门子|捷豹|路虎|雷克萨斯|沃尔沃|迈巴赫|劳斯莱斯|保时捷|蒙娜丽莎|卢浮|莎士比亚|凯德|纳帕|加州"
)
#: Behind these words it is not somebody's: a brand, a place, a prize.
_THING = (
    "品牌|专卖|专修|充电|空调|汽车|车主|酒店|餐|咖啡|面包|蛋糕|影院|公馆|公寓|小区|小镇|广场|国际|花园|中心|大街|地区|学校|中学|小学|大学|幼儿园"
    "|奖|杯|路|店|馆|村|县|市|区|苑|府|城|湾|郡|期|楼|栋|业主|住户"
)
#: What only somebody does, or is called; and what stands behind anything as well, or nothing.
_DOES = (
    "反[映应]|投诉|举报|来[电信访]|致电|咨询|求助|要求|希望(?!小学|工程)|表示|认为|称(?![号呼重])|说(?!明)|先生|女士|小姐|老师|同学|教授|医生|师傅|太太|同志|态度|(?:殴?打|辱?骂)"
    "|诉称|的(?:妻子|丈夫|儿子|女儿|父亲|母亲|孩子|身份证|手机|电话|工资)|[您你]好"
)
_ENDS = "[的和与及在是被把向对没未住叫有也等到去从你您他她给又还已将请问想能会要需了过]|不(?!都|来提|拉|力)"
_LEADS = (
    "市民|居民|村民|群众|网友|业主|住户|租客|房东|邻居|外教|外籍|员工|职工|店员|店长|老板|经理|教练|老师|学生|同学|司机|朋友|丈夫|妻子|老公|老婆|儿子|女儿"
    "|我叫|我是|名叫|姓名|我名|联系人|投诉人|反映人|举报人|当事人|负责人|来电人"
)
#: Words that end with a character that begins a name as well: 经理 of 理查德, 丈夫 of 夫.
_OWN = "(?<=[经助管护代]理)|(?<=[丈大姐妹前]夫)|(?<=房东)|(?<=先生)|(?<=学生)|(?<=医生)"
_NOT_OF_WORD = "(?!(?<=[经助管护代])理|(?<=[丈大姐妹前])夫|(?<=房)东|(?<=[先学医])生)"
_BEGINS = rf"(?:(?<![{_SIGN}]){_NOT_OF_WORD}|{_OWN})"
_PART = rf"[{_SIGN}]{{1,{_LONGEST}}}"
_END = rf"(?=(?P<does>{_DOES})|(?P<ends>{_ENDS}|[^\u4e00-\u9fff*{_DOT}]|$)|[^{_SIGN}*{_DOT}])"
_WHOLE = compiled_later(
    rf"{_BEGINS}(?:{_PART}[{_DOT}]){{1,{_MOST}}}[{_SIGN}]{{1,{_LONGEST}}}?{_END}(?!{_THING})"
)
_HIDDEN = r"[\u4e00-\u9fff]\*{1,2}"
_BESIDE = compiled_later(
    rf"(?:{_HIDDEN}[{_SIGN}]{{0,{_LONGEST}}}|{_BEGINS}{_PART}\*{{0,2}})"
    rf"(?:[{_DOT}](?:{_HIDDEN}[{_SIGN}]{{0,{_LONGEST}}}?|{_PART}?\*{{0,2}})){{1,{_MOST}}}{_END}(?!{_THING})"
)
_DOTS = compiled_later(f"[{_DOT}]")
_LED = compiled_later(f"(?:{_LEADS})[:：是为叫 ]{{0,2}}$")
_IS_FIRST = compiled_later(f"(?:{_FIRST})[{_DOT}]")
#: A road's name ends so, and nobody's.
_IS_THING = compiled_later(f"(?:^|[{_DOT}])(?:{_BRAND})|路$")
_IS_SPELLED = compiled_later(f"[{_SPELLS}]")
#: What every such name has, and hardly any other text.
DOT_HINT = compiled_later(f"[{_DOT}]")
#: Characters of the longest word that leads to one, with what stands between (by definition: those above).
_LEAD = 6
#: Characters of the shortest name that no hidden part gives away, without its dots: 喀什·古城 is none; and of one that does
#: something, or that is led to (project choices).
_SHORTEST, _SHORTEST_LED = 5, 4
#: Of its characters, what part hardly anything else is spelled with (project choices: half; and nearly all where
#: nothing else tells it).
_TELLING, _ALL = 0.5, 0.8

#: Of the two things that may stand beside one (by definition).
_BOTH = 2


def hide_dotted(text: str) -> str:
    """`text`, in which `DOT_HINT` stands, with `古**` for such names."""
    text = _BESIDE.sub(_hide_beside, text)
    return _WHOLE.sub(_hide_whole, text)


def _hide_beside(name: re.Match[str]) -> str:
    """Where one part is hidden already."""
    return name[0] if "*" not in name[0] or _IS_THING.search(name[0]) else f"{name[0][0]}**"


def _hide_whole(name: re.Match[str]) -> str:
    return f"{name[0][0]}**" if _is_name(name) else name[0]


def _is_name(name: re.Match[str]) -> bool:
    """Whether its characters tell it, as surely as what stands beside it demands."""
    written, is_said = name[0], name["does"] is not None
    if _IS_THING.search(written) or not (is_said or name["ends"] is not None):
        return False
    signs = _DOTS.sub("", written)
    share = len(_IS_SPELLED.findall(signs)) / len(signs)
    is_led = _LED.search(name.string, max(0, name.start() - _LEAD), name.start()) is not None
    beside = is_said + is_led
    if beside == _BOTH or (beside and share >= _TELLING) or _IS_FIRST.match(written):
        return len(signs) >= _SHORTEST_LED
    return share >= _ALL and len(signs) >= _SHORTEST
