"""Pages: the slices' templates in the site's shell, in the reader's language, everything escaped."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache, partial
from types import CodeType
from zoneinfo import ZoneInfo

from babel.support import NullTranslations
from jinja2 import BytecodeCache, Environment, FileSystemLoader, PrefixLoader
from jinja2.bccache import Bucket
from markupsafe import Markup

from deploy import clock
from deploy.accounts.sessions import IDLE
from deploy.web.site import csrf
from deploy.web.site.catalogs import english, web_directories
from deploy.web.site.navigation import home_of, places
from deploy.web.site.watermark import watermark
from schemas.city import City
from schemas.days import day_of, ends_a_day
from schemas.http import Page, Principal
from schemas.labels import label
from schemas.reasons import said_in
from schemas.words import Language, Role

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_NAMED = Markup('<span lang="zh">{}</span>')
_LANG = Markup(' lang="zh"')
_FIELD = Markup('<input type="hidden" name="{}" value="{}">')


class _CompiledOnce(BytecodeCache):
    """What a template compiles to: the languages differ in what it then asks for, and share it."""

    def __init__(self) -> None:
        self._code: dict[str, CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja's own name for it."""
        bucket.code = self._code.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja's own name for it."""
        self._code[bucket.key] = bucket.code


class Renderer:
    """Holds every template, compiled when first shown, and both languages."""

    def __init__(self, *, city: City) -> None:
        loader = PrefixLoader(
            {name: FileSystemLoader(place / "templates") for name, place in web_directories().items()}
        )
        compiled = _CompiledOnce()
        self._environments: Mapping[Language, Environment] = {
            language: _environment(loader, compiled, language, city=city, zone=city.zone)
            for language in Language
        }

    def environment(self, language: Language) -> Environment:
        """The templates of one language."""
        return self._environments[language]

    def render(
        self,
        page: Page,
        *,
        language: Language,
        principal: Principal,
        csrf_token: str,
        path: str,
        browser: str = "",
        large_text: bool = False,
        is_just_done: bool = False,
        way_back: str | None = None,
    ) -> str:
        """The whole HTML document.

        `path` is what the browser asked for, with its query; `browser` tells it from others (`csrf.name_of`). The language
        switch leads to `way_back`, or there. A page whose reader has just become somebody gives that `principal` itself.
        `is_just_done`: a form was carried out just now, and the page may say so.
        """
        template = self._environments[language].get_template(page.template)
        return template.render(
            {
                "way_back": path if way_back is None else way_back,
                "principal": principal,
                **page.context,
            },
            csrf=_FIELD.format(csrf.FIELD, csrf_token),
            path=path,
            browser=browser,
            large_text=large_text,
            is_just_done=is_just_done,
        )


@cache
def renderer_of(city: City) -> Renderer:
    """The one renderer of this city in a process: to compile a page costs a hundred times what showing it does."""
    return Renderer(city=city)


def local_time(moment: datetime | None, zone: ZoneInfo) -> str:
    """`2026-11-22 16:45` in the city's time; a dash where there is none."""
    return "—" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def until_time(moment: datetime | None, zone: ZoneInfo) -> str:
    """As `local_time`, of something that lasts until then: midnight is 24:00 of the day that ends with it."""
    if moment is None or not ends_a_day(moment.astimezone(zone)):
        return local_time(moment, zone)
    return f"{day_of(moment, zone):%Y-%m-%d} 24:00"


def local_date(moment: datetime | None, zone: ZoneInfo) -> str:
    """`2026-11-22` in the city's time; a dash where there is none."""
    return "—" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d}"


def until_date(moment: datetime | None, zone: ZoneInfo) -> str:
    """As `local_date`, of something that lasts until then: of midnight the day that ends with it."""
    return "—" if moment is None else f"{day_of(moment, zone):%Y-%m-%d}"


def named(text: str, language: Language) -> str:
    """A name of the city's, for a page: said to be Chinese where the page is in English and the city gave it no other."""
    return _NAMED.format(text) if lang(text, language) else text


def lang(text: str, language: Language) -> str:
    """The same as an attribute, for the element that holds nothing but that name: an option takes no other within it."""
    return language.choose("", _LANG if _CHINESE.search(text) else "")


def _environment(
    loader: PrefixLoader, compiled: BytecodeCache, language: Language, *, city: City, zone: ZoneInfo
) -> Environment:
    environment = Environment(
        loader=loader,
        bytecode_cache=compiled,
        autoescape=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    translations = english() if language is Language.EN else NullTranslations()
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]  # set by the extension
    environment.globals |= {
        "language": language,
        "Language": Language,
        "Role": Role,
        "city": city,
        "idle_seconds": round(IDLE.total_seconds()),
        "places": places,
        "home_of": home_of,
        "label": partial(_label, language=language),
        "said_in": partial(said_in, language, city),
        "watermark": partial(watermark, city=city, zone=zone, language=language, clock=clock.now),
    }
    environment.filters |= {
        "named": partial(named, language=language),
        "lang": partial(lang, language=language),
        "local_time": partial(local_time, zone=zone),
        "until_time": partial(until_time, zone=zone),
        "local_date": partial(local_date, zone=zone),
        "until_date": partial(until_date, zone=zone),
    }
    return environment


def _label(word: StrEnum, *, language: Language) -> str:
    return label(word, language)
