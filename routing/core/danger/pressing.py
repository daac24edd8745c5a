"""Tells danger that is now from danger that was, is rehearsed, told of or only a figure of speech."""

import re
from typing import NamedTuple

from routing.core.danger.asides import without_asides
from routing.core.danger.told_of import is_rumoured, is_told_of, off_stage
from schemas.words import Urgency

#: Characters that are read before and after a word, within its sentence (project choice: a long clause).
_REACH = 40
#: The same, of who must stand near it (project choice: two or three clauses).
_NEAR = 18
#: Beats every everyday word beside it: 抑郁症三年了，刚才吃了半瓶安定.
_AT_ONCE = re.compile(
    r"刚才|刚刚|突然(?!发现)|忽然(?!发现)|现在(?!要求|索赔|想问|[都还也]?不(?:给|管|处理|回复|赔|承认))|救命|快救|求救|救救|快来(?!看)|一下子|一口气"
)
#: Where a sentence ends.
SENTENCE_END = re.compile(r"[。！？!?；;\n]")
#: Happens at this moment, whatever else the sentence tells.
_NOW = re.compile(
    r"今天|今晚|今早|今日|现在|正在|刚才|刚刚|此刻|目前|马上|还在|又(?![\u4e00-\u9fff]{0,2}建议)|(?<!是不是)(?<!是否)真的|越来越|不是演[习练]|以为[^，,]{0,4}(?:演[习练]|拍戏)|快来(?!看)|快救|快跑"
)
_REHEARSED = re.compile(
    r"演练|演习|模拟|培训(?!学校|机构|中心|班)|讲座|预案|宣传(?!栏(?![写里上贴]))|知识(?!产权)|标语|横幅|题目|教育(?!局|厅|部|机构)"
    r"|责任认定|认定书|责任书|处罚|游戏(?!厅)|外地|别的城市|其他城市|造谣|谣言|谣传|辟谣|虚假|优惠|甩卖|票价"
)
_LONG_AGO = re.compile(
    r"去年|前年|(?:19|20)\d\d年|[一二三四五六七八九十几多两数\d]年(?:多)?(?:前|以前|之前)|当年|曾经|曾|以前|从前|过去|上次|上回"
    r"|上个?月|前期|前段时间|前阵子|个月前|上周|多年前|后的|之后"
)
_LONG_AGO_BEHIND = re.compile(
    r"[^，,]{0,8}[，,]?[^，,]{0,6}(?:年前?|个?月前?|[周天]前|[昨前]天)的事了?(?:$|[，,])"
)
_OVER = re.compile(
    r"扑灭|找到了|救出|救下|修好|(?<!没)已经?修(?:复|过|$|[，,])|劝下来|康复|出院|脱险|得救|抢修完|谢谢|感谢|点赞|表扬|锦旗|遇难者家属|身亡"
)
#: What is paid once it is over; whoever threatens his life names it, too.
_PAID = re.compile(r"抚恤|伤残评定|伤残鉴定|理赔|赔偿款|补助标准")
#: What a word is part of, seen from its end: 触电保护器, 跳楼价, 爆炸式.
_PART_OF = re.compile(
    r"(?:灾害)?(?:治理|防治|整治|监测|加固)(?:工程|项目|方案|点)|保护|的?戏(?!水)|报警器(?!一直|在?响|响)|探测|检测(?![到出])|险(?!情)|保险|式|性增|价|机[率会制]|大?甩卖|的时代|事故多发|事故频发|逃生(?!不了|无[门路]|不出)|急救(?!车|医生|人员|电话[打没占]|中心[不没])|应急(?!车道)|预警(?:短信|信息|系统|牌|广播|平台)|假(?:人|新闻|消息|警)|民意|警示[牌标语线]|预防的|和?溺水教育|(?:纪念|科技|科普|博物|展览|体验)馆(?!里?(?:着|起|冒|有人|的?人))|实验(?=课(?![上堂中里])|视频|题|[^，,。]{0,2}讲(?!台))(?![^。]{0,16}[伤炸血烧])|隐患|事故?调查"
)
#: What comes after it, or against it, unless it goes on: 火灾救助金, 触电事故处理结果, 走失手环怎么领.
_SEEN_TO = re.compile(
    r"后?的?(?:儿童|学生|家庭|人员|者)?(?:救助[基资]?金|补助款)|(?:后|之后)[^，,]{0,6}(?:鉴定|重建|安置|定损|修缮|评估)|(?:身亡|死亡)[^，,]{0,4}(?:赔|补偿|标准|抚恤|认定)"
    r"|(?:伤人|杀人|砍人)?案件?(?:[判审]|开庭|怎么|什么时候|结果|进展)|预警平台|的那?[^，,]{0,8}(?:什么时候|何时)[^，,]{0,3}(?:恢复|修|通|重)"
    r"|事故?处理的?(?:结果|情况|进展|进度|报告|通报|结论|意见|费用)"
    r"|手[环表](?=[^，,]{0,4}(?:领|申请|办理|购?买|推荐|发放|多少钱))"
    r"|(?:后|的)?(?:医药费|住院费)?报销(?=要|需要|怎么|流程|比例|多少|[^，,]{0,4}材料)|自救(?=知识|课|方法|技能|[，,]|$)"
    r"|[了后]?(?:应该?|要|该)?怎么(?:维权|退货|索赔|退款|换货)|(?:危险)?的(?:模型|展品|海报|情节|桥段|牌子?|标[志识语牌])"
)
#: Who waits for what is paid goes on with nothing else: 火灾救助金还在审核.
_WAITS = re.compile("还在(?:审|走|等|排|公示|租)|继续等|住着?帐篷|(?:到账|发|给|领|费|金)了?[吗嘛]$")
#: What is paid for a suicide that is over, right behind it: 自杀理赔, 跳楼死者抚恤金; but not 他自杀，赔偿款不要了.
_OUTLIVED = re.compile(
    r"(?:死亡|死者|身亡|而死|自杀|事件|家属|员工|工人|者|后|的){0,4}(?:(?:能|可以|怎么|如何)?(?:领取?|申请)|保险)?(?:理赔|赔偿款|抚恤|伤残|丧葬)(?![^，,]{0,4}不[给发]|没给就)"
    r"|了[，,](?:赔偿款|抚恤金|丧葬费|理赔款?)[^，,]{0,2}(?:一直|至今|迟迟|怎么|如何|多少)"
)
#: Who has done nothing yet.
_STILL_LIVES = re.compile("想不开|死了算了|不想活|活不下去|遗书")
_THREATENS = re.compile("(?:[要想就快再会能]|准备|打算|逼得|(?<![我的])我)[^，,]{0,2}$")
#: What only begins like it: 烫个爆炸头, 上吊扇, 压住人行道, 其中风险; but not 爆炸头破了, nor a line that nobody answers.
_ANOTHER_WORD = re.compile(
    r"持刀(?:[切剁削](?:[菜肉瓜鱼鸡鸭葱姜]|西瓜|水果|熟食|卤味)|杀[鸡鸭鱼猪])(?![^。！？]*[砍捅追冲刺伤血])|被困在(?:疫情|债务|房贷|琐事)[里中的]"
    r"|救命，[这那](?![^，,。！？]*[烟火气血伤救消警医])[^，,。！]{1,8}太(?:[长贵慢吵丑差]|难[吃看用听])[了啦啊吧]*(?=[。！!？?\n]|$)"
    r"|被困(?:扰(?![动民])|惑)|跳楼机|爆炸(?:糖(?![厂尿])|盐(?![酸碱水泄池湖厂矿场])|酱(?![油厂缸]))"
    r"|爆炸头(?=理发|发型|造型|假发|美发|发廊|的?(?:店员|小伙|姑娘|保安|师傅))"
    r"|(?:(?<=[烫剪留顶梳][了着个成的])|(?<=[了着成]个)|(?<=烫))爆炸头(?![部破痛疼晕昏皮])"
    r"|(?:自杀|轻生)(?:危机)?(?:干预(?=热线|电话|的?(?:志愿|中心|机构|服务|培训|知识|课|讲座))|(?:干预|预防|求助)(?:热线|电话)|热线)"
    r"(?![^。]{0,10}(?:打不通|没人|不接|占线|不了|不住|没用|失败|快))"
    r"|(?<=[装换修买])上吊[扇灯顶篮柜牌]|上吊(?:[扇篮牌]|灯(?![还亮没都])|顶(?![楼层])|柜(?!子里)|车(?![间库棚站里上])|装)"
    r"|割腕(?:带(?![着去到])|表(?![示现明情白]))|(?<![人要想他她去])跳河[东南西北](?:路|街|大道)|喝农药残留(?![在物])"
    r"|踩踏(?:花|草|绿[化地]|麦|庄稼|苗|菜地|座椅|马桶)|了断(?:头[路桥河]|[崖层供网])|(?<=[集其空])中风|(?<=[途手水心])中风[雨筝景浪]|中风(?:险(?![些情])|格|景(?!区)|筝)"
    r"|被砍(?:[了掉去光减一二两三四五六七八九十几半多好\d年个月份棵万千百成块元]|[一大]半)*的?(?:[树竹](?!林?枝?[上下里旁砸])|价|单(?!子)|头息|工资|奖金|薪|补[贴助]|预算|项目(?!部)|福利|绩效|提成|经费|年终|编制|名额|岗位|线路)"
    r"|被捅咕|被捅(?:了|到|的)?(?:马蜂窝|蜂窝|娄子|篓子|破?窗户纸)"
    r"|被捅(?:到|给|上)了?[^，,。送急抢]{0,3}(?:上级|上面|上头|领导(?![^，,]{0,2}家)|媒体|网上|部门|纪委|市里|省里|局里|报社|电视台)"
    r"|压住人(?!家?的?[孩老小娃]|家属|行道上的?(?:人|老|孩|小)|[了啦啊呀在没快救叫动]|不[^行]|出不|\W|$)|(?:全是|满屋子?)(?:煤气|天然气)(?![了啊快呛]|的?味|\W|$)"
)
#: Whoever asks how to prevent it: 一氧化碳中毒怎么预防.
_PREVENTED = re.compile(r"[，,]?(?:应该?|要|我们|该)?(?:怎么|如何|怎样|咋)(?:预防|防范|防止|避免)")
#: Or whom to call, and nobody is there yet: 咨询电梯困人打什么电话, 请问着火的话打哪个电话; but not 请问老人被困归谁管.
_NOBODY = "(?:(?![孩娃儿女老我家他她爸妈]|有人|邻居|楼|了)[^，,]){0,8}$"
_WHOM_TO_CALL = (
    r"(?:应该?|要|该)?(?:打什么电话|打哪个(?:电话|号码)|找哪个部门|归谁管|怎么办理)"
    r"(?![^。]{0,20}(?:[快救急]|已经?|我家|里面|烧到))"
)
_ENQUIRED = (
    (
        re.compile(rf"(?:来电|市民|群众|居民)[^，,我]{{0,3}}(?:咨询|询问|了解)一?下?{_NOBODY}"),
        re.compile(_WHOM_TO_CALL),
    ),
    (re.compile(rf"(?:咨询|请问|想问|了解|询问)一?下?{_NOBODY}"), re.compile(rf"以?后{_WHOM_TO_CALL}")),
    (
        re.compile(r"(?:咨询|请问|想问|了解|询问)一?下?[^，,]{0,8}$"),
        re.compile(rf"(?:的?时候?|的话){_WHOM_TO_CALL}"),
    ),
)
#: What known swindlers say of somebody who is safe: 诈骗自称绑架其儿子，儿子就在身边; but not 早上还好好的, 不在身边.
_KIDNAPPED, _SWINDLED = re.compile("被?绑架"), re.compile(r"(?:诈骗|骗子)[^，,]{0,12}$")
_IS_SAFE = re.compile(
    r"[^。]{0,16}(?:(?<![不没])在(?:我|其|他|她)?身边|(?<!还)(?<!都)好好的|(?:知道|明显|肯定)[^，,]{0,3}是假的(?![吗吧])|识破|没上当)(?![^。]{0,12}[刀枪押救])"
)
#: Or who pays, and says no more: 食物中毒找谁赔; but not 触电怎么赔，人没醒.
_WHO_PAYS = re.compile(
    r"[后了，受伤]*(?:怎么|如何|怎样|找谁|向谁|谁来?)(?:要求|申请|索)?(?:赔|定责|追责|划分责任)[^，,]{0,8}$"
)
#: A thing that burned, for which somebody does not pay: 电动车自燃了，厂家不赔; nobody else's danger is over then.
_BURNED = re.compile("自燃|着火|起火|失火|爆炸")
_NOT_PAID = re.compile(
    r"[了后]?[，,]?(?:(?:去年|前年|上个?月|上周|刚|才|新)[^，,]{0,4}买[^，,]{0,4}[，,])?(?:厂家|商家|店家|车企|保险(?:公司)?|4[Ss]店|品牌方?|平台|公司)[^，,]{0,3}(?:不|拒绝?)(?:肯|予|给)?赔付?[^，,]{0,4}(?:[，,](?:要求|希望|请)[^，,]*)?$"
)
#: What is of no use, or too late, once it happens, by what stands before and behind: 灭火器过期了，起火就没用, 等着火就晚了.
_ONCE_IT_HAPPENS = (
    (re.compile(r"灭火器|烟感|消防栓|消火栓|报警器|喷淋"), re.compile(r"了?(?:的话)?就没用")),
    (
        re.compile(r"(?:等到?|一旦|哪天|到时候|真要是?)[^，。！？,你救消医来]{0,3}$"),
        re.compile(r"了?(?:的话)?就(?:没用|来不及|晚了|完了|麻烦了)"),
    ),
    (re.compile(""), re.compile(r"了?(?:的话)?就麻烦了$")),
)
#: Whoever asks what if: 没有护栏，孩子掉下去怎么办; but not 孩子掉下去了怎么办.
_UNGUARDED = re.compile(
    "(?:没有?|无|缺|坏)[^，,]{0,4}(?:护栏|栏杆|井盖|盖板|警示)|(?:护栏|栏杆|井盖|盖板|警示牌?)[^，,]{0,3}(?:没|坏|缺|丢)"
)
_WHAT_IF = re.compile("[下上进去来里水]{0,3}(?:怎么办|咋办|谁负责)")
#: What stands right before it and takes it back: 防溺水, 信息爆炸, 没有发生过爆炸; but 快叫消防, 觉得要 and 逼得要 do not.
_TAKEN_BACK = re.compile(
    r"(?:(?<!消)防|(?<![相违])反|辣得[我你他她]?|信息|知识|情绪|(?<![觉逼])得要|[打点]不|所谓的?|(?:没有|未|没)(?:再)?发生过?"
    r"|(?:以前|从前|曾经?|早年|去年|前年|年前)(?:就|也)?(?:有过|发生过|出过|闹过)(?:一次|几次)?)$"
)
_OPENS = '[“"‘「『《]'
#: What is written or painted somewhere: 贴着“小心触电”, 画着满脸是血的人; but not 不小心触电, 贴着漏电的墙, 喊“小心着火”.
_ON_A_SIGN = re.compile(
    rf"(?:画着|[贴写印标]着[:：]?(?:{_OPENS}(?:小心|当心)?|小心|当心)|的广告{_OPENS}|(?<![喊说叫道:：]){_OPENS}(?:小心|当心))$"
)
#: What takes back some words alone: 钱都被埋在里面, 狗被压在车底, 没人触电, 把水倒在地上; but not 没钱跳楼, 屋里没人着火了.
_TAKEN_BACK_OF = (
    (
        re.compile(r"(?:^|[，,]|的|家|[小大][黄黑白]?|[只条])[狗猫咪](?:又|也|都|刚)?被?$"),
        re.compile("压在车底"),
    ),
    (re.compile(r"(?:(?<![没无])钱|资金)[都全也]?$"), re.compile("被?埋")),
    (re.compile(r"把[^，,]{0,6}[水油漆汤饭菜酒土沙砂石渣灰泥浆砖煤雪货圾西]$"), re.compile("倒")),
    (
        re.compile(r"(?:没有|并无|无|没)(?:任何)?人$"),
        re.compile("(?!着|起火|失火|自燃|火|冒|漏|燃气|煤气|天然气|液化气|爆炸|闪爆|坍塌|垮塌|倒塌)"),
    ),
)
#: Whom a price vexes, and nothing else: 房价跌得想跳楼; but not 房价跌得想跳楼，已经在楼顶.
_VEXED, _BY_IT = re.compile("[房股菜物油]价[^，,亏赔逼]{0,4}得我?想$"), re.compile("跳楼")
_NO_MORE = re.compile("[了啊]*(?:[，,]退房[^，,不]*)?$")
#: A thing that fell or is gone is nobody: 孩子的球掉下水道了, 学生证不见了; but not 捡球掉下去, 书包不见了，人也联系不上.
_THING = re.compile(
    r"(?:^|[，,的]|孩子?|学生|女儿|儿子|老人|小朋友|我|家)(?:[学身借校饭公社]\w{0,2}[证卡]|作业本?|书包?|课本|(?:电话)?手[机表环套]|玩具"
    r"|钥匙|眼镜|耳机|帽子|衣服|鞋子?|校服|水[杯壶]|自行车|电动车|滑板车|球|档案|成绩单)(?:都|也|又|刚)?(?:在[^，,]{1,4})?(?:不见了?[，,]?)?$"
)
_IS_GONE, _SOMEBODY_TOO = (
    re.compile("掉|不见了|找不到了|找了"),
    re.compile("人|打不通|联系不上|失联|孩|老|[砸伤]"),
)
#: A near miss: 差点掉下去; but not of whoever hangs there still.
_NEARLY, _FALLS = re.compile(r"(?:差(?:一)?点儿?|险些)(?:就|没|也|都|被)?$"), re.compile("[掉摔跌栽滑]")
_HANGS_THERE = re.compile("现在|还没|[抓挂吊悬卡扒哭喊撑]|拉着|外面|[下上]不来")
#: What has come down, of what nobody lives in: 围墙, 雨棚; but 要倒了 is still to come, and a house has people in it.
_COMES_DOWN = re.compile("[^要快]*[倒塌垮]")
_NOBODY_LIVES_THERE = re.compile("(?:(?<!挡土)墙|(?<!工)棚|亭|牌|杆|围挡|栏|树)[^，,楼房屋桥矿山人]*$")
#: Whoever wants it cleared, or says whom it bars.
_WISH = (
    r"(?:请(?![快赶马立])|希望|要求|麻烦"
    r"|但?[^，,]{0,4}(?:[挡占](?:路|道|住了?路|了?道)|影响|路堵|堵路|清[理运除走]|修))[^，,]*"
)
#: It hurt nobody, and nothing but such a wish stands behind: 墙倒了没人受伤，请来清理; but not 不知道有没有人受伤.
_HURTS_NOBODY = re.compile(
    r"(?<![有是我他她们])(?<!清楚|知道|确定|不知)"
    r"(?:(?:没有?|无|未)(?:造成|[砸压][到着])?人员?(?:受?伤亡?)?|(?:没有?|未)受?伤(?:到?人)?|人都?没事)了?"
    rf"(?:[，,]?{_WISH}(?:[，,]{_WISH})*)?$"
)
#: Or it has lain there for days; a house, for months.
_FOR_DAYS = re.compile(
    r"了?[，,]?(?:都|已经?|有)?(?:[一二两三四五六七八九十几半多好\d]+(?:天|日|周|个?星期|个?礼拜)"
    r"|[^，,]{0,4}[，,]?(?:没有?|无)人(?:修|清|扶))"
)
_FOR_MONTHS = re.compile(r"了?[，,]?(?:都|已经?|有)?[一二两三四五六七八九十几半多好\d]+(?:个?多?月|年)")
#: But nothing is over while more comes down, or somebody is in it, or missed.
_GOES_ON = re.compile(
    "还[在会往]|随时|继续|又要|快要|危险|救(?!助)|(?<![没有未])砸[到中伤死]|[压埋困][住在着]|[里下]面|[卡夹]住|[出动]不|血|[人他她老孩子]还|[吗嘛]"
    "|没(?:找|挖|上来|消息|出来)|失联|联系不上|病|断水|裂|晃|歪|剩下|又|昨晚|昏|(?<!堵)死|的命|腿|带电|高压|电线|住着|疏散|站在|找不"
    "|快[点来救]|人(?:在|快|被|没(?!事|地方|处|来))"
)
#: A figure of speech: 像要踩踏一样; but 好像漏气了 is not.
_AS_IF, _LIKE = re.compile("像要?$"), re.compile("[^，。！？,]{0,6}(?:一样|一般|似的)")
_FEARED = re.compile(
    r"(?:一定要等|非要等|非得等|难道要等|是不是要等|担心|害怕|生怕|怕|万一|如果|假如|要是|倘若|防止|以免|免得|省得|避免|预防|容易|可能|会不会)[^，。！？,]{0,6}$"
)
#: Who fears these fears for a life: no fear makes them less pressing.
_ALWAYS = re.compile(
    r"自杀|轻生|喝了?农药|服毒|跳楼|自残|割[腕脉]|跳[江河湖海桥]|上吊|烧炭|寻短见|想不开|死了算了|不想活|活不下去|遗书"
)


