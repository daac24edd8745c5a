"""Hides e-mail addresses, plates, accounts of chat services and numbers of passports."""

import re

from schemas.masking.spellings import DIGITS, digits_of, folded
from schemas.patterns import compiled_later

_LETTER = "A-Za-zＡ-Ｚａ-ｚ"
#: Of addresses alone, which have accents and Cyrillic letters as well (RFC 6531).
_MAIL_LETTER = f"{_LETTER}À-ÖØ-öø-ɏḀ-ỿА-яЁё"
_LOCAL = rf"[{_MAIL_LETTER}0-9０-９._%+'\-＿．]"
_MAIL_SERVICE = r"(?:qq|vip\.qq|163|126|139|189|sina|sohu|gmail|foxmail|outlook|hotmail|aliyun)\.c"
_AT = (
    rf"(?: ?(?:[@＠]|[#＃](?={_MAIL_SERVICE})|[(（\[](?:[aA][tT]|[aA](?=[)）\]] ?{_MAIL_SERVICE}))[)）\]]|&#64;|&commat;|%40"
    rf"|[，,、]?(?:艾特|小老鼠|圈[aA](?={_MAIL_SERVICE}))[，,、]?) ?)"
)
_DOT = r"(?: ?(?:[.．。点]|[(（\[]dot[)）\]]) ?)"
_LABEL = rf"[{_MAIL_LETTER}0-9０-９-]"
#: It ends with a word (RFC 3696 §2): 12.5元 and 8点30 are none. Labels at most: project choice.
_DOMAIN = rf"{_LABEL}{{1,63}}(?:{_DOT}{_LABEL}{{1,63}}){{0,8}}{_DOT}[{_MAIL_LETTER}]{_LABEL}{{0,62}}"
#: Also several with nothing between: the domain of the one runs into the next.
_EMAIL = compiled_later(rf"({_LOCAL}){_LOCAL}{{0,63}}(?:{_AT}{_DOMAIN})*{_AT}({_DOMAIN})")
#: In quotation marks there may be a blank before the sign; somebody writes each letter apart; and what is written in
#: Chinese stands before a Chinese domain (IANA's root zone), or one that is spelled out for machines (RFC 5890).
_QUOTED_EMAIL = compiled_later(rf"([\"“”])[^\"“”\n@＠]{{1,64}}[\"“”]([@＠]{_DOMAIN})")
_EMAIL_APART = compiled_later(
    rf"(?<![{_LETTER}0-9])(?:[{_LETTER}0-9._\-][ \u3000]){{2,40}}[@＠](?:[ \u3000][{_LETTER}0-9\-]){{1,20}}"
    rf"(?:[ \u3000]?[.．。点](?:[ \u3000][{_LETTER}]){{2,4}}){{1,2}}(?![{_LETTER}0-9])"
)
_HAN = "\u3400-\u9fff"
#: 10点 is a time, and whoever is spoken to in a chat (@物业) has no domain: words go on behind what looks like one.
_CHINESE_DOT = r"(?: ?(?:[.．。]|(?<![0-9０-９零一二两三四五六七八九十])点|[(（\[]dot[)）\]]) ?)"
_CHINESE_DOMAIN = (
    rf"[{_HAN}A-Za-z0-9\-]{{1,30}}{_CHINESE_DOT}"
    "(?:中国|公司|网络|网址|在线|中文网|集团|商城|网店|政务|公益|香港|台湾|移动|信息|企业)"
)
_ENDS_MAIL = rf"(?=[^{_HAN}]|$|请|或|和|谢|联系|联络|回复|反映|投诉|来信|收信|发)"
_CHINESE_EMAIL = compiled_later(
    rf"(?:(?:[{_HAN}]{{1,4}}|({_LOCAL}){_LOCAL}{{0,63}}) ?[@＠] ?)"
    rf"({_CHINESE_DOMAIN}{_ENDS_MAIL}|(?:[a-z0-9\-]{{1,63}}\.)*xn--[a-z0-9\-.]{{2,63}})"
)
_EMAIL_HINT = compiled_later(r"[@＠#＃圈]|[tTaA][)）\]]|64;|&c|%40|艾特|老鼠")

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬雲遼魯蘇贛陝閩貴粵寧瓊"
_PROVINCE_NAMES = (
    "北京|天津|上海|重庆|河北|河南|云南|辽宁|黑龙江|湖南|安徽|山东|新疆|江苏|浙江|江西|湖北|广西|甘肃|山西|内?蒙古?|陕西|吉林|福建|贵州|广东|青海"
    "|西藏|四川|宁夏|海南"
)
_PLATE_SIGN = r"A-HJ-NP-Za-hj-np-zＡ-ＨＪ-ＮＰ-Ｚａ-ｈｊ-ｎｐ-ｚ"
_PLATE = compiled_later(
    rf"([{_PROVINCES}] ?[{_PLATE_SIGN}])(?:[ ·.•・\-\n]{{0,2}}|[．—–－](?![{DIGITS}]+ ?[元块万]))"
    rf"(?=[{_LETTER} ]{{0,6}}[{DIGITS}])"
    rf"[{_PLATE_SIGN}{DIGITS}](?: ?[{_PLATE_SIGN}{DIGITS}]){{3,4}}"
    rf" ?[{_PLATE_SIGN}{DIGITS}挂掛学學警港澳领](?![{_LETTER}0-9*])"
)
_PLATE_HINT = compiled_later(rf"[{_PROVINCES}] ?[{_PLATE_SIGN}]")

