"""Tells a thing that is said from one that is denied (没有发生火灾) or only feared (万一发生火灾)."""

import re
from enum import IntEnum


class Assertion(IntEnum):
    """How a word stands in its sentence."""

    #: 不是漏水: the matter is something else.
    DENIED = 0
    #: 没有发生火灾: it did not happen, though it may be what the text is about (没有公交).
    ABSENT = 1
    #: 万一发生火灾
    FEARED = 2
    PLAINLY = 3


#: Characters before a word in which a negation can stand. Project choice: the longest chain of the lists below that means
#: something (并没有因为任何所谓大的) has eleven, and a clause that is longer speaks of something else.
_REACH = 14
_DENIALS = ("不是", "并非", "绝非", "不属于", "不涉及", "而非")
_DENIES = rf"(?<!是){'|'.join(_DENIALS)}"
_LACKS = (
    r"(?<!有)没有|(?<!有)没(?!有)|(?:从|尚|并|还|暂|均)未|未曾|(?<![从尚并还暂均])未(?!曾)"
    r"|不存在|无(?=任何|$)|不会|不曾|从不|避免了|排除了?"
)
_FEARS = (
    r"如果|假如|要是|倘若|万一|一旦|若|以防|防止|避免(?!了)|预防|害怕|担心|生怕|恐怕|怕"
    r"|容易|极易|易|可能会?|随时会?|将会"
)
_LINKS = (
    r"发生|出现|造成|引起|引发|导致|存在|任何|什么|真的|再次|再|过|有|是|因为|由于|到|被|遭遇|遇到|所谓|一起"
    r"|大的|会"
)
_TOKENS = re.compile(rf"(?P<denies>{_DENIES})|(?P<lacks>{_LACKS})|(?P<fears>{_FEARS})")
_AFTER = re.compile(
    r"(?:情况|现象|问题|事故|事件)?(?:并没有|没有|并未|从未|未曾|未|并不)曾?(?:发生|出现|存在)"
)
#: Characters that such a sentence has next to the word: most words have none, and a look-up is cheaper.
BEFORE = frozenset(re.findall(r"[\u4e00-\u9fff]", _DENIES + _LACKS + _FEARS + _LINKS)) - {"的"}
_FIRST = frozenset(re.findall(r"(?:^|[|(])([\u4e00-\u9fff])", f"{_DENIES}|{_LACKS}|{_FEARS}")) | set(
    "没未从尚还暂均"
)
# Where none of these stands no branch is tried: that takes a third of the time.
_BEFORE = re.compile(rf"(?=[{''.join(sorted(_FIRST))}])(?:(?:{_DENIES}|{_LACKS}|{_FEARS})(?:{_LINKS})*)+$")
AFTER = frozenset("情现问事并没从未")
#: What stands before a denial that insists: 岂不是, 何尝不是.
_INSISTS_BEFORE = re.compile(r"(?:岂[不能会]?|何尝)$")
#: 难道这还没有, 怎么会没有, 谁说没有: so do these, unless it is a condition (难道没有漏水就不来).
_ASKS_BEFORE = re.compile(r"(?:难道[^，。！？；：,!?;:\n]*|怎么?[会能]|哪(?:里|儿)?[会能]|谁说)$")
#: What stands behind one: 没有漏水就可以不来, 没有老人的家庭; but 难道没有漏水的可能, 难道没有隐患的地方.
_IS_CONDITION = re.compile(
    r"的(?!可能|风险|危险|隐患|问题|情况|现象|事|地方|做法|行为|迹象|味|气味|声音|责任|安全|权利|[吗嘛么？?])"
    r"|[^，。！？；：,!?;:\n]{0,40}(?:(?<!成)就(?![业医诊读学近餐])|(?<![方随大小顺])便(?![宜民利])|(?<![人刚天])才|也(?!许))"
)
#: What insists behind 若不是: 我也不会来, 谁会打电话. Nothing beyond it is a condition.
_STILL = r"也不(?![用必需要])|也没|才不|谁会|何必|[哪怎]会|早[就已]"
#: From 若不是 on, within its clause and at the beginning of the next. Project choice: clauses are shorter, and no text is
#: read more than forty times, whatever it holds.
_UP_TO_A_CONDITION = (
    rf"(?:(?!{_STILL})[^，。！？!?,;；\n]){{0,30}}(?:[，,](?:(?!{_STILL})[^，。！？!?,;；\n]){{0,10}})?"
)
#: How such a denial begins: 要不是漏水我也不会来 tells of a leak, so does 怎么可能没有漏水; but not 只要不是, 需要不是.
_INSISTS = re.compile(
    rf"(?:若不是|(?<=若)不是)(?!{_UP_TO_A_CONDITION}(?:[请则]|麻烦|可以|不用|无需|那么|(?<!早)就(?!不会|没|已)))"
    r"|(?<=要)(?<![只需不主重首次紧必须还也都又既]要)不是|(?:(?<=怎么)|(?<=[怎哪]))可能"
)
_THING = r"现象|情况|问题|风险|危险|隐患|的(?:事情?|地方|做法|行为|问题|情况)?|么"
#: And behind the word, gone through once (的问题 is two of these, and one): 不是很危险吗, 不是着火了吗.
#: But 没有老人可以申请吗 asks about something else.
_INSISTS_AFTER = re.compile(rf"(?:{_THING}|了)*+(?:[吗嘛]|[？?])")
#: 没有隐患吗; but 没有隐患了吗 asks whether it is over, 没有漏水？ whether it is so, and 没有漏水嘛 says that it is.
_INSISTS_AFTER_LACK = re.compile(rf"(?:{_THING})*+(?:吗|(?:嘛|(?<=么))[？?])")
#: Behind these a lack is only asked about: 现在没有漏气吗, 也没有漏气吗, 不是说没有漏气吗.
_ONLY_ASKS = re.compile(r"(?:说|也|已经?|现在|目前|如今|是不是|是否|确定|真的?|确实|的确)$")
#: 难道不会引发火灾吗 is afraid of one.
_IS_TO_COME = "不会"