def is_now(text: str, at: int, end: int, *, is_feared: bool = False) -> bool:
    """Whether the danger that the word at `at` up to `end` names is there now, as far as its sentence tells.

    `is_feared`: the words right before it say so (万一发生 …).
    """
    if is_feared and not _ALWAYS.match(text[at:end]):
        return False
    before, after = around(text, at, end, _REACH)
    before = off_stage(before, text[at:end], after)
    if _PART_OF.match(after) or _ANOTHER_WORD.match(text, at) or _is_taken_back(before, text[at:end], after):
        return False
    is_for_life = _ALWAYS.match(text[at:end]) is not None
    if _is_outlived(before, text[at:end], after) if is_for_life else _is_seen_to(text[at:end], after):
        return False
    is_asked = text.startswith(("？", "?"), end + len(after))
    if len(after) < _REACH and not is_asked and _lies_there(before, text[at:end], after):
        return False
    spot = (before, text[at:end], after)
    if _NOW.search("".join(spot)) or _is_told_as_now(*spot, is_for_life=is_for_life):
        return True
    bare = without_asides(*spot)
    return bare != spot and _is_told_as_now(*bare, is_for_life=is_for_life)


def _is_told_as_now(before: str, word: str, after: str, *, is_for_life: bool) -> bool:
    """Neither feared, rehearsed, told of, over nor past, as far as the words around it tell."""
    sentence = before + word + after
    if not is_for_life and (_is_only_thinkable(before, word, after) or _PAID.search(sentence)):
        return False
    if _PREVENTED.match(after) or is_told_of(before, word, after) or _REHEARSED.search(sentence):
        return False
    if any(asked.search(before) and whom.match(after) for asked, whom in _ENQUIRED):
        return False
    if _KIDNAPPED.match(word) and _SWINDLED.search(before) and _IS_SAFE.match(after):
        return False
    return not (_OVER.search(sentence) or _is_long_ago(before, after))


