"""`huiyin doctor` on e-mail and notices: whether letters come in, and whether people can be told of things, and are."""

import asyncio
import imaplib
from collections.abc import Callable

from deploy import clock
from deploy.commands.findings import Finding
from deploy.database.pool import connect
from deploy.mail.mailbox import Mailbox, MailboxUnusable, mailbox_of
from deploy.mail.sending import MailServer, SenderUnusable, mail_server_of, notice_server_of, notices_from
from deploy.notices import endpoints, store
from deploy.notices.gateways import GatewayUnusable, gateway_of
from deploy.settings import Settings
from schemas.words import Language

#: So long a receiver may be away before somebody looks (project choice).
_LATE_SECONDS = 6 * 3600.0
#: More than that in one look is not counted (project choice: the mailbox is not taken from).
_COUNTED = 1000


async def check_mail(settings: Settings) -> list[Finding]:
    """What is found of the mailbox, and of the server for answers; nothing where no mailbox is set."""
    if not settings.mail_in_url:
        return []
    return [await _mailbox(settings), await _server(settings)]


async def _mailbox(settings: Settings) -> Finding:
    try:
        waiting = await asyncio.to_thread(_count, mailbox_of(settings))
    except MailboxUnusable as error:
        return Finding(
            check="mailbox", state="fail", found=error.message(Language.EN), remedy="set it as it says"
        )
    except (OSError, imaplib.IMAP4.error) as error:
        return Finding(
            check="mailbox",
            state="fail",
            found=f"{type(error).__name__}: {error}",
            remedy="see that MAIL_IN_URL and MAIL_IN_PASSWORD open the mailbox; its letters wait meanwhile",
        )
    return Finding(check="mailbox", state="ok", found=f"{waiting} letters wait")


def _count(mailbox: Mailbox) -> int:
    with mailbox.opened() as session:
        return len(session.waiting(_COUNTED))


async def check_notices(settings: Settings) -> list[Finding]:
    """What is found of the servers that notices leave by; nothing of those that are not set."""
    findings = [_gateway(settings, name) for name in ("sms", "push") if getattr(settings, f"{name}_url")]
    if settings.smtp_url:
        remedy = "see that SMTP_URL and SMTP_PASSWORD are right; notices wait meanwhile"
        findings.append(await _sends("notices", notice_server_of, settings, notices_from(settings), remedy))
    return findings


def _gateway(settings: Settings, name: str) -> Finding:
    """Whether the setting can be one; nobody is rung up to find out more."""
    setting = f"{name.upper()}_URL"
    try:
        gateway_of(getattr(settings, f"{name}_url"), getattr(settings, f"{name}_token"), setting)
    except GatewayUnusable as error:
        return Finding(check=name, state="fail", found=error.message(Language.EN), remedy="set it as it says")
    return Finding(check=name, state="ok", found=f"{setting} names a gateway")


async def check_told(settings: Settings) -> Finding:
    """Whether people are told: what should have gone by now, what did not arrive, and which systems fell silent."""
    now = clock.now()
    async with connect(settings) as db:
        waiting, oldest, troubled = await store.waiting(db, now)
        silent = await endpoints.fallen_silent(db)
    if oldest > _LATE_SECONDS:
        return Finding(
            check="told",
            state="fail",
            found=f"{waiting} notices wait, the oldest for {oldest:,.0f} s",
            remedy="see that `huiyin notify` runs, and `huiyin notices list --state waiting`",
        )
    if troubled or silent:
        return Finding(
            check="told",
            state="warn",
            found=f"{troubled} notices did not arrive; fallen silent: {', '.join(silent) or 'none'}",
            remedy="see `huiyin notices list --failed` and `huiyin webhook list`; mend, then retry",
        )
    return Finding(check="told", state="ok", found=f"{waiting} notices wait, none failed")


async def _server(settings: Settings) -> Finding:
    if not settings.mail_out_url:
        return Finding(
            check="mail-out",
            state="warn",
            found="MAIL_OUT_URL is empty: whoever writes a letter is not told their codes",
            remedy="name a server that sends answers, and our own MAIL_ADDRESS",
        )
    remedy = (
        "see that MAIL_OUT_URL and MAIL_OUT_PASSWORD are right; letters become cases meanwhile, unanswered"
    )
    return await _sends("mail-out", mail_server_of, settings, settings.mail_address, remedy)


async def _sends(
    name: str,
    server_of: Callable[[Settings], MailServer | None],
    settings: Settings,
    sender: str,
    remedy: str,
) -> Finding:
    try:
        if server := server_of(settings):
            await server.check()
    except SenderUnusable as error:
        return Finding(check=name, state="fail", found=error.message(Language.EN), remedy="set it as it says")
    except OSError as error:
        return Finding(check=name, state="fail", found=f"{type(error).__name__}: {error}", remedy=remedy)
    return Finding(check=name, state="ok", found=f"sends as {sender}")
