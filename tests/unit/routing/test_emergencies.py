"""Danger to somebody now, told from what only sounds like it: on messages of our own, with traps."""

from collections.abc import Iterable

import pytest

from routing.core.classify import classify
from schemas.simplified import as_read
from schemas.words import Urgency
from tests.unit.routing.dangers import BESIDE, TOLD_OF, UNTOLD, UNTOLD_NEW, UNTOLD_ORDINARY
from tests.unit.routing.emergencies import INDIRECT, ORDINARY, dangers, quiets
from tests.unit.routing.everyday import (
    EVERYDAY,
    EVERYDAY_BESIDE,
    EVERYDAY_LATER,
    STILL,
    STILL_BESIDE,
    STILL_FRESH,
)
from tests.unit.routing.few_words import (
    AIMED,
    AIMED_EVERYDAY,
    AS_SPOKEN,
    AS_SPOKEN_EVERYDAY,
    BESIDE_NEARLY,
    FEW_WORDS,
    FEW_WORDS_EVERYDAY,
    LIES_THERE,
    NEARLY,
    STILL_COMES_DOWN,
)
from tests.unit.routing.one_word import BEGIN_ALIKE, BESIDE_ONE_WORD, MORE_DANGERS, MORE_EVERYDAY
from tests.unit.routing.rules_alone import rules_alone
from tests.unit.routing.taken_back import ALONE_AT_LESSONS, BESIDE_MONEY, CAME_DOWN, NOT_OVER, NOTHING_MORE

RULES = rules_alone()


def _found(messages: Iterable[str]) -> list[str]:
    return [text for text in messages if classify(RULES, "", text).urgency is Urgency.EMERGENCY]


def _titled(messages: Iterable[str]) -> list[str]:
    return [text for text in messages if classify(RULES, text, "如题").urgency is Urgency.EMERGENCY]


def test_danger_is_found_and_little_else() -> None:
    """Nearly all that is danger, and of what is called danger nine in ten at least."""
    all_dangers = list(dangers())
    found, wrong = _found(all_dangers), _found(quiets())

    assert len(all_dangers) + len(list(quiets())) >= 400
    assert len(found) / len(all_dangers) >= 0.98
    assert len(found) / (len(found) + len(wrong)) >= 0.90


def test_danger_without_a_word_for_it_is_found_where_its_kind_is_listed() -> None:
    """All fifty are, four were before any of it was listed; of what nobody listed four in five (`test_perils.py`)."""
    found, wrong = _found(INDIRECT), _found(ORDINARY)

    assert (50, 50) == (len(INDIRECT), len(ORDINARY))
    assert len(found) >= 50
    assert len(wrong) <= 1


def test_danger_that_two_things_beside_one_another_tell_is_found() -> None:
    """Of the kinds that are listed nine in ten, and of thirty of others, with which the vocabularies were mended, too."""
    found, new, wrong = _found(UNTOLD), _found(UNTOLD_NEW), _found(UNTOLD_ORDINARY)

    assert (90, 30, 120) == (len(UNTOLD), len(UNTOLD_NEW), len(UNTOLD_ORDINARY))
    assert len(found) >= 86
    assert len(new) >= 28
    assert len(wrong) <= 2


def test_pills_lamps_and_papers_are_no_danger() -> None:
    """What everybody asks about goes out as what it is; what stands next to it and is danger stays so."""
    wrong, later, found = _found(EVERYDAY), _found(EVERYDAY_LATER), _found(STILL)

    assert (80, 45, 24) == (len(EVERYDAY), len(EVERYDAY_LATER), len(STILL))
    assert not wrong
    assert len(later) <= 6
    assert len(found) == len(STILL)


def test_one_everyday_word_takes_no_danger_back() -> None:
    """服务区, 广告牌 or 白内障 beside it, or 刚才 behind what lasts for years: only what it was seen with is everyday."""
    assert (32, 67, 30) == (len(STILL_BESIDE), len(STILL_FRESH), len(EVERYDAY_BESIDE))
    assert list(STILL_BESIDE) == _found(STILL_BESIDE)
    assert list(STILL_FRESH) == _found(STILL_FRESH)
    assert len(_found(EVERYDAY_BESIDE)) <= 2, "a floor: a few may wait for a person"


