"""`huiyin doctor` on e-mail and notices: whether letters come in, and whether people can be told of things, and are."""

import asyncio
import imaplib
from collections.abc import Callable
from urllib.parse import urlsplit

from deploy import clock
from deploy.commands.checks.findings import Finding
from deploy.database.pool import connect
from deploy.mail.mailbox import HELD, Mailbox, MailboxUnusable, mailbox_of
from deploy.mail.places import is_here
from deploy.mail.sending import MailServer, SenderUnusable, mail_server_of, notice_server_of, notices_from
from deploy.notices import endpoints, store
from deploy.notices.gateways import GatewayUnusable, gateway_of
from deploy.settings import Settings
from schemas.bilingual import Bilingual, joined, plain

#: So long a receiver may be away before somebody looks (project choice).
_LATE_SECONDS = 6 * 3600.0
_SET_IT = Bilingual(zh="请照此设置", en="set it as it says")
#: More than that in one look is not counted (project choice: the mailbox is not taken from).
_COUNTED = 1000
#: What a server listens at, and nobody else can type.
_ALL_ADDRESSES = "0.0.0.0"  # noqa: S104  nothing is bound
_HERE_ALONE = Bilingual(zh="只有本机打得开", en="they open on this machine alone")
_UNENCRYPTED = Bilingual(
    zh="没有 HTTPS，Cookie 可能不加密传输", en="without HTTPS cookies may travel unencrypted"
)


async def check_mail(settings: Settings) -> list[Finding]:
    """What is found of the mailbox, and of the server for answers; nothing where no mailbox is set."""
    if not settings.mail_in_url:
        return []
    return [await _mailbox(settings), await _server(settings)]


async def _mailbox(settings: Settings) -> Finding:
    try:
        waiting, held = await asyncio.to_thread(_count, mailbox_of(settings))
    except MailboxUnusable as error:
        return Finding(check="mailbox", state="fail", found=error.in_both(), remedy=_SET_IT)
    except (OSError, imaplib.IMAP4.error) as error:
        return Finding(
            check="mailbox",
            state="fail",
            found=plain(f"{type(error).__name__}: {error}"),
            remedy=Bilingual(
                zh="请确认 MAIL_IN_URL 和 MAIL_IN_PASSWORD 能打开邮箱；其间来信在邮箱中等待",
                en="see that MAIL_IN_URL and MAIL_IN_PASSWORD open the mailbox; its letters wait meanwhile",
            ),
        )
    waits = Bilingual(zh=f"{waiting} 封来信等待处理", en=f"{waiting} letters wait")
    if not held:
        return Finding(check="mailbox", state="ok", found=waits)
    return Finding(
        check="mailbox",
        state="warn",
        found=joined((waits, Bilingual(zh=f"{held} 封在 {HELD}", en=f"{held} lie in {HELD}"))),
        remedy=Bilingual(
            zh="同一发件人来信过多：请人工查看，不是循环或冒名的移回收件箱",
            en="one sender wrote too many: look, and move back to the inbox what is neither a loop nor forged",
        ),
    )


def _count(mailbox: Mailbox) -> tuple[int, int]:
    with mailbox.opened() as session:
        return len(session.waiting(_COUNTED)), session.lying_in(HELD)


async def check_notices(settings: Settings) -> list[Finding]:
    """What is found of the servers that notices leave by; nothing of those that are not set."""
    findings = [_gateway(settings, name) for name in ("sms", "push") if getattr(settings, f"{name}_url")]
    if settings.smtp_url:
        remedy = Bilingual(
            zh="请确认 SMTP_URL 和 SMTP_PASSWORD 正确；其间通知等待发送",
            en="see that SMTP_URL and SMTP_PASSWORD are right; notices wait meanwhile",
        )
        findings.append(await _sends("notices", notice_server_of, settings, notices_from(settings), remedy))
    return findings