#: What else is called so, only before what looks like an account: 安徽信访, 加卫星.
_RARE_SERVICE = (
    rf"(?:围信|徽信|绿泡泡|加微|[加➕]卫星|小红书号|小红书账号|skype)(?=[ :：是]{{0,3}}[{_LETTER}]+[0-9_\-])"
)
_SERVICE = (
    rf"(?:微 ?信|威信|薇信|wechat|weixin|we chat|vx|wx|v信|[加➕][vV➕]|{_RARE_SERVICE}"
    r"|企鹅|扣扣|qq|ｑｑ|抖音|快手|支付宝|支付寶|钉钉|陌陌|telegram|whatsapp"
    # Deadlines and pipelines have numbers, too, and what a line is may be a day.
    r"|(?<![a-z])line(?! is (?:19|20)[0-9]{2}))"
)
#: Also a balance is of 账户.
_BALANCED = rf"(?:帐号|[账帐]户)(?=[ :：是]{{0,3}}(?:[{_LETTER}]|[0-9]{{7}}))"
#: What follows the name of a service in English and is no account: the QQ group, a WeChat official account.
_NO_ACCOUNT = (
    "(?!(?:accounts?|numbers?|groups?|official|pay(?:ments?)?|messages?|moments|channels?|platforms?|service|users?|videos?)"
    "(?![a-z]))"
)
#: Behind it words go on as often (WeChat ID required): an account has a digit there, or stands behind a colon.
_SAID_IN_ENGLISH = (
    r"(?:id(?![a-z ])|(?<=信)id(?![a-z])"
    r"| ?(?:id|account|number|no\.?)(?![a-z])(?= ?[:：]|(?: is)?[ @]{1,2}[a-z_\-]{0,19}[0-9]))"
)
_ACCOUNT = compiled_later(
    rf"({_SERVICE}(?:群|群号)?(?:号码|號碼|账号|帳號|{_BALANCED}| ?号|號|{_SAID_IN_ENGLISH})?"
    r"(?: is(?= [a-z0-9_\-]{0,19}[0-9_]))?"
    r"(?:[ :：是为為叫=（(【\[\"“@]|同号){0,4})"
    rf"{_NO_ACCOUNT}((?:[{_LETTER}][{_LETTER}0-9_\-]{{4,19}})|(?:[{DIGITS}][ \-]?){{4,11}}[{DIGITS}])(?![{_LETTER}0-9*_])",
    re.IGNORECASE,
)
#: How an agent leads to what is asked, in a clause of its own, and how the question ends: no sum or day is asked with it.
_POLITE = (
    "(?:请|問|问|麻烦|那|再|您|你|的|说|报|留|给|提供|一下|个|方便|我|对方|车辆|车|辆|他|这|违停|肇事){0,8}"
)
_ASKS = rf"(（话务员）(?:[^\n]{{0,30}}[，,。？?！! ])?{_POLITE}"
_ASKED_SO = r"(?:是|多少|什么|呢|请?[报说]一下|请[报说]|您?[报说]|告诉我|给我){0,3}[？?。.，,！! ]{0,2}\n"
#: An account that an agent asks for: what is said next, and nothing else with it.
_ASKED_ACCOUNT = compiled_later(
    rf"{_ASKS}{_SERVICE}(?:群?[号號](?:码|碼)?|[账帐]号|帳號){_ASKED_SO}[是就叫嗯呃哦我的号：:，, ]{{0,8}})"
    rf"([{_LETTER}0-9][{_LETTER}0-9_\- ]{{3,24}})(?=[。.，,！! ]*(?:\n|$))",
    re.IGNORECASE,
)
#: A plate that an agent asks for, told bit by bit: up to where the agent asks for something else.
_ASKED_PLATE = compiled_later(
    rf"{_ASKS}(?:车牌|車牌|牌照)(?:[号號](?:码|碼)?)?{_ASKED_SO})"
    rf"((?:(?:（话务员）[嗯好的对是啊哦行请慢点您说继续然后呢，,。！!？? ]{{0,8}}"
    rf"|[{_PROVINCES}]?[ ，,]?[{_LETTER}{DIGITS} ，,。.·\-]{{1,12}})(?:\n|$)){{1,8}})"
)
_PLATE_SIGNS = compiled_later(rf"[{_PROVINCES}]?[{_LETTER}][{_LETTER}0-9]{{5,6}}")
_NO_SIGN = compiled_later(rf"（话务员）[^\n]*|[^{_PROVINCES}{_LETTER}{DIGITS}]")
_ASKED_HINT = "（话务员）"
_TOLD_DIGIT = compiled_later(f"[{DIGITS}]")
_ACCOUNT_HINT = compiled_later(
    r"[微威薇围徽绿小 扣企抖快支钉陌加➕WwVvQqｑＱTtLlSs](?=[信 扣鹅音手付钉陌卫微泡红vVXxEeQqｑＱHhIiKk➕])"
)
_WECHAT_ID = compiled_later(r"wxid_[A-Za-z0-9]{3,}", re.IGNORECASE)
_PASSPORT_WORD = (
    "(?:护照|護照|通行证|通行證|台胞证|台胞證|军官证|军人证|士官证|港澳证|居留证|回乡证|返乡证|社保卡|社保号|医保卡"
    "|医保号)"
)
#: A group of such a number: no year, and nothing that is counted or paid.
_GROUP = rf"(?!(?:19|20)[0-9]{{2}}(?![0-9]))(?![{DIGITS}]{{1,9}} ?[元块年月日号天个人次岁楼栋万.])[{DIGITS}]"
#: An identity card's: hidden as such.
_IDENTITY = (
    "[0-9]{6}[ \\-]?(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ \\-]?[0-9]{3}[0-9Xx]"
)
#: Where groups without a letter end: what goes on is a card's, and hidden as one; a year that says so goes on with nothing.
_ENDS = rf"(?![{DIGITS}])(?![ \-]?(?!(?:19|20)[0-9]{{2}}[年\-./])[{DIGITS}])"
_IS_IDENTITY = compiled_later(_IDENTITY)
#: In one piece, but for an identity card's first six; in groups, only behind a letter or 号.
_PASSPORT = compiled_later(
    rf"({_PASSPORT_WORD}[^0-9{_LETTER}*\n]{{0,6}})"
    rf"({_IDENTITY}(?![0-9])"
    rf"|[{_LETTER}]{{0,2}}[{DIGITS}]{{6,10}}(?![{_LETTER}{DIGITS}*])"
    rf"|[{_LETTER}]{{1,2}}[ \-]?(?:{_GROUP}{{3,5}}[ \-]){{1,2}}{_GROUP}{{2,5}}(?![{DIGITS}])"
    rf"|(?:(?<=[号號])|(?<=[号號][ :：是为])|(?<=[号號]码))"
    rf"(?:{_GROUP}{{4,5}}[ \-]){{1,2}}{_GROUP}{{2,5}}{_ENDS})"
)
#: Digits of such numbers (project choice: a passport has eight, a card of social insurance up to ten).
_PASSPORT_DIGITS = range(6, 11)
_PASSPORT_HINT = compiled_later(r"[护護行胞官人士澳留乡社医](?:[证證照]|保[卡号])")
#: Identity cards of Hong Kong and Macao by their check digit in brackets.
_NEIGHBOUR = compiled_later(r"(?<![A-Za-z0-9])(?:[A-Z]{1,2}[0-9]{6}|[157][0-9]{6})[(（][0-9A][)）]")
_DIGIT = compiled_later("[0-9]")
_BRACKETED_DIGIT = compiled_later(r"[0-9][(（][0-9A][)）]")
#: What is counted or paid: the number before it is no plate's.
_NO_UNIT = (
    "(?!(?:[.．,，][0-9]+)? ?(?:多|余|馀|餘|几|来)?"
    "(?:[元块塊圆万萬亿千百户戶人次个個名位套件台辆輛吨斤米平度%％年月日号楼]|公里|千米|补贴|補貼|工资|工資|奖金|现金|赔偿))"
)
#: A day is none, either.
_NO_DAY = (
    "(?!(?:19|20)[0-9]{2}(?:-(?:1[0-2]|0?[1-9])|1[0-2]|0[1-9])(?:-?(?:3[01]|[12][0-9]|0?[1-9]))?(?![A-Z0-9]))"
)
_PLATE_WORD = "(?:车牌|車牌|牌照|号牌|號牌)(?:号码|號碼|号|號)?"
#: Of the armed police, of embassies, and of any other make where words name it.
_OTHER_PLATE = compiled_later(
    rf"(?<![A-Za-z0-9])(WJ(?: ?[{_PROVINCES}]|(?<=[车車辆輛牌照]WJ))) ?[0-9]{{4,5}}[A-Z0-9](?![A-Z0-9])"
    rf"|((?:(?<![\u3400-\u9fff])|(?<=[车車辆輛牌照挂掛])|{_PLATE_WORD}[ :：是为為]{{1,3}}|(?<=[车車]牌[号號]))[使领])"
    rf"[0-9]{{6}}(?![0-9]){_NO_UNIT}"
    r"|(?<![即促致迫大套冒申])([使领])[0-9]{6}(?=的?(?:牌照|车牌|車牌|号牌|號牌))"
    rf"|({_PLATE_WORD}[ :：是为為]{{0,3}}(?:{_PROVINCE_NAMES})[ ·]?)(?=[A-Z]{{1,3}}[0-9])[A-Z][A-Z0-9]{{5,6}}(?![A-Z0-9*])"
    rf"|((?:车牌|車牌)(?:号码|號碼|号|號)?[ :：是为為]{{0,3}}){_NO_DAY}(?=[A-Z\-]{{0,6}}[0-9])[A-Z0-9][A-Z0-9\-]{{4,8}}"
    rf"(?![A-Z0-9*]){_NO_UNIT}"
)
_OTHER_PLATE_HINT = compiled_later(r"[W使领车車][J0-9牌]")
#: Numbers by which a car, a pupil or a candidate is found, and words that open what is somebody's.
_REGISTERED_WORD = (
    "车架[号號]|車架[号號]|车辆识别[代号码]{1,2}|vin(?![a-z])码?|发动机[号號]|發動機[号號]"
    "|学号|學號|学籍号|學籍號|准考证[号號]?|準考證[号號]?|考生[号號]"
)
_REGISTERED = compiled_later(
    rf"((?:{_REGISTERED_WORD})(?:码|碼)?[ :：是为為]{{0,4}})(?=[{_LETTER}\-]{{0,12}}[{DIGITS}])"
    rf"[{_LETTER}{DIGITS}][{_LETTER}{DIGITS}\-]{{4,24}}"
    rf"(?![{_LETTER}{DIGITS}*])",
    re.IGNORECASE,
)
_REGISTERED_HINT = compiled_later(
    "[车車]架|识别|vin|[发發][动動]机|發動機|[学學][号號籍]|考[证證生]", re.IGNORECASE
)
_PASSWORD = compiled_later(
    rf"((?:密码|密碼|口令|password)(?: ?(?:[:：]|是|为|為|is)){{1,2}} ?)(?=[!-~]{{0,20}}[0-9])"
    rf"[!-)+-~]{{4,24}}(?![0-9{_LETTER}*])",
    re.IGNORECASE,
)
_PASSWORD_HINT = compiled_later("密[码碼]|口令|password", re.IGNORECASE)
#: An address that is told: zhang at example dot com.
_TOLD = compiled_later(
    rf"({_LOCAL}){_LOCAL}{{0,63}} at ((?:[{_LETTER}0-9-]{{1,63}} dot )+[{_LETTER}]{{2,24}})(?![{_LETTER}0-9])"
)


