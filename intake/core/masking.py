"""Hides what tells who somebody is: numbers, addresses of homes, accounts and names, wherever they stand in a text.

Every function is pure and idempotent. Each family of patterns is tried only where a cheap look says that it could
match. A person still reads every text before it is published.
"""

import re
from collections.abc import Callable, Iterable

from intake.core import identity_numbers as numbers
from schemas.values import Contact, Place

_Match = re.Match[str]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_DIGIT_RUN = re.compile(r"[0-9][0-9 .()（）\-]{4,}[0-9Xx]")
_NUMBER = re.compile(
    r"""
    (?<![0-9])(?:
      (?P<identity>[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx])(?![0-9])
    | (?P<grouped>[0-9]{4}(?:[ -][0-9]{4}){2,3}(?:[ -]?[0-9]{1,4})?)(?![0-9])
    | (?P<long>[0-9]{12,19})(?![0-9])
    | (?P<mobile>(?:(?:00)?86[ -]?)?1[3-9][0-9](?:[ .\-]{0,2}[0-9]{4}){2})(?![0-9])
    | (?P<area>0(?:10|2[0-9]|[3-9][0-9]{2}))(?P<after>[)） .\-]{0,2})(?P<local>[2-9][0-9]{6,7})(?![0-9])
    )""",
    re.VERBOSE,
)
_MOBILE_ALONE = re.compile(r"(?P<mobile>(?:(?:00)?86)?1[3-9][0-9]{9})")
_LANDLINE_ALONE = re.compile(r"(?P<area>0(?:10|2[0-9]|[3-9][0-9]{2}))(?P<after>)(?P<local>[2-9][0-9]{6,7})")
_SPOKEN_MOBILE = re.compile(
    r"[一幺][三四五六七八九][零〇一幺二两三四五六七八九]{9}(?![零〇一幺二两三四五六七八九])"
)
_LOCAL_PHONE = re.compile(
    r"((?:电话|電話|座机|座機|手机|手機|致电|tel)[^0-9\n]{0,4})([2-9][0-9]{6,7})(?![0-9*])", re.IGNORECASE
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+", re.ASCII)
_PLATE = re.compile(
    r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬雲遼魯蘇贛陝閩貴粵寧瓊][A-HJ-NP-Za-hj-np-z])"
    r"[·.• -]?(?=[A-Za-z]{0,6}[0-9])[A-HJ-NP-Za-hj-np-z0-9]{4,5}[A-HJ-NP-Za-hj-np-z0-9挂掛学學警港澳](?![A-Za-z0-9])"
)
_ACCOUNT = re.compile(
    r"((?:微信|威信|薇信|wechat|weixin|vx|wx|企鹅|扣扣|qq)(?:号码|號碼|号|號|群|id)?[ ]?(?:[:：]|是|为|為)?[ ]?)"
    r"([A-Za-z][A-Za-z0-9_-]{5,19}|[1-9][0-9]{4,11})(?![A-Za-z0-9*])",
    re.IGNORECASE,
)

_UNIT_NUMBER = r"(?:[0-9]{1,5}[A-Za-z]?|[A-Za-z][0-9]{0,4}|[一二三四五六七八九十百]{1,4})"
_BUILDING = r"(?:号楼|號樓|号院|號院|单元|單元|栋|棟|幢|座|层|層|楼|樓|号|號)"
_DOOR = r"(?:室|户|戶|房|号|號|门|門)"
_GAP = r"[ \-—]?"
#: A building, perhaps more, and then a door: somebody's home. A building alone is a place that others know, too.
_HOME = re.compile(
    rf"(?<![0-9A-Za-z月])(?:{_UNIT_NUMBER}{_BUILDING}{_GAP})+"
    rf"(?:{_UNIT_NUMBER}{_DOOR}|[0-9]{{2,5}}(?![0-9A-Za-z年月日元米平万个人多户层層楼樓栋棟幢座号號单單期]))"
)
_HOME_ROOM = re.compile(r"(?<=[^0-9A-Za-z])[0-9]{3,4}(?:室|房)(?=[^间屋产价租地源]|$)")
_HOME_DASHES = re.compile(
    r"(?<=[区區苑园園村城寓里院庭府湾灣轩軒居])[0-9A-Za-z]{1,3}[-—](?:[0-9]{1,2}[-—][0-9]{2,4}|[0-9]{3,4})"
    r"(?![0-9年月日号元点时-])"
)
_DWELLING = re.compile(
    r"((?:住址|家庭地址|家住|住在|现住|現住|居住于|居住在|户籍地|我住)(?!的)[^，。；;,\n*]{0,24}?)"
    rf"(?<![0-9A-Za-z月])(?:{_UNIT_NUMBER}(?:{_BUILDING}|{_DOOR}){_GAP})+(?:[0-9]{{2,5}})?"
)
_DWELLING_CUES = ("住", "家庭地址", "户籍")
_UNIT_HINT = re.compile(rf"[0-9A-Za-z一二三四五六七八九十百](?:{_BUILDING}|{_DOOR})")

