"""What the doctor says of e-mail, over a real Maildir and servers in this process."""

import mailbox
from pathlib import Path

import pytest

from deploy.commands.checks.mail import check_links, check_mail
from deploy.settings import Settings
from tests.mail_servers import ImapServer, SmtpServer

_ALL_ADDRESSES = "0.0.0.0"  # noqa: S104  nothing is bound


async def _states(**settings: object) -> dict[str, tuple[str, str]]:
    findings = await check_mail(Settings(**settings))  # type: ignore[arg-type]  # settings by name
    return {finding.check: (finding.state, finding.found.en) for finding in findings}


async def test_without_a_mailbox_there_is_nothing_to_say() -> None:
    """E-mail is no door that every city has."""
    assert {} == await _states()


async def test_both_ways_are_open(tmp_path: Path) -> None:
    """How many letters wait, and as whom we answer."""
    box = mailbox.Maildir(tmp_path / "mail")
    box.add(b"Subject: x\n\n")
    async with SmtpServer().running() as port:
        found = await _states(
            mail_in_url=f"maildir://{tmp_path}/mail",
            mail_out_url=f"smtp://127.0.0.1:{port}",
            mail_address="hotline@city.example",
        )

    assert ("ok", "1 letters wait") == found["mailbox"]
    assert ("ok", "sends as hotline@city.example") == found["mail-out"]
    assert 1 == len(box)


async def test_who_is_not_answered_is_said(tmp_path: Path) -> None:
    """A city that only hears gives nobody a code."""
    mailbox.Maildir(tmp_path / "mail")
    found = await _states(mail_in_url=f"maildir://{tmp_path}/mail")

    assert "warn" == found["mail-out"][0]


@pytest.mark.parametrize("url", ["maildir:///no/such/folder", "imap://u@127.0.0.1:1"])
async def test_a_mailbox_that_does_not_open_is_a_failure(url: str) -> None:
    """Whatever is wrong with it."""
    assert "fail" == (await _states(mail_in_url=url))["mailbox"][0]


async def test_a_wrong_password_is_a_failure() -> None:
    """Said by the server itself."""
    async with ImapServer().running() as port:
        found = await _states(mail_in_url=f"imap://hotline@127.0.0.1:{port}", mail_in_password="wrong")

    assert "fail" == found["mailbox"][0]
    assert "wrong password" in found["mailbox"][1]


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "smtp://127.0.0.1"])
async def test_a_server_that_takes_nothing_is_a_failure(url: str, tmp_path: Path) -> None:
    """Nobody there, no such thing, or no address of ours."""
    mailbox.Maildir(tmp_path / "mail")
    address = "" if url.endswith("1") and url.count(":") == 1 else "a@b.example"
    found = await _states(mail_in_url=f"maildir://{tmp_path}/mail", mail_out_url=url, mail_address=address)

    assert "fail" == found["mail-out"][0]


@pytest.mark.parametrize(
    ("settings", "leads_to"),
    [
        ({}, None),
        ({"public_url": "https://city.example", "smtp_url": "smtp://mail.city.example"}, None),
        ({"public_url": "http://city.example"}, "http://city.example"),
        ({"smtp_url": "smtp://mail.city.example"}, "http://127.0.0.1:8080"),
        ({"mail_out_url": "smtp://mail.city.example"}, "http://127.0.0.1:8080"),
        ({"host": "localhost"}, None),
        ({"host": _ALL_ADDRESSES, "public_url": "https://city.example"}, None),
        ({"host": _ALL_ADDRESSES}, "http://0.0.0.0:8080"),
        ({"host": "10.0.0.7"}, "http://10.0.0.7:8080"),
        ({"public_url": "https://localhost"}, "https://localhost"),
        ({"public_url": "https://127.0.0.1/"}, "https://127.0.0.1"),
        ({"public_url": "https://[::1]:8443"}, "https://[::1]:8443"),
    ],
)
def test_links_that_lead_nowhere_are_said(settings: dict[str, str], leads_to: str | None) -> None:
    """Before a citizen gets one: to this machine alone, or to where cookies travel in the clear."""
    found = check_links(Settings(**settings))  # type: ignore[arg-type]  # settings by name

    assert ([] if leads_to is None else ["warn"]) == [finding.state for finding in found]
    assert all(f"links lead to {leads_to}; " in finding.found.en for finding in found)
