"""What is wrong with a city's files; each finding, of whatever file, with its place and remedy."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal

from schemas.city_faults import GROUPS, KINDS
from schemas.city_files import FILES, CityEntry, CityFinding, WrittenCity, read_entries
from schemas.city_form import (
    CODE,
    CODE_LIMIT,
    ITEM_NAME_LIMIT,
    NAMING,
    SHORTEST_WORD,
    WORD_LISTS,
    has_space,
    parts_of,
)
from schemas.errors import Unusable
from schemas.simplified import readings_of
from schemas.words import Language

#: Where what an entry names would stand: of a file that could not be read nobody knows what it has.
_HOME = {
    "no-department": "departments.toml", "no-region": "regions.toml", "no-category": "taxonomy.toml",
    "no-subcategory": "subcategories.toml",
}  # fmt: skip
_LISTS, _FLAGS = (*WORD_LISTS, "supporting"), ("territorial", "special")


def found_in(folder: Path, specialists: Collection[str] = ()) -> tuple[WrittenCity, Sequence[CityFinding]]:
    """The city in `folder` as it is written, and all that is wrong with its files.

    `specialists`: departments to which words of the routing rules lead.
    """
    findings: list[CityFinding] = []
    raw = WrittenCity(*(read_entries(folder, name, findings) for name in FILES))
    unread = {one.file for one in findings}
    for check in (_shapes, _codes, _spaces, _names, _named, _superiors, _streets, _items, _tags):
        findings += (one for one in check(raw) if _HOME.get(one.code) not in unread)
    return raw, [*findings, *_idle(raw, specialists)]


def _shapes(raw: WrittenCity) -> Iterator[CityFinding]:
    """Every key is one that is read, of the right kind, and none that is needed is missing."""
    for name, entries in zip(FILES, raw, strict=True):
        _, needed, more = FILES[name]
        for one in entries:
            for key in one.raw.keys() - {*needed, *more}:
                yield one.wrong(key, "key-unread", known=", ".join((*needed, *more)))
            for key in needed:
                if key not in one.raw:
                    yield one.wrong(key, "key-missing")
            for key, value in one.raw.items():
                if key in (*needed, *more) and not _fits(key, value):
                    yield one.wrong(key, _unfit(key), shortest=SHORTEST_WORD)


def _unfit(key: str) -> str:
    return "no-words" if key in _LISTS else "no-flag" if key in _FLAGS else "no-text"


def _fits(key: str, value: object) -> bool:
    if key in _FLAGS:
        return isinstance(value, bool)
    if key in _LISTS:
        return isinstance(value, list) and all(
            isinstance(one, str) and len(one) >= SHORTEST_WORD for one in value
        )
    return isinstance(value, str) and bool(value.strip())


def _codes(raw: WrittenCity) -> Iterator[CityFinding]:
    """Each code is well-formed, and of one entry alone."""
    for entries in raw:
        seen: dict[str, CityEntry] = {}
        for one in entries:
            code = one.text("code")
            if code and not CODE.fullmatch(code):
                yield one.wrong("code", "code-malformed", most=CODE_LIMIT)
            if code in seen and code:
                yield one.wrong("code", "code-twice", line=seen[code].line)
            seen.setdefault(code, one)


def _spaces(raw: WrittenCity) -> Iterator[CityFinding]:
    """Names stand as they are read: what nobody sees in one makes another of it."""
    for one in (each for entries in raw for each in entries):
        for key in ("zh", "en"):
            if one.text(key) != " ".join(one.text(key).split()) or not one.text(key).isprintable():
                yield one.wrong(key, "name-spaces")


def _names(raw: WrittenCity) -> Iterator[CityFinding]:
    """No two entries of a file go by one name; items are typed in English, too."""
    keys: Sequence[Callable[[CityEntry], list[str]]] = (
        lambda one: [one.text("zh")],
        lambda one: [one.text("zh"), *one.texts("names")],
        lambda one: [one.text("zh")],
        lambda one: [one.text("zh")],
        lambda one: [one.text("zh"), one.text("en")],
        lambda one: [one.text("zh")],
    )
    for entries, names_of in zip(raw, keys, strict=True):
        seen: dict[str, CityEntry] = {}
        for one in entries:
            for name in dict.fromkeys(names_of(one)):
                other = _other_of(seen, name, one)
                if name and other is not one:
                    key = next((key for key in ("zh", "en") if name == one.text(key)), "names")
                    yield one.wrong(key, "name-twice", name=name, other=other.text("code"), line=other.line)


def _other_of(seen: dict[str, CityEntry], name: str, one: CityEntry) -> CityEntry:
    """Whoever else is called that in a message; itself where nobody is."""
    called = [seen.setdefault(each, one) for each in readings_of(name)]
    return next((other for other in called if other is not one), one)


def _named(raw: WrittenCity) -> Iterator[CityFinding]:
    """Whatever an entry names is there."""
    units, districts, categories, subcategories = (
        {one.text("code") for one in each}
        for each in (raw.departments, raw.regions, raw.taxonomy, raw.subcategories)
    )
    wanted = (
        (raw.departments, "region", districts, "no-region"),
        (raw.departments, "parent", units, "no-department"),
        (raw.regions, "department", units, "no-department"),
        (raw.taxonomy, "lead", units, "no-department"),
        (raw.subcategories, "category", categories, "no-category"),
        (raw.items, "subcategory", subcategories, "no-subcategory"),
        (raw.items, "lead", units, "no-department"),
        (raw.items, "supporting", units, "no-department"),
        (raw.items, "kind", KINDS, "no-kind"),
        (raw.tags, "kind", KINDS, "no-kind"),
        (raw.tags, "group", GROUPS, "no-group"),
    )
    for entries, key, known, fault in wanted:
        for one in entries:
            for code in (one.text(key), *one.texts(key)):
                if code and code not in known:
                    yield one.wrong(key, fault, named=code)
    home = {one.text("code"): one.text("region") for one in raw.departments}
    for one in raw.regions:
        unit = one.text("department")
        if home.get(unit) not in (None, "", one.text("code")):
            yield one.wrong("department", "of-another-district", unit=unit, home=home[unit])


def _superiors(raw: WrittenCity) -> Iterator[CityFinding]:
    """Nobody is their own superior."""
    parent = {one.text("code"): one.text("parent") for one in raw.departments}
    for one in raw.departments:
        way, at = [one.text("code")], one.text("parent")
        while at and at not in way:
            way.append(at)
            at = parent.get(at, "")
        if at and at == way[0]:
            yield one.wrong("parent", "own-superior", way=" → ".join((*way, at)))


def _streets(raw: WrittenCity) -> Iterator[CityFinding]:
    """Each street is of one district, or leads to none; and is no district's own name."""
    called = [(name, one) for one in raw.regions for name in (one.text("zh"), *one.texts("names"))]
    districts = {each: one for name, one in called for each in readings_of(name)}
    seen: dict[str, CityEntry] = {}
    for one in raw.regions:
        if 0 < len(one.text("zh").strip()) < SHORTEST_WORD:
            yield one.wrong("zh", "word-short", word=one.text("zh"), shortest=SHORTEST_WORD)
        for street in dict.fromkeys(one.texts("streets")):
            other = _other_of(seen, street, one)
            if other is not one:
                named = other.text("code")
                yield one.wrong(
                    "streets", "street-twice", "warn", street=street, other=named, line=other.line
                )
            for named in [districts[each].text("code") for each in readings_of(street) if each in districts][
                :1
            ]:
                yield one.wrong("streets", "street-is-district", "warn", street=street, other=named)


