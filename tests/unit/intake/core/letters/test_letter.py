"""Letters by e-mail, as programs all over the world write them: what is read, and what no person wrote."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.letters.letter import Letter, letter_digest, read_letter
from intake.core.letters.letter_text import decoded
from intake.steps.accept import Receipt
from intake.steps.answer_letter import receipt_letter
from schemas.ids import AccessCode, TrackingCode
from schemas.words import Language

TEXT = "三号楼的路灯坏了一个月，晚上看不见路，请尽快修理。"
HEAD = b"From: =?utf-8?b?5byg5LiJ?= <Zhang@Example.org>\r\nMessage-ID: <1@example.org>\r\nSubject: lamp\r\n"


def mail(text: str = TEXT, **headers: str) -> EmailMessage:
    """A person's letter; `headers` with underscores."""
    letter = EmailMessage()
    letter["From"] = "张三 <zhang@example.org>"
    letter["To"] = "hotline@city.example"
    letter["Subject"] = "路灯坏了"
    letter["Message-ID"] = "<1@example.org>"
    letter["Date"] = "Mon, 23 Nov 2026 10:00:00 +0800"
    for name, value in headers.items():
        del letter[name.replace("_", "-")]
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    return letter


def read(letter: EmailMessage) -> Letter:
    """As it travels."""
    return read_letter(letter.as_bytes(policy=SMTP), own_address="hotline@city.example")


def test_a_letter_says_who_wrote_what_and_when() -> None:
    """Name, address in small letters, subject, text, and the moment in UTC."""
    letter = read(mail())

    assert ("张三", "zhang@example.org", "路灯坏了", TEXT) == (
        letter.sender_name, letter.sender, letter.subject, letter.text,
    )  # fmt: skip
    assert "2026-11-23T02:00:00+00:00" == (letter.said_at and letter.said_at.isoformat())
    assert ("<1@example.org>", "", True) == (letter.message_id, letter.automatic, letter.is_answerable)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("gb2312", "gb18030"),
        ("gbk", "gb18030"),
        ("us-ascii", "gb18030"),
        ("iso-8859-1", "gb18030"),
        ("utf-8", "gb18030"),
        ("gb2312", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("no-such-charset", "utf-8"),
        ("", "gb18030"),
        ("big5", "utf-8"),
        ("base64", "utf-8"),
    ],
)
def test_a_wrong_charset_loses_nothing(said: str, written: str) -> None:
    """Whatever it claims, the characters are those that were typed; rare ones of GB18030 too."""
    text = f"{TEXT}𠮷䶮"
    kind = f'Content-Type: text/plain; charset="{said}"\r\n'.encode() if said else b""
    raw = HEAD + kind + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + text.encode(written)

    assert text == read_letter(raw).text


_TRADITIONAL = "路燈壞了三天沒有人來修理，請盡快處理這個問題。"


@pytest.mark.parametrize(
    "said", ["gb2312", "gbk", "gb18030", "iso-8859-1", "us-ascii", "utf-8", "", "shift_jis", "big5"]
)
@pytest.mark.parametrize(
    ("written", "text"),
    [("big5", _TRADITIONAL), ("gb18030", TEXT), ("gb18030", _TRADITIONAL), ("utf-8", _TRADITIONAL)],
)
def test_a_letter_is_read_by_what_makes_words_of_it(said: str, written: str, text: str) -> None:
    """Nearly any bytes of Big5 are characters of GB 18030, too: words that nobody uses."""
    kind = f'Content-Type: text/plain; charset="{said}"\r\n'.encode() if said else b""
    raw = HEAD + kind + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + text.encode(written)

    assert text == read_letter(raw).text


@pytest.mark.parametrize("said", ["utf-8", "gb2312", "big5", ""])
def test_a_letter_of_several_charsets_is_read_line_by_line(said: str) -> None:
    """A signature that a server put below it, in a charset of its own."""
    lines = (TEXT.encode(), TEXT.encode("gb18030"), b"--", _TRADITIONAL.encode("big5"))

    assert f"{TEXT}\n{TEXT}\n--\n{_TRADITIONAL}" == decoded(b"\n".join(lines), said)


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_raw_header_is_read(charset: str) -> None:
    """Bytes where RFC 2047 wants words of ASCII."""
    raw = b"From: a@b.example\r\nSubject: " + "路灯坏了很久".encode(charset) + b"\r\n\r\nx"

    assert "路灯坏了很久" == read_letter(raw).subject


