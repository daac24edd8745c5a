"""What kind of file somebody sent, by what is in it: programs write one kind under the name of another."""

import re
import zipfile
from pathlib import Path

#: Bytes that tell a kind: what stands first in a file (project choice: one page of memory).
_LOOKED_AT = 4096
#: Of a package with something in it, an empty one and one in several parts (APPNOTE §4.3): a column may be called PK.
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
#: Of a workbook that opens with a password alone ([MS-OFFCRYPTO] §2.3.4.4).
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: Of an encrypted workbook, where its directory stands. Project choice.
_DIRECTORY = 1 << 20
_PAGE = re.compile(rb"<!doctype html|<html|<table|<body|<meta", re.IGNORECASE)
_TABLES = (".csv", ".tsv", ".txt", ".xls", ".xlsx", ".xlsm")
_LINES = (".jsonl", ".ndjson")

WORKBOOK, TABLE, LINES = "workbook", "table", "lines"

#: Why a file of another kind cannot be read, and what to do; in both languages.
RefusalWords = tuple[str, str]
_OTHER: RefusalWords = ("文件须为 xlsx、csv 或 jsonl", "it must be xlsx, csv or jsonl")
_NO_WORKBOOK: RefusalWords = ("不是有效的 xlsx 文件", "it is no valid xlsx workbook")
_PASSWORD: RefusalWords = (
    "工作簿有打开密码，请去掉密码后再导入",
    "it opens with a password alone: save it without one",
)
_OLD: RefusalWords = (
    "是旧式表格（xls、et），请另存为 xlsx",
    "it is a workbook of the old kind (xls, et): save it as xlsx",
)
_HTML: RefusalWords = (
    "是网页，不是表格，请在表格软件中打开并另存为 xlsx",
    "it is a web page: open it in a spreadsheet program and save it as xlsx",
)
_XML: RefusalWords = (
    "是 XML 表格（2003），请另存为 xlsx",
    "it is an XML spreadsheet of 2003: save it as xlsx",
)
_BINARY: RefusalWords = (
    "是二进制表格（xlsb），请另存为 xlsx",
    "it is a binary workbook (xlsb): save it as xlsx",
)
_OPEN: RefusalWords = (
    "是开放文档表格（ods），请另存为 xlsx",
    "it is an OpenDocument spreadsheet (ods): save it as xlsx",
)


def kind_of(path: Path) -> str | RefusalWords:
    """A workbook, a table in text or lines of JSON; or why it is none that can be read."""
    with path.open("rb") as file:
        first = file.read(_LOOKED_AT)
    suffix = path.suffix.lower()
    if first.startswith(_ZIP):
        return _in_package(path)
    if first.startswith(_OLE[:4]):
        return _old(path)
    if (marked := _marked_up(first)) is not None and suffix not in _LINES:
        return marked
    if suffix in _LINES:
        return LINES
    if suffix not in _TABLES:
        return _OTHER
    return TABLE if suffix in (".csv", ".tsv", ".txt") or _is_table(first) else _NO_WORKBOOK


def _in_package(path: Path) -> str | RefusalWords:
    try:
        with zipfile.ZipFile(path) as package:
            names = {name.lower() for name in package.namelist()}
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, UnicodeDecodeError, ValueError):
        return _NO_WORKBOOK
    if "xl/workbook.bin" in names:
        return _BINARY
    return _OPEN if "content.xml" in names and "mimetype" in names else WORKBOOK


def _old(path: Path) -> RefusalWords:
    with path.open("rb") as file:
        return _PASSWORD if _ENCRYPTED in file.read(_DIRECTORY) else _OLD


def _marked_up(first: bytes) -> RefusalWords | None:
    text = first.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not text.startswith(b"<"):
        return None
    if b"urn:schemas-microsoft-com:office:spreadsheet" in text and b"<?xml" in text[:10]:
        return _XML
    return _HTML if _PAGE.search(text) else None


def _is_table(first: bytes) -> bool:
    """Whether it is text with cells, under the name of a workbook: many systems export so."""
    plain = first.replace(b"\0", b"")
    return b"\n" in plain and (b"\t" in plain or b"," in plain) and b"\x01" not in plain
