"""Answers a letter at once: that it arrived, with the codes to follow it by."""

import re
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from intake.core.danger import LineToCall, call_first
from intake.core.letters.letter import Letter, letter_digest
from intake.steps.accept import Receipt
from schemas.words import Language

#: A long address in a header would be folded into encoded words, which no program reads as an address.
_UNFOLDED = SMTP.clone(max_line_length=990)
_ZH = """您好：

您的来信已收到，会由有关单位办理。

查询号：{code}
查询码：{access_code}
在这里查看进度：{url}

要补充情况，直接回复这封邮件即可（请保留主题里的查询号，用原来的邮箱发出）。
查询码请不要转给别人。

这封信由系统自动发出。
"""
_EN = """Dear writer,

your letter has been received and will be given to whoever is responsible.

Tracking code: {code}
Access code: {access_code}
Follow it here: {url}

To add something, just answer this e-mail (keep the tracking code in the subject, and write from the same address).
Please give the access code to nobody.

This letter was sent automatically.
"""


_ZH_ADDED = """您好：

您补充的内容已收到。{call}

这封信由系统自动发出。
"""
_EN_ADDED = """Dear writer,

what you added has been received. {call}

This letter was sent automatically.
"""


def receipt_letter(letter: Letter, receipt: Receipt, *, own_address: str, language: Language) -> EmailMessage:
    """The answer to `letter`, which no well-behaved program answers (RFC 3834 §3.1.8, RFC 5322 §3.6.4)."""
    subject = language.choose("已收到您的来信", "Your letter has been received")
    subject = f"{subject} [{receipt.tracking_code}]"
    known_by = f"{receipt.tracking_code}.received"
    mail = _answer_to(letter, subject, own_address, at=receipt.received_at, known_by=known_by)
    words = language.choose(_ZH, _EN).format(
        code=receipt.tracking_code, access_code=receipt.access_code, url=receipt.follow_url
    )
    call = call_first(receipt.call_now, language)
    parts = (call and f"{call}\n", words, receipt.secrecy and f"{receipt.secrecy}\n")
    mail.set_content("\n".join(part for part in parts if part))
    return mail


def danger_letter(
    letter: Letter, lines: Sequence[LineToCall], *, own_address: str, language: Language, at: datetime
) -> EmailMessage:
    """What whoever adds to a case by `letter` is answered where it tells of danger: whom to call."""
    call = call_first(lines, language)
    numbers = [line.number for line in lines]
    zh = f"请立即拨打 {'、'.join(numbers)}"
    subject = language.choose(zh, f"Call {', '.join(numbers)} at once")
    known_by = f"{letter_digest(letter).hex()[:32]}.danger"
    mail = _answer_to(letter, subject, own_address, at=at, known_by=known_by)
    mail.set_content(language.choose(_ZH_ADDED, _EN_ADDED).format(call=call))
    return mail


def _answer_to(
    letter: Letter, subject: str, own_address: str, *, at: datetime, known_by: str
) -> EmailMessage:
    """An answer to `letter` with nothing in it: `known_by` the same, should the same be sent twice."""
    mail = EmailMessage(policy=_UNFOLDED)
    mail["From"] = own_address
    mail["To"] = letter.sender
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{known_by}@{own_address.rpartition('@')[2]}>"
    if re.fullmatch(r"<[!-~]+>", letter.message_id):
        mail["In-Reply-To"] = mail["References"] = letter.message_id
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    return mail
