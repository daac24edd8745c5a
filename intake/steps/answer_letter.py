"""What whoever wrote a letter is answered at once: that it came, and the codes that show how it goes on."""

import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from intake.core.danger import LineToCall, call_first
from intake.core.letter import Letter
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
    mail = _answer_to(letter, f"{subject} [{receipt.tracking_code}]", own_address)
    mail["Date"] = format_datetime(receipt.received_at)
    # The same letter gets the same answer, should it be sent twice.
    mail["Message-ID"] = f"<{receipt.tracking_code}.received@{own_address.rpartition('@')[2]}>"
    words = language.choose(_ZH, _EN).format(
        code=receipt.tracking_code, access_code=receipt.access_code, url=receipt.follow_url
    )
    call = call_first(receipt.call_now, language)
    parts = (call and f"{call}\n", words, receipt.secrecy and f"{receipt.secrecy}\n")
    mail.set_content("\n".join(part for part in parts if part))
    return mail


def danger_letter(
    letter: Letter, lines: Sequence[LineToCall], *, own_address: str, language: Language
) -> EmailMessage:
    """What whoever adds to a case by `letter` is answered where it tells of danger: whom to call."""
    call = call_first(lines, language)
    mail = _answer_to(
        letter, language.choose("请立即拨打 110、119 或 120", "Call 110, 119 or 120 at once"), own_address
    )
    mail.set_content(language.choose(_ZH_ADDED, _EN_ADDED).format(call=call))
    return mail


def _answer_to(letter: Letter, subject: str, own_address: str) -> EmailMessage:
    """An answer to `letter` with nothing in it."""
    mail = EmailMessage(policy=_UNFOLDED)
    mail["From"] = own_address
    mail["To"] = letter.sender
    mail["Subject"] = subject
    if re.fullmatch(r"<[!-~]+>", letter.message_id):
        mail["In-Reply-To"] = mail["References"] = letter.message_id
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    return mail