def check_links(settings: Settings) -> list[Finding]:
    """Where people are led by what they are told; nothing where nobody is told anything, and nobody else can come here."""
    tells = settings.mail_out_url or settings.smtp_url or settings.sms_url or settings.push_url
    if not (tells or settings.public_url or not is_here(settings.host)):
        return []
    leads_to = settings.base_url
    if (fault := _fault_of_links(leads_to)) is None:
        return []
    found = Bilingual(zh=f"发出的链接指向 {leads_to}；{fault.zh}", en=f"links lead to {leads_to}; {fault.en}")
    remedy = Bilingual(
        zh="设 PUBLIC_URL=https://…，即市民输入的网址", en="set PUBLIC_URL=https://…, which citizens type"
    )
    return [Finding(check="links", state="warn", found=found, remedy=remedy)]


def _fault_of_links(leads_to: str) -> Bilingual | None:
    host = urlsplit(leads_to).hostname or ""
    if is_here(host) or host == _ALL_ADDRESSES:
        return _HERE_ALONE
    return None if leads_to.startswith("https:") else _UNENCRYPTED


def _gateway(settings: Settings, name: str) -> Finding:
    """Whether the setting can be one; nobody is rung up to find out more."""
    setting = f"{name.upper()}_URL"
    try:
        gateway_of(getattr(settings, f"{name}_url"), getattr(settings, f"{name}_token"), setting)
    except GatewayUnusable as error:
        return Finding(check=name, state="fail", found=error.in_both(), remedy=_SET_IT)
    named = Bilingual(zh=f"{setting} 指定了网关", en=f"{setting} names a gateway")
    return Finding(check=name, state="ok", found=named)


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
            found=Bilingual(
                zh=f"{waiting} 条通知等待发送，最早的已等待 {oldest:,.0f} 秒",
                en=f"{waiting} notices wait, the oldest for {oldest:,.0f} s",
            ),
            remedy=Bilingual(
                zh="请确认 `huiyin notify` 在运行，并查看 `huiyin notices list --state waiting`",
                en="see that `huiyin notify` runs, and `huiyin notices list --state waiting`",
            ),
        )
    if troubled or silent:
        named = ", ".join(silent)
        return Finding(
            check="told",
            state="warn",
            found=Bilingual(
                zh=f"{troubled} 条通知未送达；不再接收的系统：{named or '无'}",
                en=f"{troubled} notices did not arrive; fallen silent: {named or 'none'}",
            ),
            remedy=Bilingual(
                zh="查看 `huiyin notices list --failed` 和 `huiyin webhook list`；排除原因后重试",
                en="see `huiyin notices list --failed` and `huiyin webhook list`; mend, then retry",
            ),
        )
    well = Bilingual(zh=f"{waiting} 条通知等待发送，没有失败的", en=f"{waiting} notices wait, none failed")
    return Finding(check="told", state="ok", found=well)


async def _server(settings: Settings) -> Finding:
    if not settings.mail_out_url:
        return Finding(
            check="mail-out",
            state="warn",
            found=Bilingual(
                zh="MAIL_OUT_URL 为空：来信的市民得不到查询号和查询码",
                en="MAIL_OUT_URL is empty: whoever writes a letter is not told their codes",
            ),
            remedy=Bilingual(
                zh="指定发送回信的服务器，以及本系统的 MAIL_ADDRESS",
                en="name a server that sends answers, and our own MAIL_ADDRESS",
            ),
        )
    remedy = Bilingual(
        zh="请确认 MAIL_OUT_URL 和 MAIL_OUT_PASSWORD 正确；其间来信仍会立件，但不回信",
        en="see that MAIL_OUT_URL and MAIL_OUT_PASSWORD are right; letters become cases meanwhile, unanswered",
    )
    return await _sends("mail-out", mail_server_of, settings, settings.mail_address, remedy)


async def _sends(
    name: str,
    server_of: Callable[[Settings], MailServer | None],
    settings: Settings,
    sender: str,
    remedy: Bilingual,
) -> Finding:
    try:
        if server := server_of(settings):
            await server.check()
    except SenderUnusable as error:
        return Finding(check=name, state="fail", found=error.in_both(), remedy=_SET_IT)
    except OSError as error:
        return Finding(
            check=name, state="fail", found=plain(f"{type(error).__name__}: {error}"), remedy=remedy
        )
    return Finding(
        check=name, state="ok", found=Bilingual(zh=f"以 {sender} 的名义发送", en=f"sends as {sender}")
    )
