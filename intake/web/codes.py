"""The two codes of a case, as a call shows them: on a page in its form, in the API by path and header or body."""

from intake.core.codes import opens, parse_tracking_code
from intake.core.following.view import View
from intake.steps.act_on_case import Credentials, open_case
from intake.web.dependencies import Dependencies
from schemas.errors import CodeMistyped
from schemas.http import Call
from schemas.tried_secrets import TriedSecret


def credentials_of(call: Call) -> Credentials:
    """What may be the codes of a case, as typed; empty where nothing is."""
    if call.form:
        return Credentials(
            tracking_code=call.form.get("tracking_code", ""), access_code=call.form.get("access_code", "")
        )
    in_body = getattr(call.body, "access_code", None)
    return Credentials(
        tracking_code=call.path.get("tracking_code", ""),
        access_code=call.headers.get("access-code") or in_body or "",
    )


async def opened(call: Call, *, dependencies: Dependencies) -> View:
    """The case that the call's codes open; see `open_case`."""
    return await open_case(
        call.unit_or_none, dependencies.keys, credentials_of(call), received_at=dependencies.received_at
    )


def guess_of(call: Call, *, dependencies: Dependencies) -> TriedSecret | None:
    """`Route.guess` of what is opened by codes: right ones are told from guesses without Postgres."""
    shown = credentials_of(call)
    if not shown.access_code.strip():
        return None
    secrets = dependencies.keys.code_secrets
    try:
        code = parse_tracking_code(secrets, shown.tracking_code)
    except CodeMistyped:
        return TriedSecret(of="")
    return TriedSecret(of=code, is_right=opens(secrets, code, shown.access_code))
