"""What the words beside a number tell: whose it is, or that it belongs to no person."""

import re

from schemas.patterns import compiled_later

#: As far before a number as words that lead to it begin (project choice: a dozen characters are half a sentence).
_NEAR = 14
_GLUE = r"(?:号码|號碼|号|號|码)?(?:是|为|為|[:：#＃\s（(\[【“‘\"'])*$"
#: Numbers of things: orders, meters, files.
_THING = compiled_later(
    r"(?:(?:工单|工單|订单|訂單|运单|運單|快递单|包裹|户号|戶號|表号|表號|电表|電表|水表|气表|燃气表|信用代码|许可证|合同|发票|流水|批次"
    r"|序列|追溯码|房产证|产权证|车架|灯杆|井盖|条码|条形码|编号|編號)(?:编)?"
    r"|(?:单|編|编|案|(?<!证)(?<!證)件|户|戶|表|条|批|税|票|文|备案|受理|登记|登記|设备|图|宗地|项目|回执|处方|病历|缴费|路灯)(?:编)?(?:号码|號碼|号|號))"
    rf"{_GLUE}"
)
_THING_AFTER = compiled_later(r"[号號](?:工单|订单|文件|案件|件|表)")
_PHONE = compiled_later(
    r"(?:电话|電話|座机|座機|固话|宅电(?![梯路器费表])|小灵通|手机|手機|致电|来电|來電|拨打|撥打|联系方式|聯繫方式|号码|號碼|联系|聯繫|打|tel|phone)[^0-9\n]{0,6}\n?$",
    re.IGNORECASE,
)
_CARD = compiled_later(
    r"(?:卡号|卡號|银行卡|銀行卡|账号|帳號|帐号|账户|帐户|帳戶|信用卡|储蓄卡|社保卡|医保卡|开户行|存折|工资卡|一卡通)[^0-9\n]{0,8}$"
)
_IDENTITY = compiled_later(r"(?:身份|证件|證件|身分)[^0-9\n]{0,10}$")
_OFFICE = compiled_later(
    r"办公|辦公|咨询|諮詢|客服|热线|熱線|值班|服务|服務|监督|監督|举报电话|投诉电话|抢修|报修|维修|局|委|街道|社区|社區|物业|物業|派出所"
    r"|医院|醫院|学校|學校|公司|中心|窗口|大厅|大廳|单位|部门|政府|银行|居委|村委|站|所|处|店|总机|前台|门卫|保安室"
)
_PRIVATE = compiled_later(
    r"我|本人|家|住|父|母|妻|夫|儿|女|邻居|业主|房东|租户|联系人|姓名|先生|女士|群众|群眾|来电人|反映人|投诉人|举报人|诉求人|当事人"
)
_CLAUSE = compiled_later(r"[。；;！!？?\n]")


def names_thing(before: str, after: str = "") -> bool:
    """Whether the number between these words is an order's, a meter's or a file's."""
    return _THING.search(before[-_NEAR:]) is not None or _THING_AFTER.match(after) is not None


def names_phone(before: str) -> bool:
    """Whether these words lead to a telephone number."""
    return _PHONE.search(before[-_NEAR:]) is not None


def names_card(before: str) -> bool:
    """Whether these words lead to a bank card or an account."""
    return _CARD.search(before) is not None


def names_identity(before: str) -> bool:
    """Whether these words lead to an identity number."""
    return _IDENTITY.search(before) is not None


def is_office(before: str, after: str, *, official: bool) -> bool:
    """Whether a landline (or a room) between these words is an office's, which people are meant to find.

    Offices write of their own, citizens of theirs, unless the words say otherwise; the nearest word counts.
    """
    near = _CLAUSE.split(before)[-1]
    office, private = _last(_OFFICE, near), _last(_PRIVATE, near)
    if office != private:
        return office > private
    return official or re.match(r"[\s]*[（(](?:" + _OFFICE.pattern + ")", after) is not None


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((found.start() for found in pattern.finditer(text)), default=-1)
