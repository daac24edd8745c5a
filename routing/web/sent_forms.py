"""Which of the forms on a case's page was sent, and what was wrong with it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from routing.core.decisions.queue import CaseToDecide
from routing.core.decisions.splitting import MOST_PARTS
from routing.web.decision_forms import FINDINGS
from routing.web.views import ReviewCase
from routing.web.words import FIELD_NAMES
from schemas.errors import ActionNotAllowed, BadInput, NotFound, Overtaken, Refused
from schemas.forms import FormErrors, form_errors
from schemas.http import Call
from schemas.words import ReviewKind

#: While one of these waits no department has the case in hand.
_ASKS_WHERE = frozenset({ReviewKind.DISPATCH, ReviewKind.RETURN, ReviewKind.REPLY, ReviewKind.OBJECTION})
#: Between a field and what is within it.
_WITHIN = re.compile(r"[.\[]")
#: Fields that have an input of their name.
_INPUTS = frozenset({*FIELD_NAMES, "remarks", "decline", "answer", "parts", "ruling"})
#: The forms of a case that a department has in hand are about no item.
_IN_HAND = "in-hand"
#: Nor the one that corrects the tags alone.
_TAGS = "retag"
#: What the forms do that carry the case's own version, and not that of what waits about it.
_ABOUT_CASES = frozenset({"move", "merge", "unmerge", "undo"})
#: What is written into the forms, rather than chosen.
_WRITTEN = (
    "remarks",
    "decline",
    "reason",
    "text",
    *(f"part_text_{place}" for place in range(1, MOST_PARTS + 1)),
)


def is_in_hand(found: CaseToDecide) -> bool:
    """Whether a department has the case, and nobody asks where it should go, nor whether its reply is right."""
    return found.case.state == "routed" and found.case.response is None and not asks_where(found)


def asks_where(found: CaseToDecide) -> bool:
    """Whether something waits while which no department has the case in hand."""
    return any(row.item.kind in _ASKS_WHERE for row in found.waiting)


def chosen_form(found: CaseToDecide, waiting: Sequence[ReviewCase], form: Mapping[str, str]) -> str | None:
    """Which of the forms on the page was sent: of which kind of item, of a case in hand, or about who is accused."""
    action = form.get("action", "")
    if action in FINDINGS:
        return action if _may_find(found, action) else None
    if action == "tags":
        return _TAGS if found.case.takes_tags else None
    if action in ("move", "merge") and not form.get("kind"):
        return _IN_HAND if is_in_hand(found) else None
    kinds = [row.kind for row in waiting]
    return next((kind for kind in kinds if kind == form.get("kind")), kinds[0] if kinds else None)


def unsent(
    found: CaseToDecide,
    waiting: Sequence[ReviewCase],
    form: Mapping[str, str],
    *,
    name: str,
    entries: Collection[str],
) -> Sequence[str]:
    """What was written into a form that the page does not have any more: somebody else decided first.

    `name`: the reader's; `entries`: those that an answer may rest on.
    """
    if _is_offered(found, waiting, form, name, entries):
        return ()
    return [form[field] for field in _WRITTEN if form.get(field, "").strip()]


def _is_offered(
    found: CaseToDecide,
    waiting: Sequence[ReviewCase],
    form: Mapping[str, str],
    name: str,
    entries: Collection[str],
) -> bool:
    action, kind = form.get("action", ""), form.get("kind")
    if action in FINDINGS:
        return _may_find(found, action)
    if action == "resume":
        return not waiting and found.case.state == "routed" and found.pause is not None
    if action in ("move", "merge") and not kind:
        return is_in_hand(found)
    rows = [row for row in waiting if row.kind == kind]
    is_open = any(row.kind != ReviewKind.OBJECTION or row.detail.get("declined_by") != name for row in rows)
    return is_open and (action != "answer" or form.get("entry_id") in entries)


def _may_find(found: CaseToDecide, action: str) -> bool:
    return bool(found.case.only_named if action == "clear" else found.case.cleared)


def told_truly(refusal: Refused, found: CaseToDecide, form: Mapping[str, str]) -> Refused:
    """That the form's case has changed since, where it has; of one that stands as the form has it, why it cannot be done.

    Where there is no such case, its page says so.
    """
    if isinstance(refusal, NotFound):
        return Overtaken()
    if type(refusal) is not ActionNotAllowed:
        return refusal
    return refusal if _stands(found, form) else Overtaken()


def _stands(found: CaseToDecide, form: Mapping[str, str]) -> bool:
    """Whether all still is as the form was made from it: each carries the version of what it is about."""
    # Withdrawn from a department a case keeps its version, and no form is about such a one.
    if found.case.state == "withdrawn":
        return False
    action, kind, version = form.get("action", ""), form.get("kind"), found.case.version
    open_items = [item for item in found.every if item.state == "open"]
    seen = form.get("version", "")
    if action in FINDINGS:
        return seen == str(max(version, *(item.version for item in open_items), 0))
    if not kind and action in _ABOUT_CASES:
        return seen == str(version)
    return any(seen == str(item.version) for item in open_items if not kind or item.kind == kind)


def errors_of(refusal: Refused, call: Call, kind: str | None) -> FormErrors:
    """For the summary and beside the inputs of the form of `kind`; without a form, for the summary alone."""
    language, refusal = call.language, _of_inputs(refusal)
    named = [error.field for error in refusal.errors] if isinstance(refusal, BadInput) else []
    if call.form.get("action") == "resume":
        return form_errors(refusal, language, inputs={"remarks": "resume-remarks"}, labels=FIELD_NAMES)
    if kind is None or call.form.get("action") == "undo":
        return form_errors(refusal, language, inputs=dict.fromkeys(named, ""), labels=FIELD_NAMES)
    inputs: dict[str, str] = {name: "heading" for name in named if name not in _INPUTS}
    if kind in (ReviewKind.DISPATCH, ReviewKind.RETURN, ReviewKind.OBJECTION):
        inputs["accept"] = "lead"
    if kind == ReviewKind.RETURN and call.form.get("action") == "refuse":
        inputs |= {"remarks": "refusal", "ruling": "refusal-ruling"}
    if kind == _IN_HAND and call.form.get("action") == "merge":
        inputs["ends"] = "merge-ends"
    otherwise = f"{kind}-heading"
    return form_errors(
        refusal, language, otherwise=otherwise, inputs=inputs, labels=FIELD_NAMES, prefix=f"{kind}-"
    )


def _of_inputs(refusal: Refused) -> Refused:
    """What is wrong within a field (`ruling.words[0]`) stands at that field: the page has no other place for it."""
    if not isinstance(refusal, BadInput):
        return refusal
    return BadInput([replace(error, field=_WITHIN.split(error.field)[0]) for error in refusal.errors])