def _is_taken_back(before: str, word: str, after: str) -> bool:
    """By what stands right before it, whatever else the sentence tells."""
    if _TAKEN_BACK.search(before) or _ON_A_SIGN.search(before):
        return True
    if _AS_IF.search(before) and _LIKE.match(after):
        return True
    if _BY_IT.match(word) and _VEXED.search(before):
        return _NO_MORE.match(after) is not None
    if _IS_GONE.match(word) and _THING.search(before):
        return not _SOMEBODY_TOO.search(after)
    if _NEARLY.search(before) and _FALLS.match(word):
        return not (_HANGS_THERE.search(after) or _GOES_ON.search(after))
    return any(taken.search(before) and of.match(word) for taken, of in _TAKEN_BACK_OF)


def _is_seen_to(word: str, after: str) -> bool:
    """By what stands right behind it: what it is paid with, handled or prevented by."""
    if seen_to := _SEEN_TO.match(after):
        return not _goes_on(after[seen_to.end() :])
    is_left = _WHO_PAYS.match(after) or (_BURNED.match(word) and _NOT_PAID.match(after))
    return bool(is_left) and not _goes_on(after)


def _is_outlived(before: str, word: str, after: str) -> bool:
    """A suicide that is over, and to be paid for; whoever still threatens one says so before it."""
    outlived = _OUTLIVED.match(after)
    if outlived is None or _STILL_LIVES.match(word) or _THREATENS.search(before):
        return False
    return not _goes_on(after[outlived.end() :])


