"""Whether a city's folder may be used: how much of everything it holds, and what is wrong with it."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import msgspec

from schemas.city import read_city
from schemas.city_check import found_in, unloadable
from schemas.city_files import CityFinding
from schemas.errors import HuiyinError
from schemas.words import Language


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


def check_city(folder: Path, specialists: Collection[str] = ()) -> CheckedCity:
    """All that is wrong with the city in `folder`. `specialists`: departments to which words of the routing rules lead."""
    raw, findings = found_in(folder, specialists)
    if not any(one.state == "fail" for one in findings):
        findings = [*findings, *_loads(folder)]
    return CheckedCity(
        departments=len(raw.departments), districts=len(raw.regions), categories=len(raw.taxonomy),
        subcategories=len(raw.subcategories), items=len(raw.items), tags=len(raw.tags),
        streets=len({street for one in raw.regions for street in one.texts("streets")}),
        findings=tuple(findings),
    )  # fmt: skip


def _loads(folder: Path) -> Iterator[CityFinding]:
    """Whatever else a process would refuse at its start."""
    try:
        read_city(folder)
    except (OSError, ValueError) as error:
        yield unloadable(error)


def both(error: HuiyinError) -> Mapping[str, str]:
    """What the error says in either language, as facts of a finding."""
    return {"why_zh": error.message(Language.ZH), "why_en": error.message(Language.EN)}
