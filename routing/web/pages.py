"""The dispatcher's pages: the queue at `/review`, and one case with what there is to decide about it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from routing.core.decisions.chosen_tags import CHANGED_SINCE, CorrectTags
from routing.core.decisions.outcome import DEFAULT_LEGAL_ROUTE
from routing.core.decisions.queue import COUNTED, CaseToDecide, Waiting
from routing.core.decisions.review import RoutingCase, Version
from routing.core.decisions.rulings import RULED, special_line, suggested_words
from routing.core.decisions.splitting import MOST_PARTS
from routing.core.doubts import may_be_danger
from routing.core.matters import guessed_matters
from routing.core.rules import RoutingRules, load_rules
from routing.steps.clear import clear, read_clearances, take_back
from routing.steps.correct_tags import correct_tags
from routing.steps.decide import decide, end_pause, was_just_decided
from routing.steps.merging import unmerge
from routing.steps.read_queue import (
    count_queue,
    count_unsure,
    read_alarming,
    read_case,
    read_dropped,
    read_earlier,
    read_queue,
    read_urged,
)
from routing.steps.undo import chance_on_case, find_chance, find_decided, undo
from routing.web import catalogue, drift, in_hand, precision, readings, rulings, unseen
from routing.web.advice import advice_on
from routing.web.answering import (
    CaseDependencies,
    answers_to,
    contributed,
    is_for_all,
    message_for_all,
    paused_until,
)
from routing.web.api import ClearanceQuery, EndPause
from routing.web.decision_forms import FINDINGS, clear_of, decision_of, tags_of
from routing.web.near import near_pages
from routing.web.onward import Way, back_to, onward, putting_off, way_of
from routing.web.queries import CaseQuery, QueueQuery
from routing.web.sent_forms import asks_where, chosen_form, errors_of, is_in_hand, told_truly, unsent
from routing.web.views import (
    DISPATCHERS,
    OVERSEERS,
    ReviewCase,
    cursor_behind,
    position_of,
    shown,
    shown_fields,
    with_addresses,
)
from routing.web.words import KIND_NAMES, STANDING_NAMES, VERDICT_NAMES, alike_in_words
from schemas.attachments import Addresses, ShownAttachment
from schemas.city import City
from schemas.errors import ActionNotAllowed, BadInput, FieldError, Refused, StaleVersion
from schemas.forms import NO_ERRORS
from schemas.http import Answer, Call, Page, Redirect, Route, read
from schemas.ports import Callers, CaseClocks, CaseParts, LiveEntries, NearAnswers, PublicAnswers
from schemas.values import MatterPart
from schemas.words import CaseField, TagGroup, Urgency

#: Items on a page of the queue. Project choice: two screens, so that the oldest are seen without a search.
_PAGE_SIZE = 25
#: To a department that is to do something again. Other systems may leave `remarks` out, as the interface promises.
_NO_REASON = ("请写明原因，承办单位据此修改。", "Say why: the department has to know what to change.")
#: To one whose pause ends before its time.
_NO_CAUSE = ("请写明理由，承办单位会看到。", "Say why: the department reads it.")
_NO_LEAD = ("请选择新的主办单位。", "Choose the department that gets it.")
#: What is written into the forms, rather than chosen.
_WORDS = ("remarks", "decline", "merge_into", "reason", "text")


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What each form of a decided case holds: the case as its page showed it."""

    version: Version


async def show_queue(call: Call, *, city: City) -> Page:
    """What waits, by kind: emergencies first, then the oldest."""
    query: QueueQuery = call.query
    page = await read_queue(call.unit, query.kind, position_of(query.cursor), _PAGE_SIZE)
    counts = await count_queue(call.unit)
    urged, urged_count = await read_urged(call.unit)
    alarming, alarming_count = await read_alarming(call.unit)
    rows = _listed(call, city, page.rows)
    context = {
        "rows": rows,
        "waits": [_waiting(call, row) for row in rows],
        "emergencies": [row for row in rows if row.emergency],
        "tabs": [(None, "全部", sum(counts.values()))]
        + [(kind, name, counts.get(kind, 0)) for kind, name in KIND_NAMES.items()],
        "chosen": query.kind,
        "way": Way(among=query.kind, at=query.cursor),
        "next_cursor": cursor_behind(page.next_after),
        "done": await find_decided(call.unit, query.done, call.principal.name) if query.done else None,
        "asked": query.asked,
        "left": query.left,
        "undo": await find_chance(call.unit, query.done, call.principal.name) if query.done else None,
        "dropped": await read_dropped(call.unit, call.principal.name),
        "urged": _listed(call, city, urged),
        "urged_count": urged_count,
        "alarming": [(row, _waiting(call, row)) for row in _listed(call, city, alarming)],
        "alarming_count": alarming_count,
        "most_counted": COUNTED,
        **await unseen.listed(call),
        "unsure": await count_unsure(call.unit),
        "kind_names": KIND_NAMES,
        "standing": STANDING_NAMES,
    }
    return Page(template="routing/queue.html", context=context)