def _tags(raw: WrittenCity) -> Iterator[CityFinding]:
    """Each tag is named by words that stand in one piece, none of them another's."""
    yield from _words(raw.tags, NAMING)
    for one in raw.tags:
        for key in NAMING:
            for word in filter(has_space, one.texts(key)):
                yield one.wrong(key, "word-spaces", word=word)


def _words(entries: Sequence[CityEntry], keys: Sequence[str] = ("words",)) -> Iterator[CityFinding]:
    """Two are the same that differ in capitals, width or Traditional characters alone."""
    seen: dict[frozenset[str], tuple[CityEntry, str, str]] = {}
    for one in entries:
        if not one.texts("words"):
            yield one.wrong("words", "words-missing")
        for key, word in [(each, word) for each in keys for word in one.texts(each)]:
            read = [parts_of(each) for each in readings_of(word)]
            if any(len(part) < SHORTEST_WORD for parts in read for part in parts or {""}):
                yield one.wrong(key, "word-short", word=word, shortest=SHORTEST_WORD)
            mine = (one, key, word)
            before = [each for each in [seen.setdefault(parts, mine) for parts in read] if each is not mine]
            others = [each for each in before if each[0] is not one or each[1] != key]
            if others or len(before) == len(read):
                yield _twice(one, key, word, *(others or before)[0])


