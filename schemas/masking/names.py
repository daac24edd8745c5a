"""Hides people's names: after words that lead to one, and before a form of address. Of others see `judge`."""

import re
from collections.abc import Callable

from schemas.masking.cues import MOST_TELLING, POST, STRONG, TELLING, WEAK, WEAKER
from schemas.masking.english_names import hide_english_names
from schemas.masking.spaced_names import hide_spaced
from schemas.masking.surnames import (
    ALSO_NAMES,
    NAMES_ALONE,
    NOT_GIVEN,
    NOT_GIVEN_FIRST,
    SURNAME,
    WHOLE_WORDS,
    is_word,
)
from schemas.masking.told_names import TOLD_HINT, hide_told
from schemas.patterns import compiled_later

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_DOT = "·•・‧∙⋅"
_GLUE = r"(?:[ ]?(?:[:：=|｜（(【】\[\]“「]|就是|是|为|為|叫做|叫|名叫|姓名)){0,2}[ ]?"
_LAST_OF_STRONG = "".join(sorted({cue[-1] for cue in STRONG}))
#: These begin when, how or to whom somebody did something, and what it is of: 本人曾实名举报, 本人常半夜投诉, 本人车难停.
_BEGINS_WORDS = frozenset("向于曾时连单尚常成万白易任安关解包费管顾宁甘毕尤车房钱路戴雷盛古农冷") | {"东方"}
_LAST_OF_WEAK = "".join(sorted({cue[-1] for cue in WEAK + WEAKER}))
#: What follows a name: nothing, a mark, or a word that no name has.
_END = rf"(?=[^{_HAN}*]|$)"
_ENDS = compiled_later(_END)
_STOP = (
    "住家是今现現在于於的有来來到因电電手身年男女系，我您你为為请請和与與及要想家把说說每天又总總养養占佔违違私将將乱亂不跟拖欠打已半夜从從"
    "经經一直多用往也都就被收找向对對让讓擅辱骂罵威恐没沒酒开開停去昨非强強抢搶偷等给給同拒未常并並以之曾再还還才只却卻竟反跑态体敷推克扣动殴侵霸骗诈侮吼服工负"
)
#: Of these, with which names end as well: 举报人高三强反映.
_LAST_AND_STOP = "强威"
#: What people are accused of: with the first character alone other words begin, too.
_ACCUSED_OF = (
    "贪污|貪污|受贿|受賄|索要|索贿|索賄|挪用|辞退|辭退|绕路|繞路|体罚|體罰|渎职|瀆職|失职|失職|逃逸"
    "|误诊|走失|走丢|迟到|遲到|早退|旷课|曠課|逃课|逃課|缺课|缺課|旷工|曠工"
)
#: Who comes late is not called so: 王强迟到 names 王强.
_FOLLOW = rf"(?=[^{_HAN}*]|[{_STOP}](?<![迟遲]到)|{_ACCUSED_OF}|$)"
#: The same behind whole names alone, and behind common surnames: 业主连番投诉 names nobody.
_REPORTS = "(?<![村庄镇湾府城路街区])(?=投诉|举报)"
#: The name is only looked at, not consumed: what looks like a cue may hide another.
_NAMED = compiled_later(
    rf"([{_LAST_OF_STRONG}]{_GLUE})(?=({SURNAME})"
    rf"([{_HAN}][{_LAST_AND_STOP}](?=[^{_HAN}*]|$|反映|投诉|举报|来电)|[{_HAN}]{{1,2}}?(?:{_FOLLOW}|{_REPORTS})|[{_HAN}]{{2}}))"
)
_KIN = compiled_later(
    rf"([{_LAST_OF_WEAK}](?:[ （(:：]|姓名|名叫|名为|叫做|叫)?)"
    rf"(?=({SURNAME})([{_HAN}]{{2}}(?:{_FOLLOW}|{_REPORTS})|[{_HAN}]{_FOLLOW}"
    rf"|(?<=[{''.join(sorted(TELLING))}])[{_HAN}]{_REPORTS}))"
)
#: Behind these somebody says who they are.
_ASKING = frozenset(":：=|｜（(【】[]“「叫是名")
#: A form's value ends so; of what is counted another digit begins the number.
_VALUE_END = compiled_later(rf"[^{_HAN}*2-9]|$|电话|手机|身份证")
#: With these end many given names, and nobody's office: 村民向志强反映, but not 村民向镇里反映.
_GIVEN_END = "强梅英兰芳霞丽娟艳燕玲萍珍琴凤辉勇刚伟斌杰涛鹏磊浩峰"
#: What somebody suffers, or where a relative is: 员工向志华被欠薪, but not 向校长被骂, and whoever is refused turned to
#: somebody. 向东 and 向阳 are where something lies.
_SUFFERS = compiled_later(
    rf"(?![东西南北]|阳被[遮挡]|日葵|支书|主任|大夫|银行)(?:[{_HAN}]|[{_HAN}]{{2}}(?<![院校局府区导师部长介访体构保板裁判理务委协居警友台监]))"
    "(?:被(?!迫|驳|拒|推|踢|回绝|告知|打发)|去世)"
    rf"|(?<=[亲夫妻子女儿哥弟姐妹]向)[{_HAN}]{{2}}(?<![院校局府区导师居行友政保台庭])在"
    rf"|[{_HAN}](?:[{_GIVEN_END}]|(?<![全外中各])国)(?:反映|投诉|举报|来电)"
)
#: Surnames that are most often "at" and "to". Behind 于 nothing follows its name, or what somebody says; where anything
#: else does weights alone say whether it is one: 来电人于海涛反映, but not 来电人于网上询问 and 于中午来电.
_AT_OR_TO = frozenset("于向")
_SAYS = compiled_later(
    "(?![早晚上下中半清凌深傍昨今明本前当當近去][晨午夜间間日天晚月年周]|[一二三四五六七八九十]|网上|官网|微信|平台|现场|家中)"
    rf"[{_HAN}]{{1,2}}(?:[^{_HAN}*]|$|反映|来电|投诉|要求)"
)
#: What somebody who says who they are goes on with.
_GOES_ON = "反映|反應|投诉|投訴|举报|舉報|来电|來電|家住|现住|現住|住在|住于|身份证|身份證|本人"
_SELF = compiled_later(
    rf"((?:我是|本人是?)[ ]?|(?:我|本人)[（(])({SURNAME})([{_HAN}]{{1,2}})(?:{_END}|(?=({_GOES_ON})))"
)
_NOT_SELF_END = frozenset("人了的户員员主工生师客者友方族籍")
_TITLES = (
    "(?:先生|女士|小姐|师傅|師傅|阿姨|老师|老師|大爷|大爺|大妈|大媽|大姐|大哥|大叔"
    "|叔叔|同志|医生|護士|护士|教练|奶奶|爷爷|大娘)"
)
_TITLE = compiled_later(_TITLES)
#: Before these a word is a name: 何意女士, but 高三老师 and 温暖小姐姐. And before which what is most often a name is one.
_OF_NAMES = compiled_later("先生|女士|小姐(?!姐)")
_BEGINS_NAME = compiled_later(rf"(?<![{_HAN}])|(?<=[是叫找请向被跟和对让由给])")
_OF_ALONE = compiled_later(f"{_TITLES}(?!姐|们|的心|大)")
_TITLED = compiled_later(rf"({SURNAME})([{_HAN}]{{1,2}}?)(?={_TITLES})")
_TITLE_HINT = compiled_later("[先女小师師阿老大叔同医護护教奶爷][生士姐傅姨师師爷爺妈媽哥叔志练奶娘]")
_DOTTED = compiled_later(
    rf"([{_LAST_OF_STRONG}是人]{_GLUE})([{_HAN}])([{_HAN}]{{1,7}}(?:[{_DOT}][{_HAN}]{{1,8}}){{1,3}})"
)
_LATIN = compiled_later(
    rf"([{_LAST_OF_STRONG}]{_GLUE})([A-Z])([A-Za-z'\-]{{1,20}}(?: [A-Z][A-Za-z'\-]{{1,20}}){{0,3}})"
)
_LED_BY_STRONG = compiled_later(f"(?:{'|'.join(STRONG)}){_GLUE}$")
_LED_BY_WEAK = compiled_later(rf"(?:{'|'.join(WEAK)})(?:[ （(]|姓名|名叫|名为|叫做|叫)?$")
_LED_BY_WEAKER = compiled_later(
    rf"(?:(?:{'|'.join(WEAK)})[:：]|(?:{'|'.join(WEAKER)})(?:[ （(:：]|姓名|名叫|名为|叫做|叫)?)$"
)
_LED_BY_POST = compiled_later(f"{POST}[:：]$")
_LED_BY_SELF = compiled_later(f"(?:我是|本人|{'|'.join(STRONG)}){_GLUE}$")
_SIGNED = compiled_later(
    rf"(\n(?:此致|敬礼|谢谢|谢谢！|敬礼！)?[ \n]?)({SURNAME})([{_HAN}]{{1,2}})(?=[ ]*(?:\n[^\n]{{0,20}})?$)"
)
#: A surname that is told, perhaps explained, and then the given name or the whole: 我姓王名小明; 免贵姓李，木子李，李建国.
_TOLD_HINT = "姓"
_TOLD = compiled_later(
    rf"((?<=[我贵免本人])姓(?=({SURNAME}))\2(?:[，,、 ][^\n，,、 ]{{1,3}}\2)?"
    rf"(?:[，,、 ]\2(?=[{_HAN}]{{2}})|名|[，,、 ]?名字?[叫是]))([{_HAN}]{{1,2}}){_END}"
)
#: A pupil by their class: 三（2）班的李小萌, 初二3班王子轩.
_PUPIL = compiled_later(
    rf"([0-9一二三四五六七八九十）)]班的?|年[级級]的)(?=({SURNAME})([{_HAN}]{{2}}(?:{_FOLLOW}|{_REPORTS})|[{_HAN}]{_FOLLOW}))"
)
_PUPIL_HINT = compiled_later("班|年[级級]的")
#: Who has the telephone that is hidden, or is told with their sex: 王小丽138****1111 and 李四光，男，
_BESIDE = compiled_later(
    rf"((?<![{_HAN}*])|(?<=[找给是系]))({SURNAME})([{_HAN}]{{1,2}})"
    rf"(?=[ ，,:：（(]{{0,2}}(?:(?:(?:联系)?电话|手机)[号码:： ]{{0,3}})?"
    rf"(?:1[0-9]{{2}}\*{{4}}[0-9]{{4}}|(?<=[ ，,（(])[男女](?![{_HAN}])))"
)
_SEX_HINT = compiled_later("[ ，,（(][男女]")
_BEHIND = compiled_later(rf"([0-9]\*{{4}}[0-9]{{4}}[ ，,（(]{{1,2}})({SURNAME})([{_HAN}]{{1,2}}){_END}")
#: Another whole name in a list behind a hidden one: 联系人张**、李红梅. Two characters are as often a town: 郑州.
_NEXT = compiled_later(rf"([/／、和与及][ ]?)({SURNAME})([{_HAN}]{{2}}){_END}")
#: What an agent asks somebody, and the name that is said: roads, estates and companies have names, too.
_ASKED_HINT = compiled_later("称呼|稱呼|贵姓|貴姓|尊姓|名字|全名|大名|姓名")
_ASKED = compiled_later(
    rf"((?:称呼|稱呼|贵姓|貴姓|尊姓|名字|全名|大名|姓名)[^\n]{{0,14}}\n(?:我?叫|我?是|姓|免贵姓)?)({SURNAME})([{_HAN}]{{1,2}}){_END}"
)
#: No name that is said has them.
_NOT_SAID = frozenset("的了吗嗎呢吧啊呀我你您他她")
#: What is no person and has a name. 道 is none: 知道名字.
_THING = (
    "路|街|巷|大道|桥|橋|小区|小區|社区|社區|花园|公园|公園|广场|廣場|公司|企业|单位|單位|部门|机构|店|厂|廠|学校|學校|幼儿园|医院|醫院|诊所|"
    "楼盘|樓盤|平台|软件|軟件|网站|工地|项目|商场|超市|市场|银行|村|站"
)
#: The last thing asked is such a name. 店主, 村里老人 and 小区业主 are people, and so may be who is asked after a comma.
_ASKS_THING = compiled_later(
    rf"(?:(?:{_THING})(?:的|叫做?|是)?(?:什么|什麼|啥)?(?:名字|全名)"
    rf"|（话务员）哪[个個家](?:公司|店|站)[，,](?:名字|全名)"
    rf"|(?:{_THING})叫做?(?:什么|什麼|啥)|哪[条條个個家座所](?:{_THING}))"
    r"(?:[是叫]?(?:什么|什麼|啥|多少))?(?:请|麻烦)?您?[说說报報]?(?:一下)?[呢吗嗎吧啊呀]?[？?。.，, ]*$"
)
#: What an agent asks that a place is said to: no signature where it ends as places do.
_ASKED_WHERE = compiled_later(r"（话务员）[^\n]*哪[条條里裡儿兒]")
_PLACE_END = frozenset("路街苑村区區店厂廠站桥橋巷弄楼樓")
#: What no longer name ends with, and what names end with that are as often a place's.
_NO_NAME_END = frozenset("市县縣路街")
#: With these end offices and towns that are a form's value.
_ORGANISATION_END = frozenset("局部科处院队社办司委厅馆所校行组籍镇乡村") | _NO_NAME_END
_TOWN_END = _PLACE_END | _NO_NAME_END | frozenset("省州镇鎮乡鄉城园園庄莊寺山湖港湾灣道圩")
#: Nor a name where it ends as a post or an office does: 王主任, 双创办.
_OFFICE_END = frozenset("长長理任板记記总總办辦")
_NO_GIVEN_END = _TOWN_END | _OFFICE_END
#: An agent asks for a name and the matter in one breath: either may be the answer.
_ASKED_WHAT = compiled_later(r"（话务员）[^\n]*(?:有什么|有什麼|什么事|什麼事)")
#: Characters of the word for a name and of what is asked behind it, beyond which only whole names are taken for the answer
#: (project choice: 称呼您, and a courtesy).
_ASKED_NEAR = 10