def test_a_danger_is_known_by_its_own_words() -> None:
    """头, 热线, 医保卡 or the age of a lift beside it take nothing back; 人行道, 煤气罐 and 炒菜 make none."""
    assert (24, 16, 139, 135) == tuple(map(len, (BESIDE_ONE_WORD, BEGIN_ALIKE, MORE_DANGERS, MORE_EVERYDAY)))
    assert list(BESIDE_ONE_WORD + MORE_DANGERS) == _found(BESIDE_ONE_WORD + MORE_DANGERS)
    assert not _found(BEGIN_ALIKE + MORE_EVERYDAY)


def test_few_plain_words_tell_a_danger_and_their_everyday_ones_do_not() -> None:
    """As a title alone, too, in Traditional characters, and as a hotline writes it down."""
    dangers, everyday = tuple(map(as_read, FEW_WORDS)), tuple(map(as_read, FEW_WORDS_EVERYDAY))

    assert list(dangers) == _found(dangers)
    assert list(dangers) == _titled(dangers)
    assert not _found(everyday)
    assert not _titled(everyday)


def test_danger_is_found_as_it_is_spoken() -> None:
    """掉河里 is 掉进河里, whoever it befell stands right before it."""
    dangers, everyday = tuple(map(as_read, AS_SPOKEN)), tuple(map(as_read, AS_SPOKEN_EVERYDAY))

    assert list(dangers) == _found(dangers)
    assert not _found(everyday)
    assert not _titled(everyday)


def test_what_came_down_and_hurt_nobody_is_no_emergency() -> None:
    """Nor what has lain there for days, unless more of it comes down, or somebody is in it."""
    assert not _found(map(as_read, LIES_THERE))
    assert list(STILL_COMES_DOWN) == _found(STILL_COMES_DOWN)


def test_a_near_miss_and_who_pays_are_no_emergency() -> None:
    """What happens beside them is one."""
    assert not _found(NEARLY)
    assert list(BESIDE_NEARLY) == _found(BESIDE_NEARLY)


def test_what_was_aimed_at_few_words_holds() -> None:
    """The everyday ones are none, and what they stand next to is danger."""
    assert list(AIMED) == _found(AIMED)
    assert not _found(AIMED_EVERYDAY)


@pytest.mark.parametrize("dangers", [BESIDE_MONEY, CAME_DOWN, ALONE_AT_LESSONS, NOT_OVER])
def test_what_takes_a_word_back_takes_back_no_danger_beside_it(dangers: tuple[str, ...]) -> None:
    """Money that is owed, nobody hurt, a lesson at home and an accident's handling say nothing of what still happens."""
    assert list(dangers) == _found(dangers)


def test_what_takes_a_word_back_still_does_alone() -> None:
    """None of them is an emergency, where nothing more is said."""
    assert not _found(NOTHING_MORE)


def test_a_wish_said_over_and_over_is_read_at_once() -> None:
    """What stands behind a wall that hurt nobody is read once: no run of wishes multiplies the ways to read it."""
    assert _found(["墙倒了没人受伤，" + "请" * 28 + "，孩子哭"])


def test_a_video_a_notice_or_a_volunteer_beside_it_takes_no_danger_back() -> None:
    """Only what they tell of is not there: of the 47 dangers 42 were lost before."""
    found, wrong = _found(BESIDE), _found(TOLD_OF)

    assert (47, 47) == (len(BESIDE), len(TOLD_OF))
    assert len(found) >= 45
    assert not wrong