#: The commonest surnames (Ministry of Public Security name report, 2020), and their Traditional forms.
_SURNAMES = (
    "王李张劉刘陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅高郑鄭梁谢謝宋唐许許邓鄧冯馮韩韓曹曾彭萧蕭肖蔡潘田董袁于余"
    "叶葉蒋蔣杜苏蘇魏程吕呂丁沈任姚卢盧傅钟鍾姜崔谭譚廖范范汪陆陸金石戴贾賈韦韋夏邱方侯邹鄒熊孟秦白江阎閻薛尹段雷黎史龙龍"
    "陶贺賀顾顧毛郝龚龔邵万萬钱錢严嚴赖賴覃洪武莫孔汤湯向常温溫康施文牛樊葛邢安齐齊易乔喬伍庞龐颜顏倪庄莊聂聶章鲁魯岳翟殷"
    "詹申欧歐耿关關兰蘭焦俞左柳甘祝包宁寧尚符舒阮柯纪紀梅童凌毕畢单單季裴霍涂塗成苗谷盛曲翁冉骆駱蓝藍路游辛靳欧管柴蒙鲍"
    "鮑华華喻祁蒲房滕屈饶饒解牟艾尤阳陽时時穆农農司卓古吉缪繆简簡车車项項连連芦蘆麦麥褚娄婁窦竇戚岑景党黨宫宮费費卜冷晏"
)
_SURNAME = (
    rf"(?:欧阳|歐陽|上官|司马|司馬|诸葛|諸葛|东方|皇甫|尉迟|令狐|慕容|[{''.join(sorted(set(_SURNAMES)))}])"
)
_STOP = "住家是今现在于的有来到因电手身年男女系，我您你为请和与及要想"
_GIVEN = rf"(?:[{_HAN}]{{1,2}}?(?=[^{_HAN}]|[{_STOP}]|$)|[{_HAN}]{{2}})"
_NAMED = re.compile(
    rf"((?:我叫|我名叫|本人叫|名字叫|姓名|联系人|聯繫人|聯絡人|投诉人|投訴人|举报人|舉報人|反映人|申请人|申請人|当事人|當事人"
    rf"|诉求人|来电人|來電人|留言人|署名)(?:[:：]|是|为|為|叫)?[ ]?)({_SURNAME})({_GIVEN})"
)
_NAME_CUES = ("我叫", "名", "人")
_SELF = re.compile(
    rf"((?:我是|本人)[ ]?)({_SURNAME})([{_HAN}]{{1,2}})(?<![人了的户员主工生师客者友方])(?=[，。,；;！!、：:（( \n]|$)"
)
_TITLED = re.compile(rf"({_SURNAME})([{_HAN}]{{1,2}}?)(?=先生|女士|小姐)")
_TITLES = ("先生", "女士", "小姐")
_NOT_NAMES = frozenset("的位是和与及名个各向给对让请被把老小大")


def mask(text: str, declared: Iterable[tuple[str, str]] = ()) -> str:
    """`text` with everything personal hidden; `declared`: what the sender said of themselves, and what to show."""
    for words, shown in declared:
        if words in text:
            text = text.replace(words, shown)
    if "@" in text:
        text = _EMAIL.sub(_hide_email, text)
    text = _DIGIT_RUN.sub(_hide_run, text)
    text = _hide_cued_numbers(text)
    text = _hide_homes(text)
    return _hide_names(text)


