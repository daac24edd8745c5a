"""What was sent to whom, and what failed, for supervisors and administrators; and what each notice would say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import structlog

from deploy.notices import endpoints, store, testing
from deploy.notices.preview import samples
from deploy.notices.renewing import FormerStillSigns, RenewedSince
from deploy.notices.webhook_api import KEEPERS, WATCHERS, Renewal, WebhookApi, webhook_of
from schemas.errors import BadInput, NotFound
from schemas.forms import NO_ERRORS, FormErrors, form_errors
from schemas.http import Answer, Call, Page, Redirect, Route, read
from schemas.ids import UUID_PATTERN
from schemas.notices import Audience, NoticeChannel, NoticeState, Occasion, masked_address
from schemas.paging import cursor_of, read_cursor
from schemas.words import Language

log = structlog.get_logger()

K = TypeVar("K", bound=StrEnum)

#: Project choice: a page of a list.
_SHOWN = 50

#: Project choice: what was done lately; the table keeps all.
_CHANGES = 20
#: Characters of a reason (project choice: a sentence or two).
_REASON = 300
#: In Chinese and English.
_CHANGE_WORDS: Mapping[str, tuple[str, str]] = {
    "added": ("添加", "added"),
    "enabled": ("重新启用", "switched on again"),
    "disabled": ("停用", "switched off"),
    "removed": ("移除", "removed"),
    "renewed": ("更新密钥", "secret renewed"),
    "former ended": ("更新密钥，旧密钥立即失效", "secret renewed, the former one ended at once"),
}

#: Why one was not sent, or not yet, in Chinese and English. What a receiver answered stands there as it came (`HTTP 500`).
REASONS: Mapping[str, tuple[str, str]] = {
    "address": ("地址不能用", "the address is no use"),
    "behind-another": ("等前一条送到", "behind another one"),
    "disabled": ("对接系统已停用", "that system is switched off"),
    "moved": ("已不在该单位", "no longer with that department"),
    "no-address": ("没有留地址", "no address was left"),
    "no-channel": ("没有设置渠道", "no channel is set"),
    "not-public": ("不是公网地址", "the address is not public"),
    "outdated": ("已过时", "no longer true"),
    "perhaps-sent": ("可能已送到", "it may have arrived"),
    "private": ("保密件不通知外部系统", "a private case is told to no system"),
    "quiet-hours": ("夜间不发", "not at night"),
    "refused": ("对方拒收", "the receiver refused it"),
    "removed": ("地址已移除", "the address was removed"),
    "stopped": ("本人已退订", "they stopped notices"),
    "unreadable": ("无法读取", "it cannot be read"),
    "unwanted": ("本人不愿被联系", "they want no contact"),
}
#: What else may stand there is the name of an error, of ours or of a library: by what is in it, the first that fits. In
#: Chinese and English.
_ERRORS: Mapping[str, tuple[str, str]] = {
    "NotLetIn": ("本系统的发信服务器不接受我们", "our own mail server does not accept us"),
    "ServerAway": ("本系统的发信服务器连接不上", "our own mail server cannot be reached"),
    "ServerBusy": ("本系统的发信服务器暂不接收", "our own mail server does not take it now"),
    "(?i)timeout": ("对方没有回应", "the receiver did not answer"),
    "SSL|Certificate|Fingerprint": ("无法建立安全连接", "no secure connection could be made"),
    "(?i)connect|dns|brokenpipe|gaierror|herror|clientos": (
        "连接不上对方",
        "the receiver could not be reached",
    ),
    "(?i)url": REASONS["address"],
    "Client|Server|ContentType|Aborted|TooManyRedirects|^WS|^OSError": (
        "对方暂不接收",
        "the receiver does not take it now",
    ),
    "": ("系统故障，见日志", "a fault on our side, see the log"),
}

#: In Chinese and English.
AUDIENCES: Mapping[Audience, tuple[str, str]] = {
    Audience.CITIZEN: ("市民", "citizen"),
    Audience.DEPARTMENT: ("承办单位", "department"),
    Audience.DISPATCHERS: ("派单员", "dispatchers"),
    Audience.SUPERVISORS: ("督办员", "supervisors"),
    Audience.CITY: ("全市系统", "the city's system"),
}
CHANNELS: Mapping[NoticeChannel, tuple[str, str]] = {
    NoticeChannel.EMAIL: ("电子邮件", "e-mail"),
    NoticeChannel.SMS: ("短信", "text message"),
    NoticeChannel.PUSH: ("小程序推送", "mini-app push"),
    NoticeChannel.WEBHOOK: ("网络回调", "webhook"),
}
STATES: Mapping[NoticeState, tuple[str, str]] = {
    NoticeState.WAITING: ("待发送", "waiting"),
    NoticeState.SENT: ("已发送", "sent"),
    NoticeState.FAILED: ("被拒收", "refused"),
    NoticeState.BOUNCED: ("被退回", "bounced"),
    NoticeState.GIVEN_UP: ("多次失败", "given up"),
    NoticeState.DROPPED: ("不再发送", "not sent"),
}
OCCASIONS: Mapping[Occasion, tuple[str, str]] = {
    Occasion.RECEIVED: ("已收到", "received"),
    Occasion.ASSIGNED: ("已派单", "assigned"),
    Occasion.EXTENDED: ("延期", "more time"),
    Occasion.PROMISED: ("承诺日期", "date promised"),
    Occasion.ASKED: ("询问市民", "question"),
    Occasion.PROGRESS: ("进展", "progress"),
    Occasion.ANSWERED: ("已答复", "answered"),
    Occasion.DECLINED: ("不予受理", "declined"),
    Occasion.WITHDRAWN: ("已撤回", "withdrawn"),
    Occasion.RATING: ("请评价", "rating"),
    Occasion.CALL_BACK: ("将电话回访", "call-back"),
    Occasion.ASKED_BACK: ("网页回访", "asked back"),
    Occasion.NEW_CASE: ("新件", "new case"),
    Occasion.SENT_BACK: ("被退回的申请或答复", "sent back"),
    Occasion.REOPENED: ("重办", "reopened"),
    Occasion.CITIZEN_WROTE: ("市民的回答", "citizen's answer"),
    Occasion.ENTRY_ENDS: ("知识点即将到期", "entry ends soon"),
    Occasion.ENTRY_HELD: ("知识点暂停公开", "entry held back"),
    Occasion.NEAR: ("即将到期", "due soon"),
    Occasion.MISSED: ("超期", "overdue"),
    Occasion.URGED: ("催办", "urged"),
    Occasion.SUPERVISED: ("督办", "supervised"),
    Occasion.ESCALATED: ("提级", "escalated"),
    Occasion.DIGEST: ("每日汇总", "daily digest"),
    Occasion.WAITING: ("新到待处理事项", "new items to decide"),
    Occasion.EMERGENCY: ("特急待派单", "emergency to dispatch"),
    Occasion.SUSPECTED: ("疑似有人遇险待核实", "may be danger: to look into"),
    Occasion.DANGER_SAID: ("市民又说到险情", "danger said since"),
    Occasion.ORDER_REPORTED: ("督办回报", "report on an order"),
    Occasion.EXCLUSION_ASKED: ("申请不纳入考核", "asked to leave out of figures"),
    Occasion.EXCLUSION_OVERDUE: ("不纳入考核待决定超期", "leaving out: not decided in time"),
    Occasion.EXCLUSION_DECIDED: ("不纳入考核的决定", "decided on leaving out"),
    Occasion.TEST: ("测试", "test"),
}


class NoticeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which notices, and behind which; `done`: what was just done."""

    state: Literal["", "troubled", "waiting", "sent", "failed", "bounced", "given_up", "dropped"] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] = ""
    done: Literal["", "retry", "enable", "disable", "test"] = ""


