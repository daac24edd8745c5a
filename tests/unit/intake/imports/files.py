"""Files as other programs write them, small and made here."""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from intake.imports.columns import Cell, SourceRow, field_of
from intake.imports.run import Import
from schemas.words import Channel
from tests.unit.intake.messages import KEYS, NOW

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEADER = ("编号", "标题", "内容", "姓名", "电话")


def import_of(path: Path, **more: object) -> Import:
    """An import of this file."""
    given = {
        "path": path, "channel": Channel.HOTLINE, "keys": KEYS, "clock": lambda: NOW, "zone": ZoneInfo("Asia/Shanghai"),
    }  # fmt: skip
    return Import(**(given | more))  # type: ignore[arg-type]  # the tests name fields that exist


def row_of(cells: Mapping[str, object]) -> SourceRow:
    """A row with these columns."""
    named = [Cell(column, field_of(column), value) for column, value in cells.items()]
    return SourceRow(sheet="f", number=2, cells=named)


def inline(place: str, text: str) -> str:
    """A cell that holds its text itself."""
    where = f" r={quoteattr(place)}" if place else ""
    return f'<c{where} t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def rows_xml(rows: Iterable[Sequence[str]], *, with_places: bool = True) -> str:
    """Rows of text. Without places each stands after the one before, as some programs write it."""
    written = []
    for number, row in enumerate(rows, start=1):
        cells = [
            inline(f"{chr(65 + at)}{number}" if with_places else "", text) for at, text in enumerate(row)
        ]
        where = f' r="{number}"' if with_places else ""
        written.append(f"<row{where}>{''.join(cells)}</row>")
    return "".join(written)


def sheet_xml(rows: str, *, dimension: str | None = None, merges: Sequence[str] = ()) -> str:
    """A sheet with these rows, whatever it says of its size."""
    said = f"<dimension ref={quoteattr(dimension)}/>" if dimension is not None else ""
    merged = "".join(f"<mergeCell ref={quoteattr(merge)}/>" for merge in merges)
    tail = f"<mergeCells>{merged}</mergeCells>" if merges else ""
    return f'<worksheet xmlns="{_MAIN}">{said}<sheetData>{rows}</sheetData>{tail}</worksheet>'


def workbook(
    path: Path,
    sheets: Mapping[str, str],
    *,
    states: Mapping[str, str] | None = None,
    strings: Sequence[str] = (),
    more: Mapping[str, str] | None = None,
    calculation: str = "",
) -> Path:
    """A workbook with these sheets (name: XML), as small as one can be."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" state="{(states or {}).get(name, "visible")}" r:id="rId{at}"/>'
        for at, name in enumerate(names, start=1)
    )
    related = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at, _ in enumerate(names, start=1)
    )
    shared = f'<Relationship Id="s" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    styles = f'<Relationship Id="t" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets>'
        f"{calculation}</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{related}{shared}{styles}</Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">'
        + "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
        + "</sst>",
        **{f"xl/worksheets/sheet{at}.xml": sheets[name] for at, name in enumerate(names, start=1)},
        **(more or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path
