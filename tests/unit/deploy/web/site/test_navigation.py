"""Each role is shown its own places, and no redirect leaves the site."""

import pytest

from deploy.web.site.navigation import PLACES, home_of, places, same_site_path
from schemas.words import Role

CITIZEN_PATHS = ["/", "/submit", "/follow", "/published"]


@pytest.mark.parametrize(
    ("role", "own"),
    [
        (Role.CITIZEN, []),
        (Role.DEPARTMENT, ["/desk", "/exclusions"]),
        (Role.DISPATCHER, ["/review", "/callbacks"]),
        (Role.SUPERVISOR, ["/watch", "/exclusions"]),
        (Role.ADMINISTRATOR, ["/review", "/watch"]),
    ],
)
def test_places_by_role(role: Role, own: list[str]) -> None:
    """Everyone sees the citizens' places, and staff their own desk before them."""
    assert own + CITIZEN_PATHS == [place.path for place in places(role)]


@pytest.mark.parametrize("role", list(Role))
def test_everyone_may_see_their_home(role: Role) -> None:
    """Nobody signs in to a page that their role may not see."""
    assert home_of(role) in {place.path for place in places(role)}


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/desk", True), ("/desk/cases/1?x=/submit", True), ("/desktop", False), ("/", False)],
)
def test_a_place_holds_what_is_under_it(path: str, expected: bool) -> None:
    """A link is current on its page and on those under it."""
    (desk,) = (place for place in PLACES if place.path == "/desk")

    assert expected is desk.holds(path)


@pytest.mark.parametrize("path", ["/", "/desk", "/desk/cases/1?due=%E4%BB%8A#top", "/公开"])
def test_a_path_of_ours_is_kept(path: str) -> None:
    """A path on this site leads back."""
    assert path == same_site_path(path, "/home")


@pytest.mark.parametrize(
    "path",
    [
        "", "desk", "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", "/\r\nSet-Cookie: a=b", "javascript:alert(1)", "/" + "a" * 3000, "/\u2028x",
    ],
)  # fmt: skip
def test_anything_else_is_not(path: str) -> None:
    """Whatever could lead elsewhere, or break a header, is replaced."""
    assert same_site_path(path, "/home") == "/home"
