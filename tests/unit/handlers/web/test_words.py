"""The desk's words and forms: every text has its English, and every form its fields."""

import re
from pathlib import Path

import pytest

import handlers
from deploy.web.site.catalogs import texts_by_catalog
from handlers.core.actions import ACTIONS
from handlers.core.rules import Action
from handlers.web.desk_list import DUE, ORDERS, TABS
from handlers.web.words import (
    CONTACT_FIELDS,
    DONE,
    ENTRY_ACTIONS,
    ENTRY_DONE,
    ENTRY_FIELDS,
    ENTRY_TABS,
    FILE_FIELDS,
    HAPPENED,
    IGNORED,
    PART_STATES,
    PARTS,
)

_WEB = Path(handlers.__file__).parent / "web"
_TEMPLATES = "".join(path.read_text(encoding="utf-8") for path in (_WEB / "templates").glob("*.html"))


def test_every_text_of_the_desk_has_its_english() -> None:
    """Those in the templates, and those that the pages look up; and no others."""
    looked_up = {
        *HAPPENED.values(),
        *PARTS.values(),
        *PART_STATES.values(),
        *CONTACT_FIELDS.values(),
        *FILE_FIELDS.values(),
        *DONE.values(),
        *ENTRY_FIELDS.values(),
        *ENTRY_ACTIONS.values(),
        *ENTRY_DONE.values(),
        IGNORED,
    }
    looked_up |= {text for _, text in (*TABS, *DUE, *ORDERS, *ENTRY_TABS)}
    for action in ACTIONS.values():
        form = action.form
        looked_up |= {action.done, form.button, form.folded, form.legend, form.warning}
        looked_up |= {text for field in form.fields for text in (field.label, field.hint)}
    shown = {*re.findall(r"_\('([^']+)'", _TEMPLATES), *looked_up} - {""}

    assert shown == set(texts_by_catalog()[_WEB / "locale" / "en.po"])


@pytest.mark.parametrize("action", ACTIONS)
def test_every_form_asks_for_what_the_action_needs(action: Action) -> None:
    """The body's fields, but for the version, which nobody types."""
    assert set(ACTIONS[action].labels) == set(ACTIONS[action].body.__struct_fields__) - {"version"}


def test_every_form_has_its_own_place() -> None:
    """So that the page always shows them in the same order."""
    assert len({action.form.place for action in ACTIONS.values()}) == len(ACTIONS)


def test_everything_that_happens_has_its_words() -> None:
    """Whatever an action is logged as, the timeline can say it; before a department has the case there is no log."""
    assert set(Action) - set(HAPPENED) == {Action.REGISTER, Action.REVIEW, Action.RATE, Action.SUPPLEMENT}
