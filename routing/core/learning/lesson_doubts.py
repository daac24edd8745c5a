"""Reasons why a model's figures may mean little, in words: about its labelled messages, and about the city."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from schemas.city import City
from schemas.words import Language

#: Labels that are named, before the rest are counted (project choice: a line or two of a terminal).
_NAMED = 8


class LessonDoubt(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, by its code; the labels that it is about, and a number of messages or a share of them (0–1)."""

    code: str
    labels: tuple[str, ...] = ()
    number: int = 0
    share: float = 0.0
    #: Of look-alikes: whether they were held out together; models of before held them out apart, and say nothing of it.
    together: bool = False

    def message(self, language: Language, city: City) -> str:
        """The sentence, with the city's names of its categories; of what a later release found its code alone."""
        told = {
            "labels": _named(self.labels, language, city), "number": self.number, "share": f"{self.share:.0%}",
            "code": self.code,
        }  # fmt: skip
        key = "alike-together" if self.code == "alike" and self.together else self.code
        return language.choose(*_SENTENCES.get(key, _OF_LATER)).format_map(told)


#: What readers of the release before cannot say: it stands in `further_doubts`, which they pass over.
_FURTHER = frozenset({"few-texts"})
#: Of a code that is none of ours.
_OF_LATER = (
    "还有一点疑问，由更新的版本写入，本版本不认识（{code}）。",
    "One more doubt, of a later release, which this one does not know ({code}).",
)
#: By the code of the doubt.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "absent": (
        "没有学过这些类别的来件：{labels}。模型不会把任何来件归入这些类别。",
        "It learned from no message of these categories: {labels}. It finds none of them.",
    ),
    "left-out": (
        "这些标签的不同来件不足 {number} 件，没有学：{labels}。",
        "Left out for fewer than {number} different messages each: {labels}.",
    ),
    "few": (
        "这些标签的不同来件不足 {number} 件，它们的数字靠不住：{labels}。",
        "Fewer than {number} different messages each, so that their figures tell little: {labels}.",
    ),
    "alike": (
        "{share} 的来件与别的来件几乎相同。学过的话又拿来考，所以数字偏高。",
        "{share} of the messages are nearly the same as another. Asked what they were told, the figures are too good.",
    ),
    "alike-together": (
        "{share} 的来件与别的来件几乎相同。它们一起留出来考，只当一件：真正不同的来件没有那么多。",
        "{share} of the messages are nearly the same as another. They are held out together: there are fewer to learn from.",
    ),
    "few-texts": (
        "这些标签的来件不到 {number} 段不同的文字，其余几乎相同：{labels}。学过的话又拿来考，所以它们的数字偏高。",
        "Nearly all messages of these labels are fewer than {number} texts; their figures are too good: {labels}.",
    ),
    "foreign": (
        "这些标签不是本市的类别：{labels}。这样的模型可以评估，不能派单。",
        "These labels are no categories of this city: {labels}. Such a model can be evaluated, and cannot route.",
    ),
    "one-sided": (
        "{share} 的来件是同一个标签：{labels}。一律猜它，准确率也有这么高。",
        "{share} of the messages have one label: {labels}. Whoever always guesses it is right as often.",
    ),
}


def parted(
    doubts: Sequence[LessonDoubt],
) -> tuple[tuple[LessonDoubt, ...], tuple[LessonDoubt, ...]]:
    """As a model keeps them: its doubts, and its further ones."""
    further = tuple(doubt for doubt in doubts if doubt.code in _FURTHER)
    return tuple(doubt for doubt in doubts if doubt not in further), further


def absent_from(labels: Collection[str], city: City) -> LessonDoubt | None:
    """The categories of the city that a model with these labels does not know; None where it knows them all."""
    absent = tuple(code for code in city.category if code not in labels)
    return LessonDoubt(code="absent", labels=absent) if absent else None


def of_this_city(labels: Collection[str], kept: Sequence[LessonDoubt], city: City) -> Sequence[LessonDoubt]:
    """What was kept with a model, with the categories that it does not know of the city as it is now."""
    absent = absent_from(labels, city)
    return [*([absent] if absent else []), *(doubt for doubt in kept if doubt.code != "absent")]


def _named(labels: Sequence[str], language: Language, city: City) -> str:
    empty = language.choose("（空）", "(empty)")
    names = [city.category[one].name(language) if one in city.category else one or empty for one in labels]
    shown, more = language.choose("、", ", ").join(names[:_NAMED]), len(names) - _NAMED
    return shown + language.choose(f" 等另外 {more} 个", f" and {more} more") if more > 0 else shown
