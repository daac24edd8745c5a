"""The pages' second language: every slice's `web/locale/en.po` and the site's own, as one catalogue.

Chinese is the source: a text that no catalogue knows is shown as it is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

#: The packages whose pages we serve.
SLICES = ("intake", "routing", "handlers", "sla")

_SITE = Path(__file__).parent


def web_directories() -> Mapping[str, Path]:
    """Where each package's `templates/` and `locale/` lie, whether they exist or not; `site` is ours."""
    # find_spec imports nothing: a slice's pages can be read without its code.
    specs = {name: find_spec(name) for name in SLICES}
    found = {name: list(spec.submodule_search_locations or ()) for name, spec in specs.items() if spec}
    return {name: Path(places[0]) / "web" for name, places in found.items() if places} | {"site": _SITE}


@cache
def english() -> Translations:
    """English for every Chinese text of the site's and the slices' pages, as one catalogue; read once."""
    merged = Translations()
    for path in _paths():
        merged.merge(_compiled(path))
    return merged


def texts_by_catalog() -> Mapping[Path, Mapping[str, str]]:
    """Every catalogue's texts, Chinese to English; of those with a plural, the singular."""
    return {path: _texts(path) for path in _paths()}


def _paths() -> Iterator[Path]:
    places = (directory / "locale" / "en.po" for directory in web_directories().values())
    return (path for path in places if path.exists())


def _catalog(path: Path) -> Catalog:
    with path.open("rb") as lines:
        return read_po(lines, locale="en", abort_invalid=True)


def _texts(path: Path) -> Mapping[str, str]:
    messages = ((_first(message.id), _first(message.string)) for message in _catalog(path))
    return {zh: en for zh, en in messages if zh}


def _first(forms: str | Sequence[str] | None) -> str:
    return forms if isinstance(forms, str) else (forms or [""])[0]


def _compiled(path: Path) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, _catalog(path))
    compiled.seek(0)
    return Translations(compiled)
