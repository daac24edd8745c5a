"""Whom a case may not reach: what a route is marked with, and what is taken from whom."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from handlers.core import verdicts
from handlers.core.asks import AskedPromise, Asks
from handlers.core.case import CaseFile, files_with_answer
from handlers.core.files import ShareFile, shared, shown_files
from handlers.core.history import Happening, shown_history
from handlers.core.protection import protect, protected_route, route_detail
from handlers.core.rules import Action
from schemas.errors import BadInput, DataRefused
from schemas.events.handlers import CaseProtected
from schemas.events.routing import CaseUnmerged, ReviewRequested
from schemas.ids import AttachmentId, DepartmentCode, ItemCode, TagCode
from schemas.values import Attachment, Clearance, Reason
from schemas.words import CaseState, FileAudience, Kind, ReviewKind
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, by_lead, case, routed

LATER = MONDAY + timedelta(hours=5)
TAX, WATER = DepartmentCode("tax"), DepartmentCode("water")


@pytest.mark.parametrize(
    ("fields", "known", "marks"),
    [
        ({}, {}, ((), False)),
        ({"protected": True}, {}, ((), True)),
        ({"kind": Kind.REPORT}, {}, ((), True)),
        ({"accused": (TAX,)}, {}, ((TAX,), True)),
        ({}, {"protected": True}, ((), True)),
        ({}, {"accused": (WATER, TAX)}, ((TAX, WATER), True)),
        ({"accused": (WATER,)}, {"accused": (TAX,)}, ((TAX, WATER), True)),
    ],
)
def test_a_route_is_marked_with_all_that_is_known(
    fields: dict[str, Any], known: dict[str, Any], marks: tuple[tuple[str, ...], bool]
) -> None:
    """What it says itself and what was known before; a report is protected whoever is accused."""
    route = protected_route(routed(**fields), **known)

    assert marks == (route.accused, route.protected)


@pytest.mark.parametrize("fields", [{"lead": TAX}, {"supporting": (TRANSPORT, TAX)}])
def test_no_route_leads_to_the_accused(fields: dict[str, Any]) -> None:
    """Neither as lead nor in support, whoever knew of the accusation."""
    with pytest.raises(DataRefused, match=r"^the route leads to a unit that the case accuses$"):
        protected_route(routed(**fields), (TAX,))
    with pytest.raises(DataRefused):
        protected_route(routed(**fields, accused=(TAX,)))


def _cleared(*, reason: str = "只是提到", by: str = "li", of: DepartmentCode = TAX) -> Clearance:
    return Clearance(department=of, reason=reason, decided_by=by, at=MONDAY)


def test_whom_a_person_cleared_may_get_the_case_and_nobody_else() -> None:
    """Known to be accused before, by this slice; the case stays protected."""
    route = protected_route(routed(lead=TAX, cleared=(_cleared(),)), (TAX, WATER))

    assert ((WATER,), True) == (route.accused, route.protected)
    assert protected_route(routed(lead=TAX, cleared=(_cleared(),))).protected
    with pytest.raises(DataRefused):
        protected_route(routed(lead=WATER, cleared=(_cleared(),)), (TAX, WATER))


@pytest.mark.parametrize(
    "fields",
    [
        {"cleared": (_cleared(reason=""),)},
        {"cleared": (_cleared(by=""),)},
        {"cleared": (_cleared(by="rules"),)},
        {"cleared": (_cleared(),), "accused": (TAX,)},
    ],
)
def test_nobody_is_cleared_without_a_reason_and_a_person(fields: dict[str, Any]) -> None:
    """Nor by a route that says at once that the case accuses them."""
    with pytest.raises(DataRefused):
        protected_route(routed(**fields))


def test_the_log_keeps_who_was_cleared_and_why() -> None:
    """In the row of the route that it allowed, under the chain; by which ruling or weights, and nothing of the message."""
    plain = {"lead": HOUSING, "supporting": []}

    assert plain == route_detail(routed())
    assert plain | {"basis": "按 2026-11-26 的认定（第 1 条）"} == route_detail(
        routed(basis="按 2026-11-26 的认定（第 1 条）")
    )
    item = Reason(words="井盖", weight=1.0, code="catalogue", facts=("manhole",))
    assert plain | {"basis": "按派单目录：井盖", "rule": ["catalogue", "manhole"]} == route_detail(
        routed(basis="按派单目录：井盖", reasons=(Reason(words="井盖", weight=0.5), item))
    )
    sound = Reason(words="x", weight=1.0, code="sound", facts=("5b3c", "叫不醒"))
    assert plain | {"sound": ["sound", "5b3c"]} == route_detail(routed(reasons=(sound,)))
    ruling = {"basis": "按派单目录：井盖", "rule": ["catalogue", "manhole"], "sound": ["sound", "5b3c"]}
    assert plain | ruling == route_detail(routed(basis="按派单目录：井盖", reasons=(sound, item)))
    assert plain | {"cleared": [f"tax li {MONDAY.isoformat()} 只是提到"]} == route_detail(
        routed(cleared=(_cleared(),))
    )


HELD = case(
    item=ItemCode("street-light"),
    tags=(TagCode("night"),),
    routed_version=4,
    accused=(TAX,),
    extension_days=5,
    state_before_review=CaseState.ASSIGNED,
)
REVIEW = ReviewRequested(
    case_id=HELD.case_id, version=6, at=LATER, kind=ReviewKind.DISPATCH, protected=True, accused=(HOUSING,)
)


def test_a_protected_case_is_taken_from_its_departments() -> None:
    """Withheld in a version of its own, and the log names nobody."""
    change = protect(HELD, REVIEW, LATER)
    assert change is not None
    told = change.events[0]

    assert isinstance(told, CaseProtected)
    assert msgspec.structs.replace(
        HELD, log_seq=1, state=CaseState.IN_REVIEW, version=7, accused=(HOUSING, TAX), protected=True, withheld=True,
        item=None, tags=(), state_before_review=None, extension_days=None,
    ) == change.after  # fmt: skip
    assert ("", "system", "protect", {}, LATER) == (
        change.entry.actor, change.entry.role, change.entry.action, change.entry.detail, change.entry.at
    )  # fmt: skip
    assert (HELD.case_id, 7, LATER, (HOUSING, TAX), CaseState.IN_REVIEW) == (
        told.case_id, told.version, told.at, told.accused, told.state
    )  # fmt: skip
    assert ("", ()) == (change.what, change.joined)


@pytest.mark.parametrize(
    ("held", "review", "is_taken"),
    [
        ({}, {}, True),
        ({}, {"version": 4}, True),
        ({}, {"version": 3}, False),
        ({}, {"protected": False}, False),
        ({}, {"kind": ReviewKind.REPLY}, False),
        ({"withheld": True, "accused": (HOUSING, TAX)}, {}, False),
        ({"withheld": True}, {}, True),
        ({"accused": (HOUSING, TAX)}, {}, True),
    ],
)
def test_only_what_is_new_and_of_now_takes_a_case(
    held: dict[str, Any], review: dict[str, Any], is_taken: bool
) -> None:
    """Of the dispatch, about the present route or what followed it, and not known already."""
    case_now = msgspec.structs.replace(HELD, **held)

    assert is_taken == (protect(case_now, msgspec.structs.replace(REVIEW, **review), LATER) is not None)


def test_an_ended_case_is_protected_where_it_ended() -> None:
    """It stays ended, at the moment at which it did."""
    ended = msgspec.structs.replace(HELD, state=CaseState.WITHDRAWN, closed_at=MONDAY)
    change = protect(ended, REVIEW, LATER)

    assert change is not None
    assert change.after.withheld
    assert change.after.closed_at == (None if change.after.state is CaseState.IN_REVIEW else MONDAY)


def test_a_withheld_case_goes_on_without_what_was_written() -> None:
    """The new lead gets no note and no response of the former one; nobody has returned it."""
    held = case(
        state=CaseState.IN_REVIEW, withheld=True, protected=True, accused=(TAX,), return_count=1,
        return_barred=True, note="内部", response="答复",
    )  # fmt: skip
    change = verdicts.reroute(held, routed(case_id=held.case_id, version=7, lead=TRANSPORT), LATER)

    assert change is not None
    assert (None, None, 1, False, False, (TAX,), True) == (
        change.after.note, change.after.response, change.after.return_count, change.after.return_barred,
        change.after.withheld, change.after.accused, change.after.protected,
    )  # fmt: skip


def test_a_returned_case_keeps_what_was_written() -> None:
    """Whoever handles it next reads it; and may return it again."""
    held = case(state=CaseState.IN_REVIEW, return_barred=True, return_count=1, note="内部", response="答复")
    change = verdicts.reroute(held, routed(case_id=held.case_id, version=7, lead=TRANSPORT), LATER)

    assert change is not None
    assert ("内部", "答复", 1, False) == (
        change.after.note, change.after.response, change.after.return_count, change.after.return_barred
    )  # fmt: skip
    assert LATER == change.entry.at


def test_a_route_that_comes_too_late_is_only_remembered() -> None:
    """Of an ended case: who sent it, and when."""
    held = case(state=CaseState.WITHDRAWN)
    change = verdicts.reroute(held, routed(case_id=held.case_id, version=7, decided_by="li"), LATER)

    assert change is not None
    assert (held.state, "li", LATER, {"ignored": True, "seen_version": 7}) == (
        change.after.state, change.entry.actor, change.entry.at, change.entry.detail
    )  # fmt: skip


@pytest.mark.parametrize(("decided_by", "role"), [("li", "dispatcher"), ("", "system")])
def test_a_case_that_is_merged_no_more_waits_for_a_dispatcher(decided_by: str, role: str) -> None:
    """In routing's version; no department has it, and the log says why and by whom."""
    held = case(state=CaseState.MERGED, closed_at=MONDAY, state_before_review=CaseState.ASSIGNED)
    event = CaseUnmerged(case_id=held.case_id, version=6, at=LATER, why="不是一件事", decided_by=decided_by)
    change = verdicts.unmerge(held, event, LATER)

    assert msgspec.structs.replace(
        held, log_seq=1, state=CaseState.IN_REVIEW, version=6, withheld=True, closed_at=None,
        state_before_review=None,
    ) == change.after  # fmt: skip
    assert (decided_by, role, "unmerge", {"reason": "不是一件事"}, LATER, ()) == (
        change.entry.actor, change.entry.role, change.entry.action, change.entry.detail, change.entry.at,
        change.events,
    )  # fmt: skip