def hide_names(text: str) -> str:
    """`text` with `王**` for the names that words around them give away."""
    text = _hide_led(text, _NAMED, _shown_named)
    if any(dot in text for dot in _DOT):
        text = _DOTTED.sub(_hide_dotted, text)
    text = _LATIN.sub(_hide_latin, text)
    text = hide_spaced(text)
    text = hide_english_names(text)
    if "*" in text:
        text = hide_listed(text)
    if _TOLD_HINT in text:
        text = _TOLD.sub(_hide_told, text)
    if "我是" in text or "本人" in text or "我（" in text or "我(" in text:
        text = _SELF.sub(_hide_self, text)
    text = _hide_led(text, _KIN, _shown_kin)
    if _PUPIL_HINT.search(text):
        text = _hide_led(text, _PUPIL, _shown_pupil)
    if "****" in text or _SEX_HINT.search(text):
        text = _BEHIND.sub(_hide_beside, _BESIDE.sub(_hide_beside, text))
    if _TITLE_HINT.search(text):
        text = _TITLED.sub(_hide_titled, text)
    if TOLD_HINT.search(text):
        text = hide_told(text)
    if "\n" not in text:
        return text
    if _ASKED_HINT.search(text):
        text = _ASKED.sub(_hide_asked, text)
    return _hide_led(text, _SIGNED, _shown_signature)


