"""The pages of knowledge entries (知识点): a department's own at its desk, everybody's for dispatchers."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec

from handlers.core.entries import (
    EntryAction,
    EntryText,
)
from handlers.core.entry_ends import SPANS
from handlers.core.entry_views import EntryLine, EntryQuery
from handlers.steps import entries as steps
from handlers.web.entries import (
    DEPARTMENT,
    REVIEWERS,
    EntryDecision,
    Propose,
    Rewrite,
    Settle,
    Withdraw,
    decided,
    entry_id_of,
    own_or_new_id,
)
from handlers.web.words import ENTRY_ACTIONS, ENTRY_DONE, ENTRY_FIELDS, ENTRY_TABS
from schemas.city import City
from schemas.days import day_of
from schemas.errors import ActionNotAllowed, BadInput, KeyReused, NotFound, Refused, StaleVersion
from schemas.forms import NO_ERRORS, FormErrors, form_errors
from schemas.http import Call, Page, Redirect, Route, read
from schemas.ids import CaseId, EntryId, is_uuid
from schemas.ports import PublicAnswers
from schemas.values import EntryContent
from schemas.words import CaseField, Role

_DESK, _REVIEW = "/desk/entries", "/review/entries"
#: What a form's several values are written as.
_MANY = ("categories", "regions")


class NewQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The closed enquiry that an entry is made from, if any."""

    case_id: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class OneQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What was just done, so that the page says so."""

    done: Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,20}$")] | None = None


def _home(call: Call) -> str:
    return _DESK if call.principal.role is Role.DEPARTMENT else _REVIEW


async def show_list(call: Call) -> Page:
    """One page of the entries, with tabs by state."""
    query: EntryQuery = call.query
    lines = await steps.list_entries(call.unit, call.principal, query)
    counts, ending = await steps.count_entries(call.unit, call.principal)
    found: dict[str, int] = {**{state.value: count for state, count in counts.items()}, "expiring": ending}
    home = _home(call)
    is_reviewer = home == _REVIEW
    waiting = len(await steps.list_contradictions(call.unit)) if is_reviewer else 0

    def address(state: str, cursor: str | None = None) -> str:
        asked = {"state": state, "cursor": cursor}
        return f"{home}?" + urlencode({name: value for name, value in asked.items() if value})

    context = {
        "home": home,
        "is_reviewer": is_reviewer,
        "contradictions": waiting,
        "tabs": [
            {"word": word, "zh": zh, "to": address(word), "count": found.get(word)}
            for word, zh in ENTRY_TABS
            if not (is_reviewer and word == "draft")
        ],
        "query": query,
        "lines": lines.items,
        "next": address(query.state, lines.next_cursor) if lines.next_cursor else None,
        "first": address(query.state) if query.cursor else None,
    }
    return Page(template="handlers/entries.html", context=context)


async def show_new(call: Call, *, city: City, answers: PublicAnswers | None) -> Page:
    """The form of a new entry; made from a case, with that case's answer, and with the old entries nearest to it."""
    today = day_of(call.unit.now, city.zone)
    typed = {
        "entry_id": own_or_new_id(None),
        "valid_from": f"{today}",
        "valid_until": f"{today + SPANS.longest_valid / 2:%Y-%m-%d}",
        "checked_on": f"{today}",
    }
    source: steps.Source | None = None
    nearest: tuple[EntryLine, ...] = ()
    if call.query.case_id and is_uuid(call.query.case_id):
        department = call.principal.own_department
        source = await steps.read_source(call.unit, department, CaseId(call.query.case_id), answers)
        call.shows(source.case_id, CaseField.TITLE, CaseField.RESPONSE)
        nearest = await steps.nearest_to(call.unit, [source.title], department)
        typed |= {"answer": source.answer, "categories": source.category, "made_from": source.case_id}
    return _form_page(call, typed, source=source, nearest=nearest)


