"""What a well-formed request of each staff route holds, so that only whose it is can be wrong with it."""

from collections.abc import Mapping

from schemas.http import Route

#: A version that no case ever has: what is well-formed is refused for it, after it was seen whose the case is.
_NO_VERSION = 2**31 - 1
_WHY: Mapping[str, object] = {"reason": "核实", "basis": "三定方案"}
_FILE = "0198b2c4-0000-7000-8000-00000000000a"
_FILES: Mapping[str, object] = {"attachments": [_FILE], "audience": "departments"}
_ENTRY: Mapping[str, object] = {
    "questions": ["居住证怎么办理"], "answer": "带身份证到社区。", "valid_from": "2026-01-01",
    "valid_until": "2027-12-31", "checked_on": "2026-11-01",
}  # fmt: skip
_ENTRY_FORM: Mapping[str, object] = {**_ENTRY, "questions": "居住证怎么办理"}
_SHARE: Mapping[str, object] = {"attachment_id": _FILE, "audience": "departments"}
#: What a well-formed request of each kind holds, by the last part of its path that is no parameter.
BODIES: Mapping[str, Mapping[str, object]] = {
    "sign": {},
    "sign-many": {"case": f"{_FILE}:1"},
    "return": _WHY,
    "reply": {"note": "已处理", "response": "已处理", "step": "send"},
    "extend": {"working_days": 3, "reason": "核实"},
    "suspend": {**_WHY, "until": "2026-11-30"},
    "promise": {**_WHY, "date": "2027-02-01", "plan": "先测量，再施工。"},
    "ask-part": {"departments": ["transport"], "text": "核实管线"},
    "part": {"text": "已核实"},
    "withdraw-reply": {"reason": "还要核实"},
    "withdraw-part": {"departments": ["transport"], "reason": "不需要了"},
    "progress": {"text": "已测量，下周施工。"},
    "ask": {"text": "在几号楼？", "until": "2026-11-27"},
    "resume": {},
    "co-handle": {"departments": ["transport"], "reason": "核实"},
    "note": {"text": "核实"},
    "report-back": {"text": "已落实"},
    "accept": {},
    "in-hand": {"case": f"{_FILE}:1", "step": "send", "lead": "transport", "remarks": "核实"},
    "many": {"what": "urge", "cases": [_FILE]},
    "contact": {"reason": "核实"},
    "publication": {"withhold": True, "hide": [], "reason": "核实"},
    "attachments": _FILES,
    "files": _FILES,
    "audience": _SHARE,
    "share": _SHARE,
    "decision": {"lead": "transport", "decision": "approve"},
    "unmerge": {},
    "undo": {},
    "callers": {"phone": "13900000000"},
    "precision": {"precision": 0.95, "reason": "派错太多"},
    "password": {
        "password": "nobody's own",
        "new_password": "a quieter stable",
        "new_password_again": "a quieter stable",
    },
    "tags": {"tags": ["night"]},
    "clear": {"departments": ["transport"], "reason": "只是提到"},
    "clear-back": {"departments": ["transport"], "reason": "就是它"},
    "replies": {"decision": "approve"},
    "readings": {"is_right": True},
    "rulings": {"id": 1},
    "end": {"id": 1},
    "read": {"action": "right"},
    "review": {"action": "accept"},
    "exclude": {"figures": ["case"], "reason": "other", "text": "核实"},
    "appeal": {"number": 1, "text": "请再看"},
    "take-back": {"number": 1},
    "judge": {"number": 1, "decision": "grant", "text": "属实"},
    "urge": {"note": "请尽快"},
    "supervise": {"note": "请尽快"},
    "rules": {"reason": "新规定施行"},
    "erratum": {"reason": "迟到的评价"},
    "number": {},
    "release": {},
    "result": {"number": 1, "reached": False, "why_not": "no_answer"},
    "outcome": {"number": 1, "reached": "no", "why_not": "no_answer"},
    "follow-up": {"note": "已电话回访"},
    "entries": _ENTRY,
    "act": {"action": "propose"},
    "new": _ENTRY_FORM,
    "edit": _ENTRY_FORM,
    "save": _ENTRY,
    "propose": {},
    "withdraw": {"remarks": "过时"},
    "settled": {"other_id": _FILE, "remarks": "都对"},
    "contradictions": {"entry_id": _FILE, "other_id": _FILE, "remarks": "都对"},
    "retry": {"id": ""},
    "enable": {"id": _FILE},
    "disable": {"id": _FILE, "reason": "对方停机维护"},
    "test": {"id": _FILE},
    "renew": {"id": _FILE, "renewed": 0},
    "secret": {"renewed": 0},
    "transcripts": {
        "call_id": "matrix",
        "started_at": "2026-11-23T10:00:00+08:00",
        "turns": [{"speaker": "citizen", "text": "望江路的路灯不亮。"}],
    },
}


def well_formed(route: Route) -> Mapping[str, object]:
    """A body that this route takes, as JSON or as a form's fields.

    Raises:
        KeyError: nobody said yet what one holds.
    """
    return {"version": _NO_VERSION, **BODIES[kind_of(route)]} if route.method == "POST" else {}


def kind_of(route: Route) -> str:
    """The last part of its path that is no parameter."""
    return [part for part in route.path.split("/") if not part.startswith("{")][-1]
