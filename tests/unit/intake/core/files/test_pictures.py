"""Pictures made anew: what is seen stays, and nothing else."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from intake.core.files.attachments import JPEG, PNG, WEBP, FileKind
from intake.core.files.pictures import BrokenPicture, TooIntricate, TooManyPixels, made_anew, pixels_of

SECRET = b"somewhere only we know"


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: object) -> bytes:
    """A picture, red on the left and blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def with_secrets(kind: str) -> bytes:
    """A picture that says where it was taken and by whom, in every place that its kind has."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[29] = SECRET.decode()
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", SECRET.decode())
        return picture(kind, exif=exif, pnginfo=info)
    options: dict[str, Any] = {"comment": SECRET} if kind == "JPEG" else {"xmp": SECRET}
    return picture(kind, exif=exif, **options) + SECRET


@pytest.mark.parametrize(("name", "kind"), [("JPEG", JPEG), ("PNG", PNG), ("WEBP", WEBP)])
def test_nothing_but_the_picture_is_kept(name: str, kind: FileKind) -> None:
    """No place, no camera, no comment, nothing behind the picture's end; in the small one neither."""
    given = with_secrets(name)
    made = made_anew(io.BytesIO(given), kind)

    assert SECRET in given
    for each in (made.body, made.thumbnail):
        assert SECRET not in each
        assert not dict(Image.open(io.BytesIO(each)).getexif())
    assert (name, (640, 480)) == ((shown := Image.open(io.BytesIO(made.body))).format, shown.size)
    assert ("JPEG", (320, 240)) == ((small := Image.open(io.BytesIO(made.thumbnail))).format, small.size)


def test_a_picture_stands_upright() -> None:
    """What the camera said of its position is done, since it is not kept."""
    exif = Image.Exif()
    exif[0x0112] = 6
    made = Image.open(io.BytesIO(made_anew(io.BytesIO(picture(exif=exif)), JPEG).body))

    assert (480, 640) == made.size
    top = made.getpixel((240, 10))
    assert isinstance(top, tuple)
    assert top[0] > 200


def test_a_large_picture_becomes_smaller() -> None:
    """Nobody needs more than a number plate."""
    made = Image.open(io.BytesIO(made_anew(io.BytesIO(picture(size=(9000, 3000))), JPEG).body))

    assert 4096 == max(made.size)


def test_what_was_see_through_stays_so() -> None:
    """A drawing with a clear background."""
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    written = io.BytesIO()
    clear.save(written, "PNG")
    made = made_anew(written, PNG)

    assert "RGBA" == Image.open(io.BytesIO(made.body)).mode
    assert (255, 255, 255) == Image.open(io.BytesIO(made.thumbnail)).getpixel((3, 3))


