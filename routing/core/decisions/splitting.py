"""Several matters in one message (分项): what a dispatcher splits off, and for whom."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated

import msgspec

from schemas.errors import named_wrong
from schemas.ids import DepartmentCode, ItemCode
from schemas.masking import for_department
from schemas.simplified import as_read
from schemas.values import MatterPart
from schemas.wording import says_something

#: Project choice: what has more matters is a letter for several cases.
MOST_PARTS = 5


#: Which item of a department's the words of a matter, in Simplified characters, name.
ItemOf = Callable[[DepartmentCode, str], ItemCode | None]


class NamedMatter(msgspec.Struct, frozen=True, kw_only=True):
    """One of several matters in a message, and whose it is."""

    department: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    text: Annotated[str, msgspec.Meta(max_length=2_000)]


_wrong = partial(named_wrong, "parts")


ONLY_DISPATCHED = _wrong("只有派单时可以分项。", "Only what is dispatched can be split.")


def parts_of(
    named: Sequence[NamedMatter], lead: DepartmentCode, *, is_protected: bool, item_of: ItemOf
) -> tuple[MatterPart, ...]:
    """The matters that a decision splits off, each for another department than the lead, and which item each is.

    Raises:
        BadInput: one says nothing, or is the lead's, or a department has two; or nobody more may read the case.
    """
    codes = [part.department for part in named]
    if codes and is_protected:
        raise _wrong("受保护的件不能分项。", "A protected case is not split: nobody more reads it.")
    if lead in codes or len(set(codes)) < len(codes):
        zh = "每项选一个单位：不能是主办单位，也不能重复。"
        raise _wrong(zh, "Another department for each: not the lead, and none twice.")
    if not all(says_something(part.text) for part in named):
        raise _wrong("请写明这一项是什么事。", "Say what each matter is about.")
    return tuple(_part(DepartmentCode(part.department), part.text.strip(), item_of) for part in named)


def _part(department: DepartmentCode, text: str, item_of: ItemOf) -> MatterPart:
    said = for_department(text, official=True)
    return MatterPart(department=department, text=said, item=item_of(department, as_read(said)))
