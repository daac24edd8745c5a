"""Surnames, and the words that look like names and are none."""

#: The commonest surnames (Ministry of Public Security name report, 2020), and their Traditional forms.
_SINGLE = (
    "王李张張劉刘陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅高郑鄭梁谢謝宋唐许許邓鄧冯馮韩韓曹曾彭萧蕭肖蔡潘田董袁于余"
    "叶葉蒋蔣杜苏蘇魏程吕呂丁沈任姚卢盧傅钟鍾姜崔谭譚廖范汪陆陸金石戴贾賈韦韋夏邱方侯邹鄒熊孟秦白江阎閻薛尹段雷黎史龙龍"
    "陶贺賀顾顧毛郝龚龔邵万萬钱錢严嚴赖賴覃洪武莫孔汤湯向常温溫康施文牛樊葛邢安齐齊易乔喬伍庞龐颜顏倪庄莊聂聶章鲁魯岳翟殷"
    "詹申欧歐耿关關兰蘭焦俞左柳甘祝包宁寧尚符舒阮柯纪紀梅童凌毕畢单單季裴霍涂塗成苗谷盛曲翁冉骆駱蓝藍路游辛靳管柴蒙鲍"
    "鮑华華喻祁蒲房滕屈饶饒解牟艾尤阳陽时時穆农農司卓古吉缪繆简簡车車项項连連芦蘆麦麥褚娄婁窦竇戚岑景党黨宫宮费費卜冷晏"
)
#: Of two characters, and any single one.
SURNAME = (
    "(?:欧阳|歐陽|上官|司马|司馬|诸葛|諸葛|东方|皇甫|尉迟|令狐|慕容|端木|公孙|司徒|夏侯|独孤|"
    f"[{''.join(sorted(set(_SINGLE)))}])"
)

_PAIRS = (
    "丁字丁目万一万人万元万分万州万能严厉严格严禁严重乔木乔迁于上于今于前于去于年于昨于是于本任何任凭"
    "任务任意任由任教任课伍仟何人何况何必何时何种余下余人余元余名余天余年余户余次余款余额侯车俞允党员党委"
    "党支党组公司兰州兰花关于关停关心关掉关注关系关联关键关门关闭农业农历农家农户农村农民农田农药农贸"
    "冷库冷气冷水冷漠冷热凌晨刘海包含包子包工包括包月包装包裹包车华为华丽卓越单上单亲单价单位单元单号"
    "单向单据单方单次单独单程单纯单行单身单车单间卜卦卢布古城古树古董古镇史上史料叶子司机司法吉祥向上"
    "向下向前向外向我向来向物吕梁吴江周一周三周二周五周六周四周围周岁周年周日周期周末周转周边唐突夏天"
    "夏季夏日姜片孔洞孙女孙子孟加季度季节宁可宁夏宁愿宁波安乐安保安全安宁安康安徽安心安抚安排安检安监"
    "安置安装安静宋代宫殿宫颈尚且尚有尚未尤其岳母岳父崔促左侧左右左转左边常住常务常委常州常常常年常德"
    "常态常见常规庄稼康复张口张嘴张榜张贴彭水徐徐成为成了成交成功成员成品成堆成天成套成年成本成果成片"
    "成立成绩成群成都戴上戴着房东房主房产房价房号房型房委房子房屋房款房源房租房管房贷房门房间房顶文件"
    "文体文具文化文字文明文本方便方向方圆方式方形方才方案方法方能方面施以施压施工施救施肥施行时不时代"
    "时候时刻时尚时常时有时段时而时速时间明白易于易拉易燃易爆景区景点景观曲折曾于曾去曾向曾因曾在曾多"
    "曾打曾找曾有曾经曾被曾说朱红李子杜绝杨树林业林区林地林场林木柳树柴油柴火梁上梅雨欢迎欧元欧洲武力"
    "武术武汉段时段落殷切毕业毕竟毛坯毛巾毛病水管江北江南江水江湖江苏江西江边汤水汪洋沈阳洪水洪涝温室"
    "温度温泉温馨游乐游客游戏游泳焦急焦虑牛奶牛羊牛肉牛马王道甘愿田地田间申办申报申诉申请白天白灰白班"
    "白白白色白蚁白酒盛大盛行石化石块石头石子石料石材石板石油石灰祝福秦岭程序程度章程章节童年童装童车"
    "符号符合简单简易简直管不管子管家管护管控管理管线管网管辖管道纪委纪律纪检罗列翁媪耿直胡乱胡同胡搅"
    "胡说舒服舒适花园花坛花盆花费苏州苗圃苗木范例范围莫名莫非葛根蒙混蒙骗蒲公解决解冻解封解答解约解释"
    "解除许久许可许多许是许诺谢绝谢谢谷物费用贺卡贾人赖着赖账赵县路上路人路口路基路径路权路段路灯路牌"
    "路由路程路线路边路过路途路障路面车上车主车位车内车友车型车子车库车棚车流车牌车祸车站车载车辆车速"
    "车道车门车间辛劳辛苦连个连同连坐连夜连带连廊连接连日连累连续连锁邓麻邢台郭外金华金属金店金牌金融"
    "金钱金额钟头钟点钱包钱款钱还钱都阮囊阳光阳台阳性阳春陆地陆续陈列陈年陈旧陈述陶土陶瓷雷声雷电项圈"
    "常迟白内安息安慰任命郑重严正严肃高烧关节白头关机武断解散解聘万科黄疸谢罪张罗张狂王八罗嗦康乐黄牛马虎苏醒周到"
    "高级文盲冷处"
    "项目项链顾及顾客顾虑颜色饶有马上马桶马甲马葫马路马达高中高价高低高兴高压高原高声高层高峰高度高效"
    "高新高校高楼高温高空高考高血高速高铁高音高龄魏晋鲁莽麦田黄昏黄河黄色黎明齐全龙卷龙头龙虾"
)


