"""The help of every command in Chinese: in the source it stands in English, beside what it is of."""

from collections.abc import Iterator, Mapping
from typing import Any

from typer import rich_utils

#: By the English, as it stands in the source.
_ZH: Mapping[str, str] = {
    "Huiyin 回音: every message gets an answer, every matter is settled. 事事有回音，件件有着落。": (
        "Huiyin 回音：事事有回音，件件有着落。"
    ),
    "Show this message and exit.": "显示此说明。",
    "Start everything on this machine. Ctrl-C stops it cleanly.": "在本机启动全部服务。按 Ctrl-C 停止。",
    "Where everything of this machine lives.": "本机的数据目录。",
    "Port of the web.  [default: 8080]": "网页的端口。[默认：8080]",
    "Add accounts, sample cases and a trickle of new ones.": "加入演示账户、示例件，并不断产生新件。",
    "Go on in the background.": "在后台运行。",
    "Kafka brokers to start: 1, or 3 for a cluster.": "启动几个 Kafka 节点：1 个，或 3 个组成集群。",
    "With --detach: what `status --json` says, once it is up.": "与 --detach 同用：启动后输出 `status --json` 的内容。",
    "Stop what `up --detach` started.": "停止 `up --detach` 启动的服务。",
    "How it stands: processes, lag, outbox.": "运行情况：进程、待处理、发件箱。",
    "Check every dependency; each finding comes with its remedy.": "逐项检查；每个问题都附解决办法。",
    "The web: pages and API.": "网页和 API。",
    "The consumers of these slices.": "所列模块的消费进程。",
    "intake, routing, handlers, sla: all if none. In the same process: relay, sweep (with notices).": (
        "intake、routing、handlers、sla；不写则为全部。可在同一进程运行：relay、sweep（含通知）。"
    ),
    "Send the outbox to Kafka.": "把发件箱发往 Kafka。",
    "Watch the deadlines' clocks: warn, escalate, and prune what is old.": "检查时限：预警、升级，并清理过期数据。",
    "Send the notices that wait, too, as `huiyin notify` does.": "同时发送等待的通知，如同 `huiyin notify`。",
    "Take letters out of the mailbox that MAIL_IN_URL names.": "从 MAIL_IN_URL 指定的邮箱收取来信。",
    "Send the notices that wait: to citizens, departments, supervisors and other systems.": (
        "发送等待的通知：给市民、承办单位、督办员和其他系统。"
    ),
    "Bring the database to this release's schema and create missing topics.": "把数据库更新到本版本，并建立缺少的主题。",
    "Write everything but Kafka's records into FILE, encrypted under the master secret, and prove it by restoring it.\n\n"
    "Keep HUIYIN_SECRET_KEY (or DATA/secret.key) elsewhere: without it nobody opens the file.": (
        "把 Kafka 记录以外的全部内容加密写入 FILE，并试恢复一次加以验证。\n\n"
        "请另行保存 HUIYIN_SECRET_KEY（或 DATA/secret.key）：没有它谁也打不开该文件。"
    ),
    "Write over a file that is there.": "覆盖已有的文件。",
    "One JSON object on stdout.": "输出一个 JSON 对象。",
    "Bring the copy in FILE back, whole or not at all; then start, and run `huiyin reconcile`.\n\n"
    "What was there is kept: the database under another name, files beside theirs.": (
        "恢复 FILE 中的备份，要么完整要么不做；然后启动，并运行 `huiyin reconcile`。\n\n"
        "原有内容会保留：数据库改名，文件放在原处旁边。"
    ),
    "Also where there are cases: they are kept under another name.": "已有件时也恢复：原有的改名保留。",
    "What a message is about, who would answer, and why.": "来件的类别、承办单位及理由。",
    "A message.": "一件来件的文字。",
    'One message a line: text, or JSON {"title", "text"}.': '每行一件：文字，或 JSON {"title", "text"}。',
    "A model's file, as `train --to` writes it.": "模型文件，由 `train --to` 写出。",
    "Answer as JSON on stdout.": "以 JSON 输出。",
    "The due time, and how it was reached.": "到期时间及其推算过程。",
    "ISO 8601; the city's time if no offset.": "ISO 8601；未写时区则为本市时间。",
    "A rule's name; its reply clock.": "规则名称；取其答复时限。",
    "`10 working days`, `90 minutes`, `7 calendar days`, …": "`10个工作日`、`90分钟`、`7个自然日`……",
    "A..B; may be repeated.": "A..B；可重复。",
    "One of the calendars' names.": "日历名称。",
    "The calendar that this department keeps.": "按该单位的日历。",
    "One question a line, as JSON; answers in order.": "每行一个 JSON 问题；依次回答。",
    "How good the router is on labelled messages, as shipped or after learning. Figures only.": (
        "在已标注的来件上评估分派：随附的规则，或学习之后的模型。只给数字。"
    ),
    "`search`: how good the search is; otherwise the router.": "`search`：评估搜索；不写则评估分派。",
    "Of `search`: title, answer and questions of a line, between tabs.": (
        "用于 `search`：每行为标题、答复和问题，以制表符分隔。"
    ),
    "CSV in UTF-8 with a header.": "带表头的 UTF-8 CSV 文件。",
    "Column of the right category.": "正确类别所在的列。",
    "May be repeated: of several, the first is the title.  [default: title, text]": (
        "可重复；多列时第一列为标题。[默认：title, text]"
    ),
    "Learn from this CSV first, and from nothing else; may be repeated.": "先只学习此 CSV；可重复。",
    "Of what goes out without a person, so much is to be right.": "不经人工派出的件中，须有这么大的比例正确。",
    "Also write a page: tables and curves.": "同时写出一页报告：表格和曲线。",
    "Write cases or figures as a table: of the last thirty days where none are named.\n\n"
    "Confidential cases, reports, what accuses somebody and merged cases are left out; how many is said on stderr. "
    "Every case\nthat is exported has a row that says who did.": (
        "把件或统计数字导出为表格；未指定日期则为最近三十天。\n\n"
        "不含保密件、举报、涉及举报对象的件和已并单的件，条数写到 stderr。每个导出的件都记录由谁导出。"
    ),
    "csv, xlsx or jsonl.": "csv、xlsx 或 jsonl。",
    "The first day.": "起始日。",
    "The last day, included.": "截止日（含）。",
    "Figures by department, category, region or channel.": "统计口径：department、category、region 或 channel。",
    "Only what this department has.": "只导出该单位的。",
    "The file to write; else standard output.": "写入的文件；不写则为标准输出。",
    "Send the messages in a file to Kafka. Stopped half-way, it goes on where it was when run again.\n\n"
    "Columns (字段), by these names or the usual Chinese ones: text 内容 (needed 必填), title 标题, external_id 编号,\n"
    "kind 类型, name 姓名, phone 电话, email 邮箱, address 地址, longitude 经度, latitude 纬度,\n"
    "confidential 保密, publish 公开, said_at 来件时间, preference 联系偏好 (any, text, none), hours 方便联系时间,\n"
    "language 语言, attachments 附件 (names of files in --files, several with ；).\n\n"
    "Every visible sheet with a column for the text is read; the others are named, with the reason. Rows that cannot be\n"
    "messages go to FILE.rejected.jsonl with theirs. An optional cell that cannot be read is kept as a note, and where "
    "a cell\nabout secrecy or publication is not understood, the message is confidential and not published; "
    "FILE.notes.jsonl names\nthe rows.\n\n"
    "Exit status: 0 every row was taken; 3 some were not, or a sheet of them\n"
    "could not be read; 2 the file cannot be read; 1 it stopped, or was told to\n"
    "(Ctrl-C, SIGTERM): run it again.": (
        "把文件中的来件发往 Kafka。中途停止后再次运行，会从停下的地方继续。\n\n"
        "字段可用以下名称或常见的中文列名：text 内容（必填）、title 标题、external_id 编号、kind 类型、name 姓名、"
        "phone 电话、email 邮箱、address 地址、longitude 经度、latitude 纬度、confidential 保密、publish 公开、"
        "said_at 来件时间、preference 联系偏好（any、text、none）、hours 方便联系时间、language 语言、"
        "attachments 附件（--files 中的文件名，多个用 ； 分隔）。\n\n"
        "凡有内容列的可见工作表都会读取；其余的列出原因。不能成为来件的行连同原因写入 FILE.rejected.jsonl。"
        "选填单元格无法识别时记为备注；保密或公开一栏无法识别时，按保密且不公开处理；这些行见 FILE.notes.jsonl。\n\n"
        "退出状态：0 每行都已接收；3 有行未接收，或有工作表无法读取；2 文件无法读取；"
        "1 中途停止或被要求停止（Ctrl-C、SIGTERM）：请再次运行。"
    ),
    "xlsx, csv, tsv or jsonl, whatever it is called.": "xlsx、csv、tsv 或 jsonl，文件名不限。",
    "How these messages reached the city: web, hotline, miniapp, letter, counter, kiosk, email, social, "
    "sign_language, transfer.": (
        "来件的渠道：web、hotline、miniapp、letter、counter、kiosk、email、social、sign_language、transfer。"
    ),
    "What the rows' numbers belong to, such as another system: a row that was sent before by this source, with the "
    "same number and content, is not sent twice. Not given: this very file.": (
        "各行编号所属的来源，如另一个系统：同一来源、编号和内容都相同的行不会重复发送。不写则为此文件本身。"
    ),
    "A sheet to read, hidden or not; all visible ones if not given.": (
        "要读取的工作表，隐藏的也可；不写则为所有可见的。"
    ),
    "What a column means; COLUMN=-: not to be read.": "某列的含义；COLUMN=- 表示不读取。",
    "Folder of the files that rows name in 附件 (attachments).": "“附件”一栏所列文件的文件夹。",
    "Show what would be read; send nothing.": "只显示将读取的内容，不发送。",
    "Find messages and cases that got lost between two slices, and have whoever knows them say them again.\n\n"
    "With --dry-run exit status 1 where anything is missing.": (
        "找出在模块之间丢失的来件和件，由知情的一方补发。\n\n加 --dry-run 时，有缺失则退出状态为 1。"
    ),
    "Say what is missing, and do nothing.": "只报告缺失，不做任何事。",
    "Leave out cases that are younger: they may be on their way.": "略过更新的件：它们可能还在途中。",
    "List the topics that different people write of (苗头), the hottest first.\n\n"
    "Of a file: those that would have been early warnings, with their rows.": (
        "列出不同的人反映的苗头，最热的在前。\n\n用于文件时：列出本应预警的苗头及其行号。"
    ),
    "A CSV file to look through instead of this city's cases.": "查看此 CSV 文件，而不是本市的件。",
    "When each message came.": "来件时间所在的列。",
    "Who wrote; people count, not messages.": "来件人所在的列；按人计，不按件计。",
    "Learn from labelled messages. The new version runs in the shadow of the active one: see `huiyin models`.": (
        "从已标注的来件学习。新版本先在现用版本之外试算：见 `huiyin models`。"
    ),
    "CSV of labelled messages; may be repeated.": "已标注来件的 CSV；可重复。",
    "Categories by their names or codes, or labels of your own.": "类别的名称或代码，或自定的标签。",
    "Learn from what dispatchers decided, too.": "同时学习派单员的决定。",
    "Write the model to this file, and not to the database.": "把模型写入此文件，而不是数据库。",
    "Staff accounts.": "工作人员账户。",
    "Add somebody who signs in with a password.": "添加以密码登录的人员。",
    "Lower-case letters, digits or . - _ @.": "小写字母、数字或 . - _ @。",
    "department, dispatcher, supervisor or administrator.": "department、dispatcher、supervisor 或 administrator。",
    "A code in departments.toml, with the role `department`.": "departments.toml 中的代码，角色为 `department` 时填写。",
    "Read the password from stdin; do not ask.": "从标准输入读取密码，不询问。",
    "Set a new password, and let a disabled account in again. Ends its sessions.": (
        "更改密码，并恢复已停用的账户。结束其登录。"
    ),
    "Let nobody sign in with it any more. Ends its sessions.": "停用账户。结束其登录。",
    "Tokens for other systems.": "供其他系统使用的令牌。",
    "Add a token and print it: it is shown this once only.": "添加令牌并显示：仅显示这一次。",
    "hotline, dispatcher, supervisor or administrator; not with --department.": (
        "hotline、dispatcher、supervisor 或 administrator；不与 --department 同用。"
    ),
    "What the audit shows: which system it was. If not given: the department, hotline, or the role with a number.": (
        "审计中显示是哪个系统。不写则为单位、hotline，或角色加编号。"
    ),
    "Its system may say for which account it asks (Acting-For), each time.": (
        "该系统每次可以说明代表哪个账户（Acting-For）。"
    ),
    "End every token of that name.": "撤销该名称的所有令牌。",
    "Its name.": "令牌的名称。",
    "The cases' append-only histories.": "件的审计日志（只追加）。",
    "Check one hash chain, or all; names each first broken row. Exit status 1 if any is, 3 if Kafka could not be asked.": (
        "检查一条或全部哈希链，列出第一处不符的行。有不符则退出状态为 1，无法查询 Kafka 为 3。"
    ),
    "One case; all if not given.": "某一个件；不写则为全部。",
    "Write an anchor now, as the sweeper does every hour: what the log is, signed, outside the database.": (
        "立即写入存证，如同 sweep 进程每小时所做：把日志的现状签名保存在数据库之外。"
    ),
    "Remember that your own Postgres was brought back to MOMENT; `huiyin restore` does so itself.\n\n"
    "Anchors that were written since tell of entries that are gone: from now on `audit verify` says so, "
    "and does not fail.": (
        "登记你们自己的 Postgres 已恢复到 MOMENT；`huiyin restore` 会自行登记。\n\n"
        "此后写入的存证所记的内容已不存在：今后 `audit verify` 会说明，而不算失败。"
    ),
    "recovery_target_time, with its offset from UTC.": "recovery_target_time，须带时区。",
    "Measure this release on this machine, each time on fresh servers.": "在本机测量此版本，每次使用新的服务器。",
    "Cases a second through all slices, against what Kafka and Postgres allow; and how long one takes.": (
        "每秒经过所有模块的件数，与 Kafka 和 Postgres 的上限相比；以及一件所需的时间。"
    ),
    "Cases in the run at full load.": "满载时的件数。",
    "How long each figure is measured.": "每项测量的秒数。",
    "Measure the ceiling, too, before and after.": "前后也测量上限。",
    "Slices, relay and sweeper in one process (WORKERS=together).": (
        "各模块、relay 和 sweep 在同一进程（WORKERS=together）。"
    ),
    "Also say on stderr where the time of this process goes.": "同时在 stderr 说明该进程的时间用在何处。",
    "From the citizen's message to the published answer, over HTTP, beside few and many old cases.": (
        "经 HTTP 从来件到公开答复，旧件分别为少量和大量。"
    ),
    "Old cases; give it again for several.  [default: 10000, 1000000]": "旧件数；可重复。[默认：10000, 1000000]",
    "Lifecycles under way at the same time.": "同时进行的全过程数。",
    "Messages a second that the web accepts, and how long one waits at 500 a second.": (
        "网页每秒接收的来件数，以及每秒 500 件时的等待时间。"
    ),
    "Let the consumers work at the same time.": "消费进程同时工作。",
    "A thousand alerts among a million open clocks, and how late an alert is heard.": (
        "一百万个计时中的一千次预警，以及预警的延迟。"
    ),
    "Open clocks.": "未结束的计时数。",
    "The public search over many published answers (pages: everything else that lists or counts).": (
        "在大量公开答复中的搜索（其他列表和计数见 pages）。"
    ),
    "Published answers.": "公开答复数。",
    "Every list, count and figure of the web, of 10,000 cases and of many, in turns (search: published answers alone).": (
        "网页的每个列表、计数和统计，交替用一万件和大量的件（公开答复的搜索见 search）。"
    ),
    "Cases of the city that has many.": "件多的城市的件数。",
    "How often each thing is asked for.": "每项请求的次数。",
    "How long until everybody who listens has seen an alert, and what a listener costs the web.": (
        "预警到达所有监听者所需的时间，以及每个监听者的开销。"
    ),
    "How many listen at once.": "同时监听的人数。",
    "Messages a second that one core classifies, and how late the event loop is while they are consumed.": (
        "每核每秒分类的来件数，以及其间事件循环的延迟。"
    ),
    "What this machine carries at which latency, what the next limit is, and what more processes bring.": (
        "本机在各种延迟下的承载量、下一个瓶颈，以及增加进程的效果。"
    ),
    "Also write it there as a page.": "同时写成一页。",
    "The city's departments, districts, streets, categories, catalogue and tags.": (
        "本市的单位、区县、道路、类别、派单目录和标签。"
    ),
    "Each fault with its file, line, key and remedy; exit status 2 where the folder cannot be used.\n\n"
    "In the language of the terminal (LC_ALL, LC_MESSAGES, LANG): Chinese or else English. With --json each fault "
    "has a code\nand its facts, too, which are the same in both.": (
        "列出每处错误的文件、行号、键和解决办法；文件夹不可用时退出状态为 2。\n\n"
        "按终端的语言（LC_ALL、LC_MESSAGES、LANG）：中文，否则英文。加 --json 时还有错误代码和要素，两种语言相同。"
    ),
    "departments.toml, regions.toml, taxonomy.toml; subcategories.toml, items.toml, tags.toml, if any.": (
        "含 departments.toml、regions.toml、taxonomy.toml；以及 subcategories.toml、items.toml、tags.toml（如有）。"
    ),
    "A folder of routing rules to check beside it.  [default: those shipped]": (
        "一并检查的分派规则文件夹。[默认：随附的规则]"
    ),
    "Records that could not be handled, with the reason.": "无法处理的记录（死信）及原因。",
    "List dead letters, oldest first in each partition.": "列出死信，各分区中最早的在前。",
    "Only those whose reason starts like this.": "只列原因以此开头的。",
    "Only those that came from this topic.": "只列来自该主题的。",
    "At most so many.": "最多列出多少条。",
    "One JSON object a line.": "每行一个 JSON 对象。",
    "Show one whole, as it came. It may hold personal data: who looked is written down.": (
        "按原样显示一条。可能含个人信息：谁看过会有记录。"
    ),
    "Send them to where they came from, with the same event id: handled once, however often replayed.": (
        "以相同的事件编号发回来处：无论重发几次只处理一次。"
    ),
    "PARTITION-OFFSET, as `list` shows; all that match if none.": "PARTITION-OFFSET，见 `list`；不写则为所有符合的。",
    "Say what would be done, and do nothing.": "只说明将做什么，不做任何事。",
    "Vouch for them: sign as ours whatever they say. Read them first.": "为其担保：不论内容一律以本系统签名。请先查看。",
    "Delete for good: Kafka deletes from the front, so one and all older ones of its partition.": (
        "永久删除：Kafka 从最早的删起，因此会删除该条及其分区中更早的所有死信。"
    ),
    "This one and all before it in its partition.": "该条及其分区中更早的。",
    "Deadline rules.": "时限规则。",
    "Validate a city's rules; every problem is named, and the exit status is 1 if there is any.": (
        "检查一个城市的规则；列出每处问题，有问题则退出状态为 1。"
    ),
    "A rules file (TOML).": "规则文件（TOML）。",
    "Working calendars.": "工作日历。",
    "Import a year's notice, whole, or single local days; every deadline that crosses them is computed anew.": (
        "整份导入某年的节假日通知，或本市的个别日期；涉及的期限都会重新计算。"
    ),
    "csv or json: date, is_workday, name.": "csv 或 json：date、is_workday、name。",
    "Which calendar.": "哪个日历。",
    "Single days of this city, not a year's notice.": "本市的个别日期，而不是全年通知。",
    "The days of a year that are not as their weekday says, the hours, and whether the year is announced.": (
        "一年中与星期不一致的日期、工作时间，以及该年安排是否已公布。"
    ),
    "Which year.": "哪一年。",
    "Whether a year's notice is whole and reads, before it is imported; exit status 1 if not.": (
        "导入前检查某年的通知是否完整、可读；否则退出状态为 1。"
    ),
    "Knowledge entries (知识点): answers written once for everybody.": "知识点：写一次、供所有人用的答复。",
    "Take entries into the review: nobody reads one before a dispatcher has. The same file again changes nothing.": (
        "把条目送交审核：派单员审核之前无人可见。再次导入同一文件不会有变化。"
    ),
    "JSON lines, an entry each, as `export` writes them.": "每行一个 JSON 条目，格式同 `export`。",
    "JSON on stdout.": "以 JSON 输出。",
    "Write what everybody may read, a line each, for another system or another city.": (
        "写出所有公开的条目，每行一条，供其他系统或城市使用。"
    ),
    "Where to; standard output if left out.": "写到何处；不写则为标准输出。",
    "Records that Kafka deleted before they were read.": "Kafka 在读取之前删除的记录。",
    "List the ranges that nobody has accepted: their consumers stand still.": "列出尚未接受的丢失范围：相应的消费进程停着。",
    "intake, routing, handlers or sla; all if none.": "intake、routing、handlers 或 sla；不写则为全部。",
    "One JSON list on stdout.": "输出一个 JSON 列表。",
    "Let the consumer read on behind what is lost; it does within seconds. Who accepted is written down.": (
        "让消费进程越过丢失部分继续读取，几秒内生效。由谁接受会有记录。"
    ),
    "What the classifier learned, version by version.": "分类器学到的各个版本。",
    "List all versions, and how often dispatchers decided as they thought.": "列出所有版本，以及派单员与其一致的比例。",
    "Let this version decide; workers load it within seconds.\n\n"
    "What it does not know, and what makes its figures worth little, is said first; a terminal is asked whether to go on.": (
        "由该版本决定；各进程几秒内载入。\n\n事先说明它不知道什么、哪些数字意义不大；在终端上会询问是否继续。"
    ),
    "Ask nothing.": "不询问。",
    "Back to the version that decided before; before the first, to the word lists.": (
        "退回之前的版本；第一个版本之前则退回词表。"
    ),
    "How much of what goes out without a person is to be right: what holds and what each costs, or another one.": (
        "不经人工派出的件须有多大比例正确：现行要求及各档的代价，或另定一档。"
    ),
    "One of those listed.": "所列各档之一。",
    "Why; everybody reads it who may.": "理由；有权限的人都能看到。",
    "What was sent to whom, and what failed.": "发给谁的通知，以及哪些失败。",
    "List notices, the newest first. Addresses are masked.": "列出通知，最新的在前。地址已脱敏。",
    "Only those in this state.": "只列此状态的。",
    "Only those that failed, bounced or were given up.": "只列失败、退回或放弃的。",
    "Try failed notices again, from the beginning.": "重新发送失败的通知。",
    "Ids, as `list` shows them.": "编号，见 `list`。",
    "All that failed.": "所有失败的。",
    "Print what each notice says, with an example's values; where the case is private, too.": (
        "显示每种通知的文字，以示例内容填写；不公开的件也一样。"
    ),
    "Only this one.": "只显示这一种。",
    "Of the words.": "文字的语言。",
    "Let an office's mailbox hear what concerns a department, the dispatchers or the supervisors.": (
        "让某个办公邮箱收到有关单位、派单员或督办员的通知。"
    ),
    "An office's address.": "办公邮箱地址。",
    "A code in departments.toml.": "departments.toml 中的代码。",
    "dispatcher or supervisor.": "dispatcher 或 supervisor。",
    "Of the letters.": "信件的语言。",
    "List where staff and other systems hear of things. Addresses are masked.": (
        "列出工作人员和其他系统的接收地址。地址已脱敏。"
    ),
    "Let an address hear nothing more.": "不再向该地址发送。",
    "As `addresses` shows it.": "见 `addresses`。",
    "Other systems that are told of things.": "接收消息的其他系统。",
    "Send what concerns a department, or the whole city, to another system. Prints its secret, this once.": (
        "把有关某单位或全市的消息发给另一个系统。显示其密钥，仅此一次。"
    ),
    "Where messages are sent, https://….": "接收消息的地址，https://……。",
    "All that departments and supervisors are told.": "单位和督办员收到的全部消息。",
    "List them: whom each is for, and whether it takes what it is sent. Of an address only the host is shown.": (
        "列出各系统：有关谁的消息，是否接收。地址只显示主机。"
    ),
    "Forget the address: it is sent nothing more.": "删除地址：不再发送。",
    "As `list` shows it.": "见 `list`。",
    "Try one again that was switched off because it took nothing for days; then: huiyin notices retry --all.": (
        "重新启用因多日不接收而停用的系统；然后运行：huiyin notices retry --all。"
    ),
    "Tell one nothing more until it is switched on again; what it missed is sent then.": (
        "停止发送，直到重新启用；其间错过的届时补发。"
    ),
    "Why; the page of notices shows it.": "理由；显示在通知页面上。",
    "Who added, switched on or off, or removed which address, the latest first; nobody: it took nothing for days.": (
        "谁添加、启用、停用或删除了哪个地址，最新的在前；无人名的：因多日不接收而停用。"
    ),
}


