"""`bench pages` asks every page there is, in the same words every day, and says what grows."""

from collections import defaultdict
from datetime import date, timedelta

import pytest

from deploy.bench.alike_sql import alike_loads, alike_seed
from deploy.bench.http import Response
from deploy.bench.pages import AlikeCity, grows, next_address, report_of
from deploy.bench.pages_asked import NOT_ASKED, PageAsked, requests
from deploy.docgen.reference import every_route
from schemas.http import Route
from schemas.words import Role

_TODAY = date(2026, 11, 26)
_KNOWN: defaultdict[str, str] = defaultdict(lambda: "known")
_GETS = {route.path for route in every_route() if route.method == "GET"}


def _asked(today: date = _TODAY) -> dict[str, PageAsked]:
    return dict(requests(every_route(), _KNOWN, today))


def test_every_route_is_asked_or_named_with_a_reason() -> None:
    """A new page is measured by itself; what is not asked any more is not named either."""
    asked = {name.partition("?")[0] for name in _asked()}

    assert asked | NOT_ASKED.keys() >= _GETS
    assert set() == NOT_ASKED.keys() - _GETS
    assert set() == asked & NOT_ASKED.keys()


async def _nothing(_: object) -> None:
    """Answers nothing."""


def test_a_place_that_nobody_knows_is_refused() -> None:
    """Rather than a page that is never measured."""
    route = Route(method="GET", path="/new/{thing}", answer=_nothing, who=frozenset(), summary="New")
    with pytest.raises(ValueError, match="/new/"):
        list(requests([route], {}, _TODAY))


def test_names_are_the_same_tomorrow() -> None:
    """So that the tables of two days can be laid side by side; the addresses follow the day."""
    today, tomorrow = _asked(), _asked(_TODAY + timedelta(days=1))

    assert list(today) == list(tomorrow)
    assert today["/watch/figures?by=region&from=29d&to=0d"].path.endswith("from=2026-10-28&to=2026-11-26")


def test_whoever_may_asks() -> None:
    """A desk is its department's; nobody has to sign in where anyone may look."""
    asked = _asked()

    assert Role.DEPARTMENT is asked["/desk"].role
    assert Role.SUPERVISOR is asked["/watch"].role
    assert asked["/published"].role is None


@pytest.mark.parametrize(
    ("asked", "body", "expected"),
    [
        ("/api/v1/published?q=x", b'{"items": [], "next_cursor": "abc"}', "/api/v1/published?q=x&cursor=abc"),
        ("/api/v1/published", b'{"items": [], "next_cursor": null}', None),
        (
            "/api/v1/review/clearances",
            b'{"items": [], "next_before": 7}',
            "/api/v1/review/clearances?before=7",
        ),
        ("/desk", b'<a href="/desk?state=ended&amp;cursor=abc">', "/desk?state=ended&cursor=abc"),
        ("/watch", b'<a href="?overdue_after=abc">', "/watch?overdue_after=abc"),
        ("/desk", b'<a href="https://example.org/?cursor=abc">', None),
        (
            "/published",
            b'<a href="/published/D1D6?cursor=abc"><a href="/published?cursor=def">',
            "/published?cursor=def",
        ),
    ],
)
def test_a_list_is_followed(asked: str, body: bytes, expected: str | None) -> None:
    """By its cursor, or by its link to the next page."""
    page = not asked.startswith("/api")

    assert expected == next_address(PageAsked(path=asked, role=None, page=page), Response(200, body))


@pytest.mark.parametrize(
    ("few", "many", "expected"), [(10, 60, False), (1000, 1400, False), (100, 200, True), (0, 61, True)]
)
def test_what_grows_is_more_than_deeper_indexes(few: int, many: int, expected: bool) -> None:
    """Half as much again, and by more than some pages."""
    assert expected is grows(few, many)


def test_the_report_names_what_grows_first() -> None:
    """By the pages that it touches, whatever the times say."""
    few, many = (AlikeCity(database="", web=None, known=None) for _ in range(2))  # type: ignore[arg-type]  # not asked
    for name, pages in (("flat", (100, 110)), ("grown", (100, 1000))):
        for city, touched in zip((few, many), pages, strict=True):
            city.pages[name], city.seconds[name] = [touched, touched, touched + 500], [0.01]
    found = report_of(few, many, 300_000)

    assert ["grown"] == found["grow"]
    assert ["grown", "flat"] == [line["what"] for line in found["lines"]]
    assert [10.0, 1.1] == [line["ratio"] for line in found["lines"]]


def test_cities_are_laid_out_alike() -> None:
    """Nothing of the seed that is changed is gone from it, and every word of ours is filled in."""
    assert "interval '10 days'" in alike_seed()
    assert {} == {name: load for name, load in alike_loads().items() if "$some" in load or "$entry" in load}