def bomb(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and holds hardly anything."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        bomb(8000, 8000),
        bomb(12_000, 12_000),
        bomb(60_000, 60_000),
        bomb(640, 480),
        picture("PNG")[:200],
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 500,
        picture("JPEG"),
    ],
    ids=["bomb", "warned", "monster", "lies", "cut", "nothing", "noise", "another kind"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    """Too many pixels before they are unpacked; damaged; or of another kind than it begins like."""
    with pytest.raises(BrokenPicture):
        made_anew(io.BytesIO(content), PNG)


def webp(width: int, height: int) -> bytes:
    """A WebP that says how large it is, and holds nothing."""
    # A lossless one (RFC 9649 §3.4): its signature, and both measures less one in 14 bits each.
    head = b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + bytes(25)
    chunk = b"WEBPVP8L" + len(head).to_bytes(4, "little") + head
    return b"RIFF" + len(chunk).to_bytes(4, "little") + chunk


@pytest.mark.parametrize(
    ("content", "kind"),
    [(bomb(8000, 8000), PNG), (bomb(60_000, 60_000), PNG), (webp(6001, 4000), WEBP)],
    ids=["too large", "monster", "a WebP that would take four times as much"],
)
def test_what_takes_too_much_memory_is_refused_for_that(content: bytes, kind: FileKind) -> None:
    """Its sender can mend it, where of a damaged one they cannot."""
    with pytest.raises(TooManyPixels):
        made_anew(io.BytesIO(content), kind)


def test_the_largest_webp_is_refused_for_nothing_but_its_damage() -> None:
    """As many pixels as are taken."""
    with pytest.raises(BrokenPicture) as refused:
        made_anew(io.BytesIO(webp(6000, 4000)), WEBP)

    assert refused.type is BrokenPicture


def test_how_large_a_picture_is_is_known_before_it_is_unpacked() -> None:
    """By what it says of itself; one that says nothing is none."""
    assert 8000 * 6000 == pixels_of(io.BytesIO(bomb(8000, 6000)), PNG)
    with pytest.raises(BrokenPicture):
        pixels_of(io.BytesIO(b"\x89PNG\r\n\x1a\n"), PNG)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_a_picture_of_any_colours_is_taken(mode: str) -> None:
    """What it is made of is nobody's concern."""
    written = io.BytesIO()
    Image.new(mode, (5000, 40)).save(written, "PNG")
    made = made_anew(written, PNG)

    assert (4096, 33) == Image.open(io.BytesIO(made.body)).size
    assert (320, 3) == Image.open(io.BytesIO(made.thumbnail)).size


def _passing_again(times: int) -> bytes:
    """A JPEG that passes over its pixels so many times more: the last of its passes, again and again."""
    progressive = picture(progressive=True)
    last = progressive[progressive.rindex(b"\xff\xda") : -2]
    return progressive[:-2] + last * times + progressive[-2:]


def _film(pictures: int, says: int | None = None, *, says_again: bool = False) -> bytes:
    """A PNG that moves. `says`: of how many pictures it says that it is, if not of all; `says_again`: it says so twice."""
    frames = [Image.new("1", (640, 2), number % 2) for number in range(pictures)]
    written = io.BytesIO()
    frames[0].save(written, "PNG", save_all=True, append_images=frames[1:])
    film = written.getvalue()
    begin = film.index(b"acTL")
    said = film[begin : begin + 12] if says is None else b"acTL" + struct.pack(">II", says, 0)
    told = struct.pack(">I", 8) + said + struct.pack(">I", zlib.crc32(said))
    return film[: begin - 4] + told * (1 + says_again) + film[begin + 16 :]


def _with_chunks(times: int) -> bytes:
    """A PNG that says something about itself so often."""
    said = b"a\0b"
    chunk = struct.pack(">I", len(said)) + b"tEXt" + said + struct.pack(">I", zlib.crc32(b"tEXt" + said))
    plain = picture("PNG")
    return plain[:33] + chunk * times + plain[33:]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (_passing_again(100), JPEG),
        (b"\xff\xd8" + b"\xff\xfe\x00\x02" * 10_001 + picture()[2:], JPEG),
        (_with_chunks(500), PNG),
        (_film(300, says=0), PNG),
        (_film(300, says=1), PNG),
        (_film(300, says=2**31 + 1), PNG),
        (_film(300, says_again=True), PNG),
    ],
    ids=["passes", "comments", "chunks", "no film", "a film of one", "an endless film", "two films"],
)
def test_a_picture_of_thousands_of_pieces_is_refused_before_it_is_unpacked(
    content: bytes, kind: FileKind
) -> None:
    """A decoder works a quarter of an hour on twenty megabytes of such passes, and all other pictures wait for it."""
    for look in (made_anew, pixels_of):
        with pytest.raises(TooIntricate):
            look(io.BytesIO(content), kind)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (_passing_again(50), JPEG),
        # Film behind the picture, as telephones write it: what looks like passes there is none.
        (picture() + b"\xff\xda\x00\x02" * 200, JPEG),
        # A picture within the picture, and a restart after each block.
        (picture(comment=b"\xff\xda" * 200, restart_marker_blocks=1), JPEG),
        (_with_chunks(400), PNG),
        (_film(300), PNG),
        (picture("PNG") + b"\0\0\0\0tEXt\0\0\0\0" * 600, PNG),
    ],
    ids=["passes", "film", "within", "chunks", "moving", "behind"],
)
def test_what_cameras_and_programs_write_is_taken(content: bytes, kind: FileKind) -> None:
    """However many pieces it has within reason, and whatever stands behind it."""
    assert 640 == Image.open(io.BytesIO(made_anew(io.BytesIO(content), kind).body)).width
