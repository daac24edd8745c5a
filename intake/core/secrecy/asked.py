"""Whether somebody asked for secrecy in words alone; what a field asks is in `fields`."""

import re
from collections.abc import Iterable, Iterator, Sequence

from intake.core.markup import without_markup
from intake.core.wording import normalised
from schemas.simplified import simplified

#: Verbs of patterns below.
_TOLD = ("说", "知道", "透露", "泄露", "讲")
_SHOWN = ("透露", "公开", "泄露", "泄漏", "暴露", "知道")
_WRITER = "(?:我|本人|举报人|投诉人|反映人|来电人)"
_MINE = "(?:信息|资料|电话|姓名|名字|手机号码?|号码|联系方式|身份)"
#: Of what went wrong somebody disputes whose it is: 不要说是我没交费, 不要说是我的问题, 别跟邻居说是我家漏水, but not
#: 是我家举报漏水的, nor 是我家漏水投诉的.
_TROUBLE = (
    "(?:[漏渗滴堵吵响声噪坏脏臭占违搭挡养狗扔倒撞砸欺没欠]|不(?!让)|装修|动手|打人|打的(?!举报|投诉|电话|热线|1)|同意|问题|责任|线路"
    "|公司(?![举投反])|的错)"
    "(?![^，。！？；,.!?;]{0,30}(?:举|投诉|反映|检举|揭|曝|报|告(?!诉)|[说讲提写发拍录]的|提出|找[你政]|打[的了]?(?:电话|热线|1))"
    "|[^。！？!?]{0,12}(?:匿名|保密|怕))"
)
#: And some name themselves beside others: 别说是我，就是年轻人也爬不上. Who fears them has a reason.
_ME = (
    "出?是?我(?!市|区|县|了|没|的?(?:错|问题|责任|原因)|们(?!家|[举反投报告揭检申曝提说讲写，。！？；,.!?;]|$)"
    f"|(?:们家?|家)[^，。！？；,.!?;\\s举投反告报检揭申曝说讲提求找写叫嫌让]{{0,5}}?{_TROUBLE}"
    "|家?(?:(?<=[别要]说是我)|(?<=[别要]说是我家))[，,]就是(?:年轻|小孩|老人|别人)"
    "(?![^，。！？；,.!?;]{0,12}(?:[怕敢惹]|知道|在那))[^，。！？；,.!?;]{0,4}[也都])"
)
#: What others would find out: who it was.
_FOUND_OUT = ("知道", "发现", "猜到", "猜出来?", "查到", "查出来?", "认出")
#: Whom a complaint is about, or who must not hear of it.
_FEARED = "(?:物业|邻居|领导|单位|公司|老板|村[里长]|村干部|对方|他们?|房东|学校|老师|楼[上下]|厂里)[的里]?(?:领导|老师|人)?"
_NO_NAME = "(?:不敢|不便|不方便|不想|不愿意?|恕不)"
_NAMED = ("提[到及]?", "写上?", "署", "显示", "出现", "登记", "留", "公布")
_REPORTED = ("说", "举报", "投诉", "反映", "告", "检举", "揭发")
_WHO = f"了?(?:我?的?(?:真实)?(?:姓名|身份|名字|个人信息|电话(?!亭|卡)|联系方式)|{_WRITER}的?(?:信息|资料))"
#: What 保密 begins where it is none of the message's own: 保密局, 保密协议.
_KEPT = (
    "保密(?!局|协议|制度|措施|柜|条例|法|义务|性|教育|培训|费|箱|级别|规定|资格|资质|设备|合同|室|学院"
    "|员(?!工)|科(?!室)|处(?!理))"
)
#: What a letter asks to keep: its writer's, or the letter itself.
_SAID_SO = "(?:我们?|本人|举报[人者]|投诉[人者]|反映人|来电人|来信人|群众|个人信息|身份信息|举报内容|此信息)"
#: A wish of the letter's own, and not what it says that somebody asks of others.
_AT_BEGIN = r"(?:^|(?<=[，。！？；,.!?;\s]))"
_PLEASE = "(?:请(?!问)|要求|希望|恳请|麻烦|务必|需要|注意|严格|能否|能不能)"
_DO_NOT = "(?:别|不要|不能|勿)"
_HIDDEN = "(?:隐去|隐藏|匿去|抹去)掉?"
#: Who is asked, and how: whom others ask for it (公司要求我对工资保密) is none of them.
_SO = (
    "(?:你们|您们?|贵[局单位]{1,2}|政府|工作人员|相关部门|有关部门"
    "|一定|务必|能够?|可以|要|予以|给予|加以|注意|严格|全程|做好|帮忙|尽量)"
)
#: Whose it is that is kept: at the beginning whatever they call it, within a sentence what is plainly theirs.
_OF_THEIRS = (
    f"(?:{_AT_BEGIN}{_PLEASE}{_SO}{{0,2}}[对为给把将替]?{_SAID_SO}[^，。！？；,.!?;不没无]{{0,12}}"
    f"|(?:{_PLEASE}[^，。！？；,.!?;不没无]{{0,6}}[对为给把将替]{_WRITER}|(?:市民|群众|[电诉报映事]人)(?:要求|希望)[对为将]其)"
    f"的?(?:个人|真实)?(?:(?:{_MINE}|隐私)[、和及]?)*(?:等|全部)?)"
)
#: Who is not to know. Of their own data elsewhere (给推销公司) they complain.
_OTHERS = "(?:他|她|对方|人家|别人|任何人|其他人|第三方|被|物业|单位|公司|领导|老板|商家|邻居|村|社区|学校|房东|业主)"
_ENDS = r"(?=$|[，。！？；,.!?;\s]|出去)"
#: 不怕, 别怕 and 哪怕 (even if) are no fear, 怕是报复 (it seems) neither; nor does the writer fear what others do of theirs.
#: Looked for first: three characters, which few others are.
_FEARS = (
    "(?=[怕担恐])(?<![不没哪])(?<!(?<![特分个])别)(?<!不害|不是|无需|没人|谁会)(?<!没有人)(?<!不[用要必会再])(?:怕|担心|恐(?=[遭被]))"
    "(?!是(?!会|要|得|遭|被)|什么|我们?[会去来]?报复)"
)
_MY_NAME = r"my (?:\w+ )?(?:name|identity|number|details|information|address|phone|email)"
#: Project choice: whoever says this has no box to tick, or nobody ticked it, and the protected reading harms nobody.
#: Texts are asked in lower case, since a pattern that ignores case takes five times as long. Before each stands what is in
#: whatever it finds, and begins with a plain character: the search skips all others, and most messages have none.
_WORDS = tuple(
    (re.compile(hint), re.compile(pattern))
    for hint, pattern in (
        (
            "保密",
            f"(?:{_PLEASE}{_SO}{{0,3}}|请{_SO}{{0,2}}对此事|[替帮给为对](?:我们?|{_WRITER})|{_OF_THEIRS}{_SO}?(?:进行)?){_KEPT}"
            f"|{_AT_BEGIN}(?:万?望|盼|求|烦请|一定要|千万|{_MINE}(?:请|需要?|要|千万|务必)?)保密[啊哦]?{_ENDS}|^需?保密[！!。]*$"
            r"|[（(【\[]保密[）)】\]](?!协议)|(?:[此本该]件|[此本该]工?单)(?:请|需要?|须|要求)?保密" + _ENDS,
        ),
        (
            "匿名",
            "匿名(?:举报|反映|投诉|反应|检举|控告)|(?:请|希望|要求|申请|我要|我想|麻烦)(?:[给帮]我)?以?匿名(?:一下)?(?:的?(?:方式|形式|身份))?"
            f"(?:处理|办理|转[办交]|{_ENDS})",
        ),
        (
            "|".join(f"{verb}{_ME}" for verb in _TOLD),
            f"{_DO_NOT}(?:(?:(?:[跟和对让给]|告诉)他们)?(?:{'|'.join(_TOLD)}){_ME}"
            f"|[跟和对给][^，。！？；,.!?;\\s我]{{1,6}}(?:说|讲|透露)(?=出?是){_ME})",
        ),
        (
            "|".join(f"{verb}是?我" for verb in _FOUND_OUT),
            f"(?:别|不要|不能|不想|不希望|不愿意?)让[^，。！？,.!?]{{1,12}}(?:{'|'.join(_FOUND_OUT)})"
            "(?:是我|我是谁|我的?(?:名字|姓名|身份))",
        ),
        (
            "|".join(("就说是?(?:你们|检查|巡查|抽查)", *(f"谁{verb}的" for verb in _REPORTED))),
            f"{_DO_NOT}(?:告诉(?!我)[^，。！？,.!?]{{1,6}}|[跟和对让][^，。！？,.!?我]{{1,6}}(?:说|讲|知道)|说)"
            f"是?谁(?:{'|'.join(_REPORTED)})的"
            "|(?:(?:告诉|对|跟|和)(?:他|她|他们|她们|医生|人家)|(?<![他她])(?<!医生|他们|她们))就说是?(?:你们(?:自己)?|(?=检查|巡查|抽查))(?:例行)?(?:检查|巡查|抽查|暗访)?时?发现的(?:就行|就好|吧)?"
            + _ENDS,
        ),
        (
            "|".join(f"{verb}{_WRITER}" for verb in _NAMED),
            f"(?:别|不要|勿)(?:(?:{'|'.join(_NAMED)}){_WRITER}的?(?:真实)?(?:姓?名|名字|信息|身份)|提[到及]{_WRITER}{_ENDS})",
        ),
        (f"暴露{_WRITER}|出卖{_WRITER}", f"{_DO_NOT}(?:暴露|出卖){_WRITER}(?:的?(?:身份|信息))?{_ENDS}"),
        (
            "实名|署名|具名|留名|留下?(?:我的?)?(?:姓名|名字)|说出?(?:我的?)?(?:姓名|名字)",
            f"{_NO_NAME}(?:(?:实|署|具|留)名(?!的|额|认证|登记|注册|购|制|买|乘)|"
            "(?:留下?|说出?)(?:我的?)?(?:姓名|名字))",
        ),
        (
            "说出去|讲出去|传出去|外传|保个密|守秘密|秘密(?:举报|处理|调查|核实)",
            f"(?:{_AT_BEGIN}|[此这]事|请|千万){_DO_NOT}(?:[说讲]出去|(?:传出去|外传){_ENDS})|保个密"
            f"|(?:{_PLEASE}{_SO}{{0,2}}|[帮替为给]{_WRITER})保?守秘密"
            f"|{_PLEASE}秘密(?:处理|调查|核实){_ENDS}|{_AT_BEGIN}秘密举报",
        ),
        (
            "|".join(f"{what}(?:请|千万)?{_DO_NOT}" for what in ("信息", "隐私", "电话", "姓名")),
            f"(?:{_WRITER}的?|个人)(?:个人)?(?:信息|隐私|电话|姓名)(?:请|千万)?{_DO_NOT}"
            f"(?:外泄|外漏|泄露|泄漏|透露){_ENDS}",
        ),
        (
            "|".join(f"{verb}{_WHO}" for verb in _SHOWN),
            f"(?:不想|不希望|不愿意?|不便|不方便|不要|别|请勿|不能)(?:让人)?(?:{'|'.join(_SHOWN)}){_WHO}",
        ),
        (
            "告诉[^，。！？,.!?]{0,12}(?:是我|我是谁|我的?(?:名字|姓名|身份))",
            f"{_DO_NOT}[^，。！？,.!?]{{0,4}}告诉(?!我)[^，。！？,.!?]{{0,12}}"
            f"(?:(?=是){_ME}|我是谁|我的?(?:名字|姓名|身份))",
        ),
        (
            "把我|将我|把本人|将本人",
            f"{_DO_NOT}(?:把|将)(?:我|本人)(?:暴露|供出|捅出|出卖|卖了)"
            f"|{_DO_NOT}(?:把|将)(?:我|本人)[^，。！？,.!?]{{0,6}}{_MINE}[^，。！？,.!?]{{0,4}}"
            "(?:(?:告诉|告知|(?:透露|泄露|泄漏)给)(?![^，。！？,.!?]{0,6}(?:推销|中介|诈骗|骗子))"
            f"|(?:告诉|(?:转|交|提供|透露|泄露|泄漏)?给){_OTHERS}|(?:透露|泄露|泄漏){_ENDS}|说出去)",
        ),
        (
            "隐去|隐藏|匿去|抹去",
            f"{_HIDDEN}{_WRITER}的?(?:真实)?{_MINE}|(?:请(?!问)|望|要求|恳请|麻烦){_SO}{{0,2}}{_HIDDEN}(?:真实)?{_MINE}"
            f"|{_AT_BEGIN}[隐匿]去(?:真实)?(?:姓名|名字|身份)",
        ),
        (
            f"保护好?(?:{_WRITER}|举报|投诉|反映|来电|检举)",
            f"(?:{_AT_BEGIN}|{_PLEASE})(?:{_SO}){{0,2}}保护好?{_WRITER}的?(?:个人)?(?:隐私|{_MINE})"
            f"|(?:{_AT_BEGIN}|{_PLEASE}){_SO}{{0,2}}保护好?(?:举报|投诉|反映|来电|检举)[人者]{_ENDS}",
        ),
        (
            "报复",
            f"{_FEARS}(?:(?!不[怕会是])[^，。！？；,.!?;\\n]){{0,10}}报复了?(?:我|孩子|家人|不敢|所以|{_ENDS})",
        ),
        (
            f"小鞋|针对(?:我|孩子|{_ENDS})|找(?:我们?家?|孩子)?的?麻烦|打击(?:我|{_ENDS})|秋后算|找后[账帐]|算后[账帐]|整(?:我|{_ENDS})|对我不利|知道(?:是?我|了?{_ENDS})",
            f"{_FEARS}[^，。！？；,.!?;\\n不]{{0,8}}?(?:穿小鞋|被[^，。！？,.!?]{{0,6}}针对{_ENDS}"
            f"|针对(?:我|孩子)|找(?:我们?家?|孩子)?的?麻烦|打击我|被[打整]击?{_ENDS}"
            "|秋后算[账帐]|[找算]后[账帐]|整我(?!们?家)|对我不利)"
            f"|{_FEARS}[被让]?{_FEARED}知道(?:是?我|了?{_ENDS})",
        ),
        (
            "secret|private|withhold",
            f"keep {_MY_NAME} (?:secret|private)|withhold my (?:name|identity)"
            "|(?:please|so) keep (?:this|it) secret"
            "|keep (?:this|it) private(?! (?:road|street|lane|way|land|property|garden|car))",
        ),
        (
            "anonymous",
            "(?:keep|kept) (?:this |it |me )?anonymous|let me (?:remain|stay|be) anonymous"
            "|(?:want|wish|like|prefer|need|rather)(?: (?:this|it)(?: report| complaint| message)?)?(?: to)?"
            " (?:remain|stay|be) anonymous",
        ),
        (
            "disclose|reveal|share|tell|mention|give|pass",
            r"(?:do not|don't|never|not to) (?:disclose|reveal|share|tell|mention|give|pass)(?! (?:me|us)\b)[^.!?]{0,20}"
            "(?:my (?:name|identity|number|details)|it was me|who i am)",
        ),
        (
            "retaliat|reprisal|retribution",
            r"(?<![a-z])(?:(?:i|we)(?:'?m| am| are|'re)?(?: (?!not|never|no)\w+)? (?:afraid|scared|fear)"
            "|(?:for|out of) fear)(?: of)? (?:being )?(?:retaliat|reprisal|retribution)"
            r"|(?<!not )(?<!never )(?:afraid|scared|fear|worried)(?: that)? (?:he|she|they|the \w+|my \w+) (?:\w+ )?retaliat"
            r"|(?<![a-z])(?:he|she|they) (?:may|might|will|could) retaliate against (?:me|my|us)\b",
        ),
        (
            "it was me|who i am|who (?:complain|report)|i (?:complain|report)|identify me|name me|mention me"
            "|my (?:name|identity|privacy)|me out|mentioning me|find out|be (?:named|identified)|anonymously|between us"
            "|know",
            r"(?:do not|don't) (?:(?:let|tell|say|inform)(?! (?:me|us)\b)[^.!?]{0,30}"
            "(?:it was me|who i am|(?:who|i) (?:complain|report)ed)"
            "|let (?:my|the) (?:boss|employer|manager|landlord|neighbou?rs?|school|teachers?) know"
            r"(?! (?:when|if|how|what|about))|(?:identify|name|mention) me\b|use my name(?! card)"
            "|(?:want|wish) (?:to be (?:named|identified)|my name (?:to be )?(?:known|used|mentioned|shown)))"
            r"|(?:please |^|[.,!;] ?)(?:leave|keep) (?:me|my name) out(?: of (?:it|this)|\s*$|[,.!]| please)"
            "|please (?:protect|hide) my (?:identity|name|privacy)"
            "|(?:to|am|i'm|i’m) (?:report|complain)(?:ing)? (?:this )?anonymously"
            r"|(?:keep (?:this|it)|strictly|(?:^|[.,!;]\s?|this is |(?<!wall )"
            r"(?:it's|it’s|it is) |keep (?:it|this) |want this )just) between us(?! and)"
            "|without (?:revealing|mentioning|disclosing) (?:me|my name)"
            "|(?:prefer|rather) not (?:to be named|(?:give|say) my name)"
            "|my (?:boss|employer|manager|landlord|neighbou?rs?) (?:must|should) not (?:know|find out)(?! how to\\b)",
        ),
        ("confidential", "confidential(?!ity agreement)"),
    )
)  # fmt: skip
_LOOK = re.compile("|".join(hint.pattern for hint, _ in _WORDS))
_QUESTION = re.compile(
    "(?:保密|匿名|隐去)[^，,。；;]{0,8}(?:吗|么|嘛|呢|[?？])|(?:要不要|需不需要|是否)[^。；;]{0,8}(?:保密|匿名|隐去)"
)
_PLAIN_NO = re.compile(
    "(?:嗯+|啊|哦|那)?[，, ]*(?:不用|不要|不必|不需要|不(?=[，。,. !！]|$)|无需"
    "|没必要|没关系|无所谓|没事|可以公开|公开|否|实名|no\\b)",
    re.IGNORECASE,
)
_WITHHELD = re.compile(
    "保密|(?:不愿|不想|不便|不方便|拒绝|不肯|不予)(?:意)?(?:透露|公开|泄露|告知|告诉|说|留姓?名)|不留名|匿名(?:举报|反映|投诉|检举|控告)"
    "|隐去|confidential|anonymous",
    re.IGNORECASE,
)
#: Clerks set two characters apart to fill their cell: `保 密`.
_APART = re.compile("(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])")
_LINE_ENDS = re.compile(r"(?<=[\u4e00-\u9fff])\s*\n\s*(?=[\u4e00-\u9fff])")
_NOT = re.compile(
    "(?:不用|不必|无需|不需要|没必要|不要求|不)(?:替我|为我|给我)?保密|not confidential"
    "|(?:not|n't|(?<!n't )(?<!not )fail(?:s|ed)? to|refuse[sd]? to) keep my [^.!?,;]{0,30}?(?:private|secret)"
)
#: One of these stands in whatever it finds.
_IN_NOT = ("保密", "not confidential", "keep my")

