"""The city as data: departments, districts, categories, the dispatch catalogue and tags, read once from its TOML files."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from schemas.city_form import CODE, NAMING, OPTIONAL, SHORTEST_WORD, WORD_LISTS, has_space, parts_of
from schemas.errors import Misconfigured, Unusable
from schemas.ids import CategoryCode, DepartmentCode, ItemCode, RegionCode, SubcategoryCode, TagCode
from schemas.simplified import readings_of
from schemas.words import Kind, Language, TagGroup

#: All of China keeps this time.
DEFAULT_TIME_ZONE = "Asia/Shanghai"


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    zh: str
    en: str

    def name(self, language: Language) -> str:
        """Its name in that language."""
        return language.choose(self.zh, self.en)


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

    @property
    def every_name(self) -> tuple[str, ...]:
        """All that a message may call it."""
        return tuple(dict.fromkeys((*readings_of(self.zh), *self.names)))


class Category(_Named, frozen=True, kw_only=True):
    """What a matter is about, and who leads where no rule says otherwise. `territorial`: its district first."""

    code: CategoryCode
    lead: DepartmentCode
    territorial: bool = False


class Subcategory(_Named, frozen=True, kw_only=True):
    """The second level (诉求分类): which items of a category belong together."""

    code: SubcategoryCode
    category: CategoryCode


class CatalogueItem(_Named, frozen=True, kw_only=True):
    """One item (事项) of the dispatch catalogue (派单目录): what it is called in messages, and whose it is.

    `words`: any of them names it; parts between spaces must all be said. `special`: straight to its lead, wherever it
    happened. `territorial`: its district leads, and `lead` supports; None: as its category. `kind`: of such messages alone.
    """

    code: ItemCode
    subcategory: SubcategoryCode
    lead: DepartmentCode
    words: tuple[str, ...]
    supporting: tuple[DepartmentCode, ...] = ()
    special: bool = False
    territorial: bool | None = None
    kind: Kind | None = None


class Tag(_Named, frozen=True, kw_only=True):
    """What is said of matters beside their category (标签): any of its words names it. `kind`: of such messages alone.

    `provided`: words too, of what is there for people (敬老院, 低保): where there is none that is the matter.
    """

    code: TagCode
    group: TagGroup
    words: tuple[str, ...]
    provided: tuple[str, ...] = ()
    kind: Kind | None = None

    @property
    def every_word(self) -> tuple[str, ...]:
        """All that name it, those of both lists."""
        return (*self.words, *self.provided)


class City(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All of them, checked against each other, and the city's time."""

    departments: tuple[Department, ...]
    regions: tuple[Region, ...]
    categories: tuple[Category, ...]
    subcategories: tuple[Subcategory, ...] = ()
    #: The dispatch catalogue; a city may go without one.
    items: tuple[CatalogueItem, ...] = ()
    #: A city may go without them, too.
    tags: tuple[Tag, ...] = ()
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

    @cached_property
    def subcategory(self) -> Mapping[str, Subcategory]:
        """Every subcategory of the city, by its code; made once."""
        return {subcategory.code: subcategory for subcategory in self.subcategories}

    @cached_property
    def item(self) -> Mapping[str, CatalogueItem]:
        """Every item of the dispatch catalogue, by its code; made once."""
        return {item.code: item for item in self.items}

    @cached_property
    def tag(self) -> Mapping[str, Tag]:
        """Every tag, by its code; made once."""
        return {tag.code: tag for tag in self.tags}

    def category_of(self, item: CatalogueItem) -> Category:
        """The category that its subcategory belongs to."""
        return self.category[self.subcategory[item.subcategory].category]

    def __post_init__(self) -> None:
        _check_codes(self)
        codes = {department.code for department in self.departments}
        needed = {region.department for region in self.regions} | {
            category.lead for category in self.categories
        }
        needed |= {code for item in self.items for code in (item.lead, *item.supporting)}
        if unknown := needed - codes:
            raise ValueError(f"departments.toml lacks {sorted(unknown)}")
        _check_levels(self)


def _check_codes(city: City) -> None:
    every = (city.departments, city.regions, city.categories, city.subcategories, city.items, city.tags)
    for entries in every:
        for one in entries:
            if not CODE.fullmatch(one.code):
                raise ValueError(f"code {one.code!r} is not lower-case letters, digits and hyphens")
    for name, all_codes in (
        ("subcategories", [one.code for one in city.subcategories]),
        ("items", [one.code for one in city.items]),
        ("tags", [one.code for one in city.tags]),
    ):
        if twice := [code for code, times in Counter(all_codes).items() if times > 1]:
            raise ValueError(f"{name}.toml has {sorted(twice)} twice")


