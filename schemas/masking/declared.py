"""Hides personal data that citizens entered in the form, wherever their text repeats it."""

import re
from functools import lru_cache

import msgspec

from schemas.masking.names import shown_name
from schemas.masking.spellings import digits_of
from schemas.masking.surnames import SURNAME, is_word
from schemas.patterns import compiled_later
from schemas.simplified import is_simplified, simplified
from schemas.values import Contact
from schemas.wording import PLAIN

_DOTS = "·•・‧∙⋅ˑ.．"
_DASHES = r"\-‐-―－"
_HAN_ONE = "[\u3400-\u9fff\U00020000-\U0003134f]"
_SPLIT = compiled_later(rf"[{_DOTS}{_DASHES} ]+")
#: What clerks write beside a name: who it is, a number, another name.
_BESIDE = compiled_later(
    r"[(（\[【<《][^()（）\[\]【】<>《》]*[)）\]】>》]|(?<![A-Za-z0-9])\+?[0-9][0-9 \-]{4,}|[\"“”‘’`@＠]"
)
_BETWEEN = compiled_later(r"[/／、,，;；|&\n]+")
#: Between names that are kept together; no name has it.
_AND = "、"
_SPELLED = compiled_later(r"[*0-9@]")
#: Behind the name of a place, a firm or a trade as often as behind a person's: 温州市民, 万科业主, 环卫工人.
_MANY = (
    "市民|民众|群众|业主|居民|商户|农户|用户|客户|网友|网民|游客|路人|员工|职工|工人|农民|旅客|读者|考生|消费者|志愿者"
    "|好心人"
)
#: Behind a person's name, or that of a place with two characters: 黄山村民.
_SOME = "村民|学生|老师|住户|租户|车主|乘客|骑手|商贩|过路人"
#: Behind a person's name.
_ONE = (
    "老人|老年人|残疾人|军人|保安|代表|患者|病人|农民工|房东|房客|租客|家长|家属|司机|投诉人|举报人|反映人|来电人|当事人|申请人|联系人|"
    "受害者|受害人|知情人|目击者|网格员|保洁员|快递员|外卖员|管理员|话务员|债权人"
)
_WHO = f"{_MANY}|{_SOME}|{_ONE}"
#: Before those: which of them. Nobody is called so.
_WHICH = (
    "小区|社区|物业|公司|单位|工厂|学校|医院|商场|超市|酒店|幼儿园|出租车?|的士|公交车?|网约车|货车|大巴|客车|客运|校车|"
    "小学生|中学生|高中生|大学生|农村|城市|本市|本地|外地|外来|附近|周边|周围|普通|热心|广大|全体|部分|独居|孤寡|留守|退休|下岗|失地|失业|残疾|低保|贫困|拆迁|"
    "匿名|楼上|楼下|隔壁|邻居|小学|中学|大学|高中|初中|高[一二三]|初[一二三]|大[一二三四]|外卖|快递|平台|某|新|老|女|男"
)
#: With these end names of places and offices, and hardly any given name; the others may end one.
_PLACE_END, _OFTEN_PLACE_END = "区區苑村镇鎮乡鄉县縣市省路街巷弄楼樓栋棟厂廠店站校院场場所部司队隊", "园園城"
#: Who somebody is rather than what they are called: hiding these words would blank them everywhere.
_NOBODY = compiled_later(
    rf"(?:(?!{SURNAME}){_HAN_ONE}{{1,5}}[{_PLACE_END}{_OFTEN_PLACE_END}])?(?:{_WHICH}|{_WHO})*(?:{_WHO})|(?!{SURNAME}){_HAN_ONE}{{2}}(?:工人|职工|员工)|热心市民|热心群众|热心人|热心人士|新居民|市民朋友|小区|物业|"
    rf"(?!{SURNAME}){_HAN_ONE}{{1,4}}[人员者众客户]|[店摊房户货船]主|[朋校病工车]友|老板娘?|路人[甲乙丙丁]|无名氏?|"
    r"孩子的?(?:妈妈|爸爸|奶奶|爷爷)|(?:省|市|县|区|镇|乡|街道)政府|"
    r"匿名|无|没有|不详|未知|保密|不愿透露|不便透露|隐名|先生|女士|小姐|师傅|"
    r"阿姨|本人|某人|某某|某某某|某女士|某先生|测试|测试员|姓名|名字|"
    r"男|女|男士|"
    r"anonymous|none|n/a|na|null|admin|(?:(?:a|an|the|test|unknown) )?"
    r"(?:citizen|resident|user|caller|customer|guest|visitor|member|test|unknown)"
    r"|주민|시민|민원인",
    re.IGNORECASE,
)
_ORGANISATION = compiled_later(
    r"(?:公司|委员会|业委会|物业|中心|学校|医院|社区|小区|局|厅|处|站|店|厂|协会|商会|工会|居委会|村委会|集团)$"
)
_TITLE = compiled_later(r"(?:先生|女士|小姐|师傅|師傅|阿姨|老师|老師|同志|大爷|大妈|大姐|大哥)$")
_ENDS_IN_ROLE = compiled_later(rf"(?:{_WHO})$")
_RANK = compiled_later(r"^(?:热心|某|一位|一名)")
#: Before a name: who somebody is.
_ROLE = compiled_later(rf"(?:{_WHO}|姓名|本人)[ :：]*(?={SURNAME}{_HAN_ONE}{{1,3}}$)")
#: The same after a name: 王秀英老人; but 温州 of 温州市民 is none, and what has dots is.
_CALLED = compiled_later(
    rf"(?=.+(?:{_ONE})$|{_HAN_ONE}{{3,4}}(?:{_SOME})$|.+[{_DOTS}])"
    rf"({SURNAME}{_HAN_ONE}{{0,2}}(?![{_PLACE_END}]){_HAN_ONE}|.+[{_DOTS}][^{_DOTS}]+?)(?:{_WHO})"
)
#: A street that is called as somebody is: 长江 says nothing of anybody in 长江西路. Not of what may well be a person's name.
_STREET = r"(?![东西南北中]?(?:路(?![过上边途])|大道|大街))"
_HAN = compiled_later(f"{_HAN_ONE}+")
_SURNAME = compiled_later(SURNAME)
#: A name as it is looked for: written as the register writes the text, its full-width signs, too, half as wide.
_WRITTEN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | PLAIN
#: A landline with its area: its own digits. And what leads to an extension.
_LANDLINE = compiled_later(r"(?:(?:00)?86|(?=0))0?(?:10|2[0-9]|[3-9][0-9]{2})([2-9][0-9]{6,7})")
_EXTENSION = compiled_later(r"(?<=[0-9０-９])\s*(?:转|轉|分机|分機|ext|#|＃)", re.IGNORECASE)
#: Numbers of services, which people give as their own: 12345, 110, 95598, 400.
_SERVICE = compiled_later(r"[48]00[0-9]{7}|[19][0-9]{2,5}")


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A writer's own name, digits of a telephone number, and e-mail address; empty where there is none to hide."""

    name: str = ""
    phone: str = ""
    email: str = ""
    #: What people hide from everybody else besides, since no rule knows it: a neighbour's name, a firm's. For the public
    #: view alone.
    hidden: tuple[str, ...] = ()


