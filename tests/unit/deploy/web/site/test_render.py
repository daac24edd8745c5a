"""Every template compiles, everything is escaped, and every text of ours has its English."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, nodes

from deploy.web.site.catalogs import texts_by_catalog, web_directories
from deploy.web.site.navigation import PLACES
from deploy.web.site.render import Renderer, local_date, local_time, until_time
from schemas.http import Page, Principal
from schemas.words import CaseState, Clock, Language, ReviewKind, Role

CHINA = ZoneInfo("Asia/Shanghai")
TEMPLATES = sorted(
    f"{name}/{path.relative_to(place / 'templates')}"
    for name, place in web_directories().items()
    for path in (place / "templates").rglob("*.html")
)
_EXTRACTING = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
NAVIGATION_TEXTS = {place.zh for place in PLACES}


def _render(renderer: Renderer, **changes: object) -> str:
    page = Page(
        template="site/error.html", context={"title": "标题", "message": "<b>", "status": 404} | changes
    )
    return renderer.render(
        page, language=Language.ZH, principal=Principal(), csrf_token="t", path="/published?q=水"
    )


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("language", list(Language))
def test_every_template_compiles(renderer: Renderer, template: str, language: Language) -> None:
    """No template has a syntax error or names a parent, filter or function that is not there."""
    environment = renderer.environment(language)

    environment.get_template(template)


def test_a_page_is_compiled_for_both_languages_at_once(renderer: Renderer) -> None:
    """The first English page does not wait for what the Chinese one has waited for."""
    chinese, english = (
        renderer.environment(language).get_template("intake/case.html") for language in Language
    )

    assert chinese is not english
    assert chinese.root_render_func.__code__ is english.root_render_func.__code__


def test_every_macro_that_a_template_calls_is_imported(renderer: Renderer) -> None:
    """One that is not is found when somebody opens the page that needs it, and by nobody before."""
    environment = renderer.environment(Language.ZH)
    parsed = {name: environment.parse(_source(name)) for name in TEMPLATES}
    macros = {macro.name for tree in parsed.values() for macro in tree.find_all(nodes.Macro)}
    missing = {
        name: found for name, tree in parsed.items() if (found := macros & _called(tree) - _named(tree))
    }

    assert {} == missing


def test_an_error_beside_a_field_is_written_in_one_place() -> None:
    """`error_message` says to screen readers that it is one, which each page that writes it by hand may forget."""
    by_hand = [template for template in TEMPLATES if "govuk-error-message" in _source(template)]

    assert ["site/parts.html"] == by_hand


def _source(template: str) -> str:
    slice_name, _, path = template.partition("/")
    return (web_directories()[slice_name] / "templates" / path).read_text(encoding="utf-8")


def _called(tree: nodes.Template) -> set[str]:
    return {call.node.name for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)}


def _named(tree: nodes.Template) -> set[str]:
    """What the template itself gives a name: imports, macros, variables."""
    imported = {
        name if isinstance(name, str) else name[1]
        for each in tree.find_all(nodes.FromImport)
        for name in each.names
    }
    own = {macro.name for macro in tree.find_all(nodes.Macro)}
    return imported | own | {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_text_has_its_english(template: str) -> None:
    """Every text that a page marks for translation is in a catalogue."""
    slice_name, _, path = template.partition("/")
    texts = _texts(slice_name, path)

    assert set() == texts - _known()


def test_the_navigation_has_its_english() -> None:
    """The header's links speak English, too."""
    assert set() == NAVIGATION_TEXTS - _known()


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_chinese_is_left_unmarked(template: str) -> None:
    """Chinese on a page goes through `_()`, its commas and stops too, so that nobody reads half a page in each language."""
    slice_name, _, path = template.partition("/")
    source = (web_directories()[slice_name] / "templates" / path).read_text(encoding="utf-8")
    bare = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->", "", source, flags=re.DOTALL)
    bare = re.sub(r'<(\w+)[^>]*\blang="zh(?:-Hans)?"[^>]*>[^<]*</\1>', "", bare)

    assert re.findall(r"[\u3001-\u301f\u4e00-\u9fff\uff01-\uff5e]+", bare) == []


def test_one_text_one_translation() -> None:
    """Slices that use the same words say the same in English: the merged catalogue depends on no order."""
    seen: dict[str, set[str]] = {}
    for texts in texts_by_catalog().values():
        for zh, en in texts.items():
            seen.setdefault(zh, set()).add(en)

    assert {zh: sorted(en) for zh, en in seen.items() if len(en) > 1} == {}


def test_placeholders_survive_translation() -> None:
    """A translation has the same placeholders as its text, or the page would fail in one language."""
    placeholder = re.compile(r"%\((\w+)\)")
    wrong = [
        zh
        for texts in texts_by_catalog().values()
        for zh, en in texts.items()
        if set(placeholder.findall(zh)) != set(placeholder.findall(en))
    ]

    assert wrong == []


#: More than one, wherever they are said: periods to choose from, looks from the second on, calls of several.
_SEVERAL = {
    "近 %(days)s 天",
    "共 %(times)s 次",
    "已拨打 %(times)s 次，最多 %(most)s 次，%(hours)s 小时之内的算一次",
}


def test_one_is_said_without_a_plural() -> None:
    """No `1 days`, no `1 times`: English that holds a number is worded so that any will do."""
    counted = re.compile(r"%\(\w+\)s (days|times)\b")
    found = {zh for texts in texts_by_catalog().values() for zh, en in texts.items() if counted.search(en)}

    assert found <= _SEVERAL