def declared_by(contact: Contact | None, place: Place | None) -> list[tuple[str, str]]:
    """What a sender told of themselves that must not stand in the text either, and what is shown instead."""
    found: list[tuple[str, str]] = []
    if contact is not None and contact.phone:
        found.append((contact.phone, numbers.masked_phone(contact.phone)))
    if contact is not None and contact.email:
        found.append((contact.email, masked_email(contact.email)))
    if contact is not None and contact.name and len(contact.name) > 1:
        found.append((contact.name, masked_name(contact.name)))
    if place is not None and place.address and (shown := mask(place.address)) != place.address:
        found.append((place.address, shown))
    return found


def masked_name(name: str) -> str:
    """The first character, and a star for each of up to two others: 王**."""
    return name[0] + "*" * min(len(name) - 1, 2)


def masked_email(email: str) -> str:
    """The first character and the domain: z***@example.com."""
    return f"{email[0]}***@{email.rpartition('@')[2]}"


def _hide_email(match: _Match) -> str:
    return masked_email(match.group())


def _hide_run(match: _Match) -> str:
    run = match.group()
    return _NUMBER.sub(_hide_number, run)


def _hide_number(match: _Match) -> str:
    kind = match.lastgroup
    if kind == "local":
        return f"{match['area']}{match['after']}****{match['local'][-4:]}"
    number = match.group()
    return _HIDERS[kind or ""](number)


def _hide_identity(number: str) -> str:
    return numbers.masked_identity(number) if numbers.is_identity(number) else _hide_card(number)


def _hide_long(number: str) -> str:
    """Twelve to nineteen digits: an old identity number, a card, a telephone number with its prefix, or an order."""
    if len(number) == 15 and numbers.is_old_identity(number):
        return numbers.masked_identity(number)
    for pattern in (_MOBILE_ALONE, _LANDLINE_ALONE):
        if match := pattern.fullmatch(number):
            return _hide_number(match)
    return _hide_card(number)


def _hide_card(number: str) -> str:
    return f"****{number[-4:]}" if numbers.is_card(number) else number


def _hide_grouped(number: str) -> str:
    return f"**** {numbers.digits_of(number)[-4:]}" if numbers.is_card(number) else number


_HIDERS: dict[str, Callable[[str], str]] = {
    "identity": _hide_identity,
    "long": _hide_long,
    "grouped": _hide_grouped,
    "mobile": numbers.masked_phone,
}


def _hide_cued_numbers(text: str) -> str:
    if _SPOKEN_MOBILE.search(text):
        text = _SPOKEN_MOBILE.sub(lambda match: f"{match.group()[:3]}****{match.group()[-4:]}", text)
    if not _ALPHANUMERIC.search(text):
        return text
    text = _PLATE.sub(r"\1·*****", text)
    text = _LOCAL_PHONE.sub(lambda match: f"{match[1]}****{match[2][-4:]}", text)
    return _ACCOUNT.sub(lambda match: f"{match[1]}{match[2][:2]}****", text)


_ALPHANUMERIC = re.compile(r"[0-9A-Za-z]{5}")


def _hide_homes(text: str) -> str:
    if _UNIT_HINT.search(text):
        text = _HOME.sub("***", text)
        text = _HOME_ROOM.sub("***", text)
        if any(cue in text for cue in _DWELLING_CUES):
            text = _DWELLING.sub(r"\1***", text)
    if "-" in text or "—" in text:
        text = _HOME_DASHES.sub("***", text)
    return text


def _hide_names(text: str) -> str:
    if any(cue in text for cue in _NAME_CUES):
        text = _NAMED.sub(_hide_name, text)
    if "我是" in text or "本人" in text:
        text = _SELF.sub(_hide_name, text)
    if any(title in text for title in _TITLES):
        text = _TITLED.sub(_hide_titled, text)
    return text


def _hide_name(match: _Match) -> str:
    return f"{match[1]}{match[2]}{'*' * len(match[3])}"


def _hide_titled(match: _Match) -> str:
    if match[1] in _NOT_NAMES or match[2][0] in _NOT_NAMES:
        return match.group()
    return f"{match[1]}{'*' * len(match[2])}"
