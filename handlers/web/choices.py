"""What the forms of a case offer: the departments that may be chosen, and the days, which stand beside the field."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.core.actions.ask import longest_question
from handlers.core.actions.part import last_day_of_part
from handlers.core.actions.promise import days_to_promise
from handlers.core.actions.suspend import LONGEST_PAUSE
from handlers.core.rules import Action
from handlers.core.views import Full
from schemas.city import City, Department
from schemas.days import day_of


def choices_of(case: Full, city: City) -> Mapping[str, Sequence[Department]]:
    """The departments that a form's field offers, by what they are to the case."""
    asked = {part.department for part in case.parts if part.state == "asked"}
    return {
        "others": [
            department
            for department in city.departments
            if department.code not in (case.lead, *case.supporting)
        ],
        "supporting": [
            department
            for department in city.departments
            if department.code in case.supporting and department.code not in asked
        ],
        "asked": [department for department in city.departments if department.code in asked],
    }


def days_of(case: Full, now: datetime, zone: ZoneInfo) -> Mapping[Action, tuple[date, date]]:
    """The first and the last day of each action's form that asks for one; None of those where no day is left."""
    today = day_of(now, zone)
    every = {
        Action.ASK: (today, today + longest_question(case.urgency)),
        Action.ASK_PART: (today, last_day_of_part(case.due_at, today, zone)),
        Action.SUSPEND: (today, today + LONGEST_PAUSE),
        Action.PROMISE: days_to_promise(case.due_at, case.promised, today, zone),
    }
    return {action: (first, last) for action, (first, last) in every.items() if first <= last}
