"""Names of the city's that are Chinese are said to be on an English page, for whoever has it read aloud."""

import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from deploy.web.site.catalogs import web_directories
from deploy.web.site.render import Renderer, lang, named
from routing.web.catalogue import show_items
from schemas.city import City, load_city
from schemas.http import Call, Principal
from schemas.words import Language, Role

_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
#: What the city calls a department, district, category, item or tag.
_NAME = re.compile(
    r"\.name\(language\)|\bname_of\(|\bnames\.\w+\.get\(|\b(?:department|category|region)_name\b"
)
#: These become an attribute, in which nothing can be said to be in another language; or an option, which is marked itself.
_SAID_ALOUD = {"report.html": "cell(", "in_hand.html": "city.department[code]"}


def _without_english() -> City:
    """A city that gave everything one name, as many do."""
    city = load_city()
    every = {
        kind: tuple(replace(each, en=each.zh) for each in getattr(city, kind))
        for kind in ("departments", "regions", "categories", "subcategories", "items", "tags")
    }
    return replace(city, **every)


class _Unmarked(HTMLParser):
    """Collects the Chinese that stands outside of what is said to be."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[str | None] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Elements without an end hold no text."""
        if tag not in ("meta", "link", "input", "br", "img"):
            self._open.append(dict(attrs).get("lang"))

    def handle_endtag(self, tag: str) -> None:
        """One less is open."""
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """What the innermost language says counts."""
        language = next((each for each in reversed(self._open) if each), None)
        if language is None or not language.startswith("zh"):
            self.found += _CHINESE.findall(data)


async def test_what_is_rendered_says_what_is_chinese() -> None:
    """The reader's own unit in the shell, headings, captions and cells."""
    city = _without_english()
    who = Principal(role=Role.DISPATCHER, name="li", department=city.departments[0].code)
    call = Call(principal=who, language=Language.EN, path={}, headers={}, address="")
    html = Renderer(city=city).render(
        await show_items(call, city=city),
        language=Language.EN,
        principal=who,
        csrf_token="t",
        path="/review/items",
    )
    reader = _Unmarked()
    reader.feed(html)

    assert all(each.zh in html for each in (city.departments[0], city.categories[0], city.items[0]))
    assert [] == reader.found


@pytest.mark.parametrize("slice_name", web_directories())
def test_every_name_on_every_page_is_marked(slice_name: str) -> None:
    """`|named` beside other words, `|lang` where it is all that an element holds, as an option's."""
    unmarked = []
    for template in sorted((web_directories()[slice_name] / "templates").glob("*.html")):
        source = template.read_text(encoding="utf-8")
        bare = re.sub(r"\{[{%#].*?[}%#]\}", lambda found: "-" * len(found[0]), source, flags=re.DOTALL)
        for shown in re.finditer(r"\{\{-? (.*?) -?\}\}", source, re.DOTALL):
            before = bare[: shown.start()]
            is_attribute = before.rfind("<") > before.rfind(">")
            is_marked = "|named" in shown[1] or f"{shown[1]}|lang" in source or f"({shown[1]})|lang" in source
            is_aloud = _SAID_ALOUD.get(template.name, "\0") in shown[1]
            if _NAME.search(shown[1]) and not (is_attribute or is_marked or is_aloud):
                unmarked.append((template.name, shown[1]))

    assert [] == unmarked


def test_a_name_is_marked_only_where_the_page_is_in_another_language() -> None:
    """And what is no markup stays text."""
    assert '<span lang="zh">水&lt;务局</span>' == str(named("水<务局", Language.EN))
    assert ("水务局", "Water") == (named("水务局", Language.ZH), named("Water", Language.EN))
    assert (' lang="zh"', "", "") == (
        lang("水务局", Language.EN), lang("水务局", Language.ZH), lang("Water", Language.EN)
    )  # fmt: skip
