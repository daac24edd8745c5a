"""What staff keep from everybody else (公开限制): a whole case and its answer, or words in them that no rule hides."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from intake.core.following.view import TimelineEntry
from schemas.errors import BadInput, FieldError
from schemas.ids import AttachmentId, CaseId, TrackingCode
from schemas.masking import Declared, for_public
from schemas.masking.chosen import hide_words

#: Words that are hidden in one case, and characters of each (project choice: who needs more withholds the case).
MOST_WORDS, LONGEST_WORD = 50, 60
#: What parts a text into runs; so long a run no two people write by chance, and so many are looked for (project choices).
_ENDS = re.compile(r"[，。！？；：、,.!?;:\s*]+")
_TELLING, _MOST_RUNS = 10, 60
#: How often it is said of an answer that it may be published, or not any more (project choice: nobody changes their mind so
#: often, and whoever presses on fills no topic). The last word is kept for a no, which is always heard.
MOST_CONSENTS = 20


class PublicTexts(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody reads of a case, or would."""

    title: str
    text: str
    response: str


class TooManyConsents(BadInput):
    """It was said often enough whether the answer may be published: it stays as the last no left it."""

    def __init__(self) -> None:
        zh = f"是否公开已经改过多次（最多 {MOST_CONSENTS} 次），不能再改为公开；如需公开，请在补充中说明，或联系承办单位。"
        en = (
            f"It was said {MOST_CONSENTS} times whether this may be published, and stays unpublished: if it is to be, say "
            "so to the department."
        )
        super().__init__([FieldError("publish", zh, en)])


class PublicationLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of staff's; the last one counts."""

    #: 1 is the case's first.
    number: int
    is_withheld: bool
    hides_pictures: bool
    #: Those that it hides singly.
    hidden_pictures: tuple[AttachmentId, ...] = ()
    #: How many words it hides; which ones, only the sealed part of the case knows.
    hidden_words: int
    reason: str
    decided_by: str
    decided_at: datetime


class LimitedCase(msgspec.Struct, frozen=True, kw_only=True):
    """All that is needed to decide what everybody reads of a case."""

    case_id: CaseId
    tracking_code: TrackingCode
    title: str
    text: str
    sealed: bytes | None
    confidential: bool
    #: The newest version that was heard of it.
    version: int
    #: The citizen's own word.
    may_publish: bool
    #: What staff decided last.
    is_withheld: bool
    is_forgotten: bool
    #: Where its answer stands; None: there is none that anybody else may ever read.
    stands_in: Literal["published", "withheld"] | None
    #: As everybody reads that answer, or would; the department's own words where they are still known.
    shown: PublicTexts | None
    response: str | None
    limits: tuple[PublicationLimit, ...]

    @property
    def number(self) -> int:
        """How many decisions there are."""
        return self.limits[-1].number if self.limits else 0

    @property
    def withheld_since(self) -> datetime | None:
        """Since when staff keep all of it from everybody else, without a day in between; None: they do not."""
        since = None
        for limit in reversed(self.limits if self.is_withheld else ()):
            if not limit.is_withheld:
                break
            since = limit.decided_at
        return since

    @property
    def hides_pictures(self) -> bool:
        """Whether staff keep its pictures from everybody else."""
        return bool(self.limits) and self.limits[-1].hides_pictures

    @property
    def hidden_pictures(self) -> tuple[AttachmentId, ...]:
        """The pictures that staff keep from everybody else singly."""
        return self.limits[-1].hidden_pictures if self.limits else ()

    def says(self, word: str) -> bool:
        """Whether the word stands in its own message or answer; its title may be that of another case (我也遇到)."""
        own = "\n".join((self.text, self.response or (self.shown.response if self.shown else "")))
        return bool(words_in(own, [word]))

    def texts(self, declared: Declared) -> PublicTexts | None:
        """What everybody reads, or would, without what is declared; None where there is no answer for them.

        Of a citizen who was forgotten, and of an answer that is not the newest, what was hidden stays so.
        """
        if self.shown is None:
            return None
        title, text = (self.shown.title, self.shown.text) if self.is_forgotten else (self.title, self.text)
        response = self.shown.response if self.is_forgotten or self.response is None else self.response
        return PublicTexts(
            title=for_public(title, declared),
            text=for_public(text, declared),
            response=for_public(response, declared, official=True),
        )

    def ahead(self, declared: Declared) -> PublicTexts | None:
        """What everybody reads beside the first answer for them, which does not exist yet; None of who was forgotten."""
        if self.is_forgotten:
            return None
        return PublicTexts(
            title=for_public(self.title, declared), text=for_public(self.text, declared), response=""
        )


