"""A city's files as they are written: their entries with the lines where these begin, and what is found wrong with one."""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from schemas.city_faults import WORDINGS
from schemas.city_form import OPTIONAL
from schemas.words import Language

#: The table of each file, the keys that an entry must have, and those that it may have besides.
FILES: Mapping[str, tuple[str, Collection[str], Collection[str]]] = {
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


#: Files that a city may go without, unless it has the other one, each of whose entries names one of theirs.
_NEEDED_BY: Mapping[str, str] = {"subcategories": "items"}


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


class CityEntry(NamedTuple):
    """One entry of a file, as it was written, and the line where it begins."""

    file: str
    line: int
    raw: Mapping[str, Any]

    def text(self, key: str) -> str:
        """What is written there; empty where that is no text."""
        value = self.raw.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> list[str]:
        """Every text of a list; none where it is no list."""
        value = self.raw.get(key)
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []

    def wrong(
        self, key: str, code: str, state: Literal["fail", "warn"] = "fail", **facts: str | int
    ) -> CityFinding:
        """A finding about this entry."""
        told = {"entry": self.text("code"), **facts}
        return CityFinding(state=state, file=self.file, line=self.line, key=key, code=code, facts=told)


class WrittenCity(NamedTuple):
    """The entries of all files, in the order of `FILES`."""

    departments: Sequence[CityEntry]
    regions: Sequence[CityEntry]
    taxonomy: Sequence[CityEntry]
    subcategories: Sequence[CityEntry]
    items: Sequence[CityEntry]
    tags: Sequence[CityEntry]


def read_entries(folder: Path, name: str, findings: list[CityFinding]) -> Sequence[CityEntry]:
    """The entries of one file, each with the line where it begins."""
    file, table = f"{name}.toml", FILES[name][0]
    is_asked_for = name in _NEEDED_BY and (folder / f"{_NEEDED_BY[name]}.toml").exists()
    if name in OPTIONAL and not is_asked_for and not (folder / file).exists():
        return ()
    try:
        text = (folder / file).read_text(encoding="utf-8-sig")
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
        CityEntry(file, line, one)
        for line, one in zip(_lines(text, table, len(entries)), entries, strict=True)
    ]


def _lines(text: str, table: str, count: int) -> Sequence[int]:
    header = re.compile(rf"\s*\[\[\s*[\"']?{table}[\"']?\s*\]\]")
    found = [at for at, line in enumerate(text.splitlines(), 1) if header.match(line)]
    return found if len(found) == count else [1] * count


def _whole(file: str, code: str, *, key: str = "", line: int | None = None, **facts: str) -> CityFinding:
    return CityFinding(state="fail", file=file, line=line, key=key, code=code, facts=facts)
