"""Hides whose home it is, for everybody to read: an address ends at its street or community."""

import re

from schemas.masking import contexts
from schemas.masking.english_homes import hide_english_homes
from schemas.patterns import compiled_later

_CHINESE = "一二三四五六七八九十百零〇○两幺壹贰叁肆伍陆柒捌玖拾貳參陸"
_ARABIC = "0-9０-９①②③④⑤⑥⑦⑧⑨"
_NUMBER = rf"(?:第?[{_ARABIC}]{{1,5}}[A-Za-z]?|[A-Za-zＡ-Ｚ][{_ARABIC}]{{0,4}}|第?[{_CHINESE}]{{1,5}}|[甲乙丙丁东西南北中])"
#: What a home lies in, from the street's number inwards.
_PART = (
    r"(?:号楼|號樓|号院|號院|号大院|号门|號門|#楼|＃楼|#|＃"
    r"|栋楼|单元|單元|門洞|门洞|栋|棟|幢|座|梯|弄|层|層|楼|樓|组|組|巷(?=[0-9])|[门門](?=[0-9]{3,4}(?![0-9]))|[号號](?=[0-9]{1,4}[室房]))"
)
#: The same without floors, which shops and halls have, too.
_OUTER = (
    r"(?:号楼|號樓|号院|號院|号大院|号门(?![岗卫口店禁外内处旁边])|#楼|＃楼|#|＃|栋楼|单元|單元|栋|棟|幢|座|梯|弄"
    r"|组|組)"
)
#: A house number: bare 号 is a day or a bus, too, so it only counts within an address.
_HOUSE = r"(?:号|號)"
#: Not that of a line of the underground: 我家在3号线旁边, but 我住5号线路老化.
_DOOR = r"(?:室|房|号房|號房|户|戶|[号號](?![线線](?![路缆纜]))|门|門)"
_GAP = rf"(?:[ 　,，.、/\-—–－的](?=第?[{_ARABIC}{_CHINESE}A-Za-zＡ-Ｚ甲乙丙丁东西南北中]))?"
#: Behind a room's number words begin with the same characters: 502天花板, 302平台, 1201电费.
_NOT_COUNTED = (
    r"(?![0-9０-９A-Za-z年日元块米万個个人多户戶层層楼樓栋棟幢座号號单單期路线線点點时時分:：度吨次岁%]"
    r"|月(?![底初月租])|天(?![花天台然气氣])|平(?![台时時])|家(?![门門里中])|[热熱](?=[线線])|[电電](?=[话話]))"
)
#: Of a home's last number that alone stays which says a day, a sum or so many: 家住3栋，2026年停水; not 302电话.
_NO_DAY = r"(?![0-9年日元号號]|月[0-9]|天[没沒停不断斷]|多[元户戶人]|[户戶人][停断斷没沒]|路公交)"
#: What people call, and no room's number: 12345, 95598; behind a comma 110, too, where somebody calls it. Nor is a month.
_NO_HOTLINE = (
    r"(?!(?:(?<=[，,])1(?:10|19|20|22)(?=[来來打说說也都接到]|[没沒][接人来來]|不接|出警)"
    r"|12[0-9]{3}|9[56][0-9]{3})(?![0-9室房])"
    r"|1[0-2]月)"
)
_ROOM = (
    rf"(?:{_NUMBER}(?:室|房|门|門|号房|号室|號房)"
    rf"|[{_ARABIC}]{{3,4}}(?:(?:户|戶)(?![居人业停路线線])|(?:号|號)(?![停路线線]))|[东西南北中]{{1,2}}(?:户|戶)(?!外)"
    rf"|{_NO_HOTLINE}[{_ARABIC}]{{3,4}}{_NOT_COUNTED}|[{_CHINESE}]{{3,4}}(?![{_CHINESE}年月日元个户人楼层栋]))"
)
_CHAIN = rf"(?:{_NUMBER} ?{_PART}{_GAP})"
#: The last character of a community's name; not of a public house's or of ordinary words.
_COMMUNITY = (
    "([苑园園城寓里院庭府湾灣轩軒居区區庄莊墅邸郡村馆厦])(?<![医法学學校政儿公商影剧]院)(?<![家屋这那店楼城村区夜年]里)(?<![校儿公乐物]园)(?<!政府)(?<!法庭)"
    "(?<![商书电]城)(?<![育书术术物宾图]馆)"
)
#: A home: parts and then a door. Or a street's number, parts perhaps, and a door.
_HOME = compiled_later(
    rf"(?<![0-9A-Za-z月{_CHINESE}])()(?:"
    rf"(?:(?:{_NUMBER}{_HOUSE}{_GAP})?{_CHAIN}{{1,4}}{_ROOM})"
    rf"|{_NUMBER}{_HOUSE}附{_NUMBER}{_HOUSE}?|(?<=[村庄屯寨])[\u4e00-\u9fff]{{1,3}}[组組]{_NUMBER}{_HOUSE}(?![线線路])"
    rf"|(?<=[村庄屯寨]){_NUMBER} ?[组組]{_NUMBER}{_HOUSE}(?![线線路])"
    rf"|(?:{_NUMBER}{_HOUSE}{_GAP}(?:{_NUMBER}(?:室|房)|[{_ARABIC}]{{3,4}}(?:室|房)?{_NOT_COUNTED}))"
    rf")"
)
#: A building of a community; 房 ends the name of what was built for many: 安置房.
_FOR_MANY = "((?<=安置)房|(?<=[公廉]租)房|(?<=保障)房|(?<=商品)房|(?<=经适)房|(?<=拆迁)房)"
_BUILDING = compiled_later(
    rf"(?:{_COMMUNITY}|{_FOR_MANY}){_GAP}(?:{_NUMBER}{_HOUSE}{_GAP})?{_NUMBER} ?{_OUTER}{_GAP}{_CHAIN}{{0,4}}"
    r"(?!办事|服务|会议|活动)"
)
_STROKE = "[-—–－]"
#: In brackets only with a door: 和平家园（3-2-501）, but not 棚户区(1-6区).
_BRACKET = rf"[（(](?=[{_ARABIC}A-Za-z]{{1,3}}{_STROKE}(?:[{_ARABIC}A-Za-z]{{1,3}}{_STROKE})?[{_ARABIC}]{{3,4}}(?![0-9]))"
_DASHES = compiled_later(
    rf"{_COMMUNITY}{_GAP}(?:(?:{_BRACKET})?[{_ARABIC}A-Za-z]{{1,3}}(?:{_STROKE}|[/#＃]){{1,2}}[{_ARABIC}A-Za-z]{{1,4}}"
    rf"(?:[-—–－/][{_ARABIC}]{{1,4}}){{0,2}}"
    rf"|[{_CHINESE}]{{1,3}}[-—–－/][{_CHINESE}]{{1,3}}[-—–－/][{_CHINESE}]{{3,4}})"
    rf"(?:室|号|號|房)?(?![0-9年月日号元点时:：\-])"
)
_ALONE = compiled_later(
    rf"()(?<![0-9A-Za-z{_CHINESE}第])(?:[{_ARABIC}]{{3,4}}|[{_CHINESE}]{{3,5}})(?:室|房)(?=[^间屋产价租地源型款东子]|$)"
)
#: Behind a comma a day or so many households are as often told as a door: 家住3栋，20号停水.
_NOT_BEHIND_COMMA = (
    rf"(?!(?<=[，,])(?<![组組弄幢元][，,])第?[{_ARABIC}{_CHINESE}]{{1,4}}[号號户戶]"
    r"(?:就?[停检檢断斷]|[来來]|[前后後](?![面门門边邊])|左右|开始|開始|[上下]午[停断斷]))"
)
_DWELLING = compiled_later(
    r"((?:住址|家庭地址|家住|住在|现住|現住|居住于|居住在|户籍地|我住|住我家|本人住|住於|(?<![大国國专專全千万百])家在|家住址是|[门門]牌[号號]?(?:码|碼)?(?:就?是|为|為|[:：]))(?!的)[^，。；;,\n*]{0,24}?)"
    rf"(?<![0-9A-Za-z月]){_NUMBER}(?:{_PART}|{_DOOR})"
    rf"(?:{_GAP}{_NOT_BEHIND_COMMA}{_NUMBER}(?:{_PART}|{_DOOR})){{0,4}}"
    rf"(?:{_GAP}{_NO_HOTLINE}[0-9]{{2,5}}{_NO_DAY})?"
)
#: Behind who lives there a number with strokes is a home: 我住3-501, 我家门牌是12-3-501. No score, year or day.
_STROKES = compiled_later(
    r"((?:我住|家住|住在|住址|现住|現住|本人住|我家|家里|家庭地址|[我他她]们?住)"
    r"(?:的?(?:门牌号?|門牌號?|房号|房號|地址))?(?:[是在为為:： ]){0,2})"
    rf"(?<![0-9])[{_ARABIC}A-Za-z]{{1,3}}[-—–－](?:[{_ARABIC}A-Za-z]{{1,3}}[-—–－])?(?!(?:19|20)[0-9]{{2}}(?![0-9]))[{_ARABIC}]{{3,4}}"
    r"(?:室|号|號)?(?![0-9年月日号元点时:：\-米块多度个人天])"
)
#: A home that is told by its number alone, behind a hidden one or where somebody lives: 802室漏到702, 楼上802吵.
#: Behind any other number a home is told by its end, or by what goes on there: 楼上2600漏水, but not 楼下380伏.
_AS_HOME = r"(?=$|[，。；、！？,.;!?：:…\s）)的住吵闹漏滴渗滲淹])"
#: What people call is nobody's home, unless it says so: 楼下110，来过两次.
_NO_CALL = r"(?!1(?:10|14|19|20|22)(?![0-9室房号])|711(?![0-9室房]))"
#: What a number that ends like a flat's is followed by where it counts or names something else: 205省道, 120车辆, 404教学楼.
_NO_THING = (
    r"(?!余|[国國省县縣乡鄉村]道|高速|多|[来几条街附艺医斤公辆輛只隻盆箱字件瓶袋包桶棵本张張台套间間份首亩畝瓦伏吨噸]|立方|平方|[厘毫分千]米|千瓦|毫升|分[贝貝]"
    r"|工程|大[学學]|中[学學]|高校|中巴|便利店|超市|教[学學]|[办辦]公|大?[楼樓](?!下|上)|宿舍|研究|[医醫]院|[厂廠]|空[间間]|[国國][际際]|[广廣][场場]|酒店|[宾賓][馆館]|公交|班|路口|街[区區]|[报報]警|急救"
    r"|[上下]?[^，。；;\n]{0,3}(?:路口|街区|地铁|公交))"
)
#: Flats are numbered from 01 on each floor, and have seldom more than thirty (project choice).
_FLAT = rf"(?:[1-9１-９][{_ARABIC}]?(?:[0０][1-9１-９]|[12１２][{_ARABIC}]))(?![{_ARABIC}])"
_NEXT = compiled_later(
    r"(\*\*\*[^，。；;\n*0-9]{0,6}?(?:[到至给向及和与跟]|影响|[、/])|\*\*\*[^。；;\n*0-9]{0,8}?[漏渗滲滴淹流][水到]?[到至]"
    r"|(?:楼[上下]|隔壁|对门|對門|樓[上下]|我家在?|家住|我住在?|本人住)(?:的|是|就是|[是在])?)"
    rf"(?<![0-9]){_NO_HOTLINE}{_NO_CALL}(?:{_FLAT}(?:室|房|号房)?{_NOT_COUNTED}{_NO_THING}"
    rf"|[{_ARABIC}]{{3,4}}(?:室|房|号房)?{_NOT_COUNTED}{_AS_HOME})"
)
_NEXT_HINT = compiled_later(rf"[\u4e00-\u9fff、/][{_ARABIC}]{{3,4}}(?![{_ARABIC}])")
#: A home beside a public building's part is told by what everybody knows: 我家在市医院3号楼对面.
_PUBLIC_END = compiled_later(
    "(?:医院|醫院|学校|學校|小学|中学|大学|政府|法院|商场|商場|车站|車站|图书馆|圖書館|博物馆|体育馆|派出所|卫生院|服务中心)的?第?$"
)
_BESIDE = compiled_later("的?(?:旁|对面|對面|附近|隔壁|背后|后面|前面|东侧|西侧|南侧|北侧)")
_DWELLING_HINTS = ("住", "家庭地址", "户籍", "家在", "门牌", "門牌")
_STROKES_HINT = compiled_later(rf"[{_ARABIC}A-Za-z][-—–－][{_ARABIC}]")
_ANY = rf"[{_ARABIC}{_CHINESE}A-Za-zＡ-Ｚ甲乙丙丁东西南北中]"
_HOME_HINT = compiled_later(
    rf"{_ANY} ?(?:{_PART}|{_HOUSE}){_GAP}第?{_ANY}|[号號]附|[组組]{_ANY}{{1,3}}[号號]"
)
_BUILDING_HINT = compiled_later(rf"[房苑园園城寓里院庭府湾灣轩軒居区區庄莊墅邸郡村馆厦]{_GAP}[（(]?第?{_ANY}")
_ALONE_HINT = compiled_later(rf"[{_ARABIC}{_CHINESE}][室房]")
_FAMILIES = (
    (_HOME_HINT, _HOME),
    (_BUILDING_HINT, _DASHES),
    (_BUILDING_HINT, _BUILDING),
    (_ALONE_HINT, _ALONE),
)
# One pass may uncover what the next hides; six are more than any address is deep (project choice).
_AT_MOST = 6