def _goes_on(after: str) -> bool:
    """Whether more happens than that somebody waits for money."""
    return _GOES_ON.search(_WAITS.sub("", after)) is not None


def _lies_there(before: str, word: str, after: str) -> bool:
    """What came down and hurts nobody, as far as the whole rest of its sentence tells."""
    if not _COMES_DOWN.match(word) or _GOES_ON.search(after):
        return False
    if _FOR_MONTHS.match(after):
        return True
    if not _NOBODY_LIVES_THERE.search(before + word):
        return False
    return bool(_FOR_DAYS.match(after) or _HURTS_NOBODY.search(after))


def _is_only_thinkable(before: str, word: str, after: str) -> bool:
    """Feared, rumoured, or told for what would be then."""
    if _FEARED.search(before) or is_rumoured(before, after):
        return True
    if _FALLS.search(word) and _WHAT_IF.match(after) and _UNGUARDED.search(before + word):
        return True
    return any(first.search(before) and then.match(after) for first, then in _ONCE_IT_HAPPENS)


def _is_long_ago(before: str, after: str) -> bool:
    """Told as past before the word, or right behind it: 触电之后 …, or at the end of a clause: 是三年前的事."""
    return bool(_LONG_AGO.search(before) or _LONG_AGO.match(after) or _LONG_AGO_BEHIND.match(after))


