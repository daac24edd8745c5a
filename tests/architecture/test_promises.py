"""What the outside world relies on exists: every event, topic and route that was promised."""

import pytest
from starlette.routing import compile_path

import schemas.events  # noqa: F401  registers every event
from deploy.docgen.reference import every_route
from schemas import topics
from schemas.event import EVENT_TYPES
from schemas.http import Route
from schemas.ids import DepartmentCode
from schemas.words import Role

EVENTS = {
    "submissions": "submission.accepted",
    "intake": (
        "case.registered case.supplemented case.withdrawn citizen.rated citizen.objected duplicate.suspected"
    ),
    "routing": "case.routed review.requested review.decided case.declined case.merged",
    "handlers": (
        "case.assigned case.signed case.returned extension.requested extension.decided case.suspended "
        "case.resumed case.replied reply.published case.closed case.reopened case.updated"
    ),
    "sla": "deadline.set deadline.near deadline.missed case.escalated case.urged",
    "knowledge": "entry.proposed entry.published entry.expired entry.withdrawn",
    "commands": "command.sign command.return command.reply command.extend",
}
PROMISED_EVENTS = [(producer, name) for producer, names in EVENTS.items() for name in names.split()]

CODE = "2345-6789-ABCD-EFGH"
CASE = "0198b2c4-0000-7000-8000-000000000001"
ANYONE_MAY = [
    ("POST", "/api/v1/submissions"),
    ("POST", "/api/v1/mini-app/submissions"),
    ("POST", "/api/v1/mini-app/suggestions"),
    ("GET", f"/api/v1/submissions/{CODE}"),
    ("POST", f"/api/v1/submissions/{CODE}/rating"),
    ("POST", f"/api/v1/submissions/{CODE}/objection"),
    ("POST", f"/api/v1/submissions/{CODE}/supplement"),
    ("POST", f"/api/v1/submissions/{CODE}/withdrawal"),
    ("GET", "/api/v1/published"),
    ("GET", f"/api/v1/published/{CODE}"),
    *(
        (method, f"/open311/v2/{name}.{kind}")
        for kind in ("xml", "json")
        for method, name in (
            ("GET", "discovery"),
            ("GET", "services"),
            ("GET", "services/transport"),
            ("POST", "requests"),
            ("GET", "requests"),
            ("GET", f"requests/{CODE}"),
            ("GET", f"tokens/{CODE}"),
        )
    ),
    ("GET", "/"),
    ("GET", "/api/v1/knowledge"),
    ("GET", f"/api/v1/knowledge/{CASE}"),
    ("GET", "/knowledge"),
    ("GET", "/submit"),
    ("GET", "/follow"),
    ("GET", "/published"),
    ("GET", "/sign-in"),
]
STAFF_ONLY = [
    ("POST", "/api/v1/hotline/transcripts"),
    ("GET", "/api/v1/desk/cases"),
    ("GET", f"/api/v1/desk/cases/{CASE}"),
    ("GET", f"/api/v1/desk/cases/{CASE}/near"),
    *(
        ("POST", f"/api/v1/desk/cases/{CASE}/actions/{action}")
        for action in (
            "sign",
            "return",
            "reply",
            "withdraw-reply",
            "extend",
            "suspend",
            "resume",
            "promise",
            "progress",
            "co-handle",
            "ask-part",
            "part",
            "withdraw-part",
            "note",
        )
    ),
    ("POST", f"/api/v1/desk/cases/{CASE}/contact"),
    ("GET", "/api/v1/desk/entries"),
    ("POST", "/api/v1/desk/entries"),
    ("GET", "/api/v1/review/entries"),
    ("POST", f"/api/v1/review/entries/{CASE}/decision"),
    ("GET", "/api/v1/review/cases"),
    ("GET", f"/api/v1/review/cases/{CASE}/near"),
    ("POST", f"/api/v1/review/cases/{CASE}/decision"),
    ("POST", f"/api/v1/review/replies/{CASE}"),
    ("GET", "/api/v1/sla/alerts"),
    ("GET", "/api/v1/sla/figures"),
    ("GET", "/api/v1/sla/hot-topics"),
    ("GET", "/api/v1/sla/stream"),
    ("POST", f"/api/v1/sla/cases/{CASE}/urge"),
    ("POST", f"/api/v1/sla/cases/{CASE}/supervise"),
    ("GET", "/desk"),
    ("GET", "/review"),
    ("GET", "/watch"),
]
#: Whatever begins so is for somebody who signed in, whoever adds it.
STAFF_PLACES = (
    "/api/v1/desk/", "/api/v1/review/", "/api/v1/sla/", "/api/v1/hotline/", "/desk", "/review", "/watch",
)  # fmt: skip


