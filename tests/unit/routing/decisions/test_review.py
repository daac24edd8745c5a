"""What a dispatcher's decision means, and what is refused."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from routing.core.decisions.outcome import DEFAULT_LEGAL_ROUTE, Decline, Dispatch, Merge, Verdict, outcome_of
from routing.core.decisions.review import Decision, Item, RoutingCase
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.ids import CaseId, CategoryCode, DepartmentCode, ItemCode, RegionCode, TrackingCode
from schemas.words import Channel, Kind, ReviewKind, Urgency
from tests.unit.sentences import check_sentences

CITY = load_city()
AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
CASE = RoutingCase(
    case_id=CaseId("00000000-0000-0000-0000-000000000001"),
    tracking_code=TrackingCode("AAAA"),
    channel=Channel.WEB,
    received_at=AT,
    kind=Kind.HELP,
    urgency=Urgency.NORMAL,
    category=CategoryCode("transport"),
    lead=DepartmentCode("transport"),
    supporting=(),
    region=RegionCode("donghu"),
    title="标题",
    text="正文",
    supplement="",
    place=None,
    has_contact=False,
    confidential=False,
    publish=True,
    version=2,
    state="open",
    probability=0.4,
    decided_by=None,
    accused=(),
    protected=False,
    suspected_duplicate=None,
    similarity=None,
    merged_into=None,
)
OTHER = msgspec.structs.replace(CASE, case_id=CaseId("00000000-0000-0000-0000-000000000002"), state="routed")
ITEM = Item(case_id=CASE.case_id, kind=ReviewKind.DISPATCH, version=2, opened_at=AT)
RETURN = msgspec.structs.replace(ITEM, kind=ReviewKind.RETURN)


def _outcome(
    item: Item = ITEM, case: RoutingCase = CASE, target: RoutingCase | None = None, **said: Any
) -> object:
    return outcome_of(CITY, case, item, Decision(version=2, **said), target)


def _refusal(
    item: Item = ITEM, case: RoutingCase = CASE, target: RoutingCase | None = None, **said: Any
) -> str:
    with pytest.raises(BadInput) as refused:
        _outcome(item, case, target, **said)
    (error,) = refused.value.errors
    check_sentences(error)
    return error.field


def test_a_lead_alone_keeps_the_category() -> None:
    """The dispatcher knows better who, not what."""
    expected = Dispatch(category=CategoryCode("transport"), lead=DepartmentCode("water"))

    assert expected == _outcome(lead="water")


def test_a_category_alone_finds_its_usual_lead() -> None:
    """Its district's government where the matter is territorial, its own lead otherwise."""
    assert "education" == _outcome(category="education-culture").lead  # type: ignore[attr-defined]  # a Dispatch
    assert "district-donghu" == _outcome(category="environment").lead  # type: ignore[attr-defined]  # a Dispatch


def test_without_a_known_district_the_categorys_own_lead_answers() -> None:
    """A territorial matter of nowhere in particular."""
    nowhere = msgspec.structs.replace(CASE, region=None)

    assert "environment" == _outcome(case=nowhere, category="environment").lead  # type: ignore[attr-defined]  # a Dispatch


def test_confirming_the_category_keeps_the_lead_that_the_case_has() -> None:
    """Somebody chose it with more in view than the category."""
    unusual = msgspec.structs.replace(CASE, lead=DepartmentCode("water"))

    assert "water" == _outcome(case=unusual, category="transport").lead  # type: ignore[attr-defined]  # a Dispatch


def test_accepting_takes_what_the_rules_suggest() -> None:
    """The category and lead that the case has."""
    assert Dispatch(category=CASE.category, lead=CASE.lead) == _outcome(accept=True)


def test_supporting_departments_are_each_once_and_never_the_lead() -> None:
    """Whatever was ticked."""
    outcome = _outcome(lead="water", supporting=("housing", "water", "housing"))

    assert ("housing",) == outcome.supporting  # type: ignore[attr-defined]  # a Dispatch


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"lead": "nobody"}, "lead"),
        ({"category": "nothing"}, "category"),
        ({"lead": "water", "supporting": ("nobody",)}, "supporting"),
        ({"merge_into": "ZZZZ"}, "merge_into"),
        ({}, "lead"),
        ({"accept": False}, "lead"),
        ({"lead": "water", "decline": True}, "lead"),
        ({"decline": "去法院", "merge_into": "ZZZZ"}, "lead"),
    ],
)
def test_decisions_that_do_not_fit_name_the_field(said: dict[str, Any], field: str) -> None:
    """Unknown codes, nothing chosen, or two things at once."""
    assert field == _refusal(**said)


def test_a_report_is_not_dispatched_to_whom_it_accuses() -> None:
    """Neither as lead, nor as support, nor by accepting the suggestion."""
    accusing = msgspec.structs.replace(CASE, accused=(DepartmentCode("transport"),))

    assert "lead" == _refusal(case=accusing, lead="transport")
    assert "lead" == _refusal(case=accusing, accept=True)
    assert "supporting" == _refusal(case=accusing, lead="letters", supporting=("transport",))


