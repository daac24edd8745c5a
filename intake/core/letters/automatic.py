"""Whether a program wrote a letter by e-mail: by its headers, and by what Chinese programs write without any."""

import re
from collections.abc import Mapping
from email.message import Message

#: Who writes bounces (RFC 2142 §5, RFC 5321 §4.5.1), and nobody reads the answer.
_MACHINES = re.compile(
    r"^(mail(er)?-?daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?|mail[-_.]?delivery([-_.]?(sub)?system)?)([+-].*)?@",
    re.IGNORECASE,
)
#: A header with one of these in its name means that a program sent it, whoever named it so.
_SENT_BY_PROGRAMS = re.compile(
    r"auto-?reply|auto-?respon(d|der|se)\b(?!-suppress)|autoresponder|^x-failed-recipients$|^x-vacation|^x-mdautoresponder"
)
#: A letter with one of these may be a person's; who answers by itself should not (RFC 3834 §2, MS-OXCMAIL).
_NOT_TO_BE_ANSWERED = ("list-id", "list-unsubscribe", "x-auto-response-suppress")
_BULK = frozenset(("bulk", "list", "junk"))
_AUTOMATIC_WORDS = (
    "自动(?:回复|答复|应答)|自動(?:回覆|回復|答覆)|automatic reply|auto(?:matic)?[- ]?(?:reply|response)"
    "|out of (?:the )?office"
)
#: Behind the words a mark, or nothing: somebody may complain of one.
_ABSENT = re.compile(
    rf"\W*(?:外出|假期|休假|离线|系统)?(?:{_AUTOMATIC_WORDS})(?:邮件|郵件|通知)?(?:\s*$|\s*[:：\]】)）].*)",
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"\W*(?:系统退信|退信通知|邮件退信|来自\S{1,60}的退信|退信\s*[:：].*|undeliverable(?: mail)?\s*(?:[:：].*)?"
    r"|undelivered mail(?: returned to sender|\s*[:：].*)?"
    r"|delivery status notification\s*(?:[:：(（].*)?"
    r"|mail delivery (?:failed|failure|(?:sub)?system)\s*(?:[:：(（].*)?|returned mail[:：].*|failure notice)\s*",
    re.IGNORECASE,
)
#: Where such a letter says it itself: in its first sentence, behind a greeting at most, and no more than so many characters
#: altogether. Whoever complains of such a letter says before it whose it was, or puts it between marks. Project choice.
_BETWEEN = r"[^\w“”\"「」『』《》]+"
_LEAD = (
    r"(?:(?:您|你)好|尊敬的.{0,12}|各位.{0,6}|hi|hello|dear.{0,30}|(?:您的|你的)?(?:邮件|来信|信件|来件)(?:我|我们)?(?:已经?)?收到了?"
    r"|(?:我|我们)?(?:已经?)?收到(?:了)?(?:您的|你的)?(?:邮件|来信|信件|来件)了?|(?:感谢|谢谢)(?:您|你)?(?:的)?(?:来信|邮件|联系)?"
    r"|[^，。！？；\n“”]{0,20}(?:休假|度假|出差|外出|不在办公室|无法(?:亲自|及时)?回复)[^，。！？；\n“”]{0,20})"
)
_SAYS_SO = re.compile(
    rf"(?:\s*【[^】]{{0,20}}】)?[^\w“”\"「」『』《》]*(?:{_LEAD}{_BETWEEN}){{0,4}}"
    r"(?:这是(?:一封)?(?:来自.{1,16}的)?(?:一封)?(?:假期|系统|休假)?自动回复(?:的)?(?:邮件|信息)?"
    r"|this is an auto(?:matic|mated)[- ](?:reply|response))(?=\W|$|请|如|谢谢)(?!\s*[”\"」』》?？])",
    re.IGNORECASE,
)
_BEGINNING, _SHORT = 120, 400


def why_automatic(mail: Message, headers: Mapping[str, str], sender: str, own_address: str) -> str:
    """Why no person wrote it, in a word; empty where one may have.

    RFC 3834 §5: `Auto-Submitted` says it; bounces (RFC 3464) say it by their type, and by having no return path.
    """
    said = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    if said not in ("no", ""):
        return "auto-submitted"
    if mail.get_content_type() == "multipart/report" or _reports(mail):
        return "report"
    if headers.get("return-path", "").strip() == "<>":
        return "no-return-path"
    if own_address and own_address in (sender, headers.get("x-loop", "").strip().lower()):
        return "our-own"
    if _MACHINES.match(sender) or headers.get("precedence", "").strip().lower() == "auto_reply":
        return "program"
    return "program" if any(_SENT_BY_PROGRAMS.search(name) for name in headers) else ""


def says_it_is_automatic(subject: str, text: str) -> bool:
    """Whether its own words say that a program wrote it: QQ, 163 and many others send no header with it."""
    if _ABSENT.fullmatch(subject) or _RETURNED.fullmatch(subject):
        return True
    return len(text) <= _SHORT and _SAYS_SO.match(text[:_BEGINNING]) is not None


def may_be_answered(headers: Mapping[str, str]) -> bool:
    """Whether something that answers by itself may answer it."""
    is_bulk = headers.get("precedence", "").strip().lower() in _BULK
    return not is_bulk and not any(name in headers for name in _NOT_TO_BE_ANSWERED)


def _reports(mail: Message) -> bool:
    """Whether it is a report without saying so: one that a person forwards lies within another letter."""
    # Of one that has no parts the library would read the text, in whatever charset it claims: some take hours.
    parts = mail.get_payload() if mail.is_multipart() else ()
    kinds = (
        [part.get_content_type() for part in parts if isinstance(part, Message)]
        if isinstance(parts, list)
        else []
    )
    return "message/delivery-status" in kinds
