"""`huiyin mail` as a process of its own, on real Kafka and Postgres and an IMAP server over TLS: killed at any moment."""

import json
import ssl
from collections.abc import AsyncIterator
from email.policy import SMTP
from functools import partial
from operator import gt
from pathlib import Path
from typing import Any

import pytest

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.secure.certificates import Authority
from tests.integration.deploy.web.test_attachments import PDF
from tests.mail_servers import ImapServer
from tests.stack import Stack, eventually, free_port, fresh_database
from tests.unit.intake.core.letters.test_letter import mail

_LETTERS = 24
_KILLS = 4


class Mailed:
    """A city whose mailbox is on that server."""

    def __init__(self, stack: Stack, server: ImapServer, port: int) -> None:
        self.stack = stack
        self.server = server
        self.port = port

    async def left(self) -> int:
        """How many letters wait."""
        return len(self.server.folders["INBOX"])

    async def health(self) -> Any:
        """What the process says of itself."""
        rows = await self.stack.sql(
            "SELECT health FROM deploy.process WHERE name = 'mail' ORDER BY beat_at DESC"
        )
        return json.loads(rows[0][0]) if rows else {"ok": None, "reason": ""}


@pytest.fixture
async def mailed(
    postgres_server: EmbeddedPostgres, kafka_server: EmbeddedKafka, tmp_path: Path
) -> AsyncIterator[Mailed]:
    """The process that takes letters, and intake that makes cases of them."""
    authority = Authority(tmp_path, "city")
    issued = authority.issue("imap", hosts=["127.0.0.1"])
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(issued.certificate, issued.key)
    port = free_port()
    settings = {
        "MAIL_IN_URL": f"imap://hotline@127.0.0.1:{port}/INBOX",
        "MAIL_IN_PASSWORD": "open sesame",
        "MAIL_ADDRESS": "hotline@city.example",
        "MAIL_SECONDS": "0.2",
        "SSL_CERT_FILE": str(authority.file),
    }
    stack = Stack(tmp_path, await fresh_database(postgres_server.url), {**kafka_server.login(), **settings})
    stack.prepare()
    try:
        yield Mailed(stack, ImapServer(tls=tls, is_tls_asked_for=True), port)
    finally:
        stack.stop()


async def test_killed_at_any_moment_each_letter_is_one_case(mailed: Mailed) -> None:
    """With its file, once; and a mailbox that cannot be opened is a state that is shown, and ends by itself."""
    stack, server = mailed.stack, mailed.server
    for number in range(_LETTERS):
        letter = mail(
            f"第 {number} 封信，路灯不亮。", From=f"p{number}@b.example", Message_ID=f"<{number}@b>"
        )
        letter.add_attachment(PDF, maintype="application", subtype="pdf", filename="合同.pdf")
        server.deliver(letter.as_bytes(policy=SMTP))
    stack.start("intake", "mail")
    unwell = await eventually(mailed.health, is_done=lambda health: health["ok"] is False)
    assert "mailbox cannot be opened" in unwell["reason"]
    findings = {
        each["check"]: each for each in json.loads(stack.command("doctor", "--json", check=False).stdout)
    }
    assert "fail" == findings["mailbox"]["state"]

    async with server.running(mailed.port):
        for kill in range(_KILLS):
            before = await mailed.left()
            await eventually(mailed.left, every=0.01 + kill / 200, is_done=partial(gt, before))
            stack.kill("mail")
            stack.start("mail")
        await eventually(mailed.left, is_done=lambda left: left == 0)
        await eventually(mailed.health, is_done=lambda health: health["ok"] is True)

    async def registered() -> int:
        return await stack.number("SELECT count(*) FROM intake.case")

    await eventually(registered, is_done=lambda cases: cases >= _LETTERS)
    # What a second try would have made is behind it on the topic: one more letter, and everything was heard.
    assert _LETTERS == await stack.number("SELECT count(DISTINCT text) FROM intake.case")
    assert _LETTERS == await stack.number("SELECT count(*) FROM intake.case")
    assert _LETTERS == await stack.number("SELECT count(*) FROM intake.attached WHERE NOT is_missing")
    assert [] == server.in_the_clear
    assert {_LETTERS} == {len(server.folders["Huiyin-taken"])}
