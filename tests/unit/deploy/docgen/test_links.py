"""A link that leads nowhere is found; one that leads somewhere is left alone."""

from pathlib import Path

import pytest

from deploy.docgen import links


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two documents beside each other."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("# Start here, 从这里开始\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "link",
    [
        "../README.md",
        "../README.md#start-here-从这里开始",
        "page.md",
        "#a-heading",
        "https://example.org/page",
        "mailto:a@example.org",
    ],
)
def test_living_links(root: Path, link: str) -> None:
    """Files, headings and other sites are left alone."""
    (root / "docs" / "page.md").write_text(f"# A heading\n\nSee [there]({link}).\n", encoding="utf-8")

    assert links.dead(root) == []


@pytest.mark.parametrize("link", ["gone.md", "../README.md#gone", "#gone", "../docs"])
def test_dead_links(root: Path, link: str) -> None:
    """A missing file or heading is named with the document that has the link; a folder is somewhere."""
    (root / "docs" / "page.md").write_text(f"See [`there`]({link}).\n", encoding="utf-8")
    expected = [] if link == "../docs" else [f"docs/page.md: the link {link} leads nowhere"]

    assert expected == links.dead(root)


def test_code_is_not_read(root: Path) -> None:
    """What stands in code is an example, not a link."""
    (root / "docs" / "page.md").write_text("`[a](gone.md)`\n\n```\n[b](gone.md)\n```\n", encoding="utf-8")

    assert links.dead(root) == []
