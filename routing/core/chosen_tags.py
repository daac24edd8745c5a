"""Which tags (标签) a dispatcher leaves on a case: those that were found, or those that they say."""

from collections.abc import Sequence

from schemas.city import City
from schemas.errors import BadInput, FieldError
from schemas.ids import TagCode

#: Project choice: more than a city has tags, which a person is to overlook.
MOST_TAGS = 100
#: In the detail of the item that a decision closed: the tags of the case before it, where the decision changed them.
TAGS_BEFORE = "tags_before"


def _wrong(zh: str, en: str) -> BadInput:
    return BadInput([FieldError("tags", zh, en)])


ONLY_WITH_A_DISPATCH = _wrong("只有派单时可以改标签。", "Tags are corrected only with a dispatch.")


def chosen_tags(city: City, own: Sequence[TagCode], asked: Sequence[str] | None) -> tuple[TagCode, ...]:
    """The tags that are meant, in the city's order. `own`: those of the case; `asked`: by code; None: as they are.

    What the city lists no more may stay on a case that has it.

    Raises:
        BadInput: there is no such tag.
    """
    if asked is None or set(asked) == set(own):
        return tuple(own)
    known = dict.fromkeys([*city.tag, *own])
    if not known.keys() >= set(asked):
        raise _wrong("有的标签本市没有。", "The city has no such tag.")
    return tuple([TagCode(code) for code in known if code in asked])