def _listed(call: Call, city: City, rows: Sequence[Waiting]) -> Sequence[ReviewCase]:
    for row in rows:
        call.shows(row.case.case_id, CaseField.TITLE)
    return [shown(row, city, call.language) for row in rows]


def _waiting(call: Call, row: ReviewCase) -> tuple[int, int]:
    return unseen.waited_since(call, row.opened_at)


async def show_clearances(call: Call, *, city: City) -> Page:
    """Units that dispatchers found not to be accused, with who did and why."""
    query: ClearanceQuery = call.query
    rows, last = await read_clearances(call.unit, query.before, _PAGE_SIZE)
    for row in rows:
        call.shows(row.case_id, CaseField.DETAIL)
    context = {
        "rows": rows,
        "names": {each.code: each.name(call.language) for each in city.departments},
        "next_before": last.id if last else None,
    }
    return Page(template="routing/clearances.html", context=context)


async def show_case(
    call: Call,
    *,
    clocks: CaseClocks | None = None,
    callers: Callers | None = None,
    has_near: bool = False,
    **known: Any,
) -> Page:
    """One case: why it is here, whose time runs, the caller's other cases, and the forms to decide.

    `known`: as `CaseDependencies` names it.
    """
    page = await _case_page(call, CaseDependencies(**known))
    readings = tuple(await clocks.of(call.unit, call.case_id)) if clocks else ()
    earlier = await read_earlier(call.unit, call.case_id, callers) if callers else []
    for one in earlier:
        call.shows(one.case_id, CaseField.TITLE)
    query: CaseQuery | None = call.query
    done = query.done if query else None
    undo_last = await find_chance(call.unit, done, call.principal.name) if done else None
    more = {
        "clocks": readings,
        "earlier": earlier,
        "done": await find_decided(call.unit, done, call.principal.name) if done else None,
        "undo_last": undo_last,
        "has_near": has_near,
    }
    return Page(template=page.template, context={**page.context, **more}, status=page.status)


async def decide_on_page(call: Call, **known: Any) -> Page | Redirect:
    """Take the decision that a form holds; what was typed stays where it is refused. `known`: see `show_case`."""
    dependencies = CaseDependencies(**known)
    if call.is_draft:
        return await _case_page(call, dependencies)
    way = way_of(call.form)
    try:
        if call.form.get("action") == "later":
            return await onward(call.unit, putting_off(way, call.case_id))
        if call.form.get("action") == "undo":
            return await _undone(call, way)
        if call.form.get("action") == "seen":
            return await unseen.note_look(call, way)
        if call.form.get("action") == "tags":
            return await _tagged(call, dependencies.city, way)
        tracking_code = await _decided_on(call, dependencies)
        if call.form.get("action") in FINDINGS:
            # Nothing is decided yet: the units can be chosen now, or no longer.
            return back_to(call.case_id, way, {FINDINGS[call.form["action"]]: "true"})
    except Refused as refusal:
        if isinstance(refusal, ActionNotAllowed | StaleVersion) and await _is_sent_twice(call):
            return way.back()
        return await _case_page(call, dependencies, refusal)
    if call.form.get("next"):
        return await onward(call.unit, way, done=tracking_code)
    return way.back({"done": tracking_code})


async def _undone(call: Call, way: Way) -> Redirect:
    """To the case, which waits again; or, where its department may have signed meanwhile, to the queue."""
    undone = await undo(call.unit, call.case_id, _seen_version(call), call.principal.name)
    if undone.done:
        return back_to(call.case_id, way)
    return way.back({"asked": undone.tracking_code})


async def _tagged(call: Call, city: City, way: Way) -> Redirect:
    """To the case, whose page offers to take that back."""
    told = await correct_tags(call.unit, city, call.case_id, tags_of(call.form), call.principal.name)
    return back_to(call.case_id, way, {"had": ",".join(told.before), "got": ",".join(told.tags)})