@pytest.mark.parametrize(
    ("text", "is_danger"),
    [
        ("去年着火，至今没修", False),
        ("去年着过火，今天又着火了", True),
        ("这是消防演练，模拟着火", False),
        ("不是演习，着火了", True),
        ("担心他自杀", True),
        ("担心墙体倒塌", False),
        ("孩子一个人在家，门锁着", True),
        ("我一个人在家做饭", False),
        ("跳楼价甩卖", False),
        ("没有人触电", False),
        ("厨房里全是味道，难道没有煤气泄漏吗", True),
        ("满楼道黑烟，这不是着火了吗？", True),
        ("不是着火了，是烧烤", False),
        ("电线乱成一团，难道不会引发火灾吗？", False),
        ("触电保护器坏了", False),
        ("电影里有爆炸。对面楼爆炸了", True),
        ("去年爆炸。", False),
        ("漏气已经修好了", False),
        ("工地上有工人不小心触电，快来救人", True),
        ("孩子在河边一不小心落水了，快救人", True),
        ("不小心煤气中毒了，快来", True),
        ("邻居不小心割腕了", True),
        ("正在发生：不小心触电", True),
        ("大家小心着火了快跑", True),
        ("有人喊“小心着火”", True),
        ("墙上写着：“小心触电”，早就断电了", False),
        ("“小心触电”的牌子掉了", False),
        ("工人讨不到工钱跳楼了", True),
        ("他没钱跳楼了", True),
        ("没钱被埋在里面了", True),
        ("平台跑路，资金都被埋了", False),
        ("消防通道贴着封条，三楼着火了有人困住", True),
        ("消防员快来，门上贴着对联的那家着火了", True),
        ("画着斑马线的路口着火了", True),
        ("剧组着火了", True),
        ("孩子贴着漏电的墙站着", True),
        ("剧组在小区拍跳楼的戏", False),
        ("墙上画着着火的房子，孩子害怕", False),
        ("我拍了视频，三楼着火了，快来", True),
        ("快叫消防着火了", True),
        ("屋里没人着火了", True),
        ("好像漏气了", True),
        ("人多得像要踩踏一样", False),
        ("被欠薪逼得要跳楼了", True),
        ("我觉得要塌了", True),
        ("若不是煤气泄漏我也不会来麻烦你们", True),
        ("若不是燃气泄漏我也不会投诉，请立即派人", True),
        ("若不是着火，谁会打电话，请快派人", True),
        ("若不是煤气泄漏，请不要派人来", False),
        ("关于小区燃气泄漏的紧急求助", True),
        ("关于电梯困人的求助", True),
        ("关于我儿子要跳楼，请你们救人", True),
        ("关于楼下起火，消防通道被堵，请派人", True),
        ("关于火灾的通知什么时候发", False),
        ("关于触电伤亡的赔偿规定", False),
        ("网传他要自杀，我是他姐姐，联系不上", True),
        ("群里网传三楼着火，我就住三楼，烟已经进屋", True),
        ("网传三楼着火，是不是谣言", False),
        ("有人中毒假酒喝的", True),
        ("着火假山旁边", True),
        ("着火假消息谁发的", False),
        ("车打不着火了", False),
        ("这是强奸民意", False),
        ("一定要等发生火灾才管吗", False),
        ("我们这边的桥塌了", True),
        ("溺水假人吓到孩子", False),
        ("请问中风后遗症能报销吗", False),
        ("我妈中风三年，申请长护险", False),
        ("心梗患者门诊慢特病办理", False),
        ("脑出血术后偏瘫能办残疾证吗", False),
        ("集中风干食品有异味", False),
        ("我爸中风了，倒在厨房", True),
        ("他心梗发作，刚做过手术", True),
        ("中风，快来人", True),
        ("邻居突发脑溢血，救护车进不来", True),
        ("爆炸头理发店扰民", False),
        ("爆炸糖卖给小孩行吗", False),
        ("仓库爆炸头都震晕了", True),
        ("煤气罐爆炸，头部受伤", True),
        ("上吊扇坏了", False),
        ("割腕带断了退货", False),
        ("跳河北路的公交", False),
        ("喝农药残留的蔬菜怎么办", False),
        ("同学上吊了", True),
        ("她割腕了，快来", True),
        ("有人跳河了", True),
        ("自杀干预热线是多少", False),
        ("被困扰了很久的噪音问题", False),
        ("灭火器过期了，起火了就没用", False),
        ("房子着火了，就麻烦你们快点", True),
        ("瓦斯外泄，我们都头晕了", True),
        ("并非误报，烟感响了而且有浓烟", True),
        ("没办法呼吸了，屋里全是煤气", True),
        ("没看见明火但是浓烟从电梯井冒出来", True),
        ("不要再说没事了，墙已经倒了压住人", True),
        ("没有停水，是水管爆了淹了地下室，里面还困着人", True),
        ("老房子墙裂开了，正在往下掉砖，里面还住着人", True),
        ("一氧化碳中毒怎么预防", False),
        ("一氧化碳中毒怎么办，人在里面", True),
    ],
)
def test_what_the_sentence_says_counts(text: str, is_danger: bool) -> None:
    """When it was, whether it is rehearsed, who stands near, and only within the sentence."""
    assert is_danger == bool(_found([text]))


