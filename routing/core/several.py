"""Whether one message holds several matters: what it joins (另外, 此外, 还有), each clearly another department's."""

import re
from collections.abc import Mapping

from routing.core.departments import choose
from routing.core.evidence import read
from routing.core.rules import RoutingRules
from schemas.ids import DepartmentCode, RegionCode

#: Characters of a message that may hold several. Project choice: of 2,838 real ones that nobody looked at before 13 wait for
#: it, 22 at 400, and longer ones tell of one matter at length.
_LONGEST = 300
#: How loud a part's department, or its category, must be, and how many times as loud as the next one, for the part to be
#: its. Project choices: with 3 and 4 one of our own messages of two matters less is found, with 1.5 more real ones wait.
_DEPARTMENT, _CATEGORY, _CLEAR = 2.0, 3.0, 2.0
_BEGINS = r"(?:(?<=[。！？!?；;，,\n\s])|^)"
#: How many more of the same: 另外两条街, 还有两所幼儿园; but not 另外四号楼, 还有六安路.
_MORE = "[两几三四五六七八九十各]+(?:个|套|所|家|位|条|点|次|项|种|名|件|栋|间|户|辆|处|方面|年|天|月|万)"
#: What joins a matter of its own; but not 另外一套房, 还有两所幼儿园, 第一个孩子, 其次数, 此外墙, 顺便宜, 还有机会.
_JOINS = re.compile(
    rf"(?={_BEGINS}(?:另外(?!一(?!号)|的|{_MORE})|此外(?!墙|地(?!铁|下)|卖|国(?!道))|除此之外|再就是|再者|其次(?![数序])|顺便(?!宜)|再问(?![就也题])|再反映(?![就也])"
    r"|再说一[件个]|对了(?![账答题])|还想(?:问|咨询|反映)"
    r"|还有(?=[，,、：:]|就是|一件)|同时(?=[，,]|[还也]?(?:反映|想问|想咨询|请问|咨询))"
    r"|[一二三四]是(?!否|不)|第[一二三四](?=[，,、：:点件])))"
    rf"|(?=(?:(?<=[。！？!?；;\n])|^)还有(?![几很多没半些不什可待能必权人]|{_MORE}|机会|希望|时间))"
)


def departments_in(
    rules: RoutingRules, title: str, text: str, region: RegionCode | None
) -> tuple[DepartmentCode, ...]:
    """Whose the matters of a message in Simplified characters are, in order; none where there seems to be one alone."""
    parts = joined(f"{title}\n{text}") if len(title) + len(text) <= _LONGEST else ()
    if len(parts) < 2:
        return ()
    leads = [lead for part in parts if (lead := clear_lead(rules, part, region)) is not None]
    return tuple(dict.fromkeys(leads)) if len(set(leads)) > 1 else ()


def joined(text: str) -> list[str]:
    """What a text in Simplified characters joins, each part with its joiner; together they are the text."""
    return [part for part in _JOINS.split(text) if part]


def clear_lead(rules: RoutingRules, part: str, region: RegionCode | None) -> DepartmentCode | None:
    """Whose matter a part of a message is, by its own words; None where they do not say clearly."""
    found = read(rules, "", part)
    department = _clearest(found.departments, _DEPARTMENT)
    if department is not None:
        return DepartmentCode(department)
    category = _clearest(found.scores, _CATEGORY)
    return choose(rules, category, None, region).lead if category is not None else None


def _clearest(loud: Mapping[str, float], least: float) -> str | None:
    """The loudest, if it is loud enough and no other is near."""
    first, second = (*sorted(loud.values(), reverse=True), 0.0, 0.0)[:2]
    return max(loud, key=loud.__getitem__) if first >= max(least, _CLEAR * second) and loud else None
