"""The Chinese words of the dispatchers' pages."""

from collections.abc import Mapping

from routing.core.decisions.alike import Differs, Overlap, differences, shared_by
from routing.core.decisions.queue import CaseToDecide
from schemas.words import Language, ReviewKind

#: Names as catalogues know them.
KIND_NAMES: Mapping[ReviewKind, str] = {
    ReviewKind.DISPATCH: "待派单",
    ReviewKind.RETURN: "退单审核",
    ReviewKind.EXTENSION: "延期审核",
    ReviewKind.REPLY: "答复审核",
    ReviewKind.SUSPENSION: "挂起审核",
    ReviewKind.PROMISE: "承诺审核",
    ReviewKind.OBJECTION: "不予受理异议",
}


#: What yes and no are called.
VERDICT_NAMES: Mapping[ReviewKind, tuple[str, str]] = {
    ReviewKind.EXTENSION: ("同意延期", "不同意延期"),
    ReviewKind.SUSPENSION: ("同意挂起", "不同意挂起"),
    ReviewKind.PROMISE: ("同意，向市民承诺", "不同意承诺"),
    ReviewKind.REPLY: ("通过，发给市民", "退回重写"),
}

#: Where a case stands in routing.
STANDING_NAMES: Mapping[str, str] = {
    "open": "待派单",
    "routed": "已派单",
    "answered": "已直接答复",
    "declined": "不予受理",
    "merged": "已并单",
    "withdrawn": "市民已撤回",
}

FIELD_NAMES: Mapping[str, str] = {
    "category": "类别",
    "item": "事项",
    "tags": "标签",
    "lead": "主办单位",
    "supporting": "协办单位",
    "parts": "分项办理",
    "merge_into": "并单",
    "answer": "直接答复",
    "accept": "您的决定",
    "confirm": "已核实",
    "date": "承诺日期",
    "remarks": "说明",
    "departments": "单位",
    "reason": "理由",
    "undo": "撤销",
    "ruling": "派单目录",
    "ends": "等待决定的申请",
}
#: How much of the text two cases share, in Chinese and English.
SHARED: Mapping[Overlap, tuple[str, str]] = {
    Overlap.TEXT: ("文字相同", "the same words"),
    Overlap.TWO_SENTENCES: ("两句关键的话相同", "two telling sentences are the same"),
    Overlap.ONE_SENTENCE: ("一句话相同，可能只是巧合", "one sentence is the same, which may be chance"),
}
#: In what they differ.
DIFFERS: Mapping[Differs, tuple[str, str]] = {
    Differs.REGION: ("区县", "the district"),
    Differs.PLACE: ("地点", "the place"),
    Differs.KIND: ("诉求类型", "the kind"),
    Differs.CATEGORY: ("类别", "the category"),
    Differs.DAYS: ("收到的日期", "the day"),
}


def alike_in_words(found: CaseToDecide, language: Language) -> tuple[str, str]:
    """How much the case shares with the earlier one, and in what it differs, in words."""
    if found.duplicate is None:
        return "", ""
    what = shared_by(found.case.similarity)
    differs = [language.choose(*DIFFERS[each]) for each in differences(found.case, found.duplicate)]
    return language.choose(*SHARED[what]), language.choose("、", ", ").join(differs)