def shown_name(name: str) -> str:
    """The first character, and a star for each of up to two others: 王**."""
    return name[0] + "*" * min(len(name) - 1, 2)


def _is_led(match: re.Match[str], cue: re.Pattern[str]) -> bool:
    """Whether the words before the name end with such a cue, whatever links them."""
    return cue.search(match.string[max(0, match.start() - 6) : match.end(1)]) is not None


def _hide_dotted(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}**" if _is_led(match, _LED_BY_SELF) else match.group()


def _hide_latin(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}**" if _is_led(match, _LED_BY_STRONG) else match.group()


def hide_listed(text: str) -> str:
    """`text` with each name hidden of a list whose first one is."""
    parts, done, hidden = [], 0, -1
    for match in _NEXT.finditer(text):
        follows = match.start() == hidden or text[max(0, match.start() - 1) : match.start()] == "*"
        if follows and (shown := _shown_beside(match)) is not None:
            parts += [text[done : match.start(2)], shown]
            done = hidden = match.end(3)
    return "".join([*parts, text[done:]])


def _shown_beside(match: re.Match[str]) -> str | None:
    return None if match[3][-1] in _NO_GIVEN_END else _shown_signed(match)


def _hide_told(match: re.Match[str]) -> str:
    is_name = match[3][-1] not in _NO_GIVEN_END and NOT_GIVEN.isdisjoint(match[3])
    return f"{match[1]}{'*' * len(match[3])}" if is_name else match.group()


