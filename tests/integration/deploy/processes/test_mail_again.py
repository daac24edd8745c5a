"""Letters that are found again, since they could not be put away or taken: once each, and none before another."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.mail.maildir import Maildir
from deploy.processes.runtime import Process
from intake.steps import take_files
from intake.steps.enclose import MOST_OF_CASE
from schemas.events.intake import CaseRegistered, CaseSupplemented, SubmissionAccepted
from tests.integration.deploy.processes.post import Post, killed, of
from tests.integration.deploy.web.city_of_files import FileCity, file_city
from tests.integration.deploy.web.test_attachments import PDF
from tests.stack import fresh_database
from tests.unit.intake.core.files.test_pictures import with_secrets
from tests.unit.intake.core.letters.test_letter import mail


@pytest.fixture(scope="module")
async def city(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FileCity]:
    """One for the file."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path_factory.mktemp("files"), attachments_per_message=3) as city:
        yield city


@pytest.fixture
def post(city: FileCity, tmp_path: Path) -> Post:
    """Without a server for answers."""
    return Post(city, tmp_path / "mail")


async def _case(city: FileCity, post: Post, number: int) -> CaseRegistered:
    post.bring(mail(f"第 {number} 件，水管漏水。", From="qian@b.example", Message_ID=f"<case-{number}@b>"))
    (case,) = of(await post.look(), CaseRegistered)
    assert isinstance(case, CaseRegistered)
    return case


async def _may(city: FileCity, case: CaseRegistered, *actions: str) -> None:
    """What its citizen may do from now on."""
    await city.pool.execute(
        "UPDATE intake.view SET citizen_may = $2, state = 'in_progress' WHERE case_id = $1::uuid",
        case.case_id,
        list(actions),
    )


@pytest.mark.parametrize(
    ("number", "first", "then"),
    [(1, ("answer", "supplement"), ("supplement",)), (2, ("supplement",), ()), (3, ("answer",), ("answer",))],
)
async def test_an_addition_that_cannot_be_put_away_is_one(
    city: FileCity,
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    first: tuple[str, ...],
    then: tuple[str, ...],
) -> None:
    """Found again it is neither said twice, nor a second case: whether it answered, or all ended or was asked anew since."""
    case = await _case(city, post, number)
    await _may(city, case, *first)
    letter = mail("昨晚又漏了。", From="qian@b.example", Subject=f"Re: [{case.tracking_code}]")
    letter.add_attachment(PDF, maintype="application", subtype="pdf", filename="漏水.pdf")
    post.bring(letter)
    with monkeypatch.context() as patch:
        patch.setattr(Maildir, "settle", killed)
        said = await post.look()
    await _may(city, case, *then)
    said += await post.look()

    assert [case.case_id] == [each.case_id for each in of(said, CaseSupplemented)]
    assert [] == of(said, SubmissionAccepted)
    assert {"INBOX": 0, "Huiyin-taken": 2} == post.folders()


async def test_no_word_is_refused_for_a_file(city: FileCity, post: Post) -> None:
    """A case that has all the files it may have gets the words, and a note of what is not there."""
    case = await _case(city, post, 5)
    await _may(city, case, "supplement")
    await city.pool.execute(
        """INSERT INTO intake.attached (case_id, attachment_id, place, is_missing)
        SELECT $1::uuid, gen_random_uuid(), place, true FROM generate_series(1, $2) AS place""",
        case.case_id,
        MOST_OF_CASE,
    )
    letter = mail("昨晚又漏了，见附件。", From="qian@b.example", Subject=f"Re: [{case.tracking_code}]")
    letter.add_attachment(PDF, maintype="application", subtype="pdf", filename="漏水.pdf")
    post.bring(letter)
    (added,) = of(await post.look(), CaseSupplemented)

    assert added.text.startswith("昨晚又漏了，见附件。")
    assert f"一件最多 {MOST_OF_CASE} 个附件" in added.text
    assert () == added.attachments


