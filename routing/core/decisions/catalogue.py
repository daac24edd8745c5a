"""The values of the catalogue of rulings (派单目录中的认定)."""

from datetime import datetime
from typing import Annotated

import msgspec

from schemas.ids import CaseId, CategoryCode, DepartmentCode, RegionCode, TrackingCode

#: Project choice: what needs more words to be named is a case of its own, and no kind of matter.
MOST_WORDS = 5

_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]


class NewRuling(msgspec.Struct, frozen=True, kw_only=True):
    """Such matters go there from now on: those in which all these words stand."""

    words: Annotated[tuple[_Word, ...], msgspec.Meta(min_length=1, max_length=MOST_WORDS)]
    #: What they are about; None: as the machine judges.
    category: _Code | None = None
    #: Only those of this district; None: everywhere, or where the department is a district's government, in that district.
    region: _Code | None = None
    #: None: the department that the decision itself leaves the case with.
    department: _Code | None = None
    #: Before the special lines (专业直派) whose words it names, or behind them; to be said where it names such words.
    over_special: bool | None = None


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """What every ruling says: such matters go there. See `NewRuling`; None: of any category, of any region."""

    words: tuple[str, ...]
    category: CategoryCode | None
    region: RegionCode | None
    department: DepartmentCode


class RulingMade(Ruled, frozen=True, kw_only=True):
    """A ruling as it is to be kept; `version`: of the case, as the decision's item was asked."""

    case_id: CaseId
    version: int
    #: See `Ruling`.
    over_special: bool


class Ruling(Ruled, frozen=True, kw_only=True):
    """A ruling that holds now, for classification."""

    id: int
    decided_by: str
    at: datetime
    #: Before the special lines (专业直派) whose words it names: whoever wrote it was told so, and said so.
    over_special: bool


class KeptRuling(Ruled, frozen=True, kw_only=True):
    """One row of the catalogue of rulings, for people: who said so, when, and from which case."""

    id: int
    #: None where the case is confidential or protected by now.
    case_id: CaseId | None
    tracking_code: TrackingCode | None
    decided_by: str
    at: datetime
    #: See `Ruling`.
    over_special: bool
    #: None while it holds.
    withdrawn_by: str | None
    withdrawn_at: datetime | None