def test_no_line_is_named_for_what_is_over() -> None:
    """110, 119 and 120 are for what is now."""
    assert ("119",) == classify(RULES, "", "对面楼发生火灾").transfer
    assert () == classify(RULES, "", "去年发生火灾，保险至今不赔").transfer


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("小区地下管道燃气泄漏，滋滋作响", "119"),
        ("刚开通天然气泄漏，屋里全是味道", "119"),
        ("新加装电梯困人，里面有老人", None),
        ("门口的污水管爆裂，水漫进一楼", None),
        ("我们的公租房子塌了一角，还有人在里面", None),
    ],
)
def test_no_word_of_a_category_hides_a_cue_that_begins_within_it(text: str, line: str | None) -> None:
    """管道燃气 before 燃气泄漏 would take the gas from the leak, were only the leftmost word meant."""
    opinion = classify(RULES, "", text)

    assert opinion.urgency is not Urgency.NORMAL
    assert line is None or line in opinion.transfer


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("불이 났어요 도와주세요", Urgency.EMERGENCY),
        ("เกิดไฟไหม้ ช่วยด้วย", Urgency.EMERGENCY),
        ("助けて、家が燃えています", Urgency.EMERGENCY),
        ("ئوت كەتتى ياردەم", Urgency.EMERGENCY),
        ("Au secours, il y a le feu", Urgency.EMERGENCY),
        ("Пожар в доме на улице Ленина, помогите", Urgency.EMERGENCY),
        ("Hay un incendio en mi edificio", Urgency.EMERGENCY),
        ("Es brennt im Keller", Urgency.EMERGENCY),
        ("Cháy nhà rồi, cứu tôi với", Urgency.EMERGENCY),
        ("حريق في البيت", Urgency.EMERGENCY),
        ("घर में आग लग गई", Urgency.EMERGENCY),
        ("У нас горит квартира на пятом этаже", Urgency.EMERGENCY),
        ("Помогите! Человек тонет", Urgency.EMERGENCY),
        ("Спасите, меня убивают", Urgency.EMERGENCY),
        ("사람이 쓰러졌어요 도와주세요", Urgency.EMERGENCY),
        ("助けてください！", Urgency.EMERGENCY),
        ("Kebakaran di pasar, tolong", Urgency.EMERGENCY),
        ("Socorro, fogo no prédio", Urgency.EMERGENCY),
        ("बचाओ! आग लग गई", Urgency.EMERGENCY),
        ("Der Bus kommt zu spät, es brennt kein Licht", Urgency.NORMAL),
        ("Es brennt im Hof keine Lampe mehr", Urgency.NORMAL),
        ("Compteur d'incendie cassé dans l'immeuble", Urgency.NORMAL),
        ("가로등이 고장났습니다", Urgency.NORMAL),
        # Every request asks for help so in these languages, and hydrants, extinguishers and streets bear the word.
        ("Помогите решить проблему с отоплением", Urgency.NORMAL),
        ("Помогите починить фонарь во дворе", Urgency.NORMAL),
        ("Пожарный кран во дворе ржавый", Urgency.NORMAL),
        ("Нет пожарной лестницы, пожарная сигнализация не работает", Urgency.NORMAL),
        ("Спасите наш парк от застройки", Urgency.NORMAL),
        ("가로등 좀 고칠 수 있게 도와주세요", Urgency.NORMAL),
        ("화재가 발생했을 때 대피 훈련은 언제 하나요", Urgency.NORMAL),
        ("طفاية حريق في الممر منتهية الصلاحية", Urgency.NORMAL),
        ("رقم النجدة لا يرد", Urgency.NORMAL),
        ("Alat pemadam kebakaran di lorong sudah kedaluwarsa", Urgency.NORMAL),
        ("Tolong! betulkan lampu jalan", Urgency.NORMAL),
        ("¿Dónde se hace el curso contra un incendio?", Urgency.NORMAL),
        ("Calle del Socorro 5 sin luz", Urgency.NORMAL),
        ("燃えているような色の街灯が眩しい", Urgency.NORMAL),
        ("助けていただきありがとうございました", Urgency.NORMAL),
        ("แผนอพยพกรณีไฟไหม้อยู่ที่ไหน", Urgency.NORMAL),
        ("आग लगने पर कौन सा नंबर?", Urgency.NORMAL),
        ("पानी बचाओ अभियान कब है", Urgency.NORMAL),
    ],
)
def test_whoever_cries_fire_or_help_in_another_language_is_heard(text: str, urgency: Urgency) -> None:
    """It waited as any message without a word that we know, and its citizen read nothing of 119."""
    assert urgency is classify(RULES, "", text).urgency
