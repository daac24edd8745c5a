"""What everybody reads of a case, as staff see it, and how they keep some of it, or all, from them (公开限制)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import msgspec

from intake.core.public.publication import ChosenLimit, LimitedCase
from intake.steps.limit_publication import Publication, find_case_id, limit_publication, read_publication
from intake.web.addresses import SignedAddresses
from intake.web.bodies import REASON_LIMIT
from intake.web.dependencies import Dependencies
from intake.web.forms import errors_of
from schemas.errors import Refused, StaleVersion
from schemas.forms import NO_ERRORS, FormErrors
from schemas.http import Call, Page, Redirect, Route
from schemas.values import MadeEntry
from schemas.words import CaseField, EntryState, Role

#: Those who let answers go out, and those who watch over it.
_WHO = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Digits of how many decisions a case has (project choice: nobody decides so often).
_LONGEST_NUMBER = 9
#: Words, or runs, of one entry that are shown (project choice: a few tell which case it has them from).
_SHOWN_RUNS = 5
_API, _PAGE = "/api/v1/review/cases/{case_id}/publication", "/review/{case_id}/publication"


class LimitBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided; `version`: that of what was seen."""

    version: int
    #: Nobody else reads the message and its answer.
    withhold: bool
    #: Nobody else sees the pictures beside it.
    without_pictures: bool = False
    #: Those that are hidden singly from now on, by their ids.
    hide_pictures: tuple[Annotated[str, msgspec.Meta(max_length=64)], ...] = ()
    #: All words that are hidden from now on; those that are not among them any more show again.
    hide: tuple[str, ...] = ()
    reason: str = msgspec.field(default="")


class LimitView(msgspec.Struct, frozen=True, kw_only=True):
    """One decision, as it is listed."""

    withheld: bool
    without_pictures: bool
    hidden_pictures: int
    hidden_words: int
    reason: str
    decided_by: str
    decided_at: datetime


class OfferedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that stands beside the answer, or would. The addresses are for who asked, and for a while."""

    attachment_id: str
    hidden: bool
    url: str | None
    thumbnail_url: str | None


class KeptWords(msgspec.Struct, frozen=True, kw_only=True):
    """A case of “me too” in whose own words something is hidden that this case shows: in its title it is so, too."""

    case_id: str
    tracking_code: str
    hide: tuple[str, ...]


class EntryMade(msgspec.Struct, frozen=True, kw_only=True):
    """A knowledge entry that was made from the case. `holds`: words that are hidden here, and stand in it."""

    #: None of a draft, which is its department's alone.
    entry_id: str | None
    title: str | None
    state: EntryState
    #: Whether everybody reads it: not once it is held back.
    public: bool
    holds: tuple[str, ...]


class PublicationView(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody reads of a case, or would, and what staff decided of that."""

    case_id: str
    tracking_code: str
    #: How many decisions there are: the `version` that the next one has to name.
    version: int
    #: `public`, `withheld` by the citizen or by staff, or null: there is no answer that anybody else may ever read.
    state: Literal["public", "withheld"] | None
    citizen_allows: bool
    withheld_by_staff: bool
    without_pictures: bool
    #: Those whose citizen, or department, lets everybody see them.
    pictures: Sequence[OfferedPicture]
    hide: tuple[str, ...]
    #: Those of them that stand nowhere in what is shown here: mistyped, or of an answer that is still to come.
    idle: tuple[str, ...]
    #: Before there is an answer that others may read: as it is to stand beside the first one.
    title: str | None
    text: str | None
    response: str | None
    #: Where words that are shown here stay hidden: staff decide there, each by itself.
    kept: Sequence[KeptWords]
    #: Of a case that staff withhold: public cases of “me too” under its title; each is decided on by itself.
    titled: Sequence[str]
    #: What was made of it for everybody: held back whenever more is hidden, until somebody looked.
    entries: Sequence[EntryMade]
    #: Other entries that everybody reads and that say a hidden word, or of a withheld case whole runs: they stay.
    also_saying: Sequence[EntryMade]
    #: The latest first.
    decisions: Sequence[LimitView]