def hide_accounts(text: str) -> str:
    """`text` with `z***@example.com`, `皖A*****`, `微信ab****` and `护照****` for what was written."""
    if _EMAIL_HINT.search(text):
        text = _EMAIL.sub(r"\1***@\2", text)
        if "@" in text or "＠" in text:
            text = _QUOTED_EMAIL.sub(r"***\2", text)
            text = _EMAIL_APART.sub("***@***", text)
            text = _CHINESE_EMAIL.sub(lambda match: f"{match[1] or ''}***@{match[2]}", text)
    if " dot " in text:
        text = _TOLD.sub(r"\1***@\2", text)
    if _PLATE_HINT.search(text):
        text = _PLATE.sub(r"\1*****", text)
    if _DIGIT.search(text):
        text = _hide_others(text)
    if _ACCOUNT_HINT.search(text):
        text = _WECHAT_ID.sub("wx****", text)
        text = _hide_named_accounts(text)
    if _ASKED_HINT in text:
        text = _ASKED_ACCOUNT.sub(r"\1****", text)
        text = _ASKED_PLATE.sub(_hide_told_plate, text)
    if _PASSPORT_HINT.search(text):
        text = _PASSPORT.sub(_hide_passport, text)
    if _REGISTERED_HINT.search(text):
        text = _REGISTERED.sub(r"\1****", text)
    if _PASSWORD_HINT.search(text):
        text = _PASSWORD.sub(r"\1****", text)
    return text