def test_words_that_are_cut_within_a_character_are_read() -> None:
    """An encoded word that ends in the middle of a character, as old programs cut it."""
    raw = b"Subject: =?utf-8?b?6Lev54E=?=\r\n =?utf-8?b?r+Wdjw==?=\r\nFrom: a@b.example\r\n\r\nx"

    assert "路灯坏" == read_letter(raw).subject


def test_french_stays_french() -> None:
    """A text in Latin-1 is not taken for Chinese."""
    raw = (
        HEAD
        + b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\n"
        + "Le réverbère est cassé.".encode("latin-1")
    )

    assert "Le réverbère est cassé." == read_letter(raw).text


def test_html_is_read_as_it_is_shown() -> None:
    """Where there is no plain text, or an empty one; lines and entities kept, what is for programs gone."""
    html = "<html><head><style>p{}</style></head><body><p>路灯坏了&amp;黑</p><div>请修<br>谢谢</div></body></html>"
    both = mail(" ")
    both.add_alternative(html, subtype="html")
    plain = mail()
    plain.add_alternative(html, subtype="html")

    assert ["路灯坏了&黑", "请修", "谢谢"] == [line for line in read(both).text.split("\n") if line]
    assert TEXT == read(plain).text


def test_what_is_enclosed_is_kept_whole() -> None:
    """Byte by byte, by its name; a text file is read with the letter, and so is a forwarded letter."""
    letter = mail()
    letter.add_attachment(b"%PDF-1.7\x00\xff", maintype="application", subtype="pdf", filename="合同.pdf")
    letter.add_attachment("第二页的字", filename="说明.txt")
    inner = mail("转来的内容")
    inner.add_attachment(b"\xff\xd8\xff", maintype="image", subtype="jpeg", filename="a.jpg")
    letter.add_attachment(inner)
    found = read(letter)

    assert [("合同.pdf", b"%PDF-1.7\x00\xff"), ("a.jpg", b"\xff\xd8\xff")] == [
        (each.name, each.content) for each in found.enclosures
    ]
    for words in (TEXT, "第二页的字", "转来的内容"):
        assert words in found.text


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "auto-generated; owner-email=x"),
        ("Return-Path", "<>"),
        ("From", "MAILER-DAEMON@mx.example"),
        ("From", "no-reply+5@shop.example"),
        ("From", "Hotline@City.example"),
        ("X-Autoreply", "yes"),
        ("X-Failed-Recipients", "a@b.example"),
        ("Content-Type", "multipart/report; report-type=delivery-status; boundary=b"),
    ],
)
def test_what_a_program_wrote_is_recognised(header: str, value: str) -> None:
    """Absence notes, bounces and our own: RFC 3834, RFC 3464, and what programs add of their own."""
    raw = mail().as_bytes(policy=SMTP)
    lines = [line for line in raw.split(b"\r\n") if not line.startswith(f"{header}:".encode())]
    told = f"{header}: {value}\r\n".encode() + b"\r\n".join(lines)
    letter = read_letter(told, own_address="hotline@city.example")

    assert letter.automatic
    assert not letter.is_answerable


@pytest.mark.parametrize(
    ("header", "value", "answerable"),
    [
        ("Auto-Submitted", "no", True),
        ("Return-Path", "<zhang@example.org>", True),
        ("From", "postmasters@example.org", True),
        ("X-Auto-Response-Suppress", "All", False),
        ("Precedence", "bulk", False),
        ("List-Id", "<x.example>", False),
    ],
)
def test_what_may_be_a_persons_is_a_message(header: str, value: str, *, answerable: bool) -> None:
    """Also where nothing should answer it by itself."""
    letter = read(mail(**{header: value}))

    assert ("", answerable) == (letter.automatic, letter.is_answerable)


@pytest.mark.parametrize(
    ("header", "name", "sender"),
    [
        ("=?utf-8?q?=3Cvictim=40x=2Eexample=3E?= <real@y.example>", "<victim@x.example>", "real@y.example"),
        ("=?utf-8?b?eA0KQmNjOiBh?= <real@y.example>", "x Bcc: a", "real@y.example"),
        ('"a@b.example" <real@y.example>', "a@b.example", "real@y.example"),
        ("real@y.example, other@z.example", "", "real@y.example"),
        ("nobody", "", ""),
        ("", "", ""),
        ("<a b@c.example>", "", ""),
    ],
)
def test_what_stands_in_a_name_is_no_address(header: str, name: str, sender: str) -> None:
    """Whoever writes an address into their name, or a line end, is who they are."""
    letter = read_letter(f"From: {header}\r\nSubject: x\r\n\r\nx".encode())

    assert sender == letter.sender
    assert not name or name == letter.sender_name