async def show(call: Call, *, dependencies: Dependencies) -> PublicationView:
    """What everybody reads of the case."""
    return _shown(call, await _read(call, dependencies), dependencies)


async def decide(call: Call, *, dependencies: Dependencies) -> PublicationView:
    """Keep some of it, or all, from everybody else; or no longer."""
    return _shown(call, await _decided(call, call.body, dependencies), dependencies)


class CodeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Of which case, as its public page names it."""

    code: str


async def find(call: Call, *, dependencies: Dependencies) -> Redirect:
    """From the public page, which knows no id, to this one."""
    asked: CodeQuery = call.query
    case_id = await find_case_id(call.unit, dependencies.keys, asked.code)
    return Redirect(to=_PAGE.format(case_id=case_id))


async def show_page(call: Call, *, dependencies: Dependencies) -> Page:
    """The page of what everybody reads of the case, and the form."""
    shown = await show(call, dependencies=dependencies)
    typed = {
        "version": str(shown.version),
        "hide": "\n".join(shown.hide),
        "withhold": _yes(shown.withheld_by_staff),
        "without_pictures": _yes(shown.without_pictures),
        "hide_pictures": _joined(shown),
    }
    return _page(shown, typed, NO_ERRORS)


async def decide_on_page(call: Call, *, dependencies: Dependencies) -> Page | Redirect:
    """Take the decision that the form holds; what was typed stays where it is refused."""
    form: LimitBody = LimitBody(
        version=_number(call.form.get("version", "")),
        withhold=call.form.get("withhold") == _yes(True),
        without_pictures=call.form.get("without_pictures") == _yes(True),
        hide_pictures=tuple(each for each in call.form.get("hide_pictures", "").split(",") if each),
        hide=tuple(call.form.get("hide", "").splitlines()),
        reason=call.form.get("reason", ""),
    )
    try:
        await _decided(call, form, dependencies)
    except Refused as refusal:
        shown = await show(call, dependencies=dependencies)
        errors = errors_of(refusal, call.language, otherwise="hide")
        typed = {**call.form, "version": str(shown.version)}
        if isinstance(refusal, StaleVersion):
            # What somebody else hid or withheld meanwhile is not shown again by whoever sends this once more.
            typed["hide"] = "\n".join(dict.fromkeys((*shown.hide, *typed.get("hide", "").splitlines())))
            typed["withhold"] = _yes(form.withhold or shown.withheld_by_staff)
            typed["without_pictures"] = _yes(form.without_pictures or shown.without_pictures)
            typed["hide_pictures"] = ",".join(filter(None, (_joined(shown), typed.get("hide_pictures", ""))))
        return _page(shown, typed, errors, status=refusal.status)
    return Redirect(to=_PAGE.format(case_id=call.case_id))


async def _decided(call: Call, said: LimitBody, dependencies: Dependencies) -> Publication:
    decision = ChosenLimit(
        version=said.version,
        is_withheld=said.withhold,
        hides_pictures=said.without_pictures,
        hidden_pictures=said.hide_pictures,
        hidden=said.hide,
        reason=said.reason[:REASON_LIMIT],
    )
    known: dict[str, Any] = {"by": call.principal, "entries": dependencies.entries}
    return await limit_publication(call.unit, dependencies.keys, call.case_id, decision, **known)


async def _read(call: Call, dependencies: Dependencies) -> Publication:
    known: dict[str, Any] = {"who": call.principal, "entries": dependencies.entries}
    return await read_publication(call.unit, dependencies.keys, call.case_id, **known)


def _shown(call: Call, found: Publication, dependencies: Dependencies) -> PublicationView:
    case, texts = found.case, found.texts
    state: Literal["public", "withheld"] | None = None
    if case.stands_in is not None:
        state = "public" if case.stands_in == "published" else "withheld"
    is_answered = case.stands_in is not None
    if texts is not None:
        call.shows(
            case.case_id, CaseField.TITLE, CaseField.TEXT, *([CaseField.RESPONSE] if is_answered else [])
        )
    elif found.hidden:
        call.shows(case.case_id, CaseField.TEXT)
    pictures = _pictures(call, found, dependencies)
    return PublicationView(
        case_id=case.case_id,
        tracking_code=case.tracking_code,
        version=case.number,
        state=state,
        citizen_allows=case.may_publish,
        withheld_by_staff=case.is_withheld,
        without_pictures=case.hides_pictures,
        pictures=pictures,
        hide=found.hidden,
        idle=found.idle,
        title=None if texts is None else texts.title,
        text=None if texts is None else texts.text,
        response=texts.response if texts is not None and is_answered else None,
        kept=[_kept(call, same, words) for same, words in found.kept],
        titled=found.titled,
        entries=[_made(entry, words) for entry, words in found.made],
        also_saying=[
            EntryMade(
                entry_id=entry.entry_id,
                title=entry.content.title,
                state=EntryState.LIVE,
                public=True,
                holds=words[:_SHOWN_RUNS],
            )
            for entry, words in found.saying
        ],
        decisions=[
            LimitView(
                withheld=limit.is_withheld,
                without_pictures=limit.hides_pictures,
                hidden_pictures=len(limit.hidden_pictures),
                hidden_words=limit.hidden_words,
                reason=limit.reason,
                decided_by=limit.decided_by,
                decided_at=limit.decided_at,
            )
            for limit in reversed(case.limits)
        ],
    )


def _pictures(call: Call, found: Publication, dependencies: Dependencies) -> Sequence[OfferedPicture]:
    if dependencies.cabinet is None or not found.pictures:
        return ()
    case = found.case
    call.shows(case.case_id, CaseField.ATTACHMENTS)
    addresses = SignedAddresses(key=dependencies.cabinet.key)
    return [
        OfferedPicture(
            attachment_id=each.attachment_id,
            hidden=each.attachment_id in case.hidden_pictures,
            url=each.url,
            thumbnail_url=each.thumbnail_url,
        )
        for each in addresses.shown(found.pictures, case.case_id, call.principal, dependencies.clock())
    ]


def _made(entry: MadeEntry, words: tuple[str, ...]) -> EntryMade:
    is_seen = entry.is_public or entry.state is not EntryState.DRAFT
    return EntryMade(
        entry_id=entry.entry_id if is_seen else None,
        title=entry.title if is_seen else None,
        state=entry.state,
        public=entry.is_public,
        holds=words,
    )


def _kept(call: Call, same: LimitedCase, words: tuple[str, ...]) -> KeptWords:
    call.shows(same.case_id, CaseField.TITLE)
    return KeptWords(case_id=same.case_id, tracking_code=same.tracking_code, hide=words)


def _page(shown: PublicationView, typed: Mapping[str, str], errors: FormErrors, *, status: int = 200) -> Page:
    context = {"shown": shown, "typed": typed, "errors": errors}
    return Page(template="intake/publication.html", context=context, status=status)


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) <= _LONGEST_NUMBER else 0


def _joined(shown: PublicationView) -> str:
    return ",".join(each.attachment_id for each in shown.pictures if each.hidden)


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """For programs of those who let answers go out."""
    bound: Any = {"dependencies": dependencies}
    return (
        Route(method="GET", path=_API, answer=partial(show, **bound), who=_WHO,
              summary="What everybody reads of a case.", returns=PublicationView),
        Route(method="POST", path=_API, answer=partial(decide, **bound), who=_WHO, body=LimitBody,
              summary="Keep a case, or words in it, from everybody else.", returns=PublicationView),
    )  # fmt: skip


def pages(dependencies: Dependencies) -> tuple[Route, ...]:
    """The page of it, for people, and the way there from a public page."""
    bound: Any = {"dependencies": dependencies}
    return (
        Route(method="GET", path="/review/publication", answer=partial(find, **bound), who=_WHO, query=CodeQuery,
              summary="From a tracking code to what everybody reads of its case", page=True),
        Route(method="GET", path=_PAGE, answer=partial(show_page, **bound), who=_WHO,
              summary="What everybody reads", page=True),
        Route(method="POST", path=_PAGE, answer=partial(decide_on_page, **bound), who=_WHO,
              summary="What everybody reads, decided", page=True),
    )  # fmt: skip