def _twice(one: CityEntry, key: str, word: str, other: CityEntry, list_of: str, theirs: str) -> CityFinding:
    """Where the other is written otherwise, both are said: neither is found by looking for the other.

    Of one list the second is left out, which changes nothing.
    """
    code = "word-twice" if word == theirs and other is not one else "word-same"
    state: Literal["fail", "warn"] = "warn" if other is one and list_of == key else "fail"
    return one.wrong(key, code, state, word=word, theirs=theirs, other=other.text("code"), line=other.line)


def _items(raw: WrittenCity) -> Iterator[CityFinding]:
    """Each item is named by words, none of them another's, and goes by one rule."""
    yield from _words(raw.items)
    for one in raw.items:
        if one.raw.get("special") is True and one.raw.get("territorial") is True:
            yield one.wrong("special", "special-and-territorial")
        for key in ("zh", "en"):
            if len(one.text(key)) > ITEM_NAME_LIMIT:
                yield one.wrong(key, "name-long", most=ITEM_NAME_LIMIT)
        if one.text("lead") in one.texts("supporting"):
            yield one.wrong("supporting", "supports-itself")


def _idle(raw: WrittenCity, specialists: Collection[str]) -> Iterator[CityFinding]:
    """Everybody is sent something by some rule."""
    sent = {
        *specialists,
        *(one.text("lead") for one in raw.taxonomy),
        *(one.text("lead") for one in raw.items),
        *(one.text("department") for one in raw.regions),
    }
    for one in raw.departments:
        if one.text("code") not in sent:
            yield one.wrong("code", "idle", "warn")


def unloadable(error: Exception) -> CityFinding:
    """What is told of an error that no check foresaw, in its own words."""
    said = {"why_zh": str(error), "why_en": str(error)}
    return CityFinding(state="fail", file="", line=None, key="", code="unloadable", facts=said)


def fault_of(folder: Path, error: Exception) -> Unusable:
    """The first of what keeps the city in `folder` from being used, and how many there are; `error` where none is found."""
    failed = [one for one in found_in(folder)[1] if one.state == "fail"] or [unloadable(error)]
    return Unusable(zh=_first(folder, failed, Language.ZH), en=_first(folder, failed, Language.EN))


def _first(folder: Path, failed: Sequence[CityFinding], language: Language) -> str:
    one, count = failed[0], len(failed)
    colon, stop = language.choose("：", ": "), language.choose("；", "; ")
    place = f"{folder / one.file}:{one.line}" if one.line else str(folder / one.file)
    check = f"huiyin city check {folder}"
    rest = language.choose(f"（共 {count} 处须修改：{check}）", f" ({count} to mend in all: {check})")
    return f"{place}{colon}{one.found(language)}{stop}{one.remedy(language)}{rest if count > 1 else ''}"
