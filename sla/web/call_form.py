"""The form of a call (回访): what came of it, as it was typed."""

from typing import Literal

import msgspec

from schemas.errors import BadInput, FieldError
from sla.core.call_backs import CallResult, Solved, WhyNot

_YesNo = Literal["yes", "no"]


class CallResultForm(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a call, as a form holds it: empty fields are there, and checked afterwards."""

    number: int = 0
    reached: _YesNo | None = None
    why_not: WhyNot | None = None
    contacted: _YesNo | None = None
    solved: Solved | None = None
    satisfied: _YesNo | None = None
    note: str = ""
    redo: _YesNo | None = None

    @property
    def result(self) -> CallResult:
        """What it says.

        Raises:
            BadInput: not even whether anybody was reached.
        """
        if self.reached is None:
            raise BadInput([FieldError("reached", "请选择是否接通。", "Choose whether you reached them.")])
        return CallResult(
            reached=self.reached == "yes", why_not=self.why_not, contacted=_said(self.contacted), solved=self.solved,
            satisfied=_said(self.satisfied), note=self.note, redo=_said(self.redo),
        )  # fmt: skip


def _said(answer: _YesNo | None) -> bool | None:
    return None if answer is None else answer == "yes"
