"""The cases that were ticked in a list's form, each with the version that was shown."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from schemas.errors import BadInput, FieldError
from schemas.http import read
from schemas.ids import UUID_PATTERN, CaseId

#: Project choice: more than anybody looks at before they press the button.
MOST_CHOSEN: Final = 100
_NONE = FieldError("case", "请先选择诉求。", "Choose cases first.")
_TOO_MANY = FieldError("case", f"一次最多 {MOST_CHOSEN} 件。", f"At most {MOST_CHOSEN} cases at once.")


class _ChosenCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case of the list, as it was shown."""

    case: Annotated[str, msgspec.Meta(pattern=f"^{UUID_PATTERN}$")]
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


def chosen_cases(said: str) -> Mapping[CaseId, int]:
    """The version that was shown of each case, of boxes whose values are `case_id:version`.

    Raises:
        BadInput: none, too many, or what is no case of ours.
    """
    named = [each.partition(":") for each in said.split(",") if each]
    if not named:
        raise BadInput([_NONE])
    if len(named) > MOST_CHOSEN:
        raise BadInput([_TOO_MANY])
    every = [
        read(_ChosenCase, {"case": code, "version": version}, strict=False) for code, _, version in named
    ]
    return {CaseId(each.case): each.version for each in every}