def around(text: str, at: int, end: int, reach: int) -> tuple[str, str]:
    """What stands within `reach` characters before and behind it, in the same sentence."""
    before = SENTENCE_END.split(text[max(0, at - reach) : at])[-1]
    return before, SENTENCE_END.split(text[end : end + reach], maxsplit=1)[0]


class Nearby(NamedTuple):
    """Who must stand near a word for it to be pressing, who must not or makes it less so, and despite whom it is."""

    others: re.Pattern[str]
    unless: re.Pattern[str] | None
    lower: re.Pattern[str] | None
    despite: re.Pattern[str] | None


def as_it_stands(text: str, at: int, end: int, nearby: Nearby) -> Urgency:
    """An emergency where one of `others` stands in the same sentence, `_NEAR` characters away at most.

    Nothing where one of `unless` does, and urgent where one of `lower` does, but what happens this very moment
    (刚才, 突然, 救命) is one whatever else is said.
    """
    if _ANOTHER_WORD.match(text, at):
        return Urgency.NORMAL
    before, after = around(text, at, end, _NEAR)
    before = off_stage(before, text[at:end], after)
    if not (nearby.others.search(before) or nearby.others.search(after)):
        return Urgency.NORMAL
    near = before + text[at:end] + after
    if _AT_ONCE.search(near) or (nearby.despite is not None and nearby.despite.search(near)):
        return Urgency.EMERGENCY
    level = _in_company(near, nearby)
    if level is Urgency.EMERGENCY:
        return level
    return _in_company("".join(without_asides(before, text[at:end], after)), nearby)


def _in_company(near: str, nearby: Nearby) -> Urgency:
    """How pressing it is by the everyday words that stand there, too."""
    if nearby.unless is not None and nearby.unless.search(near):
        return Urgency.NORMAL
    is_less = nearby.lower is not None and nearby.lower.search(near) is not None
    return Urgency.URGENT if is_less else Urgency.EMERGENCY
