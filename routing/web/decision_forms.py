"""What the forms of a case say, as decisions."""

from collections.abc import Mapping
from typing import Any

from routing.core.decisions.chosen_tags import CorrectTags
from routing.core.decisions.clearing import Clear
from routing.core.decisions.review import Decision
from routing.core.decisions.splitting import MOST_PARTS
from routing.web.rulings import ruling_in
from schemas.errors import BadInput, FieldError, named_wrong
from schemas.http import read

#: What `_dispatch.html` says of a matter that no machine suggested: it is meant where something is written there.
_OWN_MATTER = "own"
#: What a form of any action may say.
_GIVEN = ("version", "kind", "remarks", "confirm", "dangers_seen")
#: What a dispatcher finds of units that a report names, and what the page's address says of it then.
FINDINGS: Mapping[str, str] = {"clear": "cleared", "clear-back": "uncleared"}
_NO_UNIT = ("请勾选单位。", "Tick at least one unit.")


def decision_of(form: Mapping[str, str]) -> Decision:
    """A form of ours as a decision.

    Raises:
        BadInput: a field does not fit.
    """
    given = {name: form[name].strip() for name in _GIVEN if form.get(name)}
    return read(Decision, given | _way(form) | ruling_in(form), strict=False)


def _way(form: Mapping[str, str]) -> dict[str, Any]:
    match form.get("action"):
        case "dispatch":
            return _departments(form) | ({} if form.get("lead") or form.get("category") else {"accept": True})
        case "reassign":
            return {"accept": True} | _departments(form)
        case "move":
            return _departments(form) | {"ends": _codes(form, "ends")}
        case "merge":
            return {"merge_into": _named(form), "ends": _codes(form, "ends")}
        case "answer":
            return {"answer": {"entry_id": form.get("entry_id", ""), "text": form.get("text", "").strip()}}
        case "decline":
            return {"decline": form.get("decline", "").strip() or True}
        case "accept" | "refuse" as answer:
            chosen = form.get("date", "").strip()
            return {"accept": answer == "accept", **({"date": chosen} if chosen else {})}
        case _:
            return {}


def clear_of(form: Mapping[str, str]) -> Clear:
    """The form that finds units not to be accused, or takes that back.

    Raises:
        BadInput: no unit is ticked, or a field does not fit.
    """
    codes = _codes(form, "departments")
    if not codes:
        raise BadInput([FieldError("departments", *_NO_UNIT)])
    given = {"version": form.get("version", ""), "departments": codes, "reason": form.get("reason", "")}
    return read(Clear, given, strict=False)


def tags_of(form: Mapping[str, str]) -> CorrectTags:
    """The form that corrects the tags alone.

    Raises:
        BadInput: a field does not fit.
    """
    return read(CorrectTags, {name: _codes(form, name) for name in ("tags", "seen")})


def _codes(form: Mapping[str, str], name: str) -> list[str]:
    return [code for code in form.get(name, "").split(",") if code]


def _named(form: Mapping[str, str]) -> str:
    code = form.get("merge_into", "").strip()
    if not code:
        missing = "请填写要并入的那一件的查询号。"
        raise BadInput(
            [FieldError("merge_into", missing, "Give the tracking code of the case to merge into.")]
        )
    return code


def _departments(form: Mapping[str, str]) -> dict[str, Any]:
    chosen: dict[str, Any] = {name: form[name] for name in ("category", "lead", "urgency") if form.get(name)}
    if "item" in form:
        chosen["item"] = form["item"].strip()
    parts = _parts(form)
    return (
        chosen
        | _tags(form)
        | {"supporting": _codes(form, "supporting")}
        | ({"parts": parts} if parts else {})
    )


def _tags(form: Mapping[str, str]) -> dict[str, Any]:
    """The tags, where they are to be others than were read; a form of the release before does not say what was read."""
    if "tags" not in form:
        return {}
    tags = _codes(form, "tags")
    if "seen" not in form:
        return {"tags": tags}
    seen = _codes(form, "seen")
    return {} if set(tags) == set(seen) else {"tags": tags, "tags_seen": seen}


def _parts(form: Mapping[str, str]) -> list[dict[str, str]]:
    """The matters that are ticked, and those that somebody wrote down, each with its department and its words.

    Raises:
        BadInput: one of them lacks the one or the other.
    """
    parts = []
    for place in range(1, MOST_PARTS + 1):
        part = {name: form.get(f"part_{name}_{place}", "").strip() for name in ("department", "text")}
        is_meant = (
            any(part.values()) if form.get(f"part_{place}") == _OWN_MATTER else form.get(f"part_{place}")
        )
        if not is_meant:
            continue
        if not all(part.values()):
            zh = f"第 {place} 项：请选择承办单位，并写明是什么事。"
            raise named_wrong(
                "parts", zh, f"Matter {place}: choose its department, and say what it is about."
            )
        parts.append(part)
    return parts
