"""Why an embedded server cannot run here, each with its remedy.

EmbeddedError
├── NotOnThisPlatform     only Linux can tie a child's life to ours
├── DirectoryInUse        another process runs on the same directory
├── DataGone              the directory is no longer the one that was started on
│   └── DataMissing       it was to hold a city already, and holds none
├── StorageApart          an earlier release wrote Kafka's records into several folders
├── ServerFailed          it did not start, or did not answer in time
├── JarsUnusable          Kafka's jars are missing or altered
└── JavaMissing           nothing here runs Java 17 or newer
"""

from schemas.bilingual import Bilingual
from schemas.errors import HuiyinError


class EmbeddedError(HuiyinError):
    """An embedded server cannot run."""

    code = "embedded-server"
    en = "The embedded server cannot run."
    zh = "内置服务器无法运行。"


#: In place of a log's name.
NOT_KEPT = Bilingual(zh="未保留", en="not kept")


class NotOnThisPlatform(EmbeddedError):
    """Nothing on this system would stop our processes and servers when we are killed."""

    code = "not-on-this-platform"
    en = (
        "`huiyin up` runs on Linux only, and this is {platform}. "
        "Remedy: run it in a Linux container or virtual machine (on Windows: in WSL)"
    )
    zh = "`huiyin up` 只能在 Linux 上运行，本机是 {platform}。解决办法：在 Linux 容器或虚拟机中运行（Windows 上用 WSL）"


class DirectoryInUse(EmbeddedError):
    """Another process runs on the same directory."""

    code = "directory-in-use"
    en = (
        "{directory} is in use by {holder}. Remedy: wait for it, or stop it (what `up` started: huiyin down), "
        "or choose another --data directory"
    )
    zh = "{directory} 正由{holder}使用。解决办法：等其结束，或停止（up 启动的：huiyin down），或用 --data 另选目录"


class DataGone(EmbeddedError):
    """What was started on a directory no longer finds it, or what it wrote there."""

    code = "data-gone"
    en = (
        "{directory} is not what this was started on any more: it was removed, moved or replaced, or its disk is gone. "
        "Everything was stopped, and nothing made anew in its place. Remedy: put it back, then start again: huiyin up"
    )
    zh = (
        "{directory} 已不是启动时的数据目录：被删除、移走或替换，或磁盘已断开。已全部停止，没有在原处另建空数据。"
        "解决办法：先放回原来的数据，再启动：huiyin up"
    )


class DataMissing(DataGone):
    """A city was to be there already."""

    code = "data-missing"
    en = (
        "{directory} is empty or not there, and --existing says that a city was begun there: its disk may not be mounted. "
        "Nothing was made. Remedy: put it back, then start again. What was never there is begun by huiyin up without "
        "--existing: a new city, or its Kafka after huiyin restore on a new machine"
    )
    zh = (
        "{directory} 为空或不存在，而 --existing 表示已在其中建过城市：可能是磁盘未挂载。没有新建任何内容。"
        "解决办法：先放回原来的数据，再启动。从未有过的数据由不带 --existing 的 huiyin up 新建：新的城市，"
        "或在新机器上 huiyin restore 之后的 Kafka"
    )


class StorageApart(EmbeddedError):
    """An earlier release had Kafka's records in several folders, of whatever its path falls into at its commas."""

    code = "storage-apart"
    en = (
        "Kafka's records are not in {directory}: a release before 29 November 2026 parted that path at its commas, and "
        "wrote them into {first}, and, below the folder in which it was started, into {others}. Nothing was made or moved. "
        "Remedy: start that release again in the same folder, wait until huiyin status says that nothing is under way, and "
        "type huiyin backup FILE; then, with this release, huiyin up and huiyin restore FILE on a new --data directory"
    )
    zh = (
        "{directory} 中没有 Kafka 的记录：2026 年 11 月 29 日之前的版本把该路径在逗号处拆开，记录写入了 {first}，"
        "以及当时启动目录下的 {others}。没有新建或移动任何内容。解决办法：在原来的启动目录中用当时的版本再次启动，"
        "待 huiyin status 显示没有在途事件后执行 huiyin backup FILE；再用本版本在新的 --data 目录上执行 huiyin up "
        "和 huiyin restore FILE"
    )


class ServerFailed(EmbeddedError):
    """The server did not start, or did not answer in time."""

    code = "server-failed"
    en = "{server} {problem}. Its log is {log}{tail}"
    zh = "{server} {problem}。日志：{log}{tail}"


class JarsUnusable(EmbeddedError):
    """Kafka's jars are missing or are not the locked ones."""

    code = "jars-unusable"
    en = "Kafka's jar {jar} in {directory} {problem}. Remedy: make setup"
    zh = "{directory} 中 Kafka 的 jar 文件 {jar} {problem}。解决办法：make setup"


class JavaMissing(EmbeddedError):
    """Nothing here runs Java 17 or newer."""

    code = "java-missing"
    en = "No Java runtime was found. Remedy: make setup (it brings one), or install Java 17 or newer"
    zh = "未找到 Java 运行环境。解决办法：make setup（会一并装好），或安装 Java 17 及以上版本"
