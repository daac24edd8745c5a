"""What `huiyin doctor` finds about Kafka: the cluster, its topics and their replicas, and what we may do there."""

from collections.abc import Iterator
from typing import Any

from aiokafka.admin import NewTopic

from deploy import composition
from deploy.commands.checks.findings import Finding
from deploy.messaging.client.client import open_admin
from deploy.messaging.consuming.groups import group_id, topic_names
from deploy.messaging.topics.acl import ensure_rights
from deploy.messaging.topics.probe import trouble_of
from deploy.messaging.topics.retention import KEPT_FOR_EVER, STAMPED_BY_BROKERS, kept_too_long, otherwise_set
from deploy.messaging.topics.topics import promised_topics, wanted_topics
from deploy.settings import Settings
from schemas.bilingual import Bilingual, joined
from schemas.topics import AUDIT, COMMANDS, topic_name


async def check_kafka(settings: Settings) -> Finding:
    """Whether a broker answers us, and how we speak to it."""
    async with open_admin(settings) as admin:
        brokers = len((await admin.describe_cluster())["brokers"])
    how, has_user = settings.kafka_security_protocol, settings.kafka_security_protocol.startswith("SASL")
    user = settings.kafka_sasl_username
    found = Bilingual(
        zh=f"{brokers} 个节点，{how}{f'，用户 {user}' if has_user else ''}",
        en=f"{brokers} brokers, {how}{f' as {user}' if has_user else ''}",
    )
    return Finding(check="kafka", state="ok", found=found)


_KEEP_ALL = Bilingual(
    zh="运行：huiyin migrate；若 Kafka 不允许，用 kafka-configs.sh 设置 retention.ms 和 segment.ms",
    en="run: huiyin migrate; where Kafka lets it not, set retention.ms and segment.ms with kafka-configs.sh",
)
_KEEP_ANCHORS = Bilingual(
    zh="，存证主题则设置 retention.ms=-1、retention.bytes=-1、cleanup.policy=delete",
    en=", and for the anchors retention.ms=-1, retention.bytes=-1, cleanup.policy=delete",
)
_STAMP = Bilingual(
    zh="，指令主题则设置 message.timestamp.type=LogAppendTime",
    en=", and for the commands message.timestamp.type=LogAppendTime",
)
_SAY_AGAIN = Bilingual(
    zh="；然后运行 huiyin reconcile：其中未读的记录已随主题一起丢失（docs/operations.md, Records lost）",
    en="; then: huiyin reconcile, since what lay unread there is gone with it (docs/operations.md, Records lost)",
)
_VERIFY = Bilingual(
    zh="；然后运行 huiyin audit verify，它会列出已丢失的存证",
    en="; then: huiyin audit verify, which names those that are gone",
)


async def check_topics(settings: Settings) -> Finding:
    """Whether every topic is there, and keeps records for as long as we say."""
    city = composition.city_of(settings)
    wanted = set(wanted_topics(settings, city))
    async with open_admin(settings) as admin:
        missing = wanted - set(await admin.list_topics())
        promised = [topic for topic in promised_topics(settings, city) if topic.name not in missing]
        longer = await kept_too_long(admin, promised)
        anchors, commands = (topic_name(short, settings.topic_prefix) for short in (AUDIT, COMMANDS))
        losing = await otherwise_set(admin, anchors, KEPT_FOR_EVER)
        is_stamped_by_senders = bool(await otherwise_set(admin, commands, STAMPED_BY_BROKERS))
    named = ", ".join(sorted(missing))
    found = [Bilingual(zh=f"缺少：{named}", en=f"missing: {named}")] if missing else []
    found += [
        Bilingual(
            zh=f"{name} 保留时间超过 {configs['retention.ms']} 毫秒，分段超过 {configs['segment.ms']} 毫秒",
            en=f"keeps longer than {configs['retention.ms']} ms and {configs['segment.ms']} ms of a segment: {name}",
        )
        for name, configs in longer.items()
    ]
    if losing:
        said = ", ".join(f"{name}={value}" for name, value in losing.items())
        found += [
            Bilingual(
                zh=f"{anchors} 须永久保留每个存证，现会丢失一部分：{said}",
                en=f"{anchors} must keep every anchor for ever, and would lose some: {said}",
            )
        ]
    if is_stamped_by_senders:
        found += [
            Bilingual(
                zh=f"{commands} 的时间戳由发送方填写，可被用来拖垮 Kafka",
                en=f"records of {commands} have their senders' time, with which any of them can bring Kafka down",
            )
        ]
    if found:
        remedy = _remedy(
            is_missing=bool(missing), is_losing=bool(losing), is_stamped_by_senders=is_stamped_by_senders
        )
        return Finding(check="topics", state="fail", found=joined(found), remedy=remedy)
    well = Bilingual(zh=f"{len(wanted)} 个主题齐全", en=f"{len(wanted)} present")
    return Finding(check="topics", state="ok", found=well)