#: One of these stands in whatever `_UNPUBLISHED` finds.
_IN_ENGLISH = "publi"
_PUBLISHING = re.compile(f"公开|公布|公示|发布|[发放传挂]到网|上网|{_IN_ENGLISH}")
#: And so many characters before it, unless it is English, one of these.
_REFUSING, _REACH = re.compile("[不别勿莫拒撤]"), 14
#: Project choice: their own words to us, and not what they say of others (物业拒绝公开账目). In lower case.
_UNPUBLISHED = re.compile(
    "(?:不要|别|勿|莫|不得)(?:再)?(?:对外)?(?:公开|公布|公示|发布)(?:我|本|这|姓名|答复|到网|$|[，。！？；,.!?;\\s])"
    "|(?:不要|别|勿|不得)(?:再)?(?:把|将)?(?:我|本人|本件|这件|此件)[^，。！？,.!?]{0,8}(?:公开|公布|公示|发布|上网|到网)"
    "|(?:^|[，。！？；,.!?;\\s]|[请件信])(?:不要|别|勿|不得)(?:再)?(?:上网(?=$|[，。！？；,.!?;\\s]|公)|[发放传挂]到网)|(?:本件|此件|本信|这件|这封信)(?:请|我|要求)?(?:不要?|不宜|不得|勿)公开"
    "|(?:^|[，。！？；,.!?;\\s])(?:我|本人)?(?:不同意|不愿意?|不想|不希望|拒绝|不允许|撤回(?:同意)?)(?:你们|对外)?(?:把|将)?"
    "(?:我的?|本人的?|本件|答复|这件)?(?:被)?(?:公开|公布)(?:我|本|这|答复|$|[，。！？；,.!?;\\s])"
    "|(?:do not|don't) (?:publish|make (?:it|this|my \\w+) public)"
    "|not (?:want|wish) (?:it|this|my \\w+) (?:to be )?(?:published|public)"
)