async def test_a_letter_whose_files_wait_holds_up_no_other(city: FileCity, tmp_path: Path) -> None:
    """The scanner is away: whatever lies behind is taken, at once and later, and the letter when it is back."""
    post = Post(city, tmp_path / "mail", clamd="127.0.0.1:1")
    for number in range(2):
        letter = mail("楼道灯坏了，见附件。", From="wu@b.example", Message_ID=f"<{number}@wu>")
        letter.add_attachment(PDF, maintype="application", subtype="pdf", filename="灯.pdf")
        post.bring(letter)
    post.bring(mail("井盖没了。", From="zheng@b.example"))
    door = post.door()
    first = of(await post.look(door), CaseRegistered)
    is_ok, reason = post.process.health["ok"], post.process.health["reason"]
    post.bring(mail("路灯不亮。", From="zheng@b.example"))
    second = of(await post.look(door), CaseRegistered)

    assert (["井盖没了。"], ["路灯不亮。"]) == ([each.text for each in first], [each.text for each in second])
    assert not is_ok
    assert "2 letters wait" in str(reason)
    post.settings = city.settings.model_copy(update={"mail_in_url": post.settings.mail_in_url})
    post.process = Process(name="mail", settings=post.settings, pool=city.pool)
    assert 2 == len(of(await post.look(), CaseRegistered))
    assert {"INBOX": 0, "Huiyin-taken": 4} == post.folders()
    assert post.process.health["ok"]


async def test_a_picture_without_memory_for_it_keeps_no_letter_waiting(
    city: FileCity, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is tried there is none: the letter is a case, with a note of what is not there."""

    def paste(*_: object) -> None:
        raise MemoryError

    letter = mail("墙面开裂，见附件。", From="zhao@b.example")
    letter.add_attachment(with_secrets("PNG"), maintype="image", subtype="png", filename="墙.png")
    monkeypatch.setattr(Image.Image, "paste", paste)
    monkeypatch.setattr(take_files, "_PAUSES_SECONDS", (0.0, 0.0))
    post.bring(letter)
    (case,) = of(await post.look(), CaseRegistered)

    assert isinstance(case, CaseRegistered)
    assert "墙.png：没有足够的内存读取这张图片" in case.text
    assert (post.process.health["ok"], ()) == (True, case.attachments)


async def test_a_letter_that_cannot_be_put_away_holds_up_no_other(
    city: FileCity, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of them never can: those behind it are taken at the next look."""
    post.bring(mail("放不下的信。", From="feng@b.example"))
    poison, *_ = Maildir(str(post.folder)).waiting(9)
    post.bring(mail("后面的信。", From="chen@b.example"))
    settle = Maildir.settle

    def full(self: Maildir, name: str, folder: str) -> None:
        if name == poison:
            raise OSError("quota")
        settle(self, name, folder)

    monkeypatch.setattr(Maildir, "settle", full)
    door = post.door()
    said = [*await post.look(door), *await post.look(door)]

    assert ["放不下的信。", "后面的信。"] == [each.text for each in of(said, CaseRegistered)]
    assert {"INBOX": 1, "Huiyin-taken": 1} == post.folders()


async def test_the_words_of_a_letter_that_is_too_large_are_taken(city: FileCity, tmp_path: Path) -> None:
    """With a note that its files are not there; it lies where a person finds it whole."""
    post = Post(city, tmp_path / "mail", mail_max_bytes=1024**2)
    letter = mail("桥面塌了，见录像。", From="chu@b.example")
    letter.add_attachment(PDF, maintype="application", subtype="pdf", filename="小.pdf")
    letter.add_attachment(b"ID3" + bytes(1024**2), maintype="audio", subtype="mpeg", filename="a.mp3")
    post.bring(letter)
    (case,) = of(await post.look(), CaseRegistered)

    assert case.text.startswith("桥面塌了，见录像。")
    assert "邮件过大" in case.text
    assert () == case.attachments
    assert {"INBOX": 0, "Huiyin-too-large": 1} == post.folders()


async def test_what_became_a_case_is_no_addition_later(
    city: FileCity, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its case could not be added to when it came: put away late it is still that one message."""
    case = await _case(city, post, 4)
    await _may(city, case)
    post.bring(mail("昨晚又漏了。", From="qian@b.example", Subject=f"Re: [{case.tracking_code}]"))
    with monkeypatch.context() as patch:
        patch.setattr(Maildir, "settle", killed)
        said = await post.look()
    await _may(city, case, "supplement")
    said += await post.look()

    assert [] == of(said, CaseSupplemented)
    assert 1 == len(of(said, CaseRegistered))


async def test_tries_to_put_away_are_no_letters(
    city: FileCity, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mailbox that puts nothing away for an hour does not make a loop of whoever wrote once."""
    door = post.door()
    post.bring(mail("一封信，窨井盖没了。", From="sun@b.example"))
    with monkeypatch.context() as patch:
        patch.setattr(Maildir, "settle", killed)
        for _ in range(32):
            await door.turn()
    await post.look(door)

    assert {"INBOX": 0, "Huiyin-taken": 1} == post.folders()
