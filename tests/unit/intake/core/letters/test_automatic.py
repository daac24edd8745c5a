"""Letters that no person wrote, and those that only look so."""

from email.message import EmailMessage

import pytest

from intake.core.letters.letter import read_letter
from tests.unit.intake.core.letters.test_letter import HEAD, mail, read


@pytest.mark.parametrize(
    "subject",
    [
        "自动回复: 路灯",
        "自动答复：您的邮件",
        "[自动回复] 已收到",
        "假期自动回复",
        "自動回覆: 路燈",
        "Automatic reply: lamp",
        "Out of Office: lamp",
        "系统退信",
        "来自hotline@city.example的退信",
        "退信：路灯",
        "Undelivered Mail Returned to Sender",
        "Undeliverable: lamp",
        "Delivery Status Notification (Failure)",
        "Mail delivery failed: returning message to sender",
        "failure notice",
    ],
)
def test_a_letter_is_known_by_its_subject_where_no_header_says_so(subject: str) -> None:
    """As QQ, 163 and many others send them: they would be answered, and answer again."""
    letter = read(mail("我正在休假，稍后回复您。", Subject=subject))

    assert ("by-its-words", False) == (letter.automatic, letter.is_answerable)


@pytest.mark.parametrize(
    "text",
    [
        "这是来自QQ邮箱的假期自动回复邮件。\n您好，我最近正在休假中，无法亲自回复您的邮件。",
        "您好，邮件我已收到，这是一封自动回复邮件。",
        "您好！\n您的来信已收到，谢谢！\n这是系统自动回复邮件，请勿回复。",
        "尊敬的用户：\n  这是一封自动回复。",
        "Hello,\nthis is an automated response.",
        "【市政公司】这是一封自动回复邮件请勿回复",
        "您好！我正在出差，无法及时回复您。这是系统自动回复，谢谢。",
        "This is an automatic reply: I am away.",
    ],
)
def test_a_letter_is_known_by_its_first_words(text: str) -> None:
    """Whatever its subject is."""
    assert "by-its-words" == read(mail(text)).automatic


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("自动回复太慢了", "12345的自动回复太慢了，没人管。"),
        ("关于自动回复的投诉", "每次都是自动回复，请人工处理。"),
        ("快递无法投递", "快递说无法投递，退回去了。"),
        ("退信", "我的挂号信被退回，请查。"),
        ("Re: 自动回复: 路灯", "我不要自动回复，路灯还是坏的。"),
        ("路灯", "物业只发来一句：这是一封自动回复邮件。" + "路灯还是坏的，请派人来看。" * 40),
        ("路灯", "物业只发来一句：这是一封自动回复邮件。路灯还是坏的，请派人来看。"),
        ("路灯", "你们回我“这是一封自动回复邮件”，路灯还是坏的。"),
        ("路灯", "“这是一封自动回复邮件”，你们就回我这一句？"),
        ("路灯", "您好：这是自动回复吗？路灯还是坏的。"),
        ("lamp", "Your office wrote: this is an automatic reply. The lamp is still broken."),
        ("Undelivered parcels in our street", "Nobody brings them."),
        ("Undelivered mail for three weeks", "Nobody brings it."),
        ("Undeliverable letters lie in the hall", "Please look."),
        ("Mail delivery failed three times at our house", "Please look."),
    ],
)
def test_somebody_may_write_of_such_letters(subject: str, text: str) -> None:
    """A citizen's words are a case."""
    assert "" == read(mail(text, Subject=subject)).automatic


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Auto-Reply": "yes"},
        {"X-QQ-Auto-Reply": "1"},
        {"X-Autoreply": "yes"},
        {"X-Auto-Response": "x"},
        {"X-MDAutoResponder": "a"},
        {"X-Vacation": "yes"},
        {"Precedence": "auto_reply"},
        {"X-Loop": "hotline@city.example"},
        {"From": "mail-daemon@example.org"},
        {"From": "no_reply@example.org"},
        {"From": "Mail.Delivery.System@example.org"},
    ],
)
def test_programs_name_themselves_in_many_ways(headers: dict[str, str]) -> None:
    """By a header of their own, or as the sender."""
    letter = mail()
    for name, value in headers.items():
        del letter[name]
        letter[name] = value

    assert read(letter).automatic


def test_a_suppressed_answer_is_a_persons_letter() -> None:
    """Their program asks only that none answers by itself."""
    letter = read(mail(X_Auto_Response_Suppress="All"))

    assert ("", False) == (letter.automatic, letter.is_answerable)


_REPORT = (
    "--b\r\n\r\nfailed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n--b--\r\n"
)


def test_a_report_that_does_not_say_so_is_one() -> None:
    """By its part; one that somebody forwards lies within their own letter, which is theirs."""
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + _REPORT.encode()
    assert "report" == read_letter(raw).automatic
    forwarded = EmailMessage()
    forwarded["From"] = "zhang@example.org"
    forwarded.set_content("这封信被退回来了，请查一下。")
    forwarded.add_attachment(EmailMessage())

    assert "" == read(forwarded).automatic