def _retagged(case: RoutingCase, query: CaseQuery | None) -> CorrectTags | None:
    """What gives back the tags of before; None where none were corrected just now, or somebody has again since."""
    if query is None or query.had is None or query.got is None:
        return None
    back = tags_of({"tags": query.had, "seen": query.got})
    stands = set(back.seen or ()) == set(case.tags)
    return back if stands and set(back.tags) != set(case.tags) else None


def _seen_version(call: Call) -> int:
    return read(_Seen, {"version": call.form.get("version", "")}, strict=False).version


async def _is_sent_twice(call: Call) -> bool:
    """Whether the first send of this form was carried out: its answer was lost with the second click.

    What somebody wrote may be another's than what was done: it is shown again.
    """
    if call.form.get("action") in ("unmerge", "resume", *FINDINGS) or any(
        call.form.get(name, "").strip() for name in _WORDS
    ):
        return False
    return await was_just_decided(call.unit, call.case_id, decision_of(call.form), call.principal.name)


async def _decided_on(call: Call, dependencies: CaseDependencies) -> str:
    """Carry out what the form says; the tracking code of the case."""
    if call.form.get("action") == "unmerge":
        return (
            await unmerge(call.unit, call.case_id, _seen_version(call), call.principal.name)
        ).tracking_code
    if call.form.get("action") == "resume":
        remarks = read(EndPause, {"remarks": call.form.get("remarks", "").strip()}).remarks
        if not remarks:
            raise BadInput([FieldError("remarks", *_NO_CAUSE)])
        return (await end_pause(call.unit, call.case_id, remarks, call.principal.name)).tracking_code
    if call.form.get("action") in FINDINGS:
        find = clear if call.form["action"] == "clear" else take_back
        return (await find(call.unit, call.case_id, clear_of(call.form), call.principal)).tracking_code
    if call.form.get("action") == "move" and not call.form.get("lead"):
        raise BadInput([FieldError("lead", *_NO_LEAD)])
    decision = decision_of(call.form)
    if call.form.get("action") == "refuse" and not decision.remarks.strip():
        raise BadInput([FieldError("remarks", *_NO_REASON)])
    by: dict[str, Any] = {"by": call.principal.name, "rules": dependencies.rules}
    by |= {"sample_key": dependencies.sample_key, "entries": dependencies.entries}
    return (await decide(call.unit, dependencies.city, call.case_id, decision, **by)).tracking_code


async def _case_page(call: Call, dependencies: CaseDependencies, refusal: Refused | None = None) -> Page:
    city, addresses = dependencies.city, dependencies.addresses
    query: CaseQuery | None = call.query
    found = await read_case(call.unit, call.case_id)
    refusal = told_truly(refusal, found, call.form) if refusal else None
    call.shows(found.case.case_id, *shown_fields(found.case, [row.item for row in found.waiting]))
    if found.duplicate:
        call.shows(found.duplicate.case_id, CaseField.TITLE, CaseField.TEXT)
    waiting = [with_addresses(shown(row, city, call.language), call, addresses) for row in found.waiting]
    answers = await answers_to(call, found, dependencies.entries)
    named = {entry.entry_id for entry in answers["nearest"]}
    context = {
        "case": found.case,
        "files": _files(call, found.case, addresses),
        "resend": call.form,
        "rows": waiting,
        "matters": _offered(dependencies, found),
        "most_parts": MOST_PARTS,
        **_for_rulings(dependencies, found),
        "waits": [_waiting(call, row) for row in waiting],
        "advice": [advice_on(dependencies.rules or load_rules(), row, call.language) for row in waiting],
        "undo": chance_on_case(call.unit, found.case, found.every, call.principal.name),
        "duplicate": found.duplicate,
        "into": found.into,
        "has_public_message": is_for_all(found),
        "public_message": await message_for_all(call, found, dependencies.answers),
        "looks": found.looks,
        "standing": STANDING_NAMES,
        "alike": alike_in_words(found, call.language),
        **answers,
        "parts": await contributed(call, found, dependencies.parts),
        "unsent": unsent(found, waiting, call.form, name=call.principal.name, entries=named),
        "errors": errors_of(refusal, call, chosen_form(found, waiting, call.form)) if refusal else NO_ERRORS,
        "typed": call.form,
        "kind_names": KIND_NAMES,
        "verdicts": VERDICT_NAMES,
        "may_move": is_in_hand(found),
        "confirm_to_end": may_be_danger(found.case, None),
        "retagged": _retagged(found.case, query),
        "way": query or way_of(call.form),
        # Who was told that they had changed meanwhile has the page with those of now; nobody else has.
        "tags_told": refusal is CHANGED_SINCE,
        "urgencies": tuple(reversed(Urgency)),
        "may_tag": found.case.takes_tags,
        "paused_until": paused_until(call, found),
        "departments": [each for each in city.departments if each.code not in found.case.accused],
        "clearable": [each for each in city.departments if each.code in found.case.only_named],
        "cleared": [
            each for each in city.departments if each.code in {one.department for one in found.case.cleared}
        ],
        "clear_version": max([found.case.version, *(row.version for row in waiting)]),
        "legal_route": DEFAULT_LEGAL_ROUTE,
        "tag_groups": tuple(TagGroup),
    }
    return Page(template="routing/case.html", context=context, status=refusal.status if refusal else 200)


