"""What people say of officials without the word for it, and what only sounds so: for tests."""

#: Each accuses officials.
ACCUSING = [
    # Takes what is no fee.
    "城管队员收了烟酒", "城管队员来检查，收了摊主两条烟", "城管中队的人收了摊主两条烟", "交警收了司机两瓶好酒",
    "市监所的人收了老板的购物卡",
    "派出所民警收下茶叶就放人", "消防验收的人要了两箱茅台", "城管找我要两条烟", "窗口人员问我要红包",
    "村干部索要土特产",
    "办证大厅窗口的人私下要五百块钱", "窗口的人说办不了，私下要五百块钱", "工作人员私下收了我八百元",
    "环保局检查组暗示我要表示表示",
    "审批的时候工作人员暗示给点好处", "交警队协管员收辛苦费", "消防来验收的人要茶水费",
    "给了队长两千块钱才给验收", "塞了两条烟，执法人员才放行",
    "不给好处不办事", "不送礼不给办证", "办事人员吃、拿、卡、要", "吃拿卡要", "这些执法的又吃又拿",
    "城管雁过拔毛",
    # Is treated.
    "请他吃饭才派车", "要请队长吃饭才给批", "调度员说要请他吃饭才派车", "得请科长喝酒才肯签字",
    "老板请他们吃饭，城管就不查了", "街道办的人接受老板宴请",
    "执法队员在饭店白吃白喝", "派出所的人吃饭不给钱",
    # Kin, and seen to.
    "大队长是他表哥，早就打点好了", "城管大队长是他表哥", "他表哥是城管队长，谁也不敢管", "所长和老板是战友",
    "违建的业主说已经把城管打点好了",
    "老板的小舅子在派出所当队长", "住建局的项目内定了", "村支书把低保给了自己亲戚", "村主任安排自己侄子吃空饷",
    "上下打点过，没人敢查",
    # The city's car.
    "违规用公车接送孩子", "街道办主任用公车接送孩子", "局长开公车回老家", "民警开警车送孩子上学，警车接送",
    "经常开公务车买菜",
    # Who reported.
    "社区工作人员泄露了我的电话", "你们热线的工作人员泄露了我的电话", "把我举报的事告诉了邻居",
    "城管把我举报的事告诉了邻居", "工作人员将我的投诉内容透露给对方",
    "派出所把我的信息转给了老板", "街道办把举报人的名字告诉老板", "把我投诉的内容转给了被投诉人",
    "网格员透露了投诉人",
    # Others.
    "派出所民警性骚扰当事人", "科长上班时间打游戏", "村委会套取补贴款", "住建局招标围标",
    # In English.
    "The inspector took a bribe from the restaurant.",
    "Urban management officers take money from the stall keepers and look away",
    "The officer asked me for 500 yuan in cash",
    "A clerk at the counter wanted cash before she stamped my form", "Kickbacks for the road works contract",
    "The police officer leaked my phone number to my neighbour", "Somebody at the bureau leaked my report",
    "They told the shop owner that I complained",
    "The section chief is his cousin, so nobody checks",
    "The director uses the official car for trips, official car to take his son to school",
    "An inspector accepted gifts from the factory",
    "The dispatcher expects dinner first, staff want dinner before they send a car",
    "The chengguan captain demanded money", "Officials are colluding with the developer",
]  # fmt: skip
#: None does.
PLAIN = [
    "他收了我两条烟钱的小店关门了", "小店收了我两条烟的钱不发货", "表哥开店卖烟酒，噪音很大",
    "城管局门口的小贩收了我两条烟的钱", "烟酒店半夜放音乐，城管来管管",
    "城管没收了我的烟摊", "城管收缴了占道的烧烤架", "我是他表哥，想在派出所办证明",
    "派出所说我是他儿子也不能代办", "自己打点行李去派出所办证",
    "医院打点滴太慢，卫健委管不管", "坐公车接送孩子很不方便", "希望交通局增加公车班次，方便接送孩子",
    "每天坐公交车上下班", "快递公司泄露了我的电话",
    "物业泄露了我的电话", "请保密，不要泄露我的电话", "希望政府保护隐私，不要泄露我的电话",
    "我把我举报的事告诉了邻居", "请把我投诉的事告诉城管",
    "物业把我投诉的事告诉了邻居", "派出所查获泄露个人信息的团伙", "朋友请他吃饭，晚上很吵",
    "感谢民警，我想请他们吃饭", "请工作人员收下这面锦旗",
    "税务局窗口只收现金", "公证处收取公证费太高", "税务局收了两次税款", "烟草局查获假烟",
    "请市监局查一下这家店卖假酒", "酒店门口占道，城管不管",
    "公安局要礼让行人宣传", "房东私下要五百块钱押金", "老板的儿子在学校打人", "邻居家儿子是小学生，晚上吵闹",
    "收废品的收了我家烟囱", "社区组织吃饭活动很好",
    "城管局没有收烟酒", "民警拒收礼品", "建议加强监督，防止吃拿卡要", "城管局收到我的举报了吗",
    "希望城管不要收礼",
    "The shop took my money and does not deliver", "My landlord leaked my phone number",
    "The courier company leaked my address",
    "The police did not take money, thank you", "The officer refused a bribe",
    "The department never took money from us", "Please do not leak my number",
    "What is the penalty for bribery?", "The bureau is slow to answer",
    "The government should build a bus stop", "I gave my number to the officer",
    "My cousin opened a shop near the bureau", "The clerk was helpful",
]  # fmt: skip
