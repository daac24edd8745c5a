"""Letters that tell of danger: whoever wrote one is told whom to call, also once the mail server is back."""

import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from intake.core.danger import EmergencyLine
from intake.steps import hear_danger as hear_danger_module
from schemas.events.intake import CaseRegistered, CaseSupplemented
from tests.integration.deploy.processes.post import Post, of
from tests.integration.deploy.web.city_of_files import FileCity, file_city
from tests.mail_servers import SmtpServer
from tests.stack import fresh_database
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


def _words(letter: bytes) -> str:
    message: Any = message_from_bytes(letter, policy=default)
    return str(message.get_content())


async def test_whom_to_call_is_told_when_the_server_is_back(city: FileCity, tmp_path: Path) -> None:
    """Of danger in an addition, too, which is added once; a day after it came the codes alone are still worth saying.

    Whoever looks then may have been started since: of when the letter was taken the register knows.
    """
    smtp = SmtpServer()
    async with smtp.running() as port:
        post = Post(city, tmp_path / "mail", port)
        door = post.door()
        post.bring(mail("水管漏水。", From="sun@b.example", Message_ID="<sun@b>"))
        (case,) = of(await post.look(door), CaseRegistered)
        smtp.verdict, before = "451 later", len(smtp.letters)
        again, fresh = f"Re: [{case.tracking_code}]", f"Re: {case.tracking_code}"
        post.bring(mail("现在楼下着火了", From="sun@b.example", Subject=again, Message_ID="<fire@b>"))
        said = await post.look(door)
        post.bring(mail("楼上又着火了", From="sun@b.example", Subject=fresh, Message_ID="<late@b>"))
        post.bring(mail("隔壁着火了", From="ma@b.example", Message_ID="<new@b>"))
        said += [*await post.look(door), *await post.look(door)]
        assert {"INBOX": 3, "Huiyin-taken": 1} == post.folders()
        smtp.verdict = "250 ok"
        [new], ago = of(said, CaseRegistered), timedelta(hours=25)
        async with city.pool.acquire() as db:
            await db.execute(
                "UPDATE intake.letter SET at = at - $1::interval WHERE at = (SELECT max(at) FROM intake.letter)",
                ago,
            )
            await db.execute(
                "UPDATE intake.case SET received_at = received_at - $1::interval WHERE case_id = $2",
                ago,
                new.case_id,
            )
        said += await post.look()
        told = {_words(letter) for letter in smtp.letters[before:]}

    assert ["现在楼下着火了", "楼上又着火了"] == [each.text for each in of(said, CaseSupplemented)]
    assert [True, False] == sorted(("119 消防" in each for each in told), reverse=True)
    assert [False, True] == [("查询码" in each) for each in sorted(told, key=lambda each: "119" not in each)]
    assert {"INBOX": 0, "Huiyin-taken": 4} == post.folders()


async def test_a_long_letter_is_listened_to_in_a_thread(
    city: FileCity, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever shares the event loop goes on meanwhile: of a new letter, and of what is added."""
    asked: list[int] = []

    def listen(*_: object, **__: object) -> list[EmergencyLine]:
        asked.append(threading.get_ident())
        return [EmergencyLine.FIRE]

    monkeypatch.setattr(hear_danger_module, "lines_told", listen)
    post.bring(mail("第一封，水管漏水。" * 300, From="zhou@b.example", Message_ID="<thread@b>"))
    (case,) = of(await post.look(), CaseRegistered)
    post.bring(
        mail(
            "又漏了。" * 600,
            From="zhou@b.example",
            Subject=f"[{case.tracking_code}]",
            Message_ID="<thread-2@b>",
        )
    )
    assert 1 == len(of(await post.look(), CaseSupplemented))

    assert 2 == len(asked)
    assert threading.get_ident() not in asked
