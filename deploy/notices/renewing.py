"""Another secret for a webhook: the one before signs, too, until its receiver has surely taken up the new one."""

from datetime import datetime, timedelta

from deploy.notices import endpoints
from deploy.notices.endpoints import Endpoint
from schemas.errors import NotFound, Refused
from schemas.notices import NoticeChannel
from schemas.ports import Database

#: Project choice: a week has a working day on which somebody of the other house puts the new secret in, holidays or not.
FORMER_SIGNS_FOR = timedelta(days=7)


class RenewedSince(Refused):
    """Somebody renewed it more than once since the caller read how often that was done."""

    status = 409
    code = "renewed-since"
    zh = "密钥此后已经更新过，请看最新情况再操作。"
    en = "The secret was renewed since; see how it stands, then decide again."


class FormerStillSigns(Refused):
    """The secret before this one still signs: one more, and a receiver that has that one alone would take nothing."""

    status = 409
    code = "former-still-signs"
    zh = "密钥刚更新过，旧密钥还在有效期内，请等它失效；如新密钥已泄露，请选择旧密钥立即失效。"
    en = "It was renewed lately, and the former secret is still valid: wait until that is over, or end it at once."


async def renew(
    db: Database, endpoint_id: str, *, seen: int, at_once: bool, by: str, now: datetime
) -> Endpoint:
    """Sign what it is sent under another secret, and for a week under the one of now, too, unless that ends `at_once`.

    `seen`: how often it had been renewed when the caller looked. Asked twice it is one renewal: the second answer is the
    first one's. Where somebody else was quicker, and left the former secret a week, `at_once` ends it all the same.

    Raises:
        NotFound: no webhook of that id.
        RenewedSince: somebody else did, and more than once.
        FormerStillSigns: the last renewal is too young, and the former secret is not to end at once.
    """
    known = await endpoints.find(db, endpoint_id)
    if known is None or known.channel is not NoticeChannel.WEBHOOK:
        raise NotFound
    if known.renewed == seen and len(known.secrets(now)) > 1 and not at_once:
        raise FormerStillSigns
    if known.renewed == seen:
        await _renew(db, known, at_once=at_once, by=by, now=now)
        known = await endpoints.find(db, endpoint_id)
    if at_once and known is not None and known.renewed == seen + 1 and len(known.secrets(now)) > 1:
        await _end_former(db, known, by=by, now=now)
        known = await endpoints.find(db, endpoint_id)
    if known is None or known.renewed != seen + 1:
        raise RenewedSince
    return known


async def _renew(db: Database, known: Endpoint, *, at_once: bool, by: str, now: datetime) -> None:
    """The change and the row that says who made it, in one statement; nothing where somebody was quicker."""
    await db.execute(
        """
        WITH renewed AS (
            UPDATE deploy.notice_endpoint SET renewed = renewed + 1, former_until = $3
            WHERE id = $1::uuid AND renewed = $2 AND removed_at IS NULL RETURNING id
        )
        INSERT INTO deploy.endpoint_change (endpoint_id, what, by, at) SELECT id, $4, $5, $6 FROM renewed
        """,
        known.id,
        known.renewed,
        None if at_once else now + FORMER_SIGNS_FOR,
        "former ended" if at_once else "renewed",
        by,
        now,
    )


async def _end_former(db: Database, known: Endpoint, *, by: str, now: datetime) -> None:
    """The former secret signs no more, and the row that says who ended it; nothing where it ended already."""
    await db.execute(
        """
        WITH ended AS (
            UPDATE deploy.notice_endpoint SET former_until = NULL
            WHERE id = $1::uuid AND renewed = $2 AND former_until > $4 AND removed_at IS NULL RETURNING id
        )
        INSERT INTO deploy.endpoint_change (endpoint_id, what, by, at) SELECT id, 'former ended', $3, $4 FROM ended
        """,
        known.id,
        known.renewed,
        by,
        now,
    )
