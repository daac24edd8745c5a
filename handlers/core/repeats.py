"""How a repeated request is recognised: by its `Idempotency-Key`, or by the form that it was sent with."""

import hashlib
from dataclasses import dataclass

import msgspec

from handlers.core.actions.description import Body
from handlers.core.rules import Action
from schemas.http import Principal
from schemas.ids import CaseId, DepartmentCode

_json = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One request: whose it is, what it is known by, and what it asks for."""

    department: DepartmentCode
    #: No id of a command on Kafka: those have no line breaks.
    key: str
    digest: str


def by_key(who: Principal, key: str, case_id: CaseId, action: Action, body: Body) -> Known:
    """Known by a key that its sender made, among all that this account sends."""
    digest = _digest(case_id, action, body)
    return Known(department=who.own_department, key=f"key\n{who.name}\n{key}", digest=digest)


def by_form(who: Principal, token: str, case_id: CaseId, action: Action, body: Body) -> Known | None:
    """Known by the page that its form stood on and by what was typed: other words from the same page are another request."""
    if not token:
        return None
    digest = _digest(case_id, action, body)
    sent = hashlib.sha256(f"{token}\n{digest}".encode()).hexdigest()
    return Known(department=who.own_department, key=f"form\n{who.name}\n{sent}", digest=digest)


def _digest(case_id: CaseId, action: Action, body: Body) -> str:
    return hashlib.sha256(_json.encode((case_id, action, body))).hexdigest()
