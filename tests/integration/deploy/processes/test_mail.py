"""Letters by e-mail from a real Maildir to cases: once each, whatever dies, and nobody's with another's."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from deploy.commands.checks.mail import check_mail
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.mail.maildir import Maildir
from deploy.processes import mail as processes_mail
from intake.steps.receive_letter import receive_letter
from schemas.events.intake import CaseRegistered, CaseSupplemented, SubmissionAccepted
from schemas.words import Channel
from tests.integration.deploy.processes.post import Post, killed, of
from tests.integration.deploy.web.city_of_files import FileCity, file_city
from tests.integration.deploy.web.test_attachments import PDF
from tests.mail_servers import SmtpServer
from tests.stack import fresh_database
from tests.unit.intake.core.letters.test_letter import TEXT, mail


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


async def test_a_letter_becomes_a_case(city: FileCity, post: Post) -> None:
    """With who wrote it, by which door, what was enclosed, and a note of what was not taken."""
    letter = mail(Subject="路灯坏了，请保密", Message_ID="<first@example.org>")
    letter.add_attachment(PDF, maintype="application", subtype="pdf", filename="合同.pdf")
    letter.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="a.exe")
    post.bring(letter)
    said = await post.look()
    (accepted,) = of(said, SubmissionAccepted)
    (case,) = of(said, CaseRegistered)

    assert (Channel.EMAIL, "maildir", "<first@example.org>") == (
        accepted.channel, accepted.source, accepted.external_id,
    )  # fmt: skip
    assert ("张三", "zhang@example.org", True) == (
        accepted.contact.name, accepted.contact.email, accepted.confidential,
    )  # fmt: skip
    assert TEXT in case.text
    assert "a.exe：" in case.text
    assert ["合同.pdf"] == [file.name for file in case.attachments]
    assert {"INBOX": 0, "Huiyin-taken": 1} == post.folders()
    assert not accepted.publish


async def test_a_process_that_dies_takes_each_letter_once(
    city: FileCity, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between accepting and putting away, again and again: one case, one file, the same codes."""
    letter = mail("第二封信，路灯还是不亮。")
    letter.add_attachment(PDF, maintype="application", subtype="pdf", filename="合同.pdf")
    post.bring(letter)
    with monkeypatch.context() as patch:
        patch.setattr(Maildir, "settle", killed)
        said = [*await post.look(), *await post.look()]
    said += await post.look()

    assert 3 == len(of(said, SubmissionAccepted))
    assert 1 == len({event.tracking_code for event in of(said, SubmissionAccepted)})
    (case,) = of(said, CaseRegistered)
    assert 1 == len(case.attachments)
    assert {"INBOX": 0, "Huiyin-taken": 1} == post.folders()


