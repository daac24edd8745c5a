"""How a slice says what it answers over HTTP: one table of routes, plain functions behind it.

deploy turns the tables into the server, the sign-in checks and /openapi.json; no slice knows a web framework.
"""

import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from schemas.errors import BadInput, FieldError, NotFound, TooMany
from schemas.ids import CaseId, DepartmentCode, is_uuid
from schemas.ports import Unit
from schemas.tried_secrets import TriedSecret
from schemas.words import CaseField, Language, Role
from schemas.written import Refusing

S = TypeVar("S", bound=msgspec.Struct)

#: A form's field: see `Call.is_draft`.
DRAFT_FIELD = "_draft"
#: Of an `Idempotency-Key`. Project choice: what other APIs take.
KEY_LIMIT = 255
#: Part of the summary of a route that reads `Call.idempotency_key`.
RETRY_IS_SAFE = "`Idempotency-Key` makes a retry safe."

#: Roles, for `Route.who`.
ANYONE: frozenset[Role] = frozenset()
STAFF = frozenset({Role.DEPARTMENT, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})


class Limit(StrEnum):
    """What a route counts against for the caller's address; how often each may be: `deploy/web/rate_limits.py`."""

    #: A message from a citizen.
    SUBMISSIONS = "submissions"
    #: A look at one's own case, or something done about it.
    FOLLOWING = "following"
    #: Published answers, one or many.
    READING = "reading"
    #: What may have been answered before, while somebody types.
    SUGGESTIONS = "suggestions"
    #: A try to sign in.
    SIGN_IN = "sign-in"
    #: A file, before the message that it belongs to.
    UPLOADS = "uploads"
    #: A file of a case, by its signed address.
    DOWNLOADS = "downloads"
    #: A page that costs next to nothing: an empty form, a choice of language.
    FORMS = "forms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who is asking. `name` is the account or the token; a department's people carry its code.

    No role's token has the name of an account, so that a name says who it was.
    """

    role: Role = Role.CITIZEN
    name: str = ""
    department: DepartmentCode | None = None
    #: Whether `name` is a person's account; False of a system's token that does not say for whom it acts.
    is_person: bool = field(default=True, compare=False)

    @property
    def own_department(self) -> DepartmentCode:
        """The department this caller acts for.

        Raises:
            NotFound: acts for none, so nothing of any department is visible.
        """
        if self.department is None:
            raise NotFound
        return self.department


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One request, checked: the caller has one of the route's roles, the body and query have their types."""

    principal: Principal
    language: Language
    path: Mapping[str, str]
    #: Lower-case names.
    headers: Mapping[str, str]
    address: str
    #: Whom the address stands for: a network of theirs where it is IPv6; empty: this machine, and so nobody knows.
    caller: str = ""
    body: Any = None
    raw_body: bytes = b""
    #: The body as it arrives, where the route says `streams`: reading it may raise `TooLarge`.
    chunks: AsyncIterator[bytes] | None = None
    #: Files that a form brought, where the route says `takes_files`; each can be read once.
    files: Sequence["FormFile"] = ()
    query: Any = None
    #: What a form held, as typed; for pages.
    form: Mapping[str, str] = field(default_factory=dict)
    #: Of the page that the form stood on: each page has another, and a form that is sent twice has the same.
    form_token: str = ""
    #: What is wrong with what `Route.before` did with the call, for its function to raise.
    refusal: BadInput | None = None
    #: Too much came from the address, and its browser brings the route's `known_by`: who is not known is refused with this.
    too_many: TooMany | None = None
    traceparent: str | None = None
    #: The secret that the caller's browser keeps in a cookie of ours; empty for a program, and before its first form.
    browser: str = field(default="", repr=False)
    #: By the event loop's clock, in seconds: how long whoever changes something waits for Postgres, all tries together.
    until: float = math.inf
    #: The open transaction; None only where the route says `database=False`.
    unit_or_none: Unit | None = None
    #: What the answer shows of which case: see `shows`.
    shown: dict[CaseId, dict[CaseField, None]] = field(default_factory=dict)

    def shows(self, case_id: CaseId, *fields: CaseField) -> None:
        """The answer shows this of a case. The edge writes down who saw it, before the answer leaves.

        Every route of staff says so of whatever people wrote about a case; a case that a request shows twice is one row.
        """
        self.shown.setdefault(case_id, {}).update(dict.fromkeys(fields))

    @property
    def unit(self) -> Unit:
        """The open transaction; the edge commits it when the function returns, and rolls back when it raises."""
        if self.unit_or_none is None:
            raise RuntimeError("this route declares database=False")
        return self.unit_or_none

    @property
    def stranger(self) -> str | None:
        """`caller`, where whoever asks is nobody to us; None: staff, or another system of the city's."""
        return self.caller if self.principal.role is Role.CITIZEN else None

    @property
    def case_id(self) -> CaseId:
        """The case in the path.

        Raises:
            NotFound: not the form of a case id.
        """
        if not is_uuid(self.path["case_id"]):
            raise NotFound
        return CaseId(self.path["case_id"])

    @property
    def idempotency_key(self) -> str | None:
        """The `Idempotency-Key` header: what the sender knows this request by, when it is sent again; None without one.

        Raises:
            BadInput: longer than `KEY_LIMIT` characters, or with some that cannot be printed.
        """
        key = self.headers.get("idempotency-key", "")
        if key.strip() == "":
            return None
        if len(key) > KEY_LIMIT or not key.isprintable():
            zh, en = f"须为 1 到 {KEY_LIMIT} 个可见字符。", f"Give 1 to {KEY_LIMIT} printable characters."
            raise BadInput([FieldError("Idempotency-Key", zh, en)])
        return key.strip()

    @property
    def is_draft(self) -> bool:
        """Whether the form is to be shown as typed, not acted upon: its sender had to sign in again meanwhile.

        Only ever true where the route says `takes_drafts`; elsewhere the edge answers such a form itself.
        """
        return DRAFT_FIELD in self.form

    def read_form(self, into: type[S]) -> S:
        """The form as a value; empty fields count as missing.

        Raises:
            BadInput: a field does not fit.
        """
        return read(into, {name: text for name, text in self.form.items() if text != ""}, strict=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An HTML answer: a template and what it shows. A status of 400 or more rolls the unit back."""

    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    #: Cookies to set, by name; None deletes one. Their attributes are the edge's business.
    cookies: Mapping[str, str | None] = field(default_factory=dict)
    #: When to try again, of a page that says that it is too soon.
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """The work is done; the browser goes to `to` next (303), so that a reload does not send the form again."""

    to: str
    #: As in `Page`.
    cookies: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file for the caller to keep, whole in memory; `filename` where the browser should save it."""

    body: bytes
    content_type: str
    filename: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFile:
    """A file in a form, on disk: what its sender called it, and its bytes."""

    name: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file for the caller to keep, piece by piece: never shown as a page of ours, whatever is in it."""

    chunks: AsyncIterator[bytes]
    size: int
    content_type: str
    filename: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Server-sent events, for as long as the caller listens."""

    chunks: AsyncIterator[bytes]


Answer = Callable[[Call], Awaitable[Any]]
#: One outcome for each call, in order: its answer, or the refusal it gets. At most one call for a case.
AnswerBatch = Callable[[Unit, Sequence[Call]], Awaitable[Sequence[Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of a slice's table: which request, who may send it, and the function that answers it.

    The edge has checked the caller, the limits and the types before it calls `answer`. What that returns is a Page, a
    Redirect, a Download, a File, a Stream, a Written, or a value for JSON; what it raises (`schemas.errors.Refused`) rolls
    its transaction back and is told to the caller.
    """

    method: str
    path: str
    answer: Answer
    #: Empty: anyone.
    who: frozenset[Role]
    summary: str
    #: A page (HTML, forms, cookies), or else API (JSON, problem+json).
    page: bool = False
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    returns: type[msgspec.Struct] | None = None
    status: int = 200
    #: Whether a transaction is open around the call.
    database: bool = True
    #: Looks something up and changes nothing, in statements that each stand alone: without a transaction around them,
    #: each is one round trip.
    lookup: bool = False
    #: Where many calls wait at once, they share a transaction: each costs less, and no case waits for another's commit.
    answer_batch: AnswerBatch | None = None
    max_body_bytes: int = 256 * 1024
    #: Is called before a transaction is open: for what takes long, such as keeping the files that a form brought.
    before: Callable[[Call], Awaitable[None]] | None = None
    #: Gets the body as it arrives (`Call.chunks`), at most `max_body_bytes` of it: it is never whole in memory.
    streams: bool = False
    #: Its form may bring files (multipart/form-data): at most so many bytes of them, and of all else `max_body_bytes`.
    #: A program's (`key_field`) may be such a form without files, too.
    takes_files: int = 0
    #: Is asked again without a unit while Postgres is away: it has something to say even then.
    without_database: bool = False
    #: Only looks, and may take longer than people wait for a page: a file, or figures of all cases of a month or a year.
    takes_long: bool = False
    #: What it is counted against, by the caller's address. Every route that anyone may ask has one.
    limit: Limit | None = None
    #: A cookie: whoever brings it is let in past the limit, and told so (`Call.too_many`); its function refuses strangers.
    known_by: str = ""
    #: API that our pages ask for something (a picture): whoever has a session is known here as on a page, unless the browser
    #: says that another site asks.
    by_session: bool = False
    #: Takes secrets that could be guessed: says which is tried, and whether it is right, without a database. Wrong ones are
    #: counted, and soon answered with 429. None of a request that brings no secret.
    guess: Callable[[Call], TriedSecret | None] | None = None
    #: Only what is wrong (422) counts against its limit; what is done, or has to wait, counts as a form (`Limit.FORMS`).
    counts_wrong: bool = False
    #: How long a browser may keep what it answers to visitors: only where that is the same for all of them.
    keep_seconds: int = 0
    #: Its function shows a draft (`Call.is_draft`) instead of acting on it. Drafts reach no function that does not say so.
    takes_drafts: bool = False
    #: Anybody's words, which nobody loses: also where a browser says nothing of where its form came from, that is a draft.
    keeps_words: bool = False
    #: API whose body is a form, as a standard of others has it: its field that may hold the caller's token.
    key_field: str = ""
    #: Writes refusals as a standard of others has them; None: problem+json, or a page.
    refusing: Refusing | None = None


def answer_one(answer_batch: AnswerBatch) -> Answer:
    """The function that answers one call as `answer_batch` answers many."""

    async def answer(call: Call) -> Any:
        (outcome,) = await answer_batch(call.unit, [call])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return answer


def read(into: type[S], raw: object, *, strict: bool = True) -> S:
    """`raw` as `into`, every limit checked.

    Raises:
        BadInput: names every missing field, or else the first that does not fit, with the reason in both languages.
    """
    try:
        return msgspec.convert(raw, into, strict=strict)
    except msgspec.ValidationError as error:
        raise BadInput(_missing(into, raw) or [field_error(error)]) from error


def _missing(into: type[msgspec.Struct], raw: object) -> list[FieldError]:
    """Every required field that is not there, rather than the first."""
    if not isinstance(raw, Mapping):
        return []
    needed = (field.encode_name for field in msgspec.structs.fields(into) if field.required)
    return [FieldError(name, "此项必填。", "This field is required.") for name in needed if name not in raw]


def field_error(error: msgspec.ValidationError) -> FieldError:
    """msgspec's reason (`Expected … - at $.title`) as a field and a sentence."""
    reason, _, path = str(error).partition(" - at `")
    name = path.rstrip("`").removeprefix("$").removeprefix(".")
    if reason.startswith("Object missing required field `"):
        missing = reason.removeprefix("Object missing required field `").rstrip("`")
        name = f"{name}.{missing}" if name else missing
        return FieldError(name, "此项必填。", "This field is required.")
    if reason == "Expected `str` of length >= 1":
        return FieldError(name or _WHOLE, "此项必填。", "This field is required.")
    zh, en = _in_words(reason)
    return FieldError(name or _WHOLE, f"此项格式不对：{zh}。", f"{en[:1].upper()}{en[1:]}.")


def in_chinese(error: msgspec.ValidationError) -> str:
    """The same of a file: the field, and what is wrong with it."""
    found = field_error(error)
    where = "" if found.field == _WHOLE else f"{found.field}："
    return f"{where}{found.zh.removesuffix('。')}"


#: What is wrong with all of it is said of.
_WHOLE = "body"
_REASONS = (
    ("Expected `str` of length >= ", "至少 {} 个字符", "at least {} characters"),
    ("Expected `str` of length <= ", "最多 {} 个字符", "at most {} characters"),
    ("Expected `int` >= ", "不小于 {}", "{} or more"),
    ("Expected `int` <= ", "不大于 {}", "{} or less"),
    ("Expected `float` >= ", "不小于 {}", "{} or more"),
    ("Expected `float` <= ", "不大于 {}", "{} or less"),
    ("Expected `int`", "须为整数", "must be a whole number"),
    ("Expected `float`", "须为数字", "must be a number"),
    ("Expected `array` of length <= ", "最多 {} 项", "at most {} items"),
    ("Expected `array` of length >= ", "至少 {} 项", "at least {} items"),
    ("Object contains unknown field ", "没有程序读取 {}", "nobody reads {}"),
    ("Number out of range", "数字过大", "the number is too large"),
    ("Invalid enum value ", "不在可选范围内：{}", "not one of the choices: {}"),
    (
        "Invalid RFC3339 encoded datetime",
        "须为时间，如 2026-11-22T16:45:00+08:00",
        "must be a time such as 2026-11-22T16:45:00+08:00",
    ),
    ("Invalid RFC3339 encoded date", "须为日期，如 2026-11-22", "must be a date such as 2026-11-22"),
)

#: What JSON has, as msgspec calls it.
_KINDS = {
    "str": ("文字", "text"), "int": ("整数", "a whole number"), "float": ("数字", "a number"),
    "datetime": ("时间，如 2026-11-22T16:45:00+08:00", "a time such as 2026-11-22T16:45:00+08:00"),
    "date": ("日期，如 2026-11-22", "a date such as 2026-11-22"),
    "bool": (" true 或 false", "true or false"), "array": ("列表", "a list"), "object": ("对象", "an object"),
}  # fmt: skip


def _in_words(reason: str) -> tuple[str, str]:
    for start, zh, en in _REASONS:
        if reason.startswith(start):
            rest = reason.removeprefix(start)
            return zh.format(rest), en.format(rest)
    kinds = [_KINDS[kind] for kind in re.findall(r"\w+", reason.partition("`, got ")[0]) if kind in _KINDS]
    if not kinds:
        return reason, reason
    return "须为" + "或".join(zh for zh, _ in kinds), "must be " + " or ".join(en for _, en in kinds)
