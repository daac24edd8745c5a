"""Links between documents: each must lead to a file, and to a heading where it names one."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)


def dead(root: Path) -> Sequence[str]:
    """One sentence for each link that leads nowhere. Links to other sites are not followed."""
    return [problem for document in sorted(_documents(root)) for problem in _dead_in(document, root)]


def _documents(root: Path) -> Iterator[Path]:
    yield from root.glob("*.md")
    yield from (root / "docs").rglob("*.md")
    yield from (root / "deploy").glob("[!.]*/*.md")


def _dead_in(document: Path, root: Path) -> Iterator[str]:
    # A link's own text may hold code; code itself holds no links.
    text = re.sub(
        _CODE, lambda code: "" if code[0].startswith("```") else "code", document.read_text("utf-8")
    )
    for target in _LINK.findall(text):
        if (
            "://" not in target
            and not target.startswith("mailto:")
            and not _leads_somewhere(document, target)
        ):
            yield f"{document.relative_to(root)}: the link {target} leads nowhere"


def _leads_somewhere(document: Path, target: str) -> bool:
    path, _, heading = unquote(target).partition("#")
    file = document.parent / path if path else document
    return file.exists() and (not heading or heading in _anchors(file))


def _anchors(file: Path) -> set[str]:
    headings = _HEADING.findall(file.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