@pytest.mark.parametrize(
    ("sender", "answerable"),
    [
        ("o'brien+lamp@mail.example.org", True),
        ("a=b/c!d@example.xn--fiqs8s", True),
        ("clerk@host", True),
        # Read as somebody else's by whatever sends the answer, with both codes in it.
        ("a@=?utf-8?q?victim.example?=", False),
        ("=?utf-8?q?victim?=@example.org", False),
        ("=?gb2312?b?1tdoxa==?=@x.", False),
        ("a..b@example.org", False),
        ("a@example..org", False),
        ("a@.example", False),
        ("a\x00b@example.org", False),
    ],
)
def test_an_answer_goes_to_whoever_wrote_and_to_nobody_else(sender: str, *, answerable: bool) -> None:
    """As a program that sends it reads the address; where that is another one, nobody is answered."""
    letter = read_letter(f"From: {sender}\r\nSubject: x\r\n\r\nx".encode())

    assert (sender, answerable) == (letter.sender, letter.is_answerable)
    if answerable:
        receipt = Receipt(
            tracking_code=TrackingCode("ABCD-EFGH-JKMN-7890"), access_code=AccessCode("1234"),
            received_at=datetime(2026, 11, 23, tzinfo=UTC), follow_url="https://city.example/follow",
        )  # fmt: skip
        answer = receipt_letter(letter, receipt, own_address="hotline@city.example", language=Language.ZH)
        again = message_from_bytes(answer.as_bytes(policy=SMTP), policy=SMTP)
        assert [sender] == [each.addr_spec for each in again["To"].addresses]


def test_an_address_that_no_server_knows_is_not_answered() -> None:
    """In other characters than ASCII: it is a contact all the same."""
    letter = read_letter("From: 张三 <张三@例子.example>\r\n\r\nx".encode())

    assert ("张三@例子.example", False) == (letter.sender, letter.is_answerable)


def test_letters_without_an_id_are_told_apart() -> None:
    """By all that is in them."""
    one, two = (HEAD.replace(b"Message-ID: <1@example.org>\r\n", b"") + text for text in (b"\r\na", b"\r\nb"))

    assert read_letter(one).message_id != read_letter(two).message_id
    assert read_letter(one) == read_letter(one)


@given(st.binary(max_size=2000) | st.text(max_size=500).map(lambda text: HEAD + text.encode()))
def test_nothing_breaks_the_reader(raw: bytes) -> None:
    """Whatever comes: it is read, or stands as it is."""
    assert read_letter(raw).message_id


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=" + b"x" * 10 + b"\r\n\r\n" + b"--xxxxxxxxxx\r\n" * 3000,
        b"From: <<<>>>\r\nDate: 99 Foo 20261 25:61\r\nSubject: =?utf-8?q?=ZZ?=\r\n\r\n\xff",
        b"Content-Type: text/plain; charset*=utf-8''%FF\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
        b"\r\n".join(b"Content-Type: message/rfc822\r\n" for _ in range(2000)),
    ],
    ids=["boundaries", "headers", "encoding", "nesting"],
)
def test_monsters_are_read(raw: bytes) -> None:
    """Letters made to break programs."""
    assert read_letter(raw).message_id


def test_a_letter_is_known_whatever_way_it_came() -> None:
    """What servers write on it on its way changes nothing; a word, a file or another id of its sender's does."""
    (same, other) = (mail(), mail("别的话，别的事。"))
    copy = mail(Received="from a by b", Return_Path="<zhang@example.org>")
    enclosed = mail()
    enclosed.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="a.pdf")
    digests = [letter_digest(read(each)) for each in (same, copy, other, enclosed, mail(Message_ID="<2@b>"))]

    assert digests[0] == digests[1]
    assert 4 == len(set(digests))