def _remedy(*, is_missing: bool, is_losing: bool, is_stamped_by_senders: bool) -> Bilingual:
    told = [_KEEP_ALL]
    told += [_KEEP_ANCHORS] if is_losing else []
    told += [_STAMP] if is_stamped_by_senders else []
    told += [_SAY_AGAIN] if is_missing else []
    told += [_VERIFY] if is_losing else []
    return Bilingual(zh="".join(each.zh for each in told), en="".join(each.en for each in told))


async def check_replicas(settings: Settings) -> Finding:
    """Whether the topics are spread as the settings say, and every partition has its leader and its replicas."""
    wanted = wanted_topics(settings, composition.city_of(settings))
    async with open_admin(settings) as admin:
        there = [name for name in await admin.list_topics() if name in wanted]
        described = await admin.describe_topics(there) if there else []
    headless = [trouble for topic in described if (trouble := trouble_of(topic))]
    if headless:
        remedy = Bilingual(
            zh="请启动缺失的 Kafka 节点：在此之前无法发送和读取",
            en="start the brokers that are away: nothing can be sent there or read",
        )
        return Finding(check="replicas", state="fail", found=joined(headless), remedy=remedy)
    differing = [each for topic in described for each in _differing(topic, wanted[topic["topic"]])]
    if differing:
        found, more = joined(differing[:_SHOWN]), len(differing) > _SHOWN
        shown = Bilingual(
            zh=f"{found.zh}{'等' if more else ''}", en=f"{found.en}{' and more' if more else ''}"
        )
        return Finding(check="replicas", state="warn", found=shown, remedy=_SPREAD)
    well = Bilingual(zh=f"{len(described)} 个主题副本齐全", en=f"{len(described)} topics whole")
    return Finding(check="replicas", state="ok", found=well)


_SPREAD = Bilingual(
    zh="请启动缺失的 Kafka 节点；增加副本用 kafka-reassign-partitions.sh；分区数终身不变（关系到件的先后顺序）："
    "请将 TOPIC_PARTITIONS 和 DEPARTMENT_PARTITIONS 设为现有的数目",
    en="start the brokers that are away; more replicas: kafka-reassign-partitions.sh; partitions stay as they are for "
    "life (their cases' order hangs on it): set TOPIC_PARTITIONS and DEPARTMENT_PARTITIONS to what they are",
)
#: Project choice: enough to look at, few enough for a line.
_SHOWN = 5


def _differing(topic: Any, wanted: NewTopic) -> Iterator[Bilingual]:
    name, partitions = wanted.name, topic["partitions"]
    if (count := len(partitions)) != (more := wanted.num_partitions):
        yield Bilingual(
            zh=f"{name} 有 {count} 个分区，设置为 {more} 个",
            en=f"{name} has {count} partitions, the settings say {more}",
        )
    replicas = min(len(each["replicas"]) for each in partitions)
    if replicas < (most := wanted.replication_factor):
        yield Bilingual(
            zh=f"{name} 有 {replicas} 个副本，设置为 {most} 个",
            en=f"{name} has {replicas} replicas, the settings say {most}",
        )
    in_sync = min(len(each["isr"]) for each in partitions)
    if in_sync < replicas:
        yield Bilingual(
            zh=f"{name} 的 {replicas} 个副本中 {in_sync} 个同步",
            en=f"{name} has {in_sync} of {replicas} replicas in step",
        )


async def check_rights(settings: Settings) -> Finding:
    """Whether our user may read what our groups hear."""
    groups = {group_id(one, settings): topic_names(one, settings) for one in composition.consumer_groups()}
    await ensure_rights(settings, groups)
    well = Bilingual(
        zh=f"{len(groups)} 个消费组可以读取各自的主题", en=f"{len(groups)} groups may read their topics"
    )
    return Finding(check="rights", state="ok", found=well)
