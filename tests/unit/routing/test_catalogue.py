"""The pages' second language."""

import re
from pathlib import Path

import routing
from deploy.web.site.catalogs import texts_by_catalog
from routing.web.words import FIELD_NAMES, KIND_NAMES, STANDING_NAMES, VERDICT_NAMES

_WEB = Path(routing.__file__).parent / "web"


def test_every_text_of_the_pages_has_its_english() -> None:
    """Those in the templates, and the names that the pages look up; and no others."""
    templates = "".join(path.read_text(encoding="utf-8") for path in (_WEB / "templates").glob("*.html"))
    names = {*KIND_NAMES.values(), *FIELD_NAMES.values(), *STANDING_NAMES.values(), "全部"}
    names |= {name for pair in VERDICT_NAMES.values() for name in pair}
    shown = {*re.findall(r"_\('([^']+)'", templates), *names}

    assert shown == set(texts_by_catalog()[_WEB / "locale" / "en.po"])
