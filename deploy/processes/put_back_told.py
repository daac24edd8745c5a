"""What is said of a Kafka or a Postgres that was put back from before, and what to do: to `doctor`, and by the sweeper."""

from collections.abc import Mapping, Sequence

from deploy.database.lost_ranges import KAFKA, POSTGRES, LostRange, open_ranges
from deploy.observability import metrics
from schemas.bilingual import Bilingual
from schemas.ports import Database
from schemas.topics import SUBMISSIONS

#: The names under which such ranges stand.
SERVERS = (KAFKA, POSTGRES)
#: Named of many partitions (project choice: enough to look at, few enough for a line).
_SHOWN = 3
_FOUND: Mapping[str, Bilingual] = {
    KAFKA: Bilingual(
        zh="Kafka 比本系统旧，以下记录曾在其中、现已没有",
        en="Kafka is older than this city, and has these records no more",
    ),
    POSTGRES: Bilingual(
        zh="Postgres 比 Kafka 旧，以下记录曾处理过、数据库已不知道",
        en="Postgres is older than Kafka, and knows no more that these records were handled",
    ),
}
_REMEDIES: Mapping[str, Bilingual] = {
    KAFKA: Bilingual(
        zh="若 Kafka 较新的数据还在：全部停止，放回后再启动；否则运行 huiyin reconcile，它补发件所缺的；"
        "已接收而未立件的来件已丢失，请公告；然后运行 huiyin lost accept kafka（docs/operations.md, Records lost）",
        en="where its newer data still are: stop everything, put them back and start; else huiyin reconcile, which says "
        "again what cases lack; messages accepted and not registered are gone: make it known; then "
        "huiyin lost accept kafka (docs/operations.md, Records lost)",
    ),
    POSTGRES: Bilingual(
        zh="运行 huiyin audit restored 时刻，然后 huiyin reconcile，它从 Kafka 补回（docs/operations.md, Records lost）",
        en="huiyin audit restored MOMENT, then huiyin reconcile, which brings back what Kafka has "
        "(docs/operations.md, Records lost)",
    ),
}


async def troubles_of(db: Database) -> Sequence[tuple[Bilingual, Bilingual]]:
    """What was found of each, with its remedy, until it is accepted or brought back."""
    ranges = await open_ranges(db)
    told = []
    for server in SERVERS:
        lost = sorted((each for each in ranges if each.consumer == server), key=_is_less)
        metrics.PUT_BACK.labels(server).set(len(lost))
        if lost:
            told.append((_found(server, lost), _REMEDIES[server]))
    return told


def _is_less(lost: LostRange) -> bool:
    """Whether what lay there is in the database, too; messages lie on Kafka alone until they are registered."""
    return f".{SUBMISSIONS}." not in lost.topic


def _found(server: str, lost: Sequence[LostRange]) -> Bilingual:
    places = ", ".join(
        f"{each.topic}[{each.partition}] {each.from_offset}–{each.to_offset - 1}" for each in lost[:_SHOWN]
    )
    more = len(lost) > _SHOWN
    said = _FOUND[server]
    return Bilingual(
        zh=f"{said.zh}：{places}{' 等' if more else ''}",
        en=f"{said.en}: {places}{' and more' if more else ''}",
    )