def hide_homes(text: str, *, official: bool = False) -> str:
    """`text` with `***` where an address goes beyond its street or community."""
    for _ in range(_AT_MOST):
        before, text = text, _hide_once(text, official)
        if before == text:
            break
    return text


def _hide_once(text: str, official: bool) -> str:
    for hint, pattern in _FAMILIES:
        if hint.search(text):
            text = pattern.sub(lambda match: _hide(match, official), text)
    if any(hint in text for hint in _DWELLING_HINTS):
        text = _DWELLING.sub(_hide_dwelling, text)
    if _STROKES_HINT.search(text):
        text = _STROKES.sub(r"\1***", text)
    if _NEXT_HINT.search(text):
        text = _NEXT.sub(r"\1***", text)
    return hide_english_homes(text, official=official)


def _hide_dwelling(match: re.Match[str]) -> str:
    """Unless it lies beside a building of the public, which is what the number belongs to."""
    is_beside = _BESIDE.match(match.string, match.end()) and _PUBLIC_END.search(match[1])
    return match.group() if is_beside else f"{match[1]}***"


def _hide(match: re.Match[str], official: bool) -> str:
    """An office's rooms stay: people are meant to find them."""
    before = match.string[max(0, match.start() - 16) : match.start()]
    after = match.string[match.end() : match.end() + 8]
    if official and contexts.is_office(before, after, official=False):
        return match.group()
    return f"{match[1] or (match[2] if match.re.groups > 1 else '') or ''}***"