def asks_for_secrecy(*texts: str) -> bool:
    """Whether these words ask for it."""
    return any(_asks_for_secrecy(said) for text in texts for said in _readings(text))


def asked_for_secrecy(question: str, answer: str) -> bool:
    """Whether somebody was asked if they want it, and did not plainly say no: what nobody understands protects them."""
    asked, said = (simplified(normalised(text)) for text in (question, answer))
    return bool(_QUESTION.search(asked)) and not _PLAIN_NO.match(said)


def withholds(contact: str) -> bool:
    """Whether somebody wrote, where a name or number belongs, that they would not say it to others."""
    said = _APART.sub("", _plain(contact))
    return bool(_WITHHELD.search(said)) and not _NOT.search(said)


def refuses_publication(*texts: str) -> bool:
    """Whether these words ask that nobody else reads of it: a yes that was ticked does not outweigh them."""
    return any(
        _asks_for_secrecy(said) or _refuses_publication(said) for text in texts for said in _readings(text)
    )


def _readings(text: str) -> Iterable[str]:
    """What is read of it, as the patterns have it: also without markup, as the register keeps it, and without line ends."""
    shown = without_markup(text)
    found = [_plain(text)] if shown == text else [_plain(text), _plain(shown)]
    if "\n" in found[-1]:
        found.append(_LINE_ENDS.sub("", found[-1]))
    return dict.fromkeys(found)


