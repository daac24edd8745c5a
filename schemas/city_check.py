"""Whether a city's folder may be used; each finding, of whatever file, with its place and remedy."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from schemas.city import (
    CODE,
    ITEM_NAME_LIMIT,
    NAMING,
    OPTIONAL,
    SHORTEST_WORD,
    WORD_LISTS,
    has_space,
    parts_of,
    read_city,
)
from schemas.city_faults import GROUPS, KINDS, WORDINGS
from schemas.errors import HuiyinError, Unusable
from schemas.simplified import readings_of
from schemas.words import Language

#: The table of each file, the keys that an entry must have, and those that it may have besides.
_FILES: Mapping[str, tuple[str, Collection[str], Collection[str]]] = {
    "departments": ("department", ("code", "zh", "en"), ("region", "parent")),
    "regions": ("region", ("code", "zh", "en", "department"), ("names", "streets")),
    "taxonomy": ("category", ("code", "zh", "en", "lead"), ("territorial",)),
    "subcategories": ("subcategory", ("code", "zh", "en", "category"), ()),
    "items": (
        "item",
        ("code", "zh", "en", "subcategory", "lead", "words"),
        ("supporting", "special", "territorial", "kind"),
    ),
    "tags": ("tag", ("code", "zh", "en", "group", "words"), ("provided", "kind")),
}
_LISTS, _FLAGS = (*WORD_LISTS, "supporting"), ("territorial", "special")


class CityFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong at one place of a file. `fail`: the folder cannot be used so; `warn`: it can be."""

    state: Literal["fail", "warn"]
    file: str
    #: None: the file as a whole.
    line: int | None
    key: str
    #: Which fault it is: of `schemas.city_faults`.
    code: str
    #: What its sentences tell of; with `entry`, the code of the entry that is wrong, where it is about one.
    facts: Mapping[str, str | int]

    def found(self, language: Language) -> str:
        """What is wrong, behind the entry that it is about."""
        said = WORDINGS[self.code].found(language, self._told)
        if "entry" not in self.facts:
            return said
        named = self.facts["entry"] or language.choose("没有代码的条目", "without a code")
        return f"{named}{language.choose('：', ': ')}{said}"

    def remedy(self, language: Language) -> str:
        """What to do about it."""
        return WORDINGS[self.code].remedy(language, self._told)

    @property
    def _told(self) -> Mapping[str, str | int]:
        return {**self.facts, "key": self.key}


