"""Whether somebody asked for secrecy by other means than the field for it: a field of another name, or words alone."""

import re
from collections.abc import Iterator

import msgspec

#: In a field's or column's name: whatever it is called in full, it may ask for secrecy. What asks whether somebody has read
#: our rules on privacy does not.
_NAMES = re.compile(
    "保密|涉密|密级|匿名|隐私|隱私|隐去|隐名|(?:不|拒绝|谢绝|勿)[^不]{0,4}公开|不[^不]{0,4}公開|confiden|anonym|secre(?:t|cy)|privat|privacy|\\banon\\b|hide_?name"
)
_RULES = re.compile("政策|协议|条款|須知|须知|policy|terms|secretar")
_NO = frozenset(("", "否", "不", "无", "no", "n", "false", "0", "none", "null", "公开", "不保密", "实名"))
#: The field for it; what it says is read where the body is.
_OWN = "confidential"
#: Reads names, and looks at no value.
_named = msgspec.json.Decoder(dict[str, msgspec.Raw])
#: Verbs of patterns below.
_TOLD = ("说", "知道", "透露", "泄露", "讲")
_SHOWN = ("透露", "公开", "泄露", "泄漏", "暴露", "知道")
_ME = "出?是?我(?!们|市|区|县)"
_WHO = "了?我?的?(?:真实)?(?:姓名|身份|名字|个人信息|电话|联系方式)"
#: Project choice: whoever says this has no box to tick, or nobody ticked it, and the protected reading harms nobody.
#: Texts are asked in lower case, since a pattern that ignores case takes five times as long.
_WORDS = tuple(
    re.compile(pattern)
    for pattern in (
        "请(?:你们|您们?|务必|一定)?(?:要)?(?:替我|帮我|给我|为我|对我)?保密"
        "|(?:要求|希望|替我|帮我|给我|为我|对我|严格|务必|需要)保密",
        "匿名(?:举报|反映|投诉|反应)",
        f"(?:别|不要|不能|千万别)(?:跟他们|和他们|对他们|让他们|给他们|告诉他们)?(?:{'|'.join(_TOLD)}){_ME}",
        f"(?:不想|不愿意?|不便|不方便|不要|别|请勿|不能)(?:让人)?(?:{'|'.join(_SHOWN)}){_WHO}",
        "(?:别|不要|不能)让[^，。！？,.!?]{1,12}知道是我",
        "keep my name secret|(?:keep|kept) (?:this |it |me )?anonymous",
        "confidential",
    )
)
#: One of these stands in whatever one of them finds, and most messages have none. Each begins with a plain character: the
#: search skips all others, and takes a tenth of the time that looking for all patterns does.
_LOOK = re.compile(
    "|".join(
        (
            "保密", "匿名", "知道是我", *(f"{verb}{_ME}" for verb in _TOLD), *(f"{verb}{_WHO}" for verb in _SHOWN),
            "secret", "anonymous", "confidential",
        )
    )
)  # fmt: skip
_QUESTION = re.compile(
    "(?:保密|匿名|隐去)[^，,。；;]{0,8}(?:吗|么|嘛|呢|[?？])|(?:要不要|需不需要|是否)[^。；;]{0,8}(?:保密|匿名|隐去)"
)
_PLAIN_NO = re.compile(
    "(?:嗯+|啊|哦|那)?[，, ]*(?:不用|不要|不必|不需要|不(?=[，。,. !！]|$)|无需"
    "|没必要|没关系|无所谓|没事|可以公开|公开|否|实名|no\\b)",
    re.IGNORECASE,
)
_WITHHELD = re.compile(
    "保密|(?:不愿|不想|不便|不方便|拒绝|不肯|不予)(?:意)?(?:透露|公开|泄露)|匿名(?:举报|反映|投诉)|隐去|confidential|anonymous",
    re.IGNORECASE,
)
_NOT = re.compile("(?:不用|不必|无需|不需要|没必要|不要求|不)(?:替我|为我|给我)?保密|not confidential")