def _form_page(call: Call, typed: Mapping[str, str], refusal: Refused | None = None, **more: Any) -> Page:
    errors = (
        form_errors(refusal, call.language, otherwise="entry", labels=ENTRY_FIELDS) if refusal else NO_ERRORS
    )
    context = {
        "typed": typed,
        "chosen": {name: typed.get(name, "").split(",") for name in _MANY},
        "errors": errors,
        "source": None,
        "nearest": (),
        "entry": None,
        "newer": None,
        **({"resend": call.form} if call.form else {}),
        **more,
    }
    return Page(
        template="handlers/entry_form.html", context=context, status=refusal.status if refusal else 200
    )


async def write(call: Call, *, city: City, answers: PublicAnswers | None) -> Page | Redirect:
    """Keep what was typed as a draft; whatever is refused comes back as it was typed."""
    if call.is_draft:
        return _form_page(call, call.form, source=await _source_of(call, answers))
    entry_id = own_or_new_id(call.form.get("entry_id"))
    try:
        text = read(EntryText, _fields(call.form), strict=False)
        done = await steps.write(call.unit, call.principal, entry_id, text, city, answers)
    except BadInput as refusal:
        return _form_page(call, call.form, refusal, source=await _source_of(call, answers))
    except KeyReused as refusal:
        return await _saved_before(call, entry_id, refusal)
    return Redirect(to=f"{_DESK}/{done.entry_id}?done=save")


async def _source_of(call: Call, answers: PublicAnswers | None) -> steps.Source | None:
    """The case that a form which comes back is made from, as long as the department may make an entry of it."""
    case_id = call.form.get("made_from", "")
    if not is_uuid(case_id):
        return None
    try:
        source = await steps.read_source(call.unit, call.principal.own_department, CaseId(case_id), answers)
    except (NotFound, steps.KeptFromOthers):
        return None
    call.shows(source.case_id, CaseField.TITLE)
    return source


async def _saved_before(call: Call, entry_id: EntryId, refusal: KeyReused) -> Page:
    """The answer to an earlier save was lost, and the text is another by now: whoever saves once more changes that entry."""
    try:
        entry = await steps.read_entry(call.unit, call.principal, entry_id)
    except NotFound:
        return _form_page(call, call.form, refusal)
    typed = {name: text for name, text in call.form.items() if name != "entry_id"}
    return _form_page(
        call, {**typed, "version": str(entry.version)}, refusal, entry=entry, newer=entry.content
    )


def _fields(form: Mapping[str, str]) -> dict[str, object]:
    """The form as an entry's text: a way to ask on each line, several codes in one field."""
    given: dict[str, object] = {name: text for name, text in form.items() if text.strip()}
    if "questions" in given:
        lines = [line.strip() for line in form["questions"].splitlines()]
        given["questions"] = [line for line in lines if line]
    for name in (*_MANY, "made_from"):
        given[name] = [code for code in form.get(name, "").split(",") if code]
    return given


async def show_entry(call: Call) -> Page:
    """One entry with its history, those that ask nearly the same, and what may be done."""
    return await _entry_page(call, done=call.query.done)


async def _entry_page(call: Call, *, done: str | None = None, refusal: Refused | None = None) -> Page:
    entry = await steps.read_entry(call.unit, call.principal, entry_id_of(call))
    acting = call.form.get("action", "")
    errors = _errors_of(refusal, call, acting) if refusal else NO_ERRORS
    context = {
        "home": _home(call),
        "entry": entry,
        "may": set(entry.allowed_actions),
        "actions": ENTRY_ACTIONS,
        "done": ENTRY_DONE.get(done or ""),
        "acting": acting,
        "typed": call.form,
        "unsent": [] if acting in list(entry.allowed_actions) else _remarks(call),
        "errors": errors,
        **({"resend": call.form} if call.form else {}),
    }
    return Page(template="handlers/entry.html", context=context, status=refusal.status if refusal else 200)