@pytest.fixture(scope="module")
def routes() -> list[Route]:
    """Every route of the server."""
    return list(every_route())


@pytest.mark.parametrize(("producer", "name"), PROMISED_EVENTS)
def test_every_promised_event_exists(producer: str, name: str) -> None:
    """Each event of the interface is a class, published by the producer whose topic it is promised on."""
    assert f"{name}.v1" in EVENT_TYPES, "others subscribe to it: it goes only with a decision record"
    assert producer == EVENT_TYPES[f"{name}.v1"].producer


@pytest.mark.parametrize("producer", EVENTS)
def test_every_producer_has_a_topic(producer: str) -> None:
    """An event is published on a topic that is created."""
    assert producer in topics.ALL


def test_topic_names() -> None:
    """Topics are called as promised."""
    assert topics.topic_name(topics.INTAKE) == "huiyin.intake.v1"
    assert (
        topics.topic_name(topics.department_topic(DepartmentCode("housing")))
        == "huiyin.department.housing.v1"
    )


@pytest.mark.parametrize(("method", "path"), ANYONE_MAY)
def test_citizens_routes(routes: list[Route], method: str, path: str) -> None:
    """What citizens and their mini-apps call answers without signing in."""
    route = _answering(routes, method, path)

    assert route is not None, "promised to citizens: change it only with a decision record"
    assert frozenset() == route.who, "nobody needs an account to be heard"


@pytest.mark.parametrize(("method", "path"), STAFF_ONLY)
def test_staff_routes(routes: list[Route], method: str, path: str) -> None:
    """What staff and their systems call exists, and asks who they are."""
    route = _answering(routes, method, path)

    assert route is not None, "promised to other systems: change it only with a decision record"
    assert route.who, "without roles anybody could call it"


def test_staff_places_are_closed(routes: list[Route]) -> None:
    """No route under a staff address is open, whoever adds it: fail closed."""
    open_ones = [route.path for route in routes if route.path.startswith(STAFF_PLACES) and not route.who]

    assert open_ones == [], "give it roles: a place for staff must not be open by omission"


def test_citizens_are_no_role_to_require(routes: list[Route]) -> None:
    """A route is for anyone or for staff: naming `citizen` would let in everybody who is not signed in."""
    assert [route.path for route in routes if Role.CITIZEN in route.who] == []


def test_one_answer_each(routes: list[Route]) -> None:
    """No method and path is answered twice."""
    lines = [(route.method, route.path) for route in routes]

    assert sorted(set(lines)) == sorted(lines), "the first would hide the second"


def test_reading_changes_nothing(routes: list[Route]) -> None:
    """Only GET and POST: what GET answers may be fetched by anybody's prefetcher."""
    assert {route.method for route in routes} <= {"GET", "POST"}


def test_whatever_anyone_may_ask_is_limited(routes: list[Route]) -> None:
    """A public route without a limit is one that strangers can wear out; staff's are behind an account or a token."""
    assert [route.path for route in routes if not route.who and route.limit is None] == []


def _answering(routes: list[Route], method: str, path: str) -> Route | None:
    found = (route for route in routes if route.method == method and compile_path(route.path)[0].match(path))
    return next(found, None)
