"""What is wrong with a city's folder, in words: a sentence and a remedy for each code, Chinese and English, here alone."""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.words import Kind, Language, TagGroup

#: What an item or a tag may be of, and what a tag may tell.
KINDS, GROUPS = tuple(Kind), tuple(TagGroup)


class FaultWords(NamedTuple):
    """What was found, and what to do about it. Names in braces are facts of the finding, `key` among them."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str

    def found(self, language: Language, facts: Mapping[str, object]) -> str:
        """What was found, in that language."""
        return language.choose(self.zh, self.en).format_map(facts)

    def remedy(self, language: Language, facts: Mapping[str, object]) -> str:
        """What to do about it."""
        return language.choose(self.remedy_zh, self.remedy_en).format_map(facts)


#: By the code of the finding, which scripts may rely on.
WORDINGS: Mapping[str, FaultWords] = {
    "absent": FaultWords(
        "没有这个文件", "there is no such file",
        "复制 schemas/data 中的同名文件，再修改", "copy the one of schemas/data and change it",
    ),
    "unreadable": FaultWords(
        "无法读取：{why}", "cannot be read: {why}",
        "换成可以读取的文件", "put a file there that can be read",
    ),
    "no-toml": FaultWords(
        "不是 UTF-8 编码的 TOML：{why}", "this is no TOML in UTF-8: {why}", "改正此处", "mend it there",
    ),
    "table-unread": FaultWords(
        "没有程序读取 {key}", "nobody reads {key}",
        "改名为 [[{table}]]，或删去", "rename it to [[{table}]], or take it out",
    ),
    "no-table": FaultWords(
        "没有 [[{key}]]", "there is no [[{key}]]", "至少写一个 [[{key}]]", "add at least one [[{key}]]",
    ),
    "key-unread": FaultWords(
        "没有程序读取 {key}", "nobody reads {key}", "应为以下之一：{known}", "one of {known} was meant",
    ),
    "key-missing": FaultWords("缺少 {key}", "{key} is missing", "补上 {key}", "add {key}"),
    "no-words": FaultWords(
        "{key} 不是词语列表", "{key} is no list of words",
        "写成列表，每个词至少 {shortest} 个字", "write a list of words, each of {shortest} characters at least",
    ),
    "no-flag": FaultWords("{key} 不是真假值", "{key} is no true or false", "写 true 或 false", "write true or false"),
    "no-text": FaultWords("{key} 不是文字", "{key} is no text", "写一段文字", "write a text"),
    "code-malformed": FaultWords(
        "代码只能由小写字母、数字和连字符组成，最多 {most} 个",
        "a code is lower-case letters, digits and hyphens, {most} at most",
        "照此改写", "write it so",
    ),
    "code-twice": FaultWords(
        "第 {line} 行已用此代码", "line {line} has this code, too", "其中一个改用别的代码", "give one of them another code",
    ),
    "name-twice": FaultWords(
        "{name} 也是 {other} 的名称（第 {line} 行）", "{name} is also a name of {other} (line {line})",
        "从其中一个删去：否则无法判断文字指的是谁", "take it from one of them: nobody can tell whom a text means",
    ),
    "no-region": FaultWords(
        "{key} 写的是 {named}，没有这个区县", "{key} names {named}, which is no district",
        "在 regions.toml 中补上，或改为已有的", "add it to regions.toml, or name one that is there",
    ),
    "no-department": FaultWords(
        "{key} 写的是 {named}，没有这个单位", "{key} names {named}, which is no department",
        "在 departments.toml 中补上，或改为已有的", "add it to departments.toml, or name one that is there",
    ),
    "no-category": FaultWords(
        "{key} 写的是 {named}，没有这个类别", "{key} names {named}, which is no category",
        "在 taxonomy.toml 中补上，或改为已有的", "add it to taxonomy.toml, or name one that is there",
    ),
    "no-subcategory": FaultWords(
        "{key} 写的是 {named}，没有这个诉求分类", "{key} names {named}, which is no subcategory",
        "在 subcategories.toml 中补上，或改为已有的", "add it to subcategories.toml, or name one that is there",
    ),
    "no-kind": FaultWords(
        "{key} 写的是 {named}，没有这种诉求类型", "{key} names {named}, which is no kind of message",
        f"应为以下之一：{', '.join(KINDS)}", f"name one of {', '.join(KINDS)}",
    ),
    "no-group": FaultWords(
        "{key} 写的是 {named}，没有这组标签", "{key} names {named}, which is no group of tags",
        f"应为以下之一：{', '.join(GROUPS)}", f"name one of {', '.join(GROUPS)}",
    ),
    "of-another-district": FaultWords(
        "其区县政府 {unit} 写明属于 {home}", "its government {unit} says that it is of {home}",
        "让双方互相指明", "let both name each other",
    ),
    "own-superior": FaultWords(
        "它是自己的上级：{way}", "it is subordinate to itself: {way}",
        "删去其中一个 parent：否则举报无人可送", "take out one parent: a report would reach none of them",
    ),
    "street-twice": FaultWords(
        "道路 {street} 也在 {other}（第 {line} 行）", "{street} is a street of {other} (line {line}), too",
        "确有两条同名道路即可保留：此名不再指明区县", "right if there are two: it then says no district",
    ),
    "street-is-district": FaultWords(
        "道路 {street} 与 {other} 的名称相同", "the street {street} is a name of {other}",
        "删去：总是先读作区县名", "take it out: the district's name is read first",
    ),
    "words-missing": FaultWords(
        "没有指明它的词语", "no word names it", "写上市民会用的词语", "add words that citizens use for it",
    ),
    "word-short": FaultWords(
        "{word} 中有一部分不足 {shortest} 个字", "of {word} a part has fewer than {shortest} characters",
        "写长一些：太短的词会出现在许多句子里", "write a longer one: so short, it stands in too many sentences",
    ),
    "word-spaces": FaultWords(
        "{word} 中有空格", "there is white space in {word}",
        "删去空格，或写成两个词语", "take it out, or write two words: it is looked for as it stands",
    ),
    "word-twice": FaultWords(
        "{word} 也是 {other} 的词语（第 {line} 行）", "{word} is also a word of {other} (line {line})",
        "从其中一个删去：否则无法判断指的是哪一个", "take it from one of them: nobody can tell which is meant",
    ),
    "word-same": FaultWords(
        "{word} 与 {other} 的词语 {theirs} 相同（第 {line} 行）",
        "{word} is the same as {theirs}, a word of {other} (line {line})",
        "只留一个：繁体与简体、全角与半角、大写与小写视为相同",
        "leave one: Traditional or Simplified, full or half width, capitals or not are one",
    ),
    "word-once": FaultWords(
        "{word} 与 {theirs} 相同，只计一次", "{word} is the same as {theirs}: it counts once",
        "删去一个；繁体与简体、全角与半角视为相同",
        "take one of them out; Traditional or Simplified, full or half width are one",
    ),
    "special-and-territorial": FaultWords(
        "同时写了 territorial（属地）", "it is territorial, too",
        "只留一个：专业直派交给主办单位，属地交给区县", "leave one: it goes to its lead, or to its district",
    ),
    "name-long": FaultWords(
        "超过 {most} 个字", "it has more than {most} characters",
        "缩短：派单员要在输入框中填写", "shorten it: dispatchers write it into a field",
    ),
    "name-spaces": FaultWords(
        "有换行、多余的空格或看不见的字符", "it has a line break, a space too many, or what cannot be seen",
        "删去：照样填写会找不到", "take it out: written into a field as it is read, it is not found",
    ),
    "supports-itself": FaultWords(
        "主办单位又是自己的协办单位", "its lead supports itself", "从 supporting 中删去", "take it out of supporting",
    ),
    "idle": FaultWords(
        "没有类别、区县、事项或派单规则的词语指向它", "no category, district, item or word of the routing rules leads to it",
        "在某处写作主办单位，或写入 ROUTING_DIRECTORY 的 departments.toml；否则只有派单员会派给它",
        "name it as a lead or in ROUTING_DIRECTORY's departments.toml; or dispatchers alone send to it",
    ),
    "unloadable": FaultWords("{why_zh}", "{why_en}", "按其所说修改", "mend what it names"),
    "rules": FaultWords(
        "{why_zh}", "{why_en}",
        "让派单规则只写本市已有的：复制 routing/data 后修改，用 --routing 指定",
        "let the routing rules name what the city has: copy routing/data, change it, and give it with --routing",
    ),
}  # fmt: skip