def _errors_of(refusal: Refused, call: Call, acting: str) -> FormErrors:
    """Why is typed here; what is wrong with the entry itself has no input on its page."""
    is_typed = isinstance(refusal, BadInput) and all(error.field == "remarks" for error in refusal.errors)
    leads: dict[str, Any] = (
        {"prefix": f"{acting}-"} if is_typed else {"inputs": dict.fromkeys(ENTRY_FIELDS, "entry")}
    )
    return form_errors(refusal, call.language, otherwise="entry", labels=ENTRY_FIELDS, **leads)


def _remarks(call: Call) -> list[str]:
    said = call.form.get("remarks", "")
    return [said] if said.strip() else []


async def show_edit(call: Call) -> Page:
    """The form of another text of the entry."""
    entry = await steps.read_entry(call.unit, call.principal, entry_id_of(call))
    typed = {**_typed(entry.content), "version": str(entry.version)}
    return _form_page(call, typed, entry=entry)


def _typed(content: EntryContent) -> dict[str, str]:
    plain = {name: str(value) for name, value in msgspec.structs.asdict(content).items()}
    many = {name: ",".join(getattr(content, name)) for name in _MANY}
    return {**plain, **many, "questions": "\n".join(content.questions)}


async def save(call: Call, *, city: City) -> Page | Redirect:
    """Keep another text of the entry as a draft."""
    entry_id = entry_id_of(call)
    if not call.is_draft:
        try:
            body = read(Rewrite, _fields(call.form), strict=False)
            await steps.rewrite(call.unit, call.principal, entry_id, body.version, body, city)
        except (BadInput, StaleVersion) as refusal:
            entry = await steps.read_entry(call.unit, call.principal, entry_id)
            if not isinstance(refusal, StaleVersion):
                return _form_page(call, call.form, refusal, entry=entry)
            if await _is_kept(call, entry_id, city):
                return Redirect(to=f"{_DESK}/{entry_id}?done=save")
            # Whoever saves once more has read what it takes the place of.
            typed = {**call.form, "version": str(entry.version)}
            return _form_page(call, typed, refusal, entry=entry, newer=entry.content)
        return Redirect(to=f"{_DESK}/{entry_id}?done=save")
    entry = await steps.read_entry(call.unit, call.principal, entry_id)
    return _form_page(call, call.form, entry=entry)


async def _is_kept(call: Call, entry_id: EntryId, city: City) -> bool:
    """Whether this very text was kept a moment ago."""
    body = read(Rewrite, _fields(call.form), strict=False)
    return await steps.has_text(call.unit, entry_id, body, city) and await steps.was_just_done(
        call.unit, call.principal, entry_id, EntryAction.SAVE, body.version
    )


async def act(call: Call, *, city: City, answers: PublicAnswers | None) -> Page | Redirect:
    """Propose, approve, send back or withdraw; a refusal shows the entry with what was typed."""
    entry_id = entry_id_of(call)
    if call.is_draft:
        return await _entry_page(call)
    action, home = call.form.get("action", ""), _home(call)
    try:
        await _acted(call, entry_id, action, city, answers)
    except (BadInput, StaleVersion, ActionNotAllowed) as refusal:
        if not isinstance(refusal, BadInput) and await _is_sent_twice(call, entry_id, action):
            return Redirect(to=f"{home}/{entry_id}?done={action}")
        return await _entry_page(call, refusal=refusal)
    return Redirect(to=f"{home}/{entry_id}?done={action}")


async def _acted(
    call: Call, entry_id: EntryId, action: str, city: City, answers: PublicAnswers | None
) -> None:
    given = {"version": call.form.get("version", ""), "remarks": call.form.get("remarks", "")}
    if call.principal.role is not Role.DEPARTMENT:
        body = read(EntryDecision, {**given, "decision": action}, strict=False)
        await decided(call, entry_id, body, city, answers)
    elif action == EntryAction.WITHDRAW:
        taken = read(Withdraw, given, strict=False)
        await steps.withdraw(call.unit, call.principal, entry_id, taken.version, taken.remarks)
    else:
        version = read(Propose, {"version": given["version"]}, strict=False).version
        await steps.propose(call.unit, call.principal, entry_id, version, city, answers)


