"""What becomes of suggestions, in numbers, each with what it counts."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from schemas.ids import EntryId
from schemas.values import EntryFacts
from schemas.words import Language

#: Whoever files within so long after a suggestion had settled it was comforted falsely (project choice: a week).
AGAIN_WITHIN = timedelta(days=7)
#: Days that figures are made of at most, and by which they are kept (project choice, as for searches in vain).
MOST_DAYS = 90


class OfferOutcome(StrEnum):
    """What became of suggestions, as it is counted by day."""

    #: Something was offered.
    SHOWN = "shown"
    #: One of them was read.
    OPENED = "opened"
    #: Whoever was offered it says that it is settled.
    SOLVED = "solved"
    #: Whoever was offered it says that it is not, and goes on writing.
    NOT_SOLVED = "not_solved"
    #: A message was sent whose sender had seen some.
    FILED = "filed"


#: Suggestions of which something is said at once (project choice: three times what is shown).
MOST_REPORTED = 9
#: Whatever is longer is neither a tracking code nor an entry's id (by arithmetic: the one has 19 characters, the other 36).
_LONGEST_ITEM = 40


def may_be_item(name: str) -> bool:
    """Whether this could name a suggestion: what else stands in addresses is looked for nowhere."""
    return 0 < len(name) <= _LONGEST_ITEM and name.isascii() and name.isprintable()


class UnopenedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that holds and that nobody opened from a suggestion."""

    entry_id: EntryId
    title: str


class KnowledgeFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What knowledge does, from the first to the last day, both the city's. What each counts: `DEFINITIONS`."""

    first_day: date
    last_day: date
    shown: int
    opened: int
    solved: int
    not_solved: int
    filed: int
    filed_again: int
    enquiries: int
    answered_by_entry: int
    live: int
    never_opened: int
    expired: int
    contradicting: int
    unopened: Sequence[UnopenedEntry] = ()


class FigureLine(msgspec.Struct, frozen=True, kw_only=True):
    """One figure as it is shown: its field, its name, its value, the share of another one in percent, what it counts."""

    field: str
    name: str
    value: int
    percent: int | None
    definition: str


#: By field: name and definition, in Chinese and English, and of which other figure it is a share.
DEFINITIONS: Mapping[str, tuple[tuple[str, str], tuple[str, str], str]] = {
    "shown": (
        ("提示次数", "offered"),
        (
            "填写诉求时至少提示了一条相近答复的次数；同一人改动标题会再算一次。",
            "How often at least one near answer was offered to somebody who was writing; a changed title counts again.",
        ),
        "",
    ),
    "opened": (
        ("打开次数", "opened"),
        ("从提示里打开一条答复的次数。", "How often an answer was opened from what was offered."),
        "shown",
    ),
    "solved": (
        ("点“解决了”", "solved"),
        ("点“解决了，不用提交”的次数。", "How often somebody chose “settled, nothing to submit”."),
        "shown",
    ),
    "not_solved": (
        ("点“没有解决”", "not solved"),
        (
            "看过提示后点“没有解决，继续填写”的次数；不用脚本的表单直接提交，只计入下一项。",
            "How often somebody chose “not settled, go on writing”; a form without a script is sent at once, and counts"
            " below alone.",
        ),
        "shown",
    ),
    "filed": (
        ("看过仍提交", "filed anyway"),
        (
            "提交前看过提示、仍然提交的诉求件数；举报件和要求保密的件不计。",
            "Messages whose sender had been offered something and sent them all the same;"
            " neither reports nor what asks for secrecy.",
        ),
        "",
    ),
    "filed_again": (
        ("七天内又提交", "filed within 7 days"),
        (
            "点“解决了”时填了电话、七天内用同一电话提交的次数（按加密索引比对，不还原号码；举报件和要求保密的件不计）："
            "多，说明提示没有真解决。最后七天还会变。",
            "Of those who chose “settled” with a telephone number typed, how many filed from it within seven days (by"
            " a keyed hash, never the number; neither reports nor secrecy): many mean false comfort. The last seven days may"
            " still change.",
        ),
        "solved",
    ),
    "enquiries": (
        ("咨询件", "enquiries"),
        (
            "期间内收到的咨询件数；保密件、受保护件和已并件不计。",
            "Enquiries received in the period; none that is confidential, protected or merged.",
        ),
        "",
    ),
    "answered_by_entry": (
        ("知识点直接答复", "answered by an entry"),
        ("其中由派单员依据知识点直接答复的件数。", "Of these, answered directly from a knowledge entry."),
        "enquiries",
    ),
    "live": (
        ("有效知识点", "entries that hold"),
        ("现在公众能读到的知识点条数。", "Knowledge entries that everybody may read now."),
        "",
    ),
    "never_opened": (
        ("从未打开", "never opened"),
        (
            "其中近 90 天没有人从提示里打开过的条数。",
            "Of these, entries that nobody opened from a suggestion in the last 90 days.",
        ),
        "live",
    ),
    "expired": (
        ("到期失效", "expired"),
        ("期间内到期、公众不再能读到的条数。", "Entries that came to their end in the period."),
        "",
    ),
    "contradicting": (
        ("互相矛盾", "contradicting"),
        (
            "现在等派单员处理的矛盾：对同一问题给出不同数字或日期的两条。",
            "Contradictions that wait for a dispatcher now: two entries with different numbers or dates for one question.",
        ),
        "live",
    ),
}


def lines(figures: KnowledgeFigures, language: Language) -> Sequence[FigureLine]:
    """The figures one by one, as they are called in that language."""
    return [
        FigureLine(
            field=field,
            name=language.choose(*names),
            value=(value := getattr(figures, field)),
            percent=_percent(value, getattr(figures, of)) if of else None,
            definition=language.choose(*definitions),
        )
        for field, (names, definitions, of) in DEFINITIONS.items()
    ]


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


def figures_of(
    first_day: date,
    last_day: date,
    counted: Mapping[str, int],
    filed_again: int,
    facts: EntryFacts,
    unopened: Sequence[UnopenedEntry],
    many_unopened: int,
) -> KnowledgeFigures:
    """All that was counted, put together."""
    return KnowledgeFigures(
        first_day=first_day,
        last_day=last_day,
        **{each.value: counted.get(each, 0) for each in OfferOutcome},
        filed_again=filed_again,
        enquiries=facts.enquiries,
        answered_by_entry=facts.answered,
        live=len(facts.live),
        never_opened=many_unopened,
        expired=facts.expired,
        contradicting=facts.contradicting,
        unopened=unopened,
    )