#: One of these stands in whatever `_UNPUBLISHED` finds.
_IN_ENGLISH = "publi"
_PUBLISHING = re.compile(f"公开|公開|公布|公示|发布|上网|{_IN_ENGLISH}")
#: And so many characters before it, unless it is English, one of these.
_REFUSING, _REACH = re.compile("[不别勿莫拒撤]"), 14
#: Project choice: their own words to us, and not what they say of others (物业拒绝公开账目). In lower case.
_UNPUBLISHED = re.compile(
    "(?:不要|别|勿|莫|不得)(?:再)?(?:对外)?(?:公开|公開|公布|公示|发布)(?:我|本|这|姓名|答复|$|[，。！？；,.!?;\\s])"
    "|(?:不要|别|勿|不得)(?:再)?(?:把|将)?(?:我|本人|本件|这件|此件)[^，。！？,.!?]{0,8}(?:公开|公開|公布|公示|发布|上网)"
    "|(?:^|[，。！？；,.!?;\\s])(?:我|本人)?(?:不同意|不愿意?|不想|不希望|拒绝|不允许|撤回(?:同意)?)(?:你们|对外)?(?:把|将)?"
    "(?:我的?|本人的?|本件|答复|这件)?(?:被)?(?:公开|公開|公布)(?:我|本|这|答复|$|[，。！？；,.!?;\\s])"
    "|(?:do not|don't) (?:publish|make (?:it|this|my \\w+) public)"
    "|not (?:want|wish) (?:it|this|my \\w+) (?:to be )?(?:published|public)"
)


def names_secrecy(name: str) -> bool:
    """Whether a field or column of this name, in lower case, asks for secrecy."""
    return bool(_NAMES.search(name)) and not _RULES.search(name)


def asks_in_field(name: str, said: str) -> bool:
    """Whether somebody who said this in a form's field of this name asks for it."""
    return names_secrecy(name.lower()) and _is_yes(said)


def asks_for_secrecy(*texts: str) -> bool:
    """Whether these words ask for it."""
    return any(_asks_for_secrecy(text.lower()) for text in texts)


def asked_for_secrecy(question: str, answer: str) -> bool:
    """Whether somebody was asked if they want it, and did not plainly say no: what nobody understands protects them."""
    return bool(_QUESTION.search(question)) and not _PLAIN_NO.match(answer.strip())


def withholds(contact: str) -> bool:
    """Whether somebody wrote, where a name or number belongs, that they would not say it to others."""
    return bool(_WITHHELD.search(contact)) and not _NOT.search(contact.lower())


def refuses_publication(*texts: str) -> bool:
    """Whether these words ask that nobody else reads of it: a yes that was ticked does not outweigh them."""
    return any(_asks_for_secrecy(said) or _refuses_publication(said) for said in map(str.lower, texts))


def _asks_for_secrecy(said: str) -> bool:
    if not _LOOK.search(said):
        return False
    said = _NOT.sub("", said)
    return any(pattern.search(said) for pattern in _WORDS)


def _refuses_publication(said: str) -> bool:
    return any(_may_refuse(said, verb) for verb in _PUBLISHING.finditer(said)) and bool(
        _UNPUBLISHED.search(said)
    )


def _may_refuse(said: str, verb: re.Match[str]) -> bool:
    """Whether the pattern, which is slow, can find anything that ends with this verb."""
    return verb.group() == _IN_ENGLISH or bool(
        _REFUSING.search(said, max(0, verb.start() - _REACH), verb.start())
    )


def asks_beside(raw: bytes) -> bool:
    """Whether a body has a field that asks for secrecy and is none of ours, such as `isConfidential`."""
    # Reading its names takes a tenth of the time that looking through all of it for every word of such names does.
    try:
        said = list(_fields(raw))
    except (msgspec.DecodeError, RecursionError):
        return False
    # Most bodies have none: one look at all names together.
    names = "\n".join([name for name, _ in said]).lower()
    return bool(_NAMES.search(names)) and any(
        _says_yes(value) for name, value in said if name != _OWN and names_secrecy(name.lower())
    )


def _fields(raw: bytes | msgspec.Raw) -> Iterator[tuple[str, msgspec.Raw]]:
    """The fields of a body, and those of its parts; whatever their values are, they hide no other field."""
    for name, value in _named.decode(bytes(raw).decode("utf-8-sig", errors="replace")).items():
        yield name, value
        if bytes(value).lstrip().startswith(b"{"):
            yield from _named.decode(value).items()


def _says_yes(value: msgspec.Raw) -> bool:
    try:
        return _is_yes(msgspec.json.decode(value))
    except (msgspec.DecodeError, RecursionError):
        # What nobody can read protects its citizen.
        return True


def _is_yes(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in _NO
    return value not in (None, False, 0) and value != []