async def _is_sent_twice(call: Call, entry_id: EntryId, action: str) -> bool:
    version = call.form.get("version", "")
    if action not in list(EntryAction) or not version.isascii() or not version.isdecimal():
        return False
    return await steps.was_just_done(call.unit, call.principal, entry_id, EntryAction(action), int(version))


async def show_contradictions(call: Call) -> Page:
    """Entries that give different figures for nearly one question, side by side."""
    return await _contradictions_page(call)


async def _contradictions_page(call: Call, refusal: Refused | None = None) -> Page:
    items = await steps.list_contradictions(call.unit)
    tried = (call.form.get("entry_id"), call.form.get("other_id"))
    is_there = tried in [(each.entry_id, each.other_id) for each in items]
    inputs = {} if is_there else {"remarks": "findings"}
    context = {
        "items": items,
        "tried": tried,
        "unsent": () if is_there else _remarks(call),
        "errors": form_errors(
            refusal, call.language, otherwise="findings", inputs=inputs, labels=ENTRY_FIELDS
        )
        if refusal
        else NO_ERRORS,
        "typed": call.form,
        **({"resend": call.form} if call.form else {}),
    }
    return Page(
        template="handlers/contradictions.html",
        context=context,
        status=refusal.status if refusal else 200,
    )


async def settle(call: Call) -> Page | Redirect:
    """Find that two entries do not contradict each other, and take the pair off the list."""
    if call.is_draft:
        return await _contradictions_page(call)
    try:
        body = call.read_form(Settle)
        entry_id = EntryId(call.form.get("entry_id", ""))
        await steps.settle(call.unit, call.principal, entry_id, EntryId(body.other_id), body.remarks)
    except (BadInput, steps.NoContradiction) as refusal:
        return await _contradictions_page(call, refusal)
    return Redirect(to=f"{_REVIEW}/contradictions")


def routes(*, city: City, answers: PublicAnswers | None) -> tuple[Route, ...]:
    """The pages of departments, and those of dispatchers; to stand before those of one case, which they look like.

    `answers`: those that an entry may be made from, as everybody reads them.
    """
    act_one = partial(act, city=city, answers=answers)
    desk, review = partial(_page, _DESK, DEPARTMENT), partial(_page, _REVIEW, REVIEWERS)
    return (
        desk("GET", "", show_list, "The department's entries", query=EntryQuery),
        desk("GET", "/new", partial(show_new, city=city, answers=answers), "A new entry", query=NewQuery),
        desk("POST", "/new", partial(write, city=city, answers=answers), "Write an entry", takes_drafts=True),
        desk("GET", "/{entry_id}", show_entry, "One entry", query=OneQuery),
        desk("POST", "/{entry_id}/act", act_one, "Propose or withdraw an entry", takes_drafts=True),
        desk("GET", "/{entry_id}/edit", show_edit, "Write an entry anew"),
        desk("POST", "/{entry_id}/edit", partial(save, city=city), "Write an entry anew", takes_drafts=True),
        review("GET", "", show_list, "Entries that were proposed", query=EntryQuery),
        review("GET", "/contradictions", show_contradictions, "Entries that contradict each other"),
        review("POST", "/contradictions", settle, "Find that two entries may stand", takes_drafts=True),
        review("GET", "/{entry_id}", show_entry, "One entry to review", query=OneQuery),
        review("POST", "/{entry_id}/act", act_one, "Decide on an entry", takes_drafts=True),
    )


def _page(
    home: str, who: frozenset[Role], method: str, path: str, answer: Any, summary: str, **more: Any
) -> Route:
    return Route(method=method, path=home + path, answer=answer, who=who, summary=summary, page=True, **more)