def _offered(dependencies: CaseDependencies, found: CaseToDecide) -> Sequence[MatterPart]:
    """What the machine takes for matters of their own; the lead's own is none to split off."""
    if not asks_where(found):
        return ()
    every = guessed_matters(dependencies.rules or load_rules(), found.case)
    return [matter for matter in every if matter.department != found.case.lead][:MOST_PARTS]


def _for_rulings(dependencies: CaseDependencies, found: CaseToDecide) -> dict[str, Any]:
    """Words to begin a ruling with, and whose special line these words are; nothing where nothing may be ruled."""
    if found.case.is_private or not any(row.item.kind in RULED for row in found.waiting):
        return {}
    rules = dependencies.rules or load_rules()
    return {"ruling_words": suggested_words(rules, found.case), "special": special_line(rules, found.case)}


def _files(call: Call, case: RoutingCase, addresses: Addresses | None) -> Sequence[ShownAttachment]:
    files = (*case.attachments, *case.added_files)
    return addresses.shown(files, case.case_id, call.principal, call.unit.now) if addresses else ()


def routes(
    *,
    city: City,
    rules: RoutingRules | None = None,
    addresses: Addresses | None = None,
    clocks: CaseClocks | None = None,
    callers: Callers | None = None,
    entries: LiveEntries | None = None,
    sample_key: bytes | None = None,
    near: NearAnswers | None = None,
    parts: CaseParts | None = None,
    answers: PublicAnswers | None = None,
) -> tuple[Route, ...]:
    """The table of the dispatchers' pages: the queue, one case, and the decision on it.

    `rules`: what replies are looked at with; those shipped if None. `clocks`: whose time runs; not shown if None.
    `callers`: who called before; not shown if None. `sample_key`: decides which direct answers are read again; all if None.
    `near`: what was answered before; not looked for if None. `parts`: of supporting departments; not shown if None.
    `answers`: what everybody reads of the message; a link leads to it if None.
    """
    dependencies: dict[str, Any] = {
        "city": city,
        "rules": rules,
        "addresses": addresses,
        "entries": entries,
        "parts": parts,
        "answers": answers,
    }
    decide_one = partial(decide_on_page, **dependencies, sample_key=sample_key)
    show = partial(show_case, **dependencies, clocks=clocks, callers=callers, has_near=near is not None)
    return (
        _page("GET", "/review", partial(show_queue, city=city), "The review queue", query=QueueQuery),
        *readings.pages(),
        # Before the case's own page, which would take it for a case.
        *drift.page_routes(city=city),
        *precision.page_routes(city=city),
        *rulings.page_routes(city=city),
        *catalogue.page_routes(city=city),
        *in_hand.page_routes(city=city),
        Route(method="GET", path="/review/clearances", answer=partial(show_clearances, city=city), who=OVERSEERS,
              summary="Units that dispatchers found not to be accused", page=True, query=ClearanceQuery),
        *near_pages(near),
        _page("GET", "/review/{case_id}", show, "One case to decide on", query=CaseQuery),
        _page("POST", "/review/{case_id}", decide_one, "Decide", takes_drafts=True),
    )  # fmt: skip


def _page(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    return Route(method=method, path=path, answer=answer, who=DISPATCHERS, summary=summary, page=True, **more)