@pytest.mark.parametrize(("state", "version"), [(CaseState.CLOSED, 6), (CaseState.MERGED, 4)])
def test_an_unmerging_that_does_not_fit_is_only_remembered(state: CaseState, version: int) -> None:
    """Of a case that was never merged, or of an earlier version."""
    held = case(state=state)
    event = CaseUnmerged(case_id=held.case_id, version=version, at=LATER, why="x", decided_by="li")
    change = verdicts.unmerge(held, event, LATER)

    assert (state, 4) == (change.after.state, change.after.version)
    assert ("li", {"ignored": True, "seen_version": version}) == (change.entry.actor, change.entry.detail)


@pytest.mark.parametrize("state", [CaseState.CLOSED, CaseState.IN_PROGRESS])
def test_a_promise_that_an_answer_has_kept_is_nobodys_any_more(state: CaseState) -> None:
    """Whoever gets the case next may ask for time; one that is still to be kept is the city's word."""
    promised = AskedPromise(date=date(2026, 12, 25), plan="更换", asked_at=MONDAY)
    held = case(state=state, asks=Asks(promised=promised))
    review = ReviewRequested(
        case_id=held.case_id, version=9, at=LATER, kind=ReviewKind.DISPATCH, reasons=(), protected=True, accused=(TAX,)
    )  # fmt: skip
    change = protect(held, review, LATER)

    assert change is not None
    assert change.after.asks.promised == (None if state is CaseState.CLOSED else promised)