def _hide_told_plate(match: re.Match[str]) -> str:
    """Of the lines behind the question, as many as are a plate together."""
    lines = match[2].splitlines(keepends=True)
    for end in range(len(lines), 0, -1):
        if _PLATE_SIGNS.fullmatch(folded(_NO_SIGN.sub("", "".join(lines[:end])))):
            return match[1] + _TOLD_DIGIT.sub("*", "".join(lines[:end])) + "".join(lines[end:])
    return match.group()


def _hide_passport(match: re.Match[str]) -> str:
    """Unless it has too few digits, or too many."""
    return (
        f"{match[1]}****"
        if len(digits_of(match[2])) in _PASSPORT_DIGITS or _IS_IDENTITY.fullmatch(match[2])
        else match.group()
    )


def _hide_others(text: str) -> str:
    """Plates of other makes, and identity cards of Hong Kong and Macao."""
    if _OTHER_PLATE_HINT.search(text):
        text = _OTHER_PLATE.sub(lambda match: f"{match[match.lastindex or 0]}*****", text)
    return _NEIGHBOUR.sub("****", text) if _BRACKETED_DIGIT.search(text) else text


def _hide_named_accounts(text: str) -> str:
    """Tries the pattern only where a service may begin: it is many times slower than the look for that."""
    parts, done = [], 0
    for hint in _ACCOUNT_HINT.finditer(text):
        match = _ACCOUNT.match(text, hint.start()) if hint.start() >= done else None
        if match is not None:
            parts += [text[done : match.start()], _hide_account(match)]
            done = match.end()
    return "".join([*parts, text[done:]])


def _hide_account(match: re.Match[str]) -> str:
    return match.group() if match[2] in _NUMBERS_OF_SERVICES else f"{match[1]}{match[2][:2].strip()}****"


#: 12345 on WeChat is the city's.
_NUMBERS_OF_SERVICES = frozenset(["12345", "12315", "12328", "12369", "12306", "95598"])