def _words(pairs: str) -> frozenset[str]:
    """The words of two characters that are written there one after the other."""
    return frozenset(pairs[at : at + 2] for at in range(0, len(pairs), 2))


#: Two characters that begin with a surname's and are an ordinary word.
WORDS = _words(_PAIRS)
#: These are one as a whole, and a name begins with them as well: 高三学生, and 高三强.
WHOLE_WORDS = _words("何日何须何苦何地何故何意何解何尝何用高频高调高见高一高二高三高招温暖高端高薪何处")
#: Begins with a name that people have: 马拉提.
_MARATHON = "马拉松"
#: Of both, whoever is asked for a name gives one, or signs: 联系人：康乐.
ALSO_NAMES = frozenset(("康乐", "黄牛", "马虎", "苏醒", "周到", "温暖", "高见", "何意", "高兴"))
#: Of these, what is as often a name wherever a name may stand, and nothing follows: 我是温暖, but not 业主高兴.
NAMES_ALONE = ALSO_NAMES & WHOLE_WORDS
#: Characters that hardly any given name has, and that often follow a cue in a complaint.
NOT_GIVEN = frozenset(
    "的了在是不就都也还還把被和与與及给給向对對从從到等吗嗎呢吧啊呀哦我你您他她它们們这這那个個些每月号號楼层層室户戶上下里裡外前后後左右"
    "住人员員者工事物品街桥橋车車库庫位灯燈电電气氣管道桶盆空间間调調装裝贴貼便续續决決释釋告诉訴说說问問打骂罵吵闹鬧养養狗猫貓"
    "占佔违違私乱亂停放堵漏渗滲坏壞破损損旧舊脏髒臭噪音响響热熱为為以及其何哪要会會能已曾没沒无無或但因于於由并並跟同被让讓请請"
    "各某该該此次名姓叫班男女费費租售买買卖賣拆违报報警拖欠付款收取找拿带帶开開关關抽烟煙喝酒做作跑走坐站吃睡去过過再又很太只仅僅什么麼"
)

#: The same after words that a name nearly always follows.
NOT_GIVEN_FIRST = frozenset(
    "的了在是不就都也还還把被和與与及给給向對对从從到等吗嗎呢吧啊我你您他她它们們这這那某员員人须須应應均"
)


def is_word(name: str) -> bool:
    """Whether what looks like a name is an ordinary word, or begins with one that no name begins with."""
    return name[:2] in WORDS or name in WHOLE_WORDS or name == _MARATHON