def _row(event: str) -> Happening:
    return Happening(
        at=MONDAY, event=event, text="", actor="wang", role="lead", state="in_progress", version=4, detail={}
    )


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        (["assign", "sign"], ["assign", "sign"]),
        (["assign", "sign", Action.ROUTE, "sign"], [Action.ROUTE, "sign"]),
        (["assign", Action.ROUTE, "return", Action.ROUTE], [Action.ROUTE]),
        ([], []),
    ],
)
def test_of_a_protected_case_is_shown_what_happened_since(events: list[str], shown: list[str]) -> None:
    """Since its last route; of any other case everything."""
    timeline = tuple(_row(event) for event in events)

    assert shown == [row.event for row in shown_history(case(protected=True), timeline)]
    assert timeline == shown_history(case(), timeline)


@pytest.mark.parametrize(("corrected", "protected"), [(True, False), (True, True), (False, False)])
def test_the_log_keeps_tags_that_a_person_corrected(corrected: bool, protected: bool) -> None:
    """Those that were found are the machine's; a protected case has none."""
    event = routed(decided_by="li", tags=(TagCode("night"),), tags_corrected=corrected, protected=protected)

    kept = {"tags": ["night"]} if corrected and not protected else {}
    detail = route_detail(protected_route(event))
    assert kept == {name: detail[name] for name in detail if name == "tags"}