class ChosenLimit(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decides; `version`: how many decisions they knew of."""

    version: int
    is_withheld: bool
    hides_pictures: bool
    hidden: tuple[str, ...]
    reason: str
    hidden_pictures: tuple[str, ...] = ()


def checked_pictures(
    decision: ChosenLimit, known: Sequence[AttachmentId], before: Sequence[AttachmentId]
) -> tuple[AttachmentId, ...]:
    """The pictures that are hidden singly. `known`: those that its citizen, or a department, lets everybody see.

    Raises:
        BadInput: another one.
    """
    chosen = tuple(AttachmentId(each) for each in dict.fromkeys(decision.hidden_pictures))
    if not set(chosen) <= {*known, *before}:
        zh, en = "这里没有这张图片。", "There is no such picture here."
        raise BadInput([FieldError("hide_pictures", zh, en)])
    return chosen


def checked(decision: ChosenLimit, plain: PublicTexts | None, known: Sequence[str]) -> ChosenLimit:
    """The decision with its words as they are looked for, and not in its reason.

    `plain`: what everybody would read if nothing was hidden. `known`: what is hidden so far, wherever it stood: a newer
    answer without those words is taken down at once all the same. What nobody is to read at all is taken down whatever its
    words hide.

    Raises:
        BadInput: names every field that is wrong.
    """
    words = tuple(dict.fromkeys(word for said in decision.hidden if (word := " ".join(said.split()))))
    new = [word for word in words if word not in known]
    errors = list(_wrong_words(new))
    if new and not decision.is_withheld:
        errors += [*_too_many(words), *(_wrong_in(words, plain, known) if plain is not None else [])]
    if not decision.reason.strip():
        errors.append(FieldError("reason", "请写明理由。", "Say why."))
    if errors:
        raise BadInput(errors)
    return msgspec.structs.replace(decision, hidden=words, reason=hide_words(decision.reason.strip(), words))


def _too_many(words: Sequence[str]) -> Sequence[FieldError]:
    if len(words) <= MOST_WORDS:
        return []
    zh, en = (
        f"最多隐去 {MOST_WORDS} 处；再多请不予公开。",
        f"At most {MOST_WORDS}; with more, do not publish it.",
    )
    return [FieldError("hide", zh, en)]


def _wrong_words(words: Sequence[str]) -> Sequence[FieldError]:
    return [
        FieldError("hide", f"“{word}”：每行最多 {LONGEST_WORD} 个字符。", f"“{word}”: at most {LONGEST_WORD} characters.")
        for word in words
        if len(word) > LONGEST_WORD or not any(map(str.isalnum, word))
    ]  # fmt: skip


def words_in(text: str, words: Sequence[str]) -> tuple[str, ...]:
    """Those of the words that stand in the text."""
    return tuple(word for word in words if hide_words(text, [word]) != text)


def idle_words(words: Sequence[str], plain: PublicTexts) -> tuple[str, ...]:
    """Those that stand nowhere in these texts. `plain`: with all that staff hide."""
    found = words_in("\n".join((plain.title, plain.text, plain.response)), words)
    return tuple(word for word in words if word not in found)


def telling_runs(case: LimitedCase) -> tuple[str, ...]:
    """What somebody else's text has from this case if it holds it: runs of its message and its answer, the longest first."""
    answer = case.response or (case.shown.response if case.shown else "")
    texts = (case.text, answer, case.shown.text if case.shown else "")
    runs = {run.strip() for text in texts for run in _ENDS.split(text)}
    return tuple(sorted((run for run in runs if len(run) >= _TELLING), key=len, reverse=True)[:_MOST_RUNS])


def _wrong_in(words: Sequence[str], plain: PublicTexts, known: Sequence[str]) -> Sequence[FieldError]:
    lost = idle_words([word for word in words if word not in known], plain)
    if lost:
        said = "、".join(f"“{word}”" for word in lost)
        return [FieldError("hide", f"公开的文字里没有{said}。", f"The public texts do not hold {said}.")]
    # Stars for more than half of an answer tell nobody anything. What was hidden before it was written is so all the same.
    before = hide_words(plain.response, [word for word in words if word in known])
    hidden = hide_words(plain.response, words)
    if hidden != before and 2 * len(hidden.replace("*", "")) < len(plain.response):
        zh, en = (
            "答复会被隐去一半以上：请改为不予公开。",
            "More than half of the answer would be hidden: do not publish it.",
        )
        return [FieldError("hide", zh, en)]
    return []


def told_again(
    timeline: Sequence[TimelineEntry], at: datetime, response: str, hidden: Sequence[str]
) -> tuple[TimelineEntry, ...]:
    """The timeline of a merged case with the other one's answer of then in these words; of its earlier ones, without those.

    What this case was answered itself, before it was merged, stays.
    """
    merged = max((place for place, line in enumerate(timeline) if line.event == "merged"), default=-1)
    return tuple(
        msgspec.structs.replace(line, words=response if line.at == at else hide_words(line.words, hidden))
        if place > merged and line.event == "answered"
        else line
        for place, line in enumerate(timeline)
    )
