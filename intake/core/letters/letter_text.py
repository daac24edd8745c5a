"""The text of letters by e-mail: whatever charset they claim, and without what they quote."""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence

from intake.core.codes import access_code_of, parse_tracking_code
from intake.core.letters.charsets import READS_BADLY, READS_WELL, usual_share
from schemas.errors import CodeMistyped
from schemas.ids import TrackingCode

#: They all say less than what Chinese senders write under their names.
_AS_GB18030 = frozenset(("gb2312", "gbk", "x-gbk", "cp936", "ms936", "euc-cn", "gb18030"))
#: What Chinese senders write in, whatever their programs claim.
_CHINESE = ("utf-8", "gb18030", "big5hkscs")
#: What programs claim that do not know. Every byte is a letter of Latin-1, so that it proves nothing.
_CLAIMS_NOTHING = frozenset(
    ("us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252", "cp1252", "unknown-8bit")
)
_HAN = re.compile("[\u4e00-\u9fff]")
#: Where the letter begins that was answered: as Chinese and English programs write it.
_QUOTED = re.compile(
    r"^\s*(?:[-—_]{2,}\s*(?:原始邮件|回复的原邮件|Original Message|Forwarded message).*|"
    r"在 ?.{4,60}写道[:：]|On .{6,80} wrote:|发件人[:：].*|From:\s.*@.*)$",
    re.IGNORECASE,
)
#: Our tracking codes, however they are typed.
_CODE = re.compile(r"[0-9A-Za-z]{4}(?:[-－ ]?[0-9A-Za-z]{4}){3}")
#: Characters that are looked through for them. Project choice: several times what is kept of a letter; of one that holds
#: nothing else, megabytes would be a million keyed checks.
_LOOKED_THROUGH = 200_000


def decoded(content: bytes, said: str | None) -> str:
    """The characters in `content`, of which `said` is the charset that it claims. No byte is lost."""
    if content.isascii() and (said or "").lower() not in (
        "hz",
        "hz-gb-2312",
        "utf-7",
        "iso-2022-jp",
        "iso-2022-kr",
    ):
        return content.decode("ascii")
    if _is_mixed(content):
        return _line_by_line(content, said)
    text = next(iter(_readings(content, _candidates(content, (said or "").lower()))), None)
    if text is not None and usual_share(text) >= READS_BADLY:
        return text
    better = [each for each in _readings(content, _CHINESE) if usual_share(each) >= READS_WELL]
    if better:
        return max(better, key=usual_share)
    return _line_by_line(content, said) if text is None else text


def _readings(content: bytes, charsets: Iterable[str]) -> Iterator[str]:
    for charset in charsets:
        try:
            yield content.decode(charset)
        except (ValueError, LookupError):
            continue


def _is_mixed(content: bytes) -> bool:
    """Whether some lines are UTF-8, and others are not: what a program of another charset put below or above them."""
    lines = [line for line in content.split(b"\n") if not line.isascii()]
    readable = [_is_plainly_utf8(line) for line in lines]
    return any(readable) and not all(readable) and next(iter(_readings(content, ("utf-8",))), None) is None


def _line_by_line(content: bytes, said: str | None) -> str:
    """Of a letter that several programs wrote, each in its own charset; a line that is none is kept byte by byte."""
    lines = content.split(b"\n")
    if len(lines) == 1:
        return content.decode("latin-1")
    return "\n".join(decoded(line, said) for line in lines)


def _candidates(content: bytes, said: str) -> Iterator[str]:
    if _is_plainly_utf8(content):
        yield "utf-8"
    if said in _AS_GB18030:
        yield "gb18030"
    elif said and said not in _CLAIMS_NOTHING and _is_known(said):
        yield said
    yield "utf-8"
    if said not in _CLAIMS_NOTHING or _reads_as_chinese(content):
        yield "gb18030"
    if said in _CLAIMS_NOTHING and _is_known(said):
        yield "cp1252"


def _is_known(charset: str) -> bool:
    """Whether it is a charset at all: Python also has codecs of bytes to bytes."""
    try:
        return bool(codecs.lookup(charset)._is_text_encoding)
    except (ValueError, LookupError):
        return False


def _is_plainly_utf8(content: bytes) -> bool:
    """Whether it is UTF-8 with characters of three bytes: other Chinese charsets do not look so by chance."""
    try:
        return any(character >= "\u0800" for character in content.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _reads_as_chinese(content: bytes) -> bool:
    try:
        return len(_HAN.findall(content.decode("gb18030"))) >= 2
    except UnicodeDecodeError:
        return False


def own_words(text: str) -> str:
    """What the sender of an answer wrote, without the letter that they answered; all of it where nothing else is left."""
    kept: list[str] = []
    for line in text.splitlines():
        if _QUOTED.match(line):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line)
    return "\n".join(kept).strip() or text


def codes_in(text: str, secrets: Sequence[bytes]) -> list[TrackingCode]:
    """The tracking codes of ours that stand in the text, each once."""
    found: dict[TrackingCode, None] = {}
    for match in _CODE.finditer(text, 0, _LOOKED_THROUGH):
        try:
            found[parse_tracking_code(secrets, match.group())] = None
        except CodeMistyped:
            continue
    return list(found)


def without_access_codes(text: str, codes: Sequence[TrackingCode], secrets: Sequence[bytes]) -> str:
    """The text without the secrets of these cases: whoever quotes our answer would show them to a department."""
    for code in codes:
        for secret in secrets:
            text = re.sub(re.escape(access_code_of(secret, code)), "********", text, flags=re.IGNORECASE)
    return text