def test_what_is_shown_is_escaped(renderer: Renderer) -> None:
    """Whatever a page shows is text, never markup."""
    html = _render(renderer, message="<script>alert(1)</script>")

    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_nothing_comes_from_elsewhere(renderer: Renderer) -> None:
    """No page asks another host for anything, nor has a script or style inside: the CSP forbids both."""
    html = _render(renderer)

    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', html) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", html) == []


def test_the_language_switch_leads_back(renderer: Renderer) -> None:
    """Whoever changes the language comes back to the page with its query."""
    assert "next=/published%3Fq%3D%E6%B0%B4" in _render(renderer)


def test_staff_see_who_they_are(renderer: Renderer) -> None:
    """A signed-in person sees name, role and department, and can sign out."""
    principal = Principal(role=Role.DEPARTMENT, name="wang", department="housing")  # type: ignore[arg-type]  # a code
    page = Page(template="site/error.html", context={"title": "t", "message": "m", "status": 404})
    html = renderer.render(page, language=Language.EN, principal=principal, csrf_token="t", path="/desk")

    assert "wang · department · Housing and Construction Bureau" in html
    assert '<input type="hidden" name="csrf" value="t">' in html
    assert 'action="/sign-out"' in html


@pytest.mark.parametrize(
    ("language", "said"),
    [(Language.EN, "Stopped by: reply, return, sign for it"), (Language.ZH, "停表：答复、退单、签收")],
)
def test_what_stops_a_clock_is_one_sentence(renderer: Renderer, language: Language, said: str) -> None:
    """The same words are buttons and headings elsewhere; here each is the middle of a sentence."""
    clock = SimpleNamespace(
        clock=Clock.REPLY, owner="lead", department=None, running=True, due_at=datetime(2026, 11, 23, tzinfo=UTC),
        missed=False, provisional=False, stopped_by=["case.replied", "case.returned", "case.signed"],
    )  # fmt: skip
    shown = renderer.environment(language).from_string(
        '{% from "site/parts.html" import clocks_list with context %}{{ clocks_list([clock]) }}'
    )

    assert said in shown.render(clock=clock)


@pytest.mark.parametrize(
    ("first", "following", "shown", "said"),
    [
        (None, None, 3, "共 3 项"),
        (None, "/b", 20, "本页 20 项"),
        ("/a", None, 1, "本页 1 项"),
        (None, None, 0, ""),
        (None, None, None, ""),
    ],
)
def test_a_list_says_how_many_it_shows(
    renderer: Renderer, first: str | None, following: str | None, shown: int | None, said: str
) -> None:
    """All of them where there is no other page; an empty one says in a sentence that it is."""
    page = renderer.environment(Language.ZH).from_string(
        '{% from "site/parts.html" import pager with context %}{{ pager(first, next, shown) }}'
    )

    html = page.render(first=first, next=following, shown=shown)

    assert said == "".join(re.findall(r"<p[^>]*>(.*?)</p>", html))


def test_large_text_is_marked(renderer: Renderer) -> None:
    """Large text is one attribute, which the style sheet acts on."""
    page = Page(template="site/error.html", context={"title": "t", "message": "m", "status": 404})
    html = renderer.render(
        page, language=Language.ZH, principal=Principal(), csrf_token="t", path="/", large_text=True
    )

    assert '<html lang="zh-Hans" class="govuk-template" data-size="large">' in html


def test_city_time() -> None:
    """A moment is shown in the city's time, and a dash where there is none."""
    moment = datetime(2026, 11, 22, 16, 45, tzinfo=UTC)

    assert local_time(moment, CHINA) == "2026-11-23 00:45"
    assert local_date(moment, CHINA) == "2026-11-23"
    assert local_time(None, CHINA) == "—"


def test_what_lasts_until_midnight_ends_its_own_day() -> None:
    """24:00, as people say it: not the first minute of a day on which it is too late."""
    moments = (
        datetime(2026, 11, 30, 16, tzinfo=UTC),
        datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 30, 16, 1, tzinfo=UTC),
        None,
    )

    assert ["2026-11-30 24:00", "2026-11-30 23:59", "2026-12-01 00:01", "—"] == [
        until_time(moment, CHINA) for moment in moments
    ]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (CaseState.ASSIGNED, "待签收"),
        (ReviewKind.DISPATCH, "派单"),
        (Clock.DISPATCH, "派单时限"),
        (ReviewKind.REPLY, "答复审核"),
        (Clock.REPLY, "答复时限"),
    ],
)
def test_labels(renderer: Renderer, word: CaseState, expected: str) -> None:
    """Each word has its own label, words spelt alike in two vocabularies included."""
    template = renderer.environment(Language.ZH).from_string("{{ label(word) }}")

    assert expected == template.render(word=word)


def _texts(slice_name: str, path: str) -> set[str]:
    source = (web_directories()[slice_name] / "templates" / path).read_text(encoding="utf-8")
    found = (text for _, _, text in _EXTRACTING.extract_translations(source))  # type: ignore[attr-defined]  # by i18n
    return {text if isinstance(text, str) else str(text[0]) for text in found if text}


def _known() -> set[str]:
    return {zh for texts in texts_by_catalog().values() for zh, en in texts.items() if en}
