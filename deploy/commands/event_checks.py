"""What `huiyin doctor` finds about events: whether they leave, whether any was lost, and who signs them."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from deploy.commands.findings import Finding
from deploy.database import lost_ranges, outbox
from deploy.database.beats import living_clocks
from deploy.database.pool import connect
from deploy.messaging.positions import REMEDY
from deploy.processes.health import LATE_SECONDS
from deploy.processes.runtime import SILENT_SECONDS
from deploy.settings import Settings, secret_fault


async def check_outbox(settings: Settings) -> Finding:
    """Whether what was decided gets to Kafka: a relay that stands still says nothing itself."""
    async with connect(settings) as db:
        seconds = await outbox.oldest_seconds(db)
    if seconds > LATE_SECONDS:
        return Finding(
            check="outbox",
            state="fail",
            found=f"events have waited for Kafka for {seconds:,.0f} s",
            remedy="see that `huiyin relay` runs, and what its log says",
        )
    return Finding(check="outbox", state="ok", found=f"the oldest event waits for {seconds:.1f} s")


async def check_records(settings: Settings) -> Finding:
    """Whether Kafka deleted records that a consumer had not read."""
    async with connect(settings) as db:
        lost = await lost_ranges.open_ranges(db)
    if lost:
        found = f"Kafka deleted records before they were read: {'; '.join(map(str, lost))}"
        return Finding(check="records", state="fail", found=found, remedy=REMEDY)
    return Finding(check="records", state="ok", found="every record was read before Kafka deleted it")


async def check_secrets(settings: Settings) -> Finding:
    """Whether every living process has our master secret: what one signs under another, the others refuse."""
    if secret_fault(settings.secret_key.get_secret_value()):
        return Finding(check="secrets", state="ok", found="nothing to compare: no secret is set here")
    async with connect(settings) as db:
        beats = await living_clocks(db, SILENT_SECONDS)
    ours = settings.fingerprint
    others = [
        f"{name} on {replica}"
        for name, replica, health in beats
        if msgspec.json.decode(health).get("secret", ours) != ours
    ]
    if others:
        return Finding(
            check="secrets",
            state="fail",
            found=f"another HUIYIN_SECRET_KEY than here: {', '.join(others)}",
            remedy="give all processes the same one, and the former one as HUIYIN_PREVIOUS_SECRET_KEYS; start them anew",
        )
    return Finding(check="secrets", state="ok", found=f"{len(beats)} processes have the same secret")


EVENT_CHECKS: Mapping[str, Callable[[Settings], Awaitable[Finding]]] = {
    "records": check_records,
    "outbox": check_outbox,
    "secrets": check_secrets,
}