def _hide(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}{'*' * len(match[3])}"


def _hide_led(text: str, pattern: re.Pattern[str], shown_of: Callable[[re.Match[str]], str | None]) -> str:
    """Replaces the second and third group, a surname and what follows it, where there is something to show instead."""
    parts, done = [], 0
    for match in pattern.finditer(text):
        shown = shown_of(match) if match.start(2) >= done else None
        if shown is not None:
            parts += [text[done : match.start(2)], shown]
            done = match.end(3)
    return "".join([*parts, text[done:]]) if parts else text


def _shown_named(match: re.Match[str]) -> str | None:
    if match[2] in _AT_OR_TO and _is_where(match):
        return None
    two = match[2] + match[3][0]
    is_asked = two in ALSO_NAMES and match[1][-1] in ":："
    no_name = (is_word(two) and not is_asked and not _is_whole(two, match)) or match[3][0] in NOT_GIVEN_FIRST
    no_name = no_name or _TITLE.match(match[3]) is not None
    return None if no_name or not _is_led(match, _LED_BY_STRONG) else match[2] + "*" * len(match[3])


def _is_whole(two: str, match: re.Match[str]) -> bool:
    """Whether a name that begins so is all that is said: 本人高一鸣，住3栋 and 联系人：高三, but not 联系人：高三学生."""
    ends = _ENDS.match(match.string, match.end(3)) is not None
    if len(match[3]) > 1:
        return two in WHOLE_WORDS and (ends or match[3][-1] in _LAST_AND_STOP)
    return two in WHOLE_WORDS | ALSO_NAMES and match[1][-1] in _ASKING and ends


