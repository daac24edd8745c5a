"""The city as data: departments, districts and categories, read once from three TOML files."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from schemas.errors import Misconfigured
from schemas.ids import CategoryCode, DepartmentCode, RegionCode
from schemas.words import Language

#: All of China keeps this time.
DEFAULT_TIME_ZONE = "Asia/Shanghai"

#: What a code may be: it is part of topics' names.
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    zh: str
    en: str

    def name(self, language: Language) -> str:
        """Its name in that language."""
        return self.zh if language is Language.ZH else self.en


class Department(_Named, frozen=True, kw_only=True):
    """Who answers (承办单位). `region`: a district's government; `parent`: who it is subordinate to."""

    code: DepartmentCode
    region: RegionCode | None = None
    parent: DepartmentCode | None = None


class Region(_Named, frozen=True, kw_only=True):
    """A district, the words that name it, and its government's code. `streets`: their names lead to it, too."""

    code: RegionCode
    department: DepartmentCode
    names: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()


class Category(_Named, frozen=True, kw_only=True):
    """What a matter is about, and who leads where no rule says otherwise. `territorial`: its district first."""

    code: CategoryCode
    lead: DepartmentCode
    territorial: bool = False


class City(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All three, checked against each other, and the city's time."""

    departments: tuple[Department, ...]
    regions: tuple[Region, ...]
    categories: tuple[Category, ...]
    #: In which its days begin and end, and its times are told: everybody asks here.
    zone: ZoneInfo = ZoneInfo(DEFAULT_TIME_ZONE)

    @cached_property
    def department(self) -> Mapping[str, Department]:
        """Every department of the city, by its code; made once."""
        return {department.code: department for department in self.departments}

    @cached_property
    def region(self) -> Mapping[str, Region]:
        """Every district of the city, by its code; made once."""
        return {region.code: region for region in self.regions}

    @cached_property
    def category(self) -> Mapping[str, Category]:
        """Every category of the city, by its code; made once."""
        return {category.code: category for category in self.categories}

    def __post_init__(self) -> None:
        given = (
            [d.code for d in self.departments]
            + [r.code for r in self.regions]
            + [c.code for c in self.categories]
        )
        for code in given:
            if not CODE.fullmatch(code):
                raise ValueError(f"code {code!r} is not lower-case letters, digits and hyphens")
        codes = {department.code for department in self.departments}
        needed = {region.department for region in self.regions} | {c.lead for c in self.categories}
        if unknown := needed - codes:
            raise ValueError(f"departments.toml lacks {sorted(unknown)}")


@cache
def load_city(directory: Path | None = None, time_zone: str = DEFAULT_TIME_ZONE) -> City:
    """The city in `directory`, or the example city.

    Raises:
        Misconfigured: a file is missing, malformed, or names a department that does not exist; or there is no such zone.
    """
    try:
        city = _read_city(directory or resources.files("schemas") / "data")
    except OSError as error:
        fault = f"{error.filename}: {error.strerror}"
        raise Misconfigured(name="CITY_DIRECTORY", fault=fault) from error
    except ValueError as error:
        raise Misconfigured(name="CITY_DIRECTORY", fault=f"{directory}: {error}") from error
    return msgspec.structs.replace(city, zone=_zone(time_zone))


def _read_city(folder: Traversable) -> City:
    raw = {
        plural: _toml(folder / f"{plural}.toml").get(singular, [])
        for plural, singular in (("departments", "department"), ("regions", "region"))
    }
    return msgspec.convert({**raw, "categories": _toml(folder / "taxonomy.toml").get("category", [])}, City)


def _toml(file: Traversable) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file.name}: {error}") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError) as error:
        raise Misconfigured(name="TIME_ZONE", fault=f"no such time zone: {name}") from error
