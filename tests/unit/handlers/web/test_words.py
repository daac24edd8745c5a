"""The desk's words: every one has its English, and every action its form."""

import re
from pathlib import Path

import pytest

import handlers
from deploy.web.site.catalogs import texts_by_catalog
from handlers.core.actions import ACTIONS
from handlers.core.rules import Action
from handlers.web.pages import DUE, TABS
from handlers.web.words import CONTACT_FIELDS, HAPPENED, IGNORED, PARTS

_WEB = Path(handlers.__file__).parent / "web"
_TEMPLATES = "".join(path.read_text(encoding="utf-8") for path in (_WEB / "templates").glob("*.html"))


def test_every_text_of_the_desk_has_its_english() -> None:
    """Those in the templates, and those that the pages look up; and no others."""
    looked_up = {*HAPPENED.values(), *PARTS.values(), *CONTACT_FIELDS.values(), IGNORED}
    looked_up |= {text for _, text in (*TABS, *DUE)}
    for action in ACTIONS.values():
        looked_up |= {action.done, *action.fields.values()}
    shown = {*re.findall(r"_\('([^']+)'", _TEMPLATES), *looked_up}

    assert shown == set(texts_by_catalog()[_WEB / "locale" / "en.po"])


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_its_form(action: Action) -> None:
    """With an input for each of its fields."""
    assert f"form('{action}')" in _TEMPLATES
    for field in ACTIONS[action].fields:
        assert f"field('{action}', '{field}'" in _TEMPLATES or f'id="{action}-{field}"' in _TEMPLATES


@pytest.mark.parametrize("action", ACTIONS)
def test_every_field_of_a_form_has_its_name(action: Action) -> None:
    """The body's fields, but for the version, which nobody types."""
    assert set(ACTIONS[action].fields) == set(ACTIONS[action].body.__struct_fields__) - {"version"}


def test_everything_that_happens_has_its_words() -> None:
    """Whatever an action is logged as, the timeline can say it; before a department has the case there is no log."""
    assert set(Action) - set(HAPPENED) == {Action.REGISTER, Action.REVIEW, Action.RATE, Action.SUPPLEMENT}