async def test_a_kafka_that_is_away_loses_no_letter(
    city: FileCity, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits in the mailbox, and is taken later."""
    post.bring(mail("第三封信，井盖没了。"))

    async def away(event: object) -> None:
        raise OSError("no Kafka")

    with monkeypatch.context() as patch:
        patch.setattr(city.kafka, "publish", away)
        assert [] == await post.look()
    assert {"INBOX": 1} == post.folders()
    assert not post.process.health["ok"]
    assert 1 == len(of(await post.look(), CaseRegistered))
    assert post.process.health["ok"]


async def test_an_id_joins_no_strangers(city: FileCity, post: Post) -> None:
    """Two people whose programs count alike; and one who writes something else under the same id."""
    for sender, text in (
        ("a@b.example", "噪音扰民"),
        ("c@d.example", "噪音扰民"),
        ("a@b.example", "垃圾没人收"),
    ):
        post.bring(mail(text, From=sender, Message_ID="<same@example.org>"))
    said = await post.look()

    assert 3 == len({event.tracking_code for event in of(said, CaseRegistered)})


async def test_whoever_writes_from_an_unusual_address_is_heard(city: FileCity, post: Post) -> None:
    """One that the form would not take: the letter is a case, and the address stands with the contact."""
    senders = {
        "o!brien=x@example.org": "o!brien=x@example.org",
        "u@example.xn--fiqs8s": "u@example.xn--fiqs8s",
        "clerk@host": None,
        "张三@例子.中国": None,
        f"{'x' * 70}@example.org": None,
        "a@=?utf-8?q?victim.example?=": None,
    }
    for number, sender in enumerate(senders):
        post.bring(f"From: {sender}\r\nSubject: lamp {number}\r\n\r\n{TEXT} {number}".encode())
    accepted = of(await post.look(), SubmissionAccepted)

    assert sorted(map(str, senders.values())) == sorted(str(each.contact.email) for each in accepted)
    assert {f"邮箱：{sender}" for sender, email in senders.items() if email is None} == {
        each.contact.remarks for each in accepted if each.contact.email is None
    }
    assert {"INBOX": 0, "Huiyin-taken": len(senders)} == post.folders()


async def test_a_letter_without_a_subject_is_called_by_its_first_words(city: FileCity, post: Post) -> None:
    """Whatever its program wrote above them, seen or unseen: it is a message."""
    for number, above in enumerate(("\ufeff", "\x07", "……", "***\r\n")):
        post.bring(f"From: a@b.example\r\n\r\n{above}\r\n灯坏了，第{number}盏".encode())
    said = of(await post.look(), SubmissionAccepted)

    assert {f"灯坏了，第{number}盏" for number in range(4)} == {each.title for each in said}
    assert {"INBOX": 0, "Huiyin-taken": 4} == post.folders()


async def test_what_no_person_wrote_is_no_case(city: FileCity, post: Post) -> None:
    """It stays in the mailbox, in a folder of its own; so does what says nothing."""
    post.bring(mail("我不在办公室", Auto_Submitted="auto-replied"))
    post.bring(mail("……", Subject="。"))
    said = await post.look()

    assert [] == said
    assert {"INBOX": 0, "Huiyin-automatic": 1, "Huiyin-empty": 1} == post.folders()


async def test_a_loop_ends(city: FileCity, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program without manners is taken so often within an hour, and then waits; everybody else is taken meanwhile.

    What waits is said, and taken as soon as the hour allows it: whoever forges somebody's address thirty times would keep
    their true letter from everybody's eyes, for good.
    """
    monkeypatch.setattr(processes_mail, "_OVER_THE_HOUR", 7)
    now = SimpleNamespace(monotonic=lambda: 1_000.0)
    monkeypatch.setattr(processes_mail, "time", now)
    door = post.door()
    for number in range(40):
        post.bring(mail(f"自动回复第 {number} 次", From="robot@loop.example", Message_ID=f"<{number}@l>"))
    post.bring(mail("真人写的信，下水道堵了。", From="person@b.example"))
    said = await post.look(door)

    assert 31 == len(of(said, CaseRegistered))
    assert {"INBOX": 7, "Huiyin-held": 3, "Huiyin-taken": 31} == post.folders()
    assert not post.process.health["ok"]
    assert "7 wait in the inbox for their hour, 3 lie in Huiyin-held" in post.process.health["reason"]
    (found, _) = await check_mail(post.settings)
    assert ("warn", "7 letters wait; 3 lie in Huiyin-held") == (found.state, found.found.en)

    assert [] == await post.look(door)
    now.monotonic = lambda: 4_601.0
    later = await post.look(door)
    assert 7 == len(of(later, CaseRegistered))
    assert {"INBOX": 0, "Huiyin-held": 3, "Huiyin-taken": 38} == post.folders()
    assert not post.process.health["ok"]
    held = post.box.get_folder("Huiyin-held")
    for key in list(held.iterkeys()):
        post.box.add(held.get_bytes(key))
        held.remove(key)
    await post.look(door)
    assert post.process.health["ok"]


async def test_what_one_sender_has_waiting_hurts_nobody_else(
    city: FileCity, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many of each sender wait as may; and whoever writes behind all of them is seen, however short the list is."""
    for name, most in (("_OVER_THE_HOUR", 3), ("LETTERS_PER_HOUR", 1), ("_LISTED", 5)):
        monkeypatch.setattr(processes_mail, name, most)
    door = post.door()
    for number in range(5):
        post.bring(
            mail(f"自动回复第 {number} 次，留言。", From="robot@crowd.example", Message_ID=f"<{number}@c>")
        )
    await post.look(door)
    assert {"INBOX": 3, "Huiyin-held": 1, "Huiyin-taken": 1} == post.folders()
    for number in range(4):
        post.bring(mail(f"街道办转来第 {number} 件。", From="office@b.example", Message_ID=f"<{number}@o>"))
    await post.look(door)
    assert {"INBOX": 6, "Huiyin-held": 1, "Huiyin-taken": 2} == post.folders()
    post.bring(mail("排在后面的人写的信。", From="late@b.example"))
    assert 1 == len(of(await post.look(door), CaseRegistered))


async def test_a_letter_that_breaks_us_holds_up_no_other(
    city: FileCity, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays in the inbox, one line in the log names it, and whoever mends us has it taken; a wrong schema ends us."""

    async def breaks(box: Any, letter: Any, now: Any) -> Any:
        if "坏" in letter.text:
            raise ValueError(f"invalid input for query argument $3: {letter.text!r}")
        return await receive_letter(box, letter, now)

    post.bring(mail("坏的信。", From="bad@b.example"))
    post.bring(mail("好的信，路灯坐落在路口。", From="good@b.example"))
    door = post.door()
    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(processes_mail, "receive_letter", breaks)
        assert 1 == len(of(await post.look(door), CaseRegistered))
        assert [] == await post.look(door)
    assert {"INBOX": 1, "Huiyin-taken": 1} == post.folders()
    assert "1 letters break us and stay in the inbox" in post.process.health["reason"]
    (line,) = [line for line in logs if line["event"] == "mail.broken"]
    assert (line["error"], "坏" in str(line)) == ("ValueError", False)

    async def other_schema(*_: Any) -> Any:
        raise asyncpg.UndefinedColumnError("no such column")

    with monkeypatch.context() as patch:
        patch.setattr(processes_mail, "receive_letter", other_schema)
        with pytest.raises(asyncpg.UndefinedColumnError):
            await post.look(door)
    assert 1 == len(of(await post.look(door), CaseRegistered))
    assert post.process.health["ok"]


async def test_an_answer_becomes_an_addition(city: FileCity, tmp_path: Path) -> None:
    """From the same address, with the code: with what is enclosed, without quotes and the secret; danger is answered."""
    smtp = SmtpServer()
    async with smtp.running() as port:
        post = Post(city, tmp_path / "mail", port)
        post.bring(mail("第一封，水管漏水。", From="li@b.example"))
        (case,) = of(await post.look(), CaseRegistered)
        (answer,) = [_read(letter) for letter in smtp.letters]
        code = case.tracking_code
        access_code = answer.split("查询码：")[1][:8]
        assert code in answer

        for sender in ("stranger@b.example", "LI@b.example"):
            letter = mail(
                f"昨晚又漏了，见附件。\n\n在 2026年11月23日，热线 <hotline@city.example> 写道：\n> 查询码：{access_code}",
                From=sender,
                Subject=f"Re: 已收到您的来信 [{code}]",
                Message_ID=f"<{sender}>",
            )
            letter.add_attachment(PDF, maintype="application", subtype="pdf", filename="漏水.pdf")
            post.bring(letter)
        said = await post.look()
        answered = len(smtp.letters)
        post.bring(
            mail(
                "现在楼下着火了", From="li@b.example", Subject=f"Re: [{code}]", Message_ID="<fire@b.example>"
            )
        )
        (told,) = of(await post.look(), CaseSupplemented)
        (call,) = [_read(letter) for letter in smtp.letters[answered:]]
    (added,) = of(said, CaseSupplemented)
    assert (case.case_id, "现在楼下着火了") == (told.case_id, told.text)
    assert "119 消防" in call
    assert "查询码" not in call
    (strangers,) = of(said, CaseRegistered)

    assert (case.case_id, "昨晚又漏了，见附件。") == (added.case_id, added.text)
    assert ["漏水.pdf"] == [file.name for file in added.attachments]
    assert strangers.tracking_code != code
    assert access_code not in strangers.text


def _read(letter: bytes) -> str:
    from email import message_from_bytes
    from email.policy import default

    message: Any = message_from_bytes(letter, policy=default)
    assert "auto-replied" == message["Auto-Submitted"]
    assert "All" == message["X-Auto-Response-Suppress"]
    return f"{message['Subject']}\n{message.get_content()}"


async def test_answers_wait_for_their_server(city: FileCity, tmp_path: Path) -> None:
    """The letter is a case at once, and those behind it too; the codes are told when the server is back, once."""
    smtp = SmtpServer(verdict="451 later")
    async with smtp.running() as port:
        post = Post(city, tmp_path / "mail", port)
        door = post.door()
        post.bring(mail("答复服务器坏了时写的信。", From="wang@b.example"))
        first = of(await post.look(door), CaseRegistered)
        post.bring(mail("后面来的信，路面塌陷。", From="zhao@b.example"))
        second = of(await post.look(door), CaseRegistered)
        assert {"INBOX": 2} == post.folders()
        smtp.verdict = "250 ok"
        again = of(await post.look(door), CaseRegistered)

    assert (1, 1, 0) == (len(first), len(second), len(again))
    assert 2 == len(smtp.letters)
    assert {"INBOX": 0, "Huiyin-taken": 2} == post.folders()


async def test_an_answer_that_may_have_arrived_is_sent_once_more(city: FileCity, tmp_path: Path) -> None:
    """A server that never says whether it took it gets it twice, and not at each look; the letter is put away."""
    smtp = SmtpServer(answers={"LETTER": None})
    async with smtp.running() as port:
        post = Post(city, tmp_path / "mail", port)
        door = post.door()
        post.bring(mail("路面塌陷了。", From="he@b.example", Message_ID="<perhaps@b>"))
        for _ in range(4):
            await post.look(door)

    assert 2 == len(smtp.letters)
    assert {"INBOX": 0, "Huiyin-taken": 1} == post.folders()


async def test_our_own_password_loses_no_answer(city: FileCity, tmp_path: Path) -> None:
    """Refused or not even sayable: the answer waits in the mailbox until somebody mends it."""
    smtp = SmtpServer(answers={"AUTH": "535 no"})
    async with smtp.running() as port:
        for number, password in enumerate(("wrong", "密码")):
            url: dict[str, Any] = {
                "mail_out_url": f"smtp://hotline@127.0.0.1:{port}",
                "mail_out_password": SecretStr(password),
            }
            post = Post(city, tmp_path / f"mail{number}", 0, **url)
            door = post.door()
            post.bring(mail("井盖没了。", From=f"ma{number}@b.example", Message_ID=f"<pw-{number}@b>"))
            for _ in range(2):
                await post.look(door)
            assert 1 == post.folders()["INBOX"]

    assert [] == smtp.letters


async def test_nobody_answers_who_should_not(city: FileCity, tmp_path: Path) -> None:
    """Lists and those who ask for it; an address that the server refuses holds nothing up."""
    smtp = SmtpServer()
    async with smtp.running() as port:
        post = Post(city, tmp_path / "mail", port)
        post.bring(mail("名单来信，公交太少。", From="l@b.example", Precedence="list"))
        await post.look()
        assert not smtp.letters
        smtp.verdict = "550 nobody"
        post.bring(mail("地址不存在的人，停水了。", From="x@b.example"))
        assert 1 == len(of(await post.look(), CaseRegistered))

    assert {"INBOX": 0, "Huiyin-taken": 2} == post.folders()