def test_a_text_file_beside_html_does_not_replace_the_letter() -> None:
    """What its sender wrote is HTML alone; the file is read as well."""
    letter = mail()
    letter.set_content("<p>路灯坏了三天</p>", subtype="html")
    letter.add_attachment("第一页", filename="说明.txt")

    assert "路灯坏了三天\n\n【说明.txt】\n第一页" == read(letter).text.replace("\r", "")


def test_a_text_that_only_says_that_there_is_html_stands_beside_it() -> None:
    """Some programs write no more."""
    letter = mail("This is a multi-part message in MIME format.")
    letter.add_alternative("<p>路灯坏了三天</p>", subtype="html")

    assert "路灯坏了三天" in read(letter).text


@pytest.mark.parametrize(
    "kind", ["multipart/mixed", "multipart/mixed; boundary=b", "text/calendar", "text/markdown"]
)
def test_words_are_read_whatever_they_are_called(kind: str) -> None:
    """Also of several parts with nothing between them: they would be a file of no kind that is taken."""
    letter = read_letter(HEAD + f"Content-Type: {kind}\r\n\r\n{TEXT}".encode())

    assert TEXT in letter.text
    assert () == letter.enclosures


def test_a_time_beyond_all_others_is_none() -> None:
    """In UTC it is of the year 10000: the letter is read, and stops neither itself nor those behind it."""
    letter = read(mail(Date="Fri, 31 Dec 9999 23:59:59 -0800"))

    assert (None, TEXT) == (letter.said_at, letter.text)


def test_a_letter_of_very_many_headers_is_read() -> None:
    """Each is looked at once: looked for one by one, so many would take an hour, and every letter behind would wait."""
    many = b"".join(b"X-%d: a\r\n" % number for number in range(100_000))

    assert "lamp" == read_letter(many + HEAD + b"\r\n" + TEXT.encode()).subject


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: text/plain" + b";" * 300_000,
        b'Content-Type: text/plain; a="' + b";" * 300_000,
        b'Content-Disposition: attachment; filename="' + b'";"' * 100_000,
        b"Content-Disposition: attachment; filename*=punycode''" + b"a" * 300_000,
        b"Content-Type: text/plain; charset*=punycode''" + b"a" * 300_000,
        b"Content-Disposition: attachment;" + b"".join(b" name*%d=a;" % number for number in range(30_000)),
        b"From: " + b"<" * 300_000,
        b"From: " + b"a@" * 150_000,
    ],
    ids=["semicolons", "quoted", "quotes", "name", "charset", "pieces", "brackets", "addresses"],
)
def test_a_header_without_end_holds_no_letter_up(header: bytes) -> None:
    """Read whole, each of these takes the library minutes or hours: whoever writes one letter stops all others."""
    assert read_letter(header + b"\r\n" + HEAD + b"\r\n" + TEXT.encode()).subject == "lamp"


@pytest.mark.parametrize("charset", ["charset=punycode", "charset*=utf-8''utf-8", "charset=undefined"])
def test_a_charset_that_nobody_writes_in_holds_no_letter_up(charset: str) -> None:
    """Python has codecs that no program of letters knows: one takes hours over a long text, others raise what none does."""
    raw = HEAD + f"Content-Type: text/plain; {charset}\r\n\r\n{TEXT}".encode() + b"a" * 300_000

    assert read_letter(raw).text.startswith(TEXT)


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"From zhang\r\n\r\n"])
def test_a_letter_that_cannot_be_read_at_all_stands_as_it_is(
    raw: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the library stumbles over, also in its head."""

    def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("intake.core.letters.letter._read", fail)
    letter = read_letter(raw)

    assert ("", "无法解析的邮件", False) == (letter.sender, letter.subject, letter.is_answerable)


def test_html_with_a_quotation_mark_too_many_is_read() -> None:
    """Nothing of the letter was left, since the mark was taken for the beginning of a value."""
    letter = EmailMessage()
    letter["From"] = "li@example.org"
    letter.set_content('<p class="a"">人民路5" 水管爆了，请修</p>', subtype="html")

    assert '人民路5" 水管爆了，请修' == read_letter(letter.as_bytes()).text


def test_html_whose_head_does_not_end_is_read() -> None:
    """HTML allows it; read as hidden it left an empty letter, which becomes no case."""
    letter = mail()
    letter.set_content(f"<html><head><meta charset='utf-8'><body><p>{TEXT}</p></body></html>", subtype="html")

    assert TEXT == read(letter).text
