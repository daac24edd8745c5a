"""Letters of many parts, beside and within one another: read whole, and none holds up those behind it."""

from intake.core.letters.letter import read_letter
from tests.unit.intake.core.letters.test_letter import HEAD, TEXT, mail, read


def test_parts_within_parts_hold_no_letter_up() -> None:
    """The library compares each line with the end of each part that is open: this one's with hundreds, for hours."""
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)
        for number in range(300)
    )

    letter = read_letter(HEAD + parts + TEXT.encode() + b"\n" * 5_000_000)

    assert ("lamp", "zhang@example.org", "张三") == (letter.subject, letter.sender, letter.sender_name)
    assert (True, True, ()) == (letter.is_cut, letter.is_answerable, letter.enclosures)


def test_parts_without_end_hold_no_letter_up() -> None:
    """None lies deep, and each costs the library something: whoever wrote them hears that their letter came."""
    head = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    letter = read_letter(head + b"--b\r\n\r\nlamp\r\n" * 30_000)

    assert ("lamp", "zhang@example.org", True) == (letter.subject, letter.sender, letter.is_cut)


def test_many_letters_with_photographs_are_forwarded_in_one() -> None:
    """One stands behind the other, and each line is compared with the ends of a few parts alone."""
    letter, photograph = mail(), b"\xff\xd8" * 50_000
    for number in range(80):
        forwarded = mail(f"第{number}封")
        forwarded.add_alternative("<p>灯</p>", subtype="html")
        forwarded.add_attachment(photograph, maintype="image", subtype="jpeg", filename=f"{number}.jpg")
        letter.add_attachment(forwarded)
    found = read(letter)

    assert ("zhang@example.org", "路灯坏了", False) == (found.sender, found.subject, found.is_cut)
    assert [f"{number}.jpg" for number in range(80)] == [each.name for each in found.enclosures]


def test_of_thousands_of_parts_the_first_are_read() -> None:
    """More than anybody encloses: each costs something."""
    head = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    letter = read_letter(head + b"--b\r\n\r\nlamp\r\n" * 3000)

    assert 1000 == letter.text.count("lamp")