NOTHING = Declared()


def declared_by(contact: Contact | None) -> Declared:
    """What this contact says that is a person's: 市民 is no name, and 12345 is no telephone of theirs."""
    if contact is None:
        return NOTHING
    return Declared(
        name=_name_of(contact.name) if contact.name else "",
        phone=_phone_of(contact.phone) if contact.phone else "",
        email=_email_of(contact.email) if contact.email else "",
    )


def hide_declared(text: str, declared: Declared) -> str:
    """`text` without the declared name and e-mail address. Telephone numbers: see `numbers`."""
    if declared.email and declared.email.lower() in text.lower():
        shown = f"{declared.email[0]}***@{declared.email.rpartition('@')[2]}"
        text = re.sub(re.escape(declared.email), lambda _: shown, text, flags=re.IGNORECASE)
    return _hide_names(text, declared.name) if declared.name else text


def _hide_names(text: str, name: str) -> str:
    """As it was written, then in Simplified and Traditional characters, of which one stands for one."""
    text = _hidden(text, text, name)
    if is_simplified(text) and is_simplified(name):
        return text
    plain, plain_name = simplified(text), simplified(name)
    return text if (plain, plain_name) == (text, name) else _hidden(text, plain, plain_name)


def _hidden(text: str, plain: str, name: str) -> str:
    """`text` without what the name matches in `plain`, which is the same text in other characters."""
    parts, done = [], 0
    for match in _pattern(name).finditer(plain):
        parts += [text[done : match.start()], shown_name(text[match.start() : match.end()].strip())]
        done = match.end()
    return "".join([*parts, text[done:]])