class RetryBody(msgspec.Struct, frozen=True, kw_only=True):
    """Which notice; empty: all that failed."""

    id: Annotated[str, msgspec.Meta(pattern=f"^({UUID_PATTERN})?$")] = ""


_Id = Annotated[str, msgspec.Meta(pattern=f"^{UUID_PATTERN}$")]


class EnableBody(msgspec.Struct, frozen=True, kw_only=True):
    """Which address is switched on again, or sent a test message."""

    id: _Id


class RenewalBody(Renewal, frozen=True, kw_only=True):
    """Which address gets another secret."""

    id: _Id


class DisableBody(EnableBody, frozen=True, kw_only=True):
    """Which address is switched off, and why."""

    reason: Annotated[str, msgspec.Meta(max_length=_REASON)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePages:
    """What the pages are made with."""

    zone: ZoneInfo
    public_url: str
    webhooks: WebhookApi

    async def show(self, call: Call) -> Page:
        """The newest first. No address is shown whole, and no case."""
        return await self._page(call, call.query)

    async def _page(
        self, call: Call, query: NoticeQuery, errors: FormErrors = NO_ERRORS, status: int = 200
    ) -> Page:
        before = read_cursor(query.cursor, tuple[datetime, UUID]) if query.cursor else None
        rows = await store.listed(
            call.unit.db,
            states=_states(query.state),
            before=before and (before[0], str(before[1])),
            limit=_SHOWN + 1,
        )
        more = cursor_of(rows[_SHOWN - 1]["at"], rows[_SHOWN - 1]["id"]) if len(rows) > _SHOWN else ""
        known = [(each, masked_address(each.address)) for each in await endpoints.listed(call.unit.db)]
        context = {
            "query": query,
            "rows": rows[:_SHOWN],
            "now": call.unit.now,
            "may_renew": call.principal.role in KEEPERS,
            "switched_off": [each for each in known if each[0].disabled_at is not None],
            "webhooks": [
                each
                for each in known
                if each[0].disabled_at is None and each[0].channel is NoticeChannel.WEBHOOK
            ],
            "typed": call.form,
            "resend": call.form,
            "changes": [
                (each, masked_address(each.address))
                for each in await endpoints.changes(call.unit.db, _CHANGES)
            ],
            "next": f"/watch/notices?state={query.state}&cursor={more}" if more else "",
            "change_words": {what: call.language.choose(*words) for what, words in _CHANGE_WORDS.items()},
            "audiences": _in(call.language, AUDIENCES),
            "channels": _in(call.language, CHANNELS),
            "states": _in(call.language, STATES),
            "occasions": _in(call.language, OCCASIONS),
            "reasons": {
                reason: reason_in(call.language, reason)
                for reason in [*(row["reason"] for row in rows), *(each.test_failed for each, _ in known)]
            },
            "troubled": {state.value for state in store.TROUBLED},
            "errors": errors,
        }
        return Page(template="site/notices.html", context=context, status=status)

    async def retry(self, call: Call) -> Redirect:
        """Try one again, or all that failed; one that is sent already, or waits, stays as it is."""
        body = call.read_form(RetryBody)
        await store.retry(call.unit.db, [body.id] if body.id else [], call.unit.now)
        return Redirect(to="/watch/notices?state=troubled&done=retry")

    async def enable(self, call: Call) -> Redirect:
        """Switch on again what takes nothing any more, and try again what failed for that; pressed twice it is on."""
        body = call.read_form(EnableBody)
        if not await endpoints.enable(call.unit.db, body.id, by=call.principal.name, now=call.unit.now):
            raise NotFound
        await store.retry_endpoint(call.unit.db, body.id, call.unit.now)
        log.info("webhook.enabled", endpoint=body.id, by=call.principal.name)
        return Redirect(to="/watch/notices?done=enable")

    async def disable(self, call: Call) -> Page | Redirect:
        """Tell a system nothing more, for a reason; what it misses waits until it is on again. Pressed twice it is off."""
        if call.is_draft:
            return await self._page(call, NoticeQuery())
        body = call.read_form(DisableBody)
        try:
            found = await endpoints.disable(
                call.unit.db, body.id, by=call.principal.name, now=call.unit.now, reason=body.reason
            )
        except BadInput as refusal:
            return await self._page(
                call, NoticeQuery(), form_errors(refusal, call.language, otherwise="reason"), refusal.status
            )
        if not found:
            raise NotFound
        log.info("webhook.disabled", endpoint=body.id, by=call.principal.name)
        return Redirect(to="/watch/notices?done=disable")

    async def test(self, call: Call) -> Redirect:
        """Have a system sent a test message, switched off or not; the page says what became of it."""
        known = await webhook_of(call, call.read_form(EnableBody).id)
        await testing.ask_test(call.unit.db, known, call.unit.now)
        log.info("webhook.test", endpoint=known.id, by=call.principal.name)
        return Redirect(to="/watch/notices?done=test#webhooks")

    async def renew(self, call: Call) -> Page:
        """Another secret, shown this once: sent again, the form shows the same."""
        body = read(RenewalBody, dict(call.form), strict=False)
        try:
            made = await self.webhooks.renewed(call, body.id, body)
        except (FormerStillSigns, RenewedSince) as refusal:
            errors = form_errors(refusal, call.language, otherwise="renew")
            return await self._page(call, NoticeQuery(), errors, refusal.status)
        known = await webhook_of(call, body.id)
        context = {"made": made, "shown": masked_address(known.address)}
        return Page(template="site/webhook-secret.html", context=context)

    async def preview(self, call: Call) -> Page:
        """Every notice's words, in the reader's language."""
        context: dict[str, Any] = {
            "samples": samples(call.language, self.zone, self.public_url),
            "audiences": _in(call.language, AUDIENCES),
            "occasions": _in(call.language, OCCASIONS),
        }
        return Page(template="site/notice-preview.html", context=context)


def _in(language: Language, words: Mapping[K, tuple[str, str]]) -> Mapping[K, str]:
    return {key: language.choose(zh, en) for key, (zh, en) in words.items()}


def reason_in(language: Language, reason: str) -> str:
    """Why a notice waits, or was not sent, as a person reads it."""
    if reason in REASONS:
        return language.choose(*REASONS[reason])
    if not re.fullmatch(r"[A-Za-z_]\w*", reason):
        return reason
    return language.choose(*next(words for part, words in _ERRORS.items() if re.search(part, reason)))


def _states(asked: str) -> tuple[NoticeState, ...]:
    if asked == "troubled":
        return store.TROUBLED
    return (NoticeState(asked),) if asked else ()


def routes(*, zone: ZoneInfo, public_url: str, key: bytes) -> tuple[Route, ...]:
    """The list, its buttons, the preview, and the API of webhooks. `key`: what their secrets derive from."""
    webhooks = WebhookApi(key=key)
    pages = NoticePages(zone=zone, public_url=public_url, webhooks=webhooks)
    return (
        *webhooks.routes(),
        _page("GET", "", pages.show, "Notices that were sent", query=NoticeQuery),
        _page("POST", "/retry", pages.retry, "Try failed notices again"),
        _page("POST", "/enable", pages.enable, "Switch a webhook on again"),
        _page("POST", "/disable", pages.disable, "Switch a webhook off", takes_drafts=True),
        _page("POST", "/test", pages.test, "Send a webhook a test message"),
        _page("POST", "/renew", pages.renew, "Renew a webhook's secret", who=KEEPERS),
        _page("GET", "/preview", pages.preview, "What notices say", database=False),
    )


def _page(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    return Route(
        method=method,
        path=f"/watch/notices{path}",
        answer=answer,
        summary=summary,
        page=True,
        **{"who": WATCHERS, **more},
    )
