"""The style sheet's text can be read: every pair of colours has a contrast of 4.5:1 (WCAG 2.2, 1.4.3)."""

import re
from pathlib import Path

import pytest

import deploy.web.site

SHEET = (Path(deploy.web.site.__file__).parent / "static" / "site.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--(\w[\w-]*): (#[0-9a-f]{6});", SHEET))
WHITE = "#ffffff"

PAIRS = [
    (WHITE, COLOURS["brand"]),
    (COLOURS["brand"], WHITE),
    (COLOURS["brand"], COLOURS["paper"]),
    (COLOURS["quiet"], WHITE),
    (COLOURS["quiet"], COLOURS["paper"]),
    (COLOURS["quiet"], "#eeefef"),
    (COLOURS["good"], COLOURS["good-paper"]),
    (COLOURS["warn"], COLOURS["warn-paper"]),
    (COLOURS["bad"], COLOURS["bad-paper"]),
    (COLOURS["ink"], COLOURS["focus"]),
    ("#0e3a7d", "#e3ebf8"),
    (WHITE, "#0e3a7d"),
]


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(text: str, ground: str) -> float:
    """Of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(text), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_contrast(text: str, ground: str) -> None:
    """Text stands out from its ground for somebody with weak sight."""
    assert contrast(text, ground) >= 4.5


def test_nothing_is_fetched() -> None:
    """The style sheet asks for no font or picture from anywhere."""
    assert "url(" not in SHEET
    assert "@import" not in SHEET


def test_it_stays_small() -> None:
    """A village's phone loads it in one round trip or two."""
    assert len(SHEET.encode()) < 10_000
