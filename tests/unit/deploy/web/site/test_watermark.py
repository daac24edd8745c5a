"""The watermark: on every page of staff, on none of a citizen's; it says who looks and hides nothing."""

import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from deploy.web.site.render import Renderer
from deploy.web.site.watermark import OPACITY
from schemas.http import STAFF, Page, Principal
from schemas.ids import DepartmentCode
from schemas.words import Language, Role
from tests.unit.deploy.web.site.test_contrast import PAIRS, contrast

_PAGE = Page(template="site/error.html", context={"title": "t", "message": "m", "status": 404})


def _html(renderer: Renderer, principal: Principal) -> str:
    return renderer.render(_PAGE, language=Language.ZH, principal=principal, csrf_token="t", path="/desk")


def _marks(html: str) -> list[str]:
    return re.findall(
        r'<img class="watermark" src="data:image/svg\+xml,([^"]*)" alt="" aria-hidden="true"', html
    )


@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_see_their_mark(renderer: Renderer, role: Role) -> None:
    """Name, unit (the role, for whoever works for none) and minute, in a picture that is well-formed whatever the name."""
    unit = DepartmentCode("housing") if role is Role.DEPARTMENT else None
    (mark,) = _marks(_html(renderer, Principal(role=role, name="wang<&>", department=unit)))
    said = "\n".join(ElementTree.fromstring(unquote(mark)).itertext())  # noqa: S314  our own

    assert "wang<&> · 住房和城乡建设局" in said if unit else "wang<&> · " in said
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", said)


def test_citizens_have_none(renderer: Renderer) -> None:
    """Nobody watches them."""
    assert [] == _marks(_html(renderer, Principal()))


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stays_readable_under_it(text: str, ground: str) -> None:
    """Where the mark darkens the ground alone, or the letter alone, the contrast is still 4.5:1."""
    assert min(contrast(text, _darkened(ground)), contrast(_darkened(text), ground)) >= 4.5


def _darkened(colour: str) -> str:
    channels = (round(int(colour[at : at + 2], 16) * (1 - OPACITY)) for at in (1, 3, 5))
    return "#" + "".join(f"{channel:02x}" for channel in channels)
