"""Cases as a file: by their codes for programs, in a workbook by what people call everything."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas.city import City
from schemas.labels import label
from schemas.tables import TableFormat, table_file
from schemas.words import CaseState, Channel, Kind, Language, Urgency
from sla.steps.export import COLUMNS

#: What a workbook calls each column, in their order.
_HEADINGS: Final[Mapping[str, tuple[str, str]]] = {
    "tracking_code": ("查询号", "Tracking code"),
    "title": ("标题", "Title"),
    "channel": ("渠道", "Channel"),
    "kind": ("诉求类型", "Kind"),
    "urgency": ("紧急程度", "Urgency"),
    "category": ("类别", "Category"),
    "item": ("事项", "Item"),
    "tags": ("标签", "Tags"),
    "department": ("主办单位", "Lead department"),
    "region": ("区县", "District"),
    "received_at": ("收到时间", "Received"),
    "assigned_at": ("派单时间", "Assigned"),
    "reply_due_at": ("答复时限", "Reply due"),
    "replied_at": ("答复时间", "Replied"),
    "closed_at": ("办结时间", "Ended"),
    "outcome": ("结果", "Outcome"),
    "was_late": ("曾超期", "Ever late"),
    "departments": ("经手单位数", "Departments that led it"),
    "urged": ("催办次数", "Times urged"),
    "supervised": ("列入督办", "Supervised"),
}
_WORDS: Final = {"channel": Channel, "kind": Kind, "urgency": Urgency, "outcome": CaseState}
_ANSWERED: Final = ("已答复", "answered")


def cases_file(
    rows: Iterable[Mapping[str, Any]], form: TableFormat, zone: ZoneInfo, city: City, language: Language
) -> bytes:
    """The exported cases in this form; the headings and names of a workbook are in that language."""
    if form != "xlsx":
        return table_file(COLUMNS, rows, form, zone)
    headings = {column: language.choose(*_HEADINGS[column]) for column in COLUMNS}
    return table_file(list(headings.values()), _in_words(rows, headings, city, language), form, zone)


def _in_words(
    rows: Iterable[Mapping[str, Any]], headings: Mapping[str, str], city: City, language: Language
) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        yield {heading: _called(column, row[column], city, language) for column, heading in headings.items()}


def _called(column: str, said: Any, city: City, language: Language) -> Any:
    """What people read for a cell; what the city does not know stays as it is."""
    named: Mapping[str, Mapping[Any, Any]] = {
        "category": city.category, "item": city.item, "department": city.department, "region": city.region,
    }  # fmt: skip
    if isinstance(said, bool):
        return language.choose("是", "yes") if said else language.choose("否", "no")
    if column == "outcome" and said == "answered":
        return language.choose(*_ANSWERED)
    if column == "tags":
        known = (city.tag[code].name(language) if code in city.tag else code for code in (said or "").split())
        return language.choose("、", ", ").join(known)
    if column in named and said in named[column]:
        return named[column][said].name(language)
    kind = _WORDS.get(column)
    return label(kind(said), language) if kind is not None and said in set(kind) else said