def _shown_kin(match: re.Match[str]) -> str | None:
    """After such a cue 向 is nearly always "to", and 于 "at": 患者向医院反映, 司机于路口停车."""
    surname, given = match[2], match[3]
    if match[1][-1] in ":：" and _is_value(match):
        return _shown_signed(match)
    is_name = surname not in _AT_OR_TO or not (_is_where(match) or is_word(given))
    is_led = _is_led(match, _LED_BY_WEAK) or (surname in TELLING and _is_led(match, _LED_BY_WEAKER))
    if not (is_name and is_led):
        return None
    is_alone = surname + given in NAMES_ALONE and _ENDS.match(match.string, match.end(3)) is not None
    return shown_name(surname + given) if is_alone else _shown_signed(match)


def _shown_pupil(match: re.Match[str]) -> str | None:
    """A class has buses and lessons, too: 一班的车晚点, 三班高考."""
    is_told = match[1][-1] == "的" or match[2] in TELLING
    return None if match[2] in _BEGINS_WORDS or not is_told else _shown_signed(match)


def _is_where(match: re.Match[str]) -> bool:
    """Whether what stands directly behind such a cue is where or when something was, or to whom somebody turned."""
    if match[1][-1] in _ASKING:
        return False
    return not (_SUFFERS if match[2] == "向" else _SAYS).match(match.string, match.end(2))


def _is_value(match: re.Match[str]) -> bool:
    """Whether a post's name is all that a form says there: 主任：何志强, but not 主任：何日修路 and 产权人：文旅局."""
    may_be_name = len(match[3]) > 1 or match[2] not in _BEGINS_WORDS
    ends = _VALUE_END.match(match.string, match.end(3)) is not None
    return may_be_name and ends and match[3][-1] not in _ORGANISATION_END and _is_led(match, _LED_BY_POST)


def _shown_signed(match: re.Match[str]) -> str | None:
    given, rest = match[3], ""
    if len(given) == 2 and given[1] in _STOP and given[1] in NOT_GIVEN:
        given, rest = given[0], given[1]
    no_name = is_word(match[2] + given) or not NOT_GIVEN.isdisjoint(given) or _TITLE.match(given)
    return None if no_name else f"{match[2]}{'*' * len(given)}{rest}"


