"""Cookies are read leniently and written strictly."""

import pytest

from deploy.web.site.cookies import CASE, DEVICE, LANGUAGE, SESSION, VISITOR, as_ours, cookie, set_cookie


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("huiyin_session=abc", "abc"),
        ("other=1; huiyin_session=abc; huiyin_size=large", "abc"),
        ("other=1", ""),
        ("", ""),
        ('huiyin_session="a', ""),
        ("huiyin_session=a\xff", ""),
        ("ahuiyin_session=abc", ""),
        ("huiyin_session", ""),
    ],
)
def test_reads_one_cookie(header: str, expected: str) -> None:
    """One cookie is found among others; a header that makes no sense holds none."""
    assert expected == cookie({"cookie": header}, SESSION)


@pytest.mark.parametrize(
    "others",
    [
        "x=\xe4\xb8\xad",
        'j={"a": "b c"}',
        "flag",
        "a=b c",
        "a[1]=2",
        "path=/",
        "secure",
        'x="a',
        "",
        " ",
        "=",
        "=a",
    ],
)
def test_what_other_sites_of_the_domain_set_hides_nothing(others: str) -> None:
    """A city's sites share a domain, and so browsers send us what each of them set: nobody is signed out by it."""
    assert cookie({"cookie": f"{others}; huiyin_session=abc; {others}"}, SESSION) == "abc"


def test_a_cookie_that_quotes_without_end_costs_nothing() -> None:
    """As long as headers may be: read by the standard library this takes minutes, and the whole process with it."""
    hostile = 'x="' + '\\"' * 32_000

    assert [""] * 1000 == [cookie({"cookie": hostile}, SESSION) for _ in range(1000)]


def test_thousands_of_others_are_not_looked_at_one_by_one() -> None:
    """Anybody may send them, at every request: none of them is left after the first pass."""
    for others in (";" * 8_000, "a=b;" * 2_000, " \t" * 4_000 + ";"):
        assert f"{LANGUAGE}=en" == as_ours(f"{others}{LANGUAGE}=en;{others}")
        assert "en" == cookie({"cookie": f"{others} {LANGUAGE} = en ;{others}"}, LANGUAGE)


def test_a_session_is_out_of_reach() -> None:
    """A session goes with the browser, is hidden from scripts and other sites, and from plain http."""
    assert "__Host-huiyin_session=abc; Path=/; HttpOnly; SameSite=Lax; Secure" == set_cookie(
        SESSION, "abc", https=True
    )


@pytest.mark.parametrize("name", [SESSION, VISITOR, DEVICE, CASE])
def test_no_other_site_of_the_domain_puts_its_secret_in_the_place_of_ours(name: str) -> None:
    """It may set whatever it likes, before ours or behind it, but no cookie of a name that is this very site's."""
    ours = set_cookie(name, "ours", https=True).partition(";")[0]
    for sent in (f"{name}=theirs; {ours}", f"{ours}; {name}=theirs", f"{ours};{name} = theirs"):
        assert "ours" == cookie({"cookie": as_ours(sent)}, name)

    assert "" == cookie({"cookie": as_ours(f"{name}=theirs; __host-{name}=theirs; {LANGUAGE}=en")}, name)
    assert "en" == cookie({"cookie": as_ours(f"{name}=theirs; {LANGUAGE}=en")}, LANGUAGE)


@pytest.mark.parametrize("name", [SESSION, VISITOR, DEVICE, CASE])
@pytest.mark.parametrize("odd", ["\x85", "\xa0", "\x1c"])
def test_what_python_takes_for_a_blank_makes_no_other_name_ours(name: str, odd: str) -> None:
    """To a browser it is part of a name, which any site of the domain may set."""
    ours = set_cookie(name, "ours", https=True).partition(";")[0]
    for theirs in (f"{odd}__Host-{name}=theirs", f"__Host-{name}{odd}=theirs", f"__Host-{odd}{name}=theirs"):
        assert "ours" == cookie({"cookie": as_ours(f"{ours}; {theirs}")}, name)
        assert "" == cookie({"cookie": as_ours(theirs)}, name)
    assert "ours" == cookie({"cookie": f"{name}=ours; {odd}{name}=theirs"}, name)
    assert "" == cookie({"cookie": f"{name}={odd}theirs"}, name)


def test_none_deletes() -> None:
    """None makes the browser forget the cookie."""
    assert (
        set_cookie(SESSION, None, https=False) == "huiyin_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
    )


def test_a_choice_lasts() -> None:
    """A choice of language is kept for a year."""
    assert set_cookie(LANGUAGE, "en", https=False).endswith("Max-Age=31536000")
