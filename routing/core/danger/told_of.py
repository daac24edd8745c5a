"""Whether a danger is only what a video, a notice or the news is about."""

import re

#: Who tells of danger, and is no place of that name (新闻大厦, 电影院, 小说家) and no call (视频通话).
_TELLER = (
    r"(?:视频号?(?!通话|电话|为证|发给|给你|已|可以看)|公告(?![栏牌])|通告(?![栏牌])|新闻(?!大厦|学院|路)|报道"
    r"|(?<!在)网上|电影(?!院|城)|电视剧|电视(?=[里上](?:说|放|播|演|报))|小说(?!家)|漫画)"
)
#: What it does with it: 视频说, 新闻里的, 公告写着; but not 视频里看到我妈 or 公告说绕行，可是.
_TELLS = r"(?:里面|里|中|上)?(?:说|称|写|讲|放|播|演|报道|有|流传|流行|疯传|看到有|的)"
_IN_IT = r"(?:视频|新闻|报道|公告|通告|电影|电视剧|小说|漫画)(?:里面|里|中|上)"
#: What they see there themselves, or is seen by a camera, is there: 监控视频里看到老人晕倒.
_SEEN = r"(?![^。！？；]{0,3}(?:看|听)[到见得]|[^。！？；]{0,6}可是)"
_BEFORE = re.compile(
    rf"(?<!监控)(?<![跟和与]..){_TELLER}{_TELLS}(?!绕行)[^，,]{{0,16}}$"
    rf"|(?<!监控){_IN_IT}{_SEEN}[^，,]{{0,8}}$"
    r"|[看听刷](?:了|到|过)?(?:一[段条个则])?[^，,。]{0,4}(?:新闻|报道)"
    r"|(?:请(?!问)|希望|建议|要求|应该?)[^，,]{0,4}(?:公告|通告)(?![栏牌])[^，,]{0,6}$"
    r"|志愿者[^，,]{0,8}(?:宣讲|讲座|讲|演示|示范|教|培训|宣传)[^，,]{0,8}$"
)
#: 着火的视频, 持刀砍人视频, 火灾公告, 坍塌事故的公告; but not 三楼着火，我有视频.
_AFTER = re.compile(
    r"[^，,。！？]{0,12}(?<![录拍有附发了跟和与])(?<!监控)(?:视频(?!里|中|通话)|公告(?![栏牌])|通告(?![栏牌])|新闻|报道|电影(?!院|城)|电视剧)"
    r"|那一?[段集幕场]戏?(?:太|很|真|好|也|[，,]|$)|[^。！？]{0,24}电视台[^，,。]{0,8}(?:报道|曝光)"
    r"|(?:救援|救助|干预|预防|急救|应急|防范|宣传|劝导|安全|巡查|的)*志愿者(?:服务|的|怎么|如何|在哪|招募|报名|$)"
)
#: 看到外省发生火灾，而消防车进不去的报道
_SAW, _NEWS = re.compile(r"[看听刷]到(?!的)[^。]{0,16}$"), re.compile(r"[^。！？]{0,24}的?(?:新闻|报道)")
#: 网传三楼着火, 关于火灾的通知; but not 关于电梯困人的求助.
_RUMOUR, _ABOUT = re.compile(r"(?:网传|网上流传)[^，,]{0,8}$"), re.compile(r"关于[^，,]{0,6}$")
_GENRE = re.compile(r"[^，,。！？]{0,8}(?:的|相关)[^，,。！？]{0,4}(?:通知|规定|政策|办法|讲座|文件|条例)")
#: Behind a rumour, whoever stands in it themselves: 我就住三楼, 烟已经进屋, 联系不上.
_FIRST_HAND = re.compile(
    r"[，,][^。！？]{0,20}?(?:我(?:们?就|们?家|是[他她]|们?在)|已经|联系不上|[快求]救|快来|呛)"
)
#: A clause of its own says in what it all happens: 在电影里，…; but a hall that burns around whoever sees one is real.
_TOLD_IN = re.compile(
    r"(?:^|[，,])(?!以为|不是|真的?)[^，,以不]{0,4}[在看](?:部|一部)?(?:电影|电视剧?|短剧|话剧|小说|游戏|漫画|动漫|书|梦)[里中上]面?[，,]"
    r"|(?:电影|电视剧|话剧|短剧|舞台剧|小说|游戏|漫画|动画片?|绘本|课本|节目)[，,](?:里面|其中|里头|[剧片书][里中])"
    r"(?![^。！？]{0,8}(?:着火|起火|失火|冒烟|浓烟|出不[来去]|没[出跑逃]))"
)
#: Or what is played there: 楼下在拍戏，…, 小区在演练，…; but not 不是在拍戏, 以为在演习, nor what is planned.
_STAGE = re.compile(
    r"(?:^|(?<=[，,]))(?![^，,]*(?:以为|不是|真|明天|后天|下周|下个?月|建议|希望|要求|申请|通知|什么时候|几点|模拟))"
    r"[^，,]{0,10}(?:(?<!抓)拍(?:戏|电影|电视剧?|短剧)|演[练习戏]|排练|彩排)(?:刚?(?:散|结束|完)了?)?[，,]|(?:^|(?<=[，,]))[^，,以不]{0,4}在模拟[^，,]{0,4}[，,]"
)
#: Whoever is at it, or has just been; a place where something is filmed takes nothing back (片场拍戏，着火).
_AT_IT = re.compile(
    r"(?:(?:^|[，,])[^，,以不]{0,6}(?<!现)在[^，,]{0,4}(?:拍|演|排练|彩排|模拟)|刚?(?:散|结束|完)了?)[^，,]{0,4}[，,]"
)
#: What is played or rehearsed; whoever falls, swallows something or does not come to was not told to.
_PLAYED = re.compile(
    r"火|烟|爆炸|炸弹|泄[漏露]|持|刀|枪|歹徒|[砍捅杀打追劫]|绑架|挟持|跳楼|跳[河江桥]|轻生|自杀|受伤|满脸是血|倒地|被困|困人|溺水|落水|救命|地震"
)
#: But nobody plays on who calls for help, cannot get out or lies there.
_IN_EARNEST = re.compile(
    r"救命|[求快救]救|救人|没人(?:[救管敢理拦帮]|报警|来)|报了?警|真(?:的|着|出|有|[死伤摔砍捅要被烧])|[出下]不[来去]|没(?:有?(?:上来|下来|[出跑逃]来)|[跑逃]出)"
    r"|没(?:有|了)?(?:呼吸|心跳|反应|知觉)|昏|晕|叫不|喊不|不醒|不动|流血|血流|一地|骨折|断了|快[来派点叫]|救护车|急得|哭|失控|不行了|越烧|烧起来|还在里面|还在屋|[卡压埋]|往外[挤跑逃]|[冲闯](?:进|入|过来)"
)
#: Whoever wants to be one, and wants films made, is in no danger: 防溺水志愿者怎么报名, 建议拍视频宣传.
_WISHED = re.compile(
    r"(?:想当|招募|报名|申请)[^，,。]{0,10}志愿者|志愿者[^，,。]{0,12}(?:报名|招募|培训)|(?:建议|希望|请)[^，,。]{0,16}(?:做成|拍|制作|播放)[^，,。]{0,4}(?:视频|宣传片)"
    r"|(?:请|建议|希望)(?:组织)?志愿者"
)


def is_told_of(before: str, danger: str, after: str) -> bool:
    """Whether a danger, within its sentence, is what a film, a notice, the news or a rehearsal tells of."""
    if _SAW.search(before) and _NEWS.match(after):
        return True
    if _BEFORE.search(before) or (_STAGE.search(before) and _AT_IT.search(before)):
        return True
    told_in = _TOLD_IN.search(before + danger + after)
    if told_in is not None and told_in.end() <= len(before):
        return True
    return bool(_AFTER.match(after) or _WISHED.search(before + after))


def off_stage(before: str, danger: str, after: str) -> str:
    """What stands before a danger, without the clause that something is filmed or rehearsed, where it is none of it."""
    if not _STAGE.search(before):
        return before
    bare = _STAGE.sub("", before)
    return before if _PLAYED.search(danger) and not _IN_EARNEST.search(bare + danger + after) else bare


def is_rumoured(before: str, after: str) -> bool:
    """Whether it is hearsay of which nobody tells at first hand, or what a rule or a notice is about."""
    if _RUMOUR.search(before):
        return not _FIRST_HAND.search(after)
    return bool(_ABOUT.search(before) and _GENRE.match(after))