def _shown_signature(match: re.Match[str]) -> str | None:
    line_before = _line_until(match.string, match.start(1))
    if _is_place_asked(match[3], line_before) or _ASKS_THING.search(line_before):
        return None
    is_signed = match[2] + match[3] in ALSO_NAMES and not line_before.rstrip().endswith(("？", "?"))
    return shown_name(match[2] + match[3]) if is_signed else _shown_signed(match)


def _is_place_asked(given: str, question: str) -> bool:
    """Whether a place may be what is said, and is what it ends like."""
    if len(given) > 1 and given[-1] in _NO_NAME_END:
        return True
    if given[-1] in _PLACE_END and _ASKED_WHERE.match(question):
        return True
    return given[-1] in _TOWN_END and _ASKED_WHAT.match(question) is not None


def _line_until(text: str, end: int) -> str:
    """From the beginning of the line that ends there."""
    return text[text.rfind("\n", 0, end) + 1 : end]


def _hide_self(match: re.Match[str]) -> str:
    name, is_told = match[2] + match[3], match[4] is None
    no_name = match[3][-1] in _NOT_SELF_END or (is_word(name) and not (is_told and name in NAMES_ALONE))
    no_name = no_name or (not is_told and not _is_told_on(match[1], match[2], match[3]))
    no_name = no_name or (match[1][-1] in "（(" and not _may_be_beside(match[2], match[3]))
    return match.group() if no_name or match[3][0] in NOT_GIVEN_FIRST else _hide(match)


def _may_be_beside(surname: str, given: str) -> bool:
    """Whether this may be a name where nothing but a mark leads to it: 本人（何志强）, but not 本人（温州）."""
    no_name = given[-1] in _NO_GIVEN_END | _NOT_SELF_END or is_word(surname + given)
    return not no_name and NOT_GIVEN.isdisjoint(given) and (len(given) > 1 or surname in MOST_TELLING)


def _hide_beside(match: re.Match[str]) -> str:
    is_name = _may_be_beside(match[2], match[3]) and _TITLE.match(match[3]) is None
    return _hide(match) if is_name else match.group()


def _is_told_on(cue: str, surname: str, given: str) -> bool:
    """Whether who goes on at once said a name: 本人郑重投诉 and 我是张家口来电 have none."""
    if given[-1] in _NO_GIVEN_END or not NOT_GIVEN.isdisjoint(given):
        return False
    if len(given) == 1:
        return surname in MOST_TELLING and cue.startswith("本人")
    if surname in TELLING:
        return given[0] != "家"
    may_be_name = cue.startswith("本人") and surname not in _BEGINS_WORDS
    return may_be_name and given[0] != "州" and given[-1] not in _ORGANISATION_END


def _hide_asked(match: re.Match[str]) -> str:
    """Whatever is said, unless a thing's name was asked for."""
    given, question = match[3], _line_until(match.string, match.start(1)) + match[1].partition("\n")[0]
    is_near = len(match[1].partition("\n")[0]) <= _ASKED_NEAR
    no_name = is_word(match[2] + given) and not (is_near and match[2] + given in WHOLE_WORDS | ALSO_NAMES)
    no_name = no_name or not _NOT_SAID.isdisjoint(given) or _TITLE.match(given) is not None
    if not is_near:
        no_name = no_name or len(given) == 1 or given[-1] in _OFFICE_END or not NOT_GIVEN.isdisjoint(given)
    is_numbered = given[-1] in _PLACE_END and match.string[match.end() : match.end() + 1].isdigit()
    no_name = no_name or is_numbered or _is_place_asked(given, question)
    return match.group() if no_name or _ASKS_THING.search(question) else _hide(match)


def _hide_titled(match: re.Match[str]) -> str:
    surname, given = match[1], match[2]
    no_name = is_word(surname + given) and not _is_titled_word(surname + given, match)
    if no_name or not NOT_GIVEN.isdisjoint(given):
        return match.group()
    return f"{surname}{'*' * len(given)}"


def _is_titled_word(word: str, match: re.Match[str]) -> bool:
    """Whether this word is a name before its title: 何意女士 and 找温暖老师, but not 送温暖老师."""
    if word in NAMES_ALONE and _BEGINS_NAME.match(match.string, match.start()):
        return _OF_ALONE.match(match.string, match.end()) is not None
    return word in WHOLE_WORDS and _OF_NAMES.match(match.string, match.end()) is not None
