"""Names in English sentences and in pinyin, and what is written like one."""

import pytest

from schemas.masking import for_department, for_public

_NAMES = (
    ("My landlord Wang Jianguo keeps the deposit", "landlord W** keeps"),
    ("My landlord, Jianguo Wang, keeps the deposit", "landlord, J**, keeps"),
    ("Mr Zhou of flat 3 smokes in the lift", "Mr Z** of"),
    ("Please call Ms. Ouyang Na on Friday", "call Ms. O** on Friday"),
    ("Officer Li at window 3 shouted at me", "Officer L** at window"),
    ("The lamp is out. Signed, John Smith", "Signed, J**"),
    ("Thanks, Daniel Kim", "Thanks, D**"),
    ("I gave the money to Wáng Jiànguó in May", "to W** in May"),
    ("Chen Xiaoming hit my dog", "C** hit"),
    ("Li Na hit my dog", "L** hit"),
    ("We are Paul Meyer and Anna Meyer, tenants", "are P** and A**, tenants"),
    ("This is David Okafor from the school", "This is D** from"),
    ("my landlord wang jianguo took my deposit", "landlord w** took"),
    ("mr zhou at the bank was rude", "mr z** at"),
    ("钢琴老师Anna Kuznetsova的签证延期", "老师A**的签证"),
    ("邻居Zhang Xiaolong半夜唱歌", "邻居Z**半夜"),
    ("My landlord Peter keeps the deposit", "landlord P** keeps"),
    ("My neighbour, Tom Becker, burns rubbish", "neighbour, T**, burns"),
    ("My Landlord Wang refuses to repair it", "Landlord W** refuses"),
    ("I accuse Xu Feng of taking bribes", "accuse X** of"),
    ("My husband Mohammed shouts", "husband M** shouts"),
    ("My husband Mohamed beats me", "husband M** beats"),
    ("My neighbour Rasheed shouts", "neighbour R** shouts"),
    ("The contractor Peter Brown left a hole", "contractor P** left"),
    ("TENANT LIANG HAO REFUSES TO PAY", "TENANT L** REFUSES"),
)
_NONE = (
    "He Ping Lu is flooded near Nanjing Lu",
    "Wang Fu Jing is too crowded on Sunday",
    "Lu Xun Park and Li Ning store refuse refunds",
    "Zhongshan Library has no lift, the Li River bridge no light",
    "My landlord Is Always late, the manager On Duty too",
    "Our teacher English is weak, the driver In Bus 12 smokes",
    "I called China Mobile and walked to Nan Men in Tian He",
    "Ping An Bank charged me twice, Guang Ming milk was sour",
    "He Said The Water Would Be Back On Monday",
    "Thanks, Have a nice day",
    "Dear Sir or Madam, the lamp is broken",
    "业主App登录不了，司机Didi不接单",
    "Our Neighbour Committee meets, Our teacher Association too",
    "Neighbor Throws Bottles From The Roof",
    "my husband Collapsed, our teacher Hits children, my father Fainted, the nurse Shouting",
    "School Nurse Gave Wrong Medicine, Apply For Driver License",
    "I told my boss I'm ill, I told my boss I’ve paid",
    "The landlord Won't repair it and the manager Doesn’t answer",
    "Dear Director,\n\nHeating in our block has been off",
    "Dear Officer,\nChengguan took bribes",
    "Dear Officer: Chengguan took bribes",
    "The employer Foxconn pays too late, the contractor Sinohydro left a hole, the broker Centaline kept it",
    "司机Uber乱收费，老板Starbucks不给开发票，师傅Midea空调",
    "Zhong Guancun needs buses, Lu Jiazui is full of bikes, Xu Jiahui smells, Wang Fujing is crowded",
    "Guangzhou Tian He stadium, Hong Shan airport, Gao Tie ticket",
    "Li Ning shoes, Meng Niu yogurt, tell Xiao Niu to repair my scooter",
)


@pytest.mark.parametrize(("text", "shown"), _NAMES)
def test_names_in_english_sentences_are_hidden(text: str, shown: str) -> None:
    """In both views, and once hidden they stay so."""
    masked = for_department(text)

    assert shown in masked
    assert shown in for_public(text)
    assert for_department(masked) == masked


def test_a_firm_beside_a_name_stays() -> None:
    """It is what the department must see."""
    assert for_department("Mr Li, Starbucks refuses to pay me") == "Mr L**, Starbucks refuses to pay me"
    assert for_department("My landlord Ping, Ziroom and Lianjia") == "My landlord P**, Ziroom and Lianjia"


@pytest.mark.parametrize("text", _NONE)
def test_what_is_written_like_a_name_stays(text: str) -> None:
    """Roads, shops, parks, firms, and other words."""
    assert for_department(text) == text
