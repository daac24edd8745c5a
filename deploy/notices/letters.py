"""A notice as an e-mail, which no well-behaved program answers (RFC 3834), and how its bounce is recognised (RFC 3464)."""

import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from schemas.ids import UUID_PATTERN
from schemas.notices import KeptNotice, Message

#: A long address in a header would be folded into encoded words, which no program reads as an address.
_UNFOLDED = SMTP.clone(max_line_length=990)
#: A second one would get what is meant for the first.
_ONE_ADDRESS = re.compile(r"[!-~]+@[!-~]+")
_NEVER = re.compile(r"[\s<>,;:\"()\[\]\\]")
_LINK = re.compile(r"https?://[^\s<>\"，。）]+")
#: Ours and nobody else's: the id of a notice in a Message-ID.
_OWN_ID = re.compile(rf"<notice\.({UUID_PATTERN})@".encode())
#: RFC 3464 §2.3.3 and §2.3.4: it will never arrive; a delay is no bounce.
_FAILED = re.compile(rb"^Action:\s*failed\b", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(rb"^Status:\s*(5\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)


def letter_of(notice: KeptNotice, message: Message, *, sender: str) -> EmailMessage:
    """The letter, in plain text and in HTML; sent twice it has the same Message-ID, by which programs know it again.

    Raises:
        ValueError: `message.to` is not one address and nothing else.
    """
    if not _ONE_ADDRESS.fullmatch(message.to) or _NEVER.search(message.to) or message.to.count("@") != 1:
        raise ValueError("not one address")
    mail = EmailMessage(policy=_UNFOLDED)
    mail["From"] = sender
    mail["To"] = message.to
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(notice.at)
    mail["Message-ID"] = f"<notice.{notice.id}@{domain_of(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = message.language.value
    if message.stop_url:
        # RFC 2369 §3.2; RFC 8058 §3.1: one POST to it is enough.
        mail["List-Unsubscribe"] = f"<{message.stop_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text)
    mail.add_alternative(_html(message), subtype="html")
    return mail


def domain_of(sender: str) -> str:
    """What stands behind the @ of our own address."""
    return parseaddr(sender)[1].rpartition("@")[2]


def _html(message: Message) -> str:
    body = "".join(
        f"<p>{_linked(part).replace(chr(10), '<br>')}</p>" for part in message.text.strip().split("\n\n")
    )
    title = escape(message.subject)
    return (
        f'<!doctype html><html lang="{message.language.value}"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body>{body}</body></html>"
    )


def _linked(text: str) -> str:
    """The text, harmless, with its addresses as links."""
    parts, reached = [], 0
    for found in _LINK.finditer(text):
        address = escape(found.group())
        parts += [escape(text[reached : found.start()]), f'<a href="{address}">{address}</a>']
        reached = found.end()
    return "".join([*parts, escape(text[reached:])])


def bounced_notice(raw: bytes) -> tuple[str, str] | None:
    """The notice of ours that this report says will never arrive, and its status; None where it says nothing such."""
    found = _OWN_ID.search(raw)
    if found is None or not _FAILED.search(raw):
        return None
    status = _STATUS.search(raw)
    return found.group(1).decode(), status.group(1).decode() if status else "failed"