def test_the_rule_that_sent_a_protected_case_is_not_shown() -> None:
    """Nor the one of before it was protected: it names the item; nor corrected tags. What a department gave stays."""
    sent = msgspec.structs.replace(
        _row(Action.ROUTE),
        detail={
            "lead": "housing",
            "basis": "按派单目录：井盖",
            "rule": ["catalogue", "manhole"],
            "sound": ["sound", "5b3c"],
            "tags": ["night"],
        },
    )
    waits = msgspec.structs.replace(_row(Action.SUSPEND), detail={"basis": "等鉴定"})

    shown = shown_history(case(protected=True), (sent, waits))

    assert [{"lead": "housing"}, {"basis": "等鉴定"}] == [row.detail for row in shown]
    assert (sent, waits) == shown_history(case(), (sent, waits))


def _file(name: str, department: DepartmentCode, minutes: int) -> CaseFile:
    file = Attachment(attachment_id=AttachmentId(f"{minutes:032x}"), name=name, type="image/jpeg")
    at = MONDAY + timedelta(minutes=minutes)
    return CaseFile(file=file, department=department, audience=FileAudience.PUBLIC, at=at)


@pytest.mark.parametrize("is_withheld", [True, False])
def test_the_next_answer_has_no_file_of_who_had_the_case_before(*, is_withheld: bool) -> None:
    """Taken from whom it accuses, or moved: whoever answers sees none of theirs, gives none out, and shares none.

    Nor does it find what they drafted.
    """
    theirs, ours = _file("他们的.jpg", HOUSING, 1), _file("本单位的.jpg", TRANSPORT, 400)
    held = case(
        accused=(TAX,), protected=True, withheld=is_withheld, files=(theirs,), note="草稿", response="草稿"
    )
    state = CaseState.IN_REVIEW if is_withheld else CaseState.IN_PROGRESS
    held = msgspec.structs.replace(held, state=state)
    moved = "" if is_withheld else "换个单位"

    given = verdicts.reroute(
        held, routed(version=9, lead=TRANSPORT, protected=True, moved_because=moved), LATER
    )

    assert given is not None
    after = msgspec.structs.replace(given.after, files=(*given.after.files, ours))
    assert (None, None) == (after.note, after.response)
    assert [ours.file.attachment_id] == [file.attachment_id for file in shown_files(after)]
    told = files_with_answer(after)
    assert ((ours.file,), (ours.file.attachment_id,)) == (told["attachments"], told["public_attachments"])
    share = ShareFile(
        version=after.version, attachment_id=theirs.file.attachment_id, audience=FileAudience.CITIZEN
    )
    with pytest.raises(BadInput):
        shared(after, by_lead(LATER), TRANSPORT, share)


def test_a_case_that_accuses_nobody_keeps_its_files() -> None:
    """Whoever gets it next sees them, and may take them back."""
    theirs = _file("他们的.jpg", HOUSING, 1)
    given = verdicts.reroute(
        case(files=(theirs,)), routed(version=9, lead=TRANSPORT, moved_because="换个单位"), LATER
    )

    assert given is not None
    assert [theirs.file.attachment_id] == [file.attachment_id for file in shown_files(given.after)]
    assert (theirs.file,) == files_with_answer(given.after)["attachments"]


@pytest.mark.parametrize(("told", "known"), [(True, False), (False, True)])
def test_a_protected_route_names_neither_item_nor_tags(told: bool, known: bool) -> None:
    """Whether the route says that it is protected, or the case was before."""
    item, tags = ItemCode("street-light"), (TagCode("night"),)
    plain = protected_route(routed(item=item, tags=tags))
    kept = protected_route(routed(item=item, tags=tags, protected=told), protected=known)

    assert (item, tags) == (plain.item, plain.tags)
    assert (None, ()) == (kept.item, kept.tags)


@pytest.mark.parametrize(
    ("said", "protected", "kept"),
    [
        (UNSET, False, (TagCode("night"),)),
        ((), False, ()),
        ((TagCode("elderly"),), False, (TagCode("elderly"),)),
        (UNSET, True, ()),
    ],
)
def test_a_route_that_says_nothing_of_tags_leaves_them(
    said: tuple[TagCode, ...] | UnsetType, protected: bool, kept: tuple[TagCode, ...]
) -> None:
    """One of a release that knew none, beside this one; a protected case keeps none whoever sends it."""
    route = routed(version=9, lead=TRANSPORT, moved_because="换个单位", tags=said, protected=protected)

    moved = verdicts.reroute(case(tags=(TagCode("night"),)), route, LATER)

    assert moved is not None
    assert kept == moved.after.tags