def _check_levels(city: City) -> None:
    """Each item has a subcategory, and that a category; each word names one item alone."""
    if unknown := {one.category for one in city.subcategories} - set(city.category):
        raise ValueError(f"taxonomy.toml lacks {sorted(unknown)}")
    if lacking := {one.subcategory for one in city.items} - set(city.subcategory):
        raise ValueError(f"subcategories.toml lacks {sorted(lacking)}")
    if both := sorted(one.code for one in city.items if one.special and one.territorial):
        raise ValueError(f"an item is special or territorial, not both: {both}")
    _check_words("items", [item.words for item in city.items])
    # A word in both lists of a tag is refused, too: nobody can tell whether none of it is the matter.
    every = [words for tag in city.tags for words in (tag.words, tag.provided)]
    _check_words("tags", every)
    if apart := sorted(word for words in every for word in words if has_space(word)):
        raise ValueError(f"words of tags.toml have white space inside: {apart}")


def _check_words(file: str, listed: Iterable[Iterable[str]]) -> None:
    """Each is long enough and of one list alone; in a message capitals and small letters are one."""
    named = Counter(parts for words in listed for parts in {parts_of(word) for word in words})
    if twice := sorted(" ".join(sorted(parts)) for parts, times in named.items() if times > 1):
        raise ValueError(f"{file}.toml has words twice: {twice}")
    if short := sorted(part for parts in named for part in parts or {""} if len(part) < SHORTEST_WORD):
        raise ValueError(f"words of {file}.toml need {SHORTEST_WORD} characters: {short}")


@cache
def load_city(directory: Path | None = None, time_zone: str = DEFAULT_TIME_ZONE) -> City:
    """The city in `directory`, or the example city.

    Raises:
        Misconfigured: a file is missing, malformed, or names a department that does not exist; or there is no such zone.
    """
    folder = directory or Path(str(resources.files("schemas"))) / "data"
    try:
        city = read_city(folder)
    except (OSError, ValueError) as error:
        raise Misconfigured(name="CITY_DIRECTORY", fault=_fault(folder, error)) from error
    return msgspec.structs.replace(city, zone=_zone(time_zone))


def _fault(folder: Path, error: Exception) -> Unusable:
    """In the words of the check."""
    # Here: only who is refused waits for the checks and their sentences.
    from schemas.city_check import fault_of

    return fault_of(folder, error)


def read_city(folder: Path) -> City:
    """The city in that folder, in the example's time zone; its words written as messages are matched.

    Raises:
        OSError, ValueError: a file is missing, malformed, or names what does not exist.
    """
    raw: dict[str, Any] = {
        plural: _toml(folder / f"{file}.toml").get(singular, [])
        for plural, file, singular in (
            ("departments", "departments", "department"),
            ("regions", "regions", "region"),
            ("categories", "taxonomy", "category"),
        )
    }
    for plural, singular in OPTIONAL.items():
        if (folder / f"{plural}.toml").is_file():
            raw[plural] = _toml(folder / f"{plural}.toml").get(singular, [])
    return msgspec.convert({plural: _matched(entries) for plural, entries in raw.items()}, City)


def _matched(entries: Any) -> Any:
    """With every word that is looked for as `readings_of` writes it; what is no such list is left for whoever refuses it."""
    if not isinstance(entries, list):
        return entries
    return [_entry_matched(entry) if isinstance(entry, dict) else entry for entry in entries]


def _entry_matched(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**entry, **{key: _words_of(key, entry[key]) for key in WORD_LISTS if key in entry}}


def _words_of(key: str, listed: Any) -> Any:
    """Of words of one list that are the same, written otherwise, the first alone; of two lists both, which is refused."""
    if not isinstance(listed, list):
        return listed
    kept: dict[object, Any] = {}
    for word in (each for one in listed for each in (readings_of(one) if isinstance(one, str) else (one,))):
        kept.setdefault(parts_of(word) if key in NAMING and isinstance(word, str) else object(), word)
    return list(kept.values())


def _toml(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise ValueError(f"{file.name}: {error}") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError) as error:
        fault = Unusable(zh=f"没有这个时区：{name}", en=f"no such time zone: {name}")
        raise Misconfigured(name="TIME_ZONE", fault=fault) from error