def _plain(text: str) -> str:
    """As the patterns have it: written as the register writes it, where nothing that is not seen stands in a word."""
    return simplified(normalised(text).lower())


def _asks_for_secrecy(said: str) -> bool:
    if any(word in said for word in _IN_NOT):
        said = _NOT.sub("", said)
    if not _LOOK.search(said):
        return False
    places = list(_hinted(said))
    return any(_stands_at(hint, said, places) and pattern.search(said) for hint, pattern in _WORDS)


def _hinted(said: str) -> Iterator[int]:
    """Where any of the hints begins: looked for at once, since one after the other would each read all of the text."""
    found = _LOOK.search(said)
    while found:
        yield found.start()
        found = _LOOK.search(said, found.start() + 1)


def _stands_at(hint: re.Pattern[str], said: str, places: Sequence[int]) -> bool:
    return any(hint.match(said, place) for place in places)


def _refuses_publication(said: str) -> bool:
    return any(_may_refuse(said, verb) for verb in _PUBLISHING.finditer(said)) and bool(
        _UNPUBLISHED.search(said)
    )


def _may_refuse(said: str, verb: re.Match[str]) -> bool:
    """Whether the pattern, which is slow, can find anything that ends with this verb."""
    return verb.group() == _IN_ENGLISH or bool(
        _REFUSING.search(said, max(0, verb.start() - _REACH), verb.start())
    )