def translate(command: Any) -> None:
    """Say the help of this command, and of those below it, in Chinese."""
    rich_utils.ARGUMENTS_PANEL_TITLE, rich_utils.OPTIONS_PANEL_TITLE = "参数", "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.DEFAULT_STRING, rich_utils.ENVVAR_STRING = "[默认：{}]", "[环境变量：{}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"
    rich_utils._make_rich_text = _folded(rich_utils._make_rich_text)
    for each in _every(command):
        each.help = said(each.help)
        each.get_usage = _in_chinese(each.get_usage)
        each.get_help_option = _with_help(each.get_help_option)
        for param in each.params:
            param.help = said(getattr(param, "help", None))


def said(help_: str | None) -> str | None:
    """That help in Chinese; what has no words here stays as it is."""
    return _ZH.get(help_, help_) if help_ else help_


def _folded(text_of: Any) -> Any:
    """Chinese has no blanks between its words: a line is folded wherever it ends, and not cut off."""

    def folded(**given: Any) -> Any:
        text = text_of(**given)
        text.overflow = "fold"
        return text

    return folded


def _every(command: Any) -> Iterator[Any]:
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from _every(below)


def _in_chinese(usage: Any) -> Any:
    return lambda context: usage(context).replace("Usage: ", "用法：", 1)


def _with_help(option: Any) -> Any:
    def of(context: Any) -> Any:
        found = option(context)
        if found is not None:
            found.help = said(found.help)
        return found

    return of