def is_denied(text: str, at: int, end: int) -> bool:
    """Whether the word at `at` up to `end` is `DENIED`: a quick look for whoever asks nothing else, for few words are."""
    before = text[max(0, at - _REACH) : at]
    return any(map(before.__contains__, _DENIALS)) and said(text, at, end) is Assertion.DENIED


def said(text: str, at: int, end: int) -> Assertion:
    """How the word at `at` up to `end` stands in `text`: what is denied twice (并非没有漏水) or to insist is plain."""
    if text[end : end + 1] in AFTER and _AFTER.match(text, end):
        return Assertion.ABSENT
    before = text[max(0, at - _REACH) : at]
    if _FIRST.isdisjoint(before):
        return Assertion.PLAINLY
    chain = _BEFORE.search(before)
    if not chain:
        return Assertion.PLAINLY
    stands = _weigh(before, chain.start())
    if stands <= Assertion.ABSENT and insists(text, at - len(chain[0]), end):
        return Assertion.FEARED if _IS_TO_COME in chain[0] else Assertion.PLAINLY
    return stands


def insists(text: str, at: int, end: int) -> bool:
    """Whether a denial that begins at `at`, of a word that ends at `end`, says that it is so: 难道没有漏气, 不是漏气吗."""
    since = max(0, at - _REACH)
    return bool(
        _INSISTS.match(text, at)
        or _INSISTS_BEFORE.search(text, since, at)
        or (_ASKS_BEFORE.search(text, since, at) and not _IS_CONDITION.match(text, end))
        or _insists_behind(text, at, end)
    )


def _insists_behind(text: str, at: int, end: int) -> bool:
    if text.startswith((*_DENIALS, _IS_TO_COME), at):
        return bool(_INSISTS_AFTER.match(text, end))
    asks = _INSISTS_AFTER_LACK.match(text, end)
    return bool(asks and not _ONLY_ASKS.search(text, max(0, at - _REACH), at))


def _weigh(before: str, start: int) -> Assertion:
    found = [token.lastgroup for token in _TOKENS.finditer(before, start)]
    negations = [name for name in found if name != "fears"]
    if len(negations) % 2:
        return Assertion.DENIED if negations[0] == "denies" else Assertion.ABSENT
    return Assertion.FEARED if "fears" in found and not negations else Assertion.PLAINLY
