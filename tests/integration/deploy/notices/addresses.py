"""Who hears, and what the sweeper would say."""

from datetime import UTC, datetime

from deploy.database.unit_of_work import unit_of_work
from deploy.notices import endpoints
from deploy.notices.endpoints import Endpoint
from schemas.ids import CaseId, DepartmentCode
from schemas.notices import Audience, NoticeChannel
from schemas.words import AlertLevel, Language
from sla.core.kinds import Owner
from sla.core.notices import RaisedAlert, alert_notice
from tests.integration.deploy.notices.office import Office
from tests.integration.deploy.web.city_of_files import HOUSING


async def hears(
    office: Office,
    address: str,
    audience: Audience = Audience.DEPARTMENT,
    department: DepartmentCode | None = HOUSING,
    language: Language = Language.ZH,
) -> Endpoint:
    """From now on that address hears what concerns them."""
    return await endpoints.add(
        office.city.pool,
        audience=audience,
        department=department if audience is Audience.DEPARTMENT else None,
        channel=NoticeChannel.EMAIL if "@" in address else NoticeChannel.WEBHOOK,
        address=address,
        language=language,
        now=datetime.now(UTC),
        by="admin",
    )


async def alert(office: Office, case_id: CaseId, level: AlertLevel, owner: Owner = Owner.LEAD) -> None:
    """A deadline of housing's, as the sweeper would say it."""
    async with unit_of_work(office.city.pool, prefix="huiyin") as unit:
        raised = RaisedAlert(case_id, level, "reply", owner, HOUSING, unit.now, 1)
        notice = alert_notice(raised, unit.now)
        assert notice is not None
        unit.notify(notice)
