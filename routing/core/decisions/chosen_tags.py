"""Which tags (标签) a dispatcher leaves on a case: those that were found, or those that they say."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import msgspec

from schemas.city import City
from schemas.errors import named_wrong
from schemas.ids import TagCode

#: Project choice: more than a city has tags, which a person is to overlook.
MOST_TAGS = 100
#: In the detail of the item that a decision closed: the tags of the case before it, where the decision changed them.
TAGS_BEFORE = "tags_before"


_wrong = partial(named_wrong, "tags")


ONLY_WITH_A_DISPATCH = _wrong(
    "这个决定不改标签：请随派单改，或单独改已派单件的标签。",
    "This decision corrects no tags: correct them with a dispatch, or by themselves once the case is with a department.",
)
NOT_WITH_A_DEPARTMENT = _wrong(
    "只有已派单的件可以单独改标签；待派单的件请在派单时改。",
    "Tags are corrected by themselves once a department has the case; before that, with its dispatch.",
)
PROTECTED = _wrong("受保护的件没有标签。", "A protected case has no tags.")
CHANGED_SINCE = _wrong(
    "标签刚才已被改过，请看过现在的标签再改。",
    "Somebody has changed the tags since: look at those of now first.",
)

Tags = Annotated[tuple[Annotated[str, msgspec.Meta(max_length=64)], ...], msgspec.Meta(max_length=MOST_TAGS)]


class CorrectTags(msgspec.Struct, frozen=True, kw_only=True):
    """The tags (标签) that a routed case has from now on."""

    #: All of them, by code.
    tags: Tags
    #: Those that it had when they were read; null: whatever they were.
    seen: Tags | None = None


def chosen_tags(
    city: City, own: Sequence[TagCode], asked: Sequence[str] | None, seen: Sequence[str] | None = None
) -> tuple[TagCode, ...]:
    """The tags that are meant, in the city's order. `own`: those of the case; `asked`: by code; None: as they are.

    `seen`: those that whoever asks has read; None: whatever they were. What the city lists no more may stay on a case that
    has it.

    Raises:
        BadInput: there is no such tag, or they have changed since they were read.
    """
    if asked is None or set(asked) == set(own):
        return tuple(own)
    if seen is not None and set(seen) != set(own):
        raise CHANGED_SINCE
    known = dict.fromkeys([*city.tag, *own])
    if not known.keys() >= set(asked):
        raise _wrong("有的标签本市没有。", "The city has no such tag.")
    return tuple([TagCode(code) for code in known if code in asked])