def test_a_case_is_declined_with_a_legal_route() -> None:
    """In the dispatcher's words, in the rule's, or in the usual ones."""
    suggested = msgspec.structs.replace(ITEM, detail={"legal_route": "请申请复议"})

    assert Decline(legal_route="请去法院") == _outcome(decline=" 请去法院 ")
    assert Decline(legal_route="请申请复议") == _outcome(suggested, decline=True)
    assert Decline(legal_route=DEFAULT_LEGAL_ROUTE) == _outcome(decline=True)


@pytest.mark.parametrize("state", ["open", "routed"])
def test_a_case_is_merged_into_another_one(state: Any) -> None:
    """Any that is open or with a department."""
    target = msgspec.structs.replace(OTHER, state=state)

    assert Merge(into=OTHER.case_id) == _outcome(target=target, merge_into="AAAA")


@pytest.mark.parametrize("state", ["merged", "declined", "withdrawn"])
def test_a_case_is_not_merged_into_one_that_ended(state: Any) -> None:
    """Nobody would ever answer it."""
    assert "merge_into" == _refusal(target=msgspec.structs.replace(OTHER, state=state), merge_into="x")


@pytest.mark.parametrize("private", [{"confidential": True}, {"protected": True}])
def test_a_private_case_is_not_merged(private: dict[str, Any]) -> None:
    """Into no other one, and no other one into it: each would show its answer to somebody else."""
    mine, other = (msgspec.structs.replace(case, **private) for case in (CASE, OTHER))

    assert "merge_into" == _refusal(case=mine, target=OTHER, merge_into="x")
    assert "merge_into" == _refusal(target=other, merge_into="x")


def test_a_case_is_not_merged_into_itself() -> None:
    """By whatever name."""
    assert "merge_into" == _refusal(target=CASE, merge_into="AAAA")


def test_an_accepted_return_needs_another_department() -> None:
    """Not none, and not the one that returned it."""
    assert "lead" == _refusal(RETURN, accept=True)
    assert "lead" == _refusal(RETURN, accept=True, lead="transport")
    assert Dispatch(category=CASE.category, lead=DepartmentCode("water")) == _outcome(
        RETURN, accept=True, lead="water"
    )


def test_a_return_can_be_refused() -> None:
    """The department keeps the case."""
    assert Verdict(accepted=False) == _outcome(RETURN, accept=False)
    assert "lead" == _refusal(RETURN, accept=False, lead="water")


@pytest.mark.parametrize("kind", [ReviewKind.EXTENSION, ReviewKind.REPLY])
def test_extensions_and_replies_need_a_yes_or_no(kind: ReviewKind) -> None:
    """Silence is neither."""
    item = msgspec.structs.replace(ITEM, kind=kind)

    assert Verdict(accepted=True) == _outcome(item, accept=True)
    assert Verdict(accepted=False) == _outcome(item, accept=False)
    assert "accept" == _refusal(item, lead="water")


def _outcome_of(case: RoutingCase = CASE, **said: Any) -> tuple[str | None, str, str]:
    found = outcome_of(CITY, case, ITEM, Decision(version=2, **said), None)
    assert isinstance(found, Dispatch)
    return found.item, found.category, found.lead


def test_an_item_of_the_catalogue_says_whose_it_is() -> None:
    """By code or by name, and its category with it; whom the dispatcher names stays."""
    for named in ("property-fee", "物业费", "Property fees"):
        found = _outcome_of(item=named)
        assert ("property-fee", "urban-construction", "district-donghu") == found
    assert ("property-fee", "urban-construction", "market") == _outcome_of(item="property-fee", lead="market")


def test_the_item_that_was_found_stays_until_another_category_is_chosen() -> None:
    """Nobody needs to clear it; an empty one is none."""
    of_buses = msgspec.structs.replace(CASE, item=ItemCode("bus-stop"))

    assert ("bus-stop", "transport", "transport") == _outcome_of(case=of_buses, accept=True)
    assert (None, "environment", "district-donghu") == _outcome_of(
        case=of_buses, category="environment", item="bus-stop"
    )
    assert (None, "transport", "transport") == _outcome_of(case=of_buses, accept=True, item="")


def test_an_item_that_is_not_there_or_of_another_category_is_refused() -> None:
    """With a sentence; nobody guesses which of the two was meant."""
    wrong: list[dict[str, Any]] = [
        {"item": "no-such-item"},
        {"item": "property-fee", "category": "transport"},
    ]
    for said in wrong:
        with pytest.raises(BadInput) as refused:
            outcome_of(CITY, CASE, ITEM, Decision(version=2, **said), None)
        (error,) = refused.value.errors
        check_sentences(error)
        assert "item" == error.field


def test_a_protected_case_keeps_no_item() -> None:
    """It would stand in figures, and tell what the report is about."""
    protected = msgspec.structs.replace(CASE, protected=True)

    assert _outcome_of(case=protected, item="bus-stop")[0] is None