class CheckedCity(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything there is, and what is wrong with it."""

    departments: int
    districts: int
    streets: int
    categories: int
    subcategories: int
    items: int
    tags: int
    findings: tuple[CityFinding, ...]

    @property
    def is_usable(self) -> bool:
        """Whether nothing in it would keep a process from starting, or lead cases astray."""
        return not any(one.state == "fail" for one in self.findings)


class _Entry(NamedTuple):
    file: str
    line: int
    raw: Mapping[str, Any]

    def text(self, key: str) -> str:
        value = self.raw.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> list[str]:
        value = self.raw.get(key)
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []

    def wrong(
        self, key: str, code: str, state: Literal["fail", "warn"] = "fail", **facts: str | int
    ) -> CityFinding:
        told = {"entry": self.text("code"), **facts}
        return CityFinding(state=state, file=self.file, line=self.line, key=key, code=code, facts=told)


class _Raw(NamedTuple):
    departments: Sequence[_Entry]
    regions: Sequence[_Entry]
    taxonomy: Sequence[_Entry]
    subcategories: Sequence[_Entry]
    items: Sequence[_Entry]
    tags: Sequence[_Entry]


def check_city(folder: Path, specialists: Collection[str] = ()) -> CheckedCity:
    """All that is wrong with the city in `folder`. `specialists`: departments to which words of the routing rules lead."""
    findings: list[CityFinding] = []
    raw = _Raw(*(_read(folder, name, findings) for name in _FILES))
    for check in (_shapes, _codes, _names, _named, _superiors, _streets, _items, _tags):
        findings += check(raw)
    findings += _idle(raw, specialists)
    if not any(one.state == "fail" for one in findings):
        findings += _loads(folder)
    return CheckedCity(
        departments=len(raw.departments), districts=len(raw.regions), categories=len(raw.taxonomy),
        subcategories=len(raw.subcategories), items=len(raw.items), tags=len(raw.tags),
        streets=len({street for one in raw.regions for street in one.texts("streets")}),
        findings=tuple(findings),
    )  # fmt: skip


def _read(folder: Path, name: str, findings: list[CityFinding]) -> Sequence[_Entry]:
    """The entries of one file, each with the line where it begins."""
    file, table = f"{name}.toml", _FILES[name][0]
    if name in OPTIONAL and not (folder / file).exists():
        return ()
    try:
        text = (folder / file).read_text(encoding="utf-8")
        read = tomllib.loads(text)
    except FileNotFoundError:
        findings.append(_whole(file, "absent"))
        return ()
    except OSError as error:
        findings.append(_whole(file, "unreadable", why=error.strerror or str(error)))
        return ()
    except ValueError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else None
        findings.append(_whole(file, "no-toml", line=line, why=str(error)))
        return ()
    findings.extend(_whole(file, "table-unread", key=key, table=table) for key in read.keys() - {table})
    entries = read.get(table, [])
    if not isinstance(entries, list) or not entries or not all(isinstance(one, dict) for one in entries):
        findings.append(_whole(file, "no-table", key=table))
        return ()
    return [
        _Entry(file, line, one) for line, one in zip(_lines(text, table, len(entries)), entries, strict=True)
    ]


def _lines(text: str, table: str, count: int) -> Sequence[int]:
    header = re.compile(rf"\s*\[\[\s*[\"']?{table}[\"']?\s*\]\]")
    found = [at for at, line in enumerate(text.splitlines(), 1) if header.match(line)]
    return found if len(found) == count else [1] * count


def _whole(file: str, code: str, *, key: str = "", line: int | None = None, **facts: str) -> CityFinding:
    return CityFinding(state="fail", file=file, line=line, key=key, code=code, facts=facts)


def _shapes(raw: _Raw) -> Iterator[CityFinding]:
    """Every key is one that is read, of the right kind, and none that is needed is missing."""
    for name, entries in zip(_FILES, raw, strict=True):
        _, needed, more = _FILES[name]
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


def _codes(raw: _Raw) -> Iterator[CityFinding]:
    """Each code is well-formed, and of one entry alone."""
    for entries in raw:
        seen: dict[str, _Entry] = {}
        for one in entries:
            code = one.text("code")
            if code and not CODE.fullmatch(code):
                yield one.wrong("code", "code-malformed")
            if code in seen and code:
                yield one.wrong("code", "code-twice", line=seen[code].line)
            seen.setdefault(code, one)


def _names(raw: _Raw) -> Iterator[CityFinding]:
    """No two entries of a file go by one name; items are typed in English, too."""
    keys: Sequence[Callable[[_Entry], list[str]]] = (
        lambda one: [one.text("zh")],
        lambda one: [one.text("zh"), *one.texts("names")],
        lambda one: [one.text("zh")],
        lambda one: [one.text("zh")],
        lambda one: [one.text("zh"), one.text("en")],
        lambda one: [one.text("zh")],
    )
    for entries, names_of in zip(raw, keys, strict=True):
        seen: dict[str, _Entry] = {}
        for one in entries:
            for name in dict.fromkeys(names_of(one)):
                other = _other_of(seen, name, one)
                if name and other is not one:
                    key = next((key for key in ("zh", "en") if name == one.text(key)), "names")
                    yield one.wrong(key, "name-twice", name=name, other=other.text("code"), line=other.line)


def _other_of(seen: dict[str, _Entry], name: str, one: _Entry) -> _Entry:
    """Whoever else is called that in a message; itself where nobody is."""
    called = [seen.setdefault(each, one) for each in readings_of(name)]
    return next((other for other in called if other is not one), one)


def _named(raw: _Raw) -> Iterator[CityFinding]:
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


def _superiors(raw: _Raw) -> Iterator[CityFinding]:
    """Nobody is their own superior."""
    parent = {one.text("code"): one.text("parent") for one in raw.departments}
    for one in raw.departments:
        way, at = [one.text("code")], one.text("parent")
        while at and at not in way:
            way.append(at)
            at = parent.get(at, "")
        if at and at == way[0]:
            yield one.wrong("parent", "own-superior", way=" → ".join((*way, at)))


def _streets(raw: _Raw) -> Iterator[CityFinding]:
    """Each street is of one district, or leads to none; and is no district's own name."""
    called = [(name, one) for one in raw.regions for name in (one.text("zh"), *one.texts("names"))]
    districts = {each: one for name, one in called for each in readings_of(name)}
    seen: dict[str, _Entry] = {}
    for one in raw.regions:
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


def _tags(raw: _Raw) -> Iterator[CityFinding]:
    """Each tag is named by words that stand in one piece, none of them another's."""
    yield from _words(raw.tags, NAMING)
    for one in raw.tags:
        for key in NAMING:
            for word in filter(has_space, one.texts(key)):
                yield one.wrong(key, "word-spaces", word=word)


def _words(entries: Sequence[_Entry], keys: Sequence[str] = ("words",)) -> Iterator[CityFinding]:
    """Two are the same that differ in capitals, width or Traditional characters alone."""
    seen: dict[frozenset[str], tuple[_Entry, str, str]] = {}
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


def _twice(one: _Entry, key: str, word: str, other: _Entry, list_of: str, theirs: str) -> CityFinding:
    """Where the other is written otherwise, both are said: neither is found by looking for the other.

    Of one list the second is left out, which changes nothing.
    """
    code = "word-twice" if word == theirs and other is not one else "word-same"
    state: Literal["fail", "warn"] = "warn" if other is one and list_of == key else "fail"
    return one.wrong(key, code, state, word=word, theirs=theirs, other=other.text("code"), line=other.line)


def _items(raw: _Raw) -> Iterator[CityFinding]:
    """Each item is named by words, none of them another's, and goes by one rule."""
    yield from _words(raw.items)
    for one in raw.items:
        if one.raw.get("special") is True and one.raw.get("territorial") is True:
            yield one.wrong("special", "special-and-territorial")
        for key in ("zh", "en"):
            if len(one.text(key)) > ITEM_NAME_LIMIT:
                yield one.wrong(key, "name-long", most=ITEM_NAME_LIMIT)
            if one.text(key) != " ".join(one.text(key).split()) or not one.text(key).isprintable():
                yield one.wrong(key, "name-spaces")
        if one.text("lead") in one.texts("supporting"):
            yield one.wrong("supporting", "supports-itself")


def _idle(raw: _Raw, specialists: Collection[str]) -> Iterator[CityFinding]:
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


def _loads(folder: Path) -> Iterator[CityFinding]:
    """Whatever else a process would refuse at its start."""
    try:
        read_city(folder)
    except (OSError, ValueError) as error:
        yield _unloadable(error)


def _unloadable(error: Exception) -> CityFinding:
    said = {"why_zh": str(error), "why_en": str(error)}
    return CityFinding(state="fail", file="", line=None, key="", code="unloadable", facts=said)


def fault_of(folder: Path, error: Exception) -> Unusable:
    """The first of what keeps the city in `folder` from being used, and how many there are; `error` where none is found."""
    failed = [one for one in check_city(folder).findings if one.state == "fail"] or [_unloadable(error)]
    return Unusable(zh=_first(folder, failed, Language.ZH), en=_first(folder, failed, Language.EN))


def _first(folder: Path, failed: Sequence[CityFinding], language: Language) -> str:
    one, count = failed[0], len(failed)
    colon, stop = language.choose("：", ": "), language.choose("；", "; ")
    place = f"{folder / one.file}:{one.line}" if one.line else str(folder / one.file)
    check = f"huiyin city check {folder}"
    rest = language.choose(f"（共 {count} 处须修改：{check}）", f" ({count} to mend in all: {check})")
    return f"{place}{colon}{one.found(language)}{stop}{one.remedy(language)}{rest if count > 1 else ''}"


def both(error: HuiyinError) -> Mapping[str, str]:
    """What the error says in either language, as facts of a finding."""
    return {"why_zh": error.message(Language.ZH), "why_en": error.message(Language.EN)}