def _name_of(said: str) -> str:
    """The names in it, as they are looked for; empty where nobody is called so."""
    plain = _BESIDE.sub(" ", said.translate(_WRITTEN))
    return _AND.join(name for part in _BETWEEN.split(plain) if (name := _one_name(part.strip())))


def _one_name(name: str) -> str:
    name = _ROLE.sub("", _TITLE.sub("", name).strip(), count=1)
    plain = simplified(name)
    is_role = _NOBODY.fullmatch(plain) or _NOBODY.fullmatch(_RANK.sub("", plain))
    nobody = is_role or (is_word(plain) and (len(plain) == 2 or _ENDS_IN_ROLE.search(plain)))
    letters = sum(character.isalpha() for character in name)
    if nobody or letters < 2 or _SPELLED.search(name) or (_ORGANISATION.search(name) and len(name) > 3):
        return ""
    return name


def _phone_of(phone: str) -> str:
    digits = digits_of(_EXTENSION.split(phone, maxsplit=1)[0])
    mobile = re.fullmatch(r"(?:(?:00)?86)?(1[3-9][0-9]{9})", digits)
    if mobile:
        return mobile[1]
    # At home everybody writes a landline without its area.
    landline = _LANDLINE.fullmatch(digits)
    if landline:
        return landline[1]
    return "" if len(digits) < 7 or _SERVICE.fullmatch(digits) else digits[-12:]


def _email_of(email: str) -> str:
    local, at, domain = email.strip().rpartition("@")
    return email.strip() if at and local and domain and "*" not in email else ""


@lru_cache(maxsize=512)
def _pattern(names: str) -> re.Pattern[str]:
    """Each name as people write it: other dots or none, spaces within, and long parts of it alone."""
    return re.compile("|".join(one for name in names.split(_AND) for one in _written(name)), re.IGNORECASE)


def _written(name: str) -> list[str]:
    parts = [part for part in _SPLIT.split(name) if part]
    whole = rf"[{_DOTS}{_DASHES} ]{{0,2}}".join(_part(part) for part in parts)
    alone = [_part(part) for part in parts if len(part) > 2] if len(parts) > 1 else []
    street = _STREET if len(name) == 2 and not _SURNAME.match(name) else ""
    return [*(_bounded(one) + street for one in [whole, *alone]), *_without_role(name)]


def _without_role(name: str) -> list[str]:
    """Of 王秀英老人 also 王秀英, but not 单位 of 单位老人, and of 古丽娜业主 nothing else: so begins 温州市民, too."""
    called = _CALLED.fullmatch(name)
    return [] if called is None or is_word(called[1]) else _written(called[1])


def _part(part: str) -> str:
    if _HAN.fullmatch(part):
        return f"[ 　{_DOTS}]?".join(map(re.escape, part))
    return re.escape(part)


def _bounded(pattern: str) -> str:
    """Names of other scripts are words of their own; suffixes of Uyghur and Korean may follow, Latin letters may not."""
    if pattern[0].isascii() and pattern[0].isalpha():
        return rf"(?<![A-Za-z]){pattern}(?![A-Za-z])"
    return pattern
