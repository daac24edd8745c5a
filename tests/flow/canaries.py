"""Personal data that nobody has: planted in messages, and looked for wherever somebody might read it."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from schemas.masking.spellings import folded

#: Given names that stand in no other text of ours; two characters, so that a search index's bigram tells them, too.
_GIVEN = "珩璟昶旻翀骞祎翮琮滢玥瓒煜嬿晗芮珺皓澍淇霁岚曦彧嫣筠瑄懿颢昀荻蓁锦骅沅湛韫玢璇翊晞瓴"
_SURNAMES = ("赵", "欧阳", "陈", "司徒", "韩", "郑")
#: Digits near one another; a longer row, such as a hash, is nobody's number.
_NUMBER = re.compile(r"[0-9](?:[ ./-]?[0-9]){8,}")
_LONGEST = 24
#: Digits are written in ten ways.
_CHINESE = str.maketrans("0123456789", "零一二三四五六七八九")
_CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
_FULL = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One piece of somebody's data, as it is written and as it would give itself away."""

    kind: str
    written: str
    #: Of whose message.
    number: int
    needles: Sequence[str] = ()
    digits: str = ""

    def is_in(self, text: str, numbers: str) -> bool:
        """Whether somebody could read it there; `numbers`: those of `text`, however their digits are written."""
        if self.digits:
            return self.digits in numbers
        return any(needle in text for needle in self.needles or (self.written,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One message with what was planted in it: `told` in its text, `declared` in its contact."""

    number: int
    title: str
    text: str
    name: str
    phone: str
    email: str
    #: What may be repeated wherever people write about the case.
    repeated: str
    canaries: Sequence[Canary]
    home: Canary
    bare_name: Canary
    codes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A canary that somebody could read, and where."""

    place: str
    kind: str
    written: str


def planted(number: int) -> Planted:
    """The message of that number: each has a telephone, a name by cue, a home, a declared contact, and one thing more."""
    phone, other = _mobile("191", number), _mobile("195", number)
    given, declared_given = _given(2 * number), _given(2 * number + 1)
    named = f"{_SURNAMES[number % len(_SURNAMES)]}{given}"
    declared = f"{_SURNAMES[(number + 1) % len(_SURNAMES)]}{declared_given}"
    email = f"canary{number}@mail.example"
    home = f"{number + 1}栋2单元{number + 10}02室"
    spelled, more = _spelled(phone, number), _more(number)
    canaries = (
        Canary(kind="phone", written=spelled, number=number, digits=phone),
        Canary(kind="declared phone", written=other, number=number, digits=other),
        Canary(kind="declared email", written=email, number=number),
        Canary(kind="name by cue", written=named, number=number, needles=(named, given)),
        more,
    )
    bare = Canary(kind="declared name", written=declared, number=number, needles=(declared, declared_given))
    about = f"电话{spelled}，{_phrase(more)}。"
    return Planted(
        number=number,
        title=f"望江路路灯坏了{number}，我叫{named}",
        text=(
            "东湖区望江路幸福家园南门外的路灯坏了一个多星期，晚上看不清路，物业说归市政管。"
            f"我叫{named}，家住望江路18号幸福家园{home}，{about}也可以找{declared}，号码{other}，邮箱{email}。"
        ),
        name=declared,
        phone=other,
        email=email,
        repeated=f"联系人{named}，{about}另一个号码{other}，{email}",
        canaries=canaries,
        home=Canary(kind="home", written=home, number=number),
        bare_name=bare,
    )


def leaks_in(place: str, text: str, canaries: Iterable[Canary]) -> Iterator[Leak]:
    """The canaries that can be read in what lies in a place."""
    # Logs and topics may spell characters as JSON does.
    plain = _unescaped(text)
    numbers = _numbers_in(plain)
    for canary in canaries:
        if canary.is_in(plain, numbers):
            yield Leak(place=place, kind=canary.kind, written=canary.written)


def _numbers_in(text: str) -> str:
    """One after the other; longer ones, such as hashes, are none of ours."""
    found = (re.sub(r"\D", "", run) for run in _NUMBER.findall(folded(text)))
    return " ".join(number for number in found if len(number) <= _LONGEST)


def _unescaped(text: str) -> str:
    if "\\u" not in text:
        return text
    return text + text.encode("ascii", "ignore").decode("unicode_escape", "ignore")


def _mobile(prefix: str, number: int) -> str:
    return f"{prefix}{73 + number % 7}{number:02}{(number * 7919) % 10000:04}"


def _given(number: int) -> str:
    """A pair of characters that no other number has."""
    first, step = number % len(_GIVEN), 1 + number // len(_GIVEN)
    return _GIVEN[first] + _GIVEN[(first + step) % len(_GIVEN)]


def _spelled(phone: str, number: int) -> str:
    a, b, c = phone[:3], phone[3:7], phone[7:]
    ways = (
        phone, f"{a} {b} {c}", f"{a}-{b}-{c}", f"+86 {phone}", f"0086{phone}", f"{a}.{b}.{c}", f"{a}/{b}/{c}",
        phone.translate(_CHINESE), phone.translate(_FULL), phone.translate(_CIRCLED),
    )  # fmt: skip
    return ways[number % len(ways)]


def _more(number: int) -> Canary:
    kind = ("identity", "card", "plate", "wechat", "landline", "email")[number % 6]
    match kind:
        case "identity":
            written = _identity(number)
            return Canary(kind=kind, written=written, number=number, digits=written[:17])
        case "card":
            written = _card(number)
            spaced = " ".join(written[at : at + 4] for at in range(0, len(written), 4))
            return Canary(kind=kind, written=spaced, number=number, digits=written)
        case "plate":
            return Canary(kind=kind, written=f"皖A·7{number:02}K5", number=number)
        case "wechat":
            return Canary(kind=kind, written=f"canary_wx{number:02}q", number=number)
        case "landline":
            return Canary(
                kind=kind, written=f"0551-63{number:02}7719", number=number, digits=f"055163{number:02}7719"
            )
        case _:
            return Canary(kind=kind, written=f"second.canary{number}@post.example", number=number)


def _phrase(more: Canary) -> str:
    words = {
        "identity": "身份证号", "card": "银行卡号", "plate": "车牌", "wechat": "微信号", "landline": "家里电话",
        "email": "另一个邮箱",
    }  # fmt: skip
    return f"{words[more.kind]}{more.written}"


def _identity(number: int) -> str:
    """With the check digit of GB 11643-1999."""
    head = f"3401021985{1 + number % 9:02}{10 + number % 18}{100 + number}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return head + "10X98765432"[sum(int(d) * w for d, w in zip(head, weights, strict=True)) % 11]


def _card(number: int) -> str:
    """With Luhn's check digit."""
    head = f"62284803{number:02}12345678"
    doubled = (int(d) * 2 if place % 2 == 0 else int(d) for place, d in enumerate(reversed(head)))
    return head + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def plant(count: int) -> Sequence[Planted]:
    """So many messages, no canary in two of them."""
    return [planted(number) for number in range(count)]


def as_json_line(message: Planted) -> str:
    """A line of a file to import."""
    return json.dumps(
        {
            "title": message.title, "text": message.text, "external_id": f"canary-{message.number}",
            "name": message.name, "phone": message.phone, "email": message.email, "publish": True,
        },
        ensure_ascii=False,
    )  # fmt: skip


def dealt(messages: Sequence[Planted], doors: Sequence[str]) -> Sequence[tuple[str, Planted]]:
    """Each message with the door that it comes by, in turn."""
    return list(zip(islice(cycle(doors), len(messages)), messages, strict=True))
