"""What the demo's supervisor and its citizens do once departments work: orders, a report on one, ratings, an objection.

Two cases get an order; on the first its department reports, on the other nobody does: one waits for the visitor, one for a
report. One citizen is content; another is not, and objects.
"""

from typing import NamedTuple

from deploy.local.demo.long_matters import CaseJson

ORDERS = ("市民多次来电，请说明进展和完成时间。", "请到现场核实后回报。")
REPORT = "已到现场核实，配件周五到货，当天更换。"
#: What two citizens say of their answers: score, remark, and why the matter is not settled (empty: it is).
_OPINIONS: tuple[tuple[int, str, str], ...] = (
    (5, "处理得很快，谢谢。", ""),
    (1, "没有解决。", "回复说已经处理，但现场还是老样子，请重新办理。"),
)


class CitizenOpinion(NamedTuple):
    """What a citizen does: rate, and object where `objection` says why."""

    score: int
    comment: str
    objection: str


class OrderedCases:
    """Which cases were ordered, which were reported on, and which citizens have spoken."""

    def __init__(self) -> None:
        self._ordered: list[str] = []
        self._has_reported = False
        self._opinions = [CitizenOpinion(*each) for each in _OPINIONS]

    def order_for(self, case: CaseJson) -> str | None:
        """What the supervisor asks of its department; None where nothing more is asked of this one, or of any."""
        is_new = "extend" in case["allowed_actions"] and case["case_id"] not in self._ordered
        return ORDERS[len(self._ordered)] if is_new and len(self._ordered) < len(ORDERS) else None

    def was_ordered(self, case_id: str) -> None:
        """This one is under supervision from now on."""
        self._ordered.append(case_id)

    def reports_on(self, case: CaseJson) -> bool:
        """Whether its department reports now: on the first order alone."""
        return (
            not self._has_reported
            and self._ordered[:1] == [case["case_id"]]
            and "report-back" in case["allowed_actions"]
        )

    def has_reported(self) -> None:
        """The report is in, and no other follows."""
        self._has_reported = True

    def is_left_alone(self, case_id: str) -> bool:
        """An order ends with its case: those under supervision are not answered while a visitor may want to see them."""
        return case_id in self._ordered

    def opinion(self) -> CitizenOpinion | None:
        """What the next citizen says who was answered; None: all have spoken."""
        return self._opinions[0] if self._opinions else None

    def was_said(self) -> None:
        """The opinion was taken: the next one follows."""
        self._opinions.pop(0)
